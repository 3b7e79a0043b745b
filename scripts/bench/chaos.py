"""Scripted people at work while their server is killed again and again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import socket
import sys
import tempfile
from collections.abc import Callable

from sqlalchemy import Connection

from conference.clock import SystemClock
from conference.people.permissions import Role
from conference.questions.messages import ChangeQuestionRules
from conference.questions.rules import change_rules
from conference.storage.database import Database
from scripts.bench.chaos_actor import Actor, Network
from scripts.bench.chaos_findings import Verdict
from scripts.bench.chaos_room import open_polls
from scripts.bench.chaos_verdict import is_current, judge, nothing_due
from scripts.bench.live_hall import FIRST, fill
from tests.live.seminar import account_id
from tests.questions.hall import caller


class Servers:
    """The server of the moment; `kill()` ends it, `start()` brings the next one at the same address."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._parent: asyncio.subprocess.Process | None = None
        self._pid = 0
        self.url = ""
        self.kills = 0

    async def start(self) -> None:
        if self._parent is None:
            port = str(_free_port())
            self._parent = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "scripts.bench.chaos_hall", self._file, port,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(b"start\n")
        pid, self.url = (await self._parent.stdout.readline()).decode().split()
        self._pid = int(pid)

    def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        self.kills += 1

    async def close(self) -> None:
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
        if self._parent is not None:
            self._parent.kill()
            await self._parent.wait()


def _free_port() -> int:
    """Below those the system gives to outgoing connections: while no server listens, a client that knocks
    would otherwise sooner or later be given the server's own port, and keep it."""
    for port in random.SystemRandom().sample(range(15_000, 30_000), 200):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


async def chaos(
    *,
    kills: int,
    clients: int,
    seed: int,
    pause: float = 1.5,
    told: Callable[[str], None] = lambda line: None,
) -> tuple[int, Verdict]:
    """Kill the server of *clients* people *kills* times; how often it was, and the verdict."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/chaos.sqlite3")
        await database.open()
        servers = Servers(f"{folder}/chaos.sqlite3")
        network = Network(seed)
        try:
            await database.write(lambda tx: fill(tx, clients))
            moderated, zainab = ChangeQuestionRules(moderated=True), caller("zainab", Role.CHAIR)
            await database.write(lambda tx: change_rules(tx, zainab, moderated, now=SystemClock().now()))
            await database.write(lambda tx: open_polls(tx, zainab, now=SystemClock().now()))
            await servers.start()
            people = [account_id("zainab"), *range(FIRST, FIRST + clients - 1)]
            actors = [
                Actor(each, each == account_id("zainab"), lambda: servers.url, network) for each in people
            ]
            running = [asyncio.create_task(actor.run()) for actor in actors]
            await _until(lambda: any(actor.acknowledged for actor in actors))
            pauses = random.Random(seed)
            while servers.kills < kills:
                before = sum(len(actor.acknowledged) for actor in actors)
                await asyncio.sleep(pauses.random() * 2 * pause)
                # A machine that is busy may take longer: a server that nobody has reached proves nothing.
                await _until(lambda before=before: sum(len(actor.acknowledged) for actor in actors) > before)  # type: ignore[misc]  # bound at once
                servers.kill()
                await servers.start()
                if servers.kills % 10 == 0:
                    acknowledged = sum(len(actor.acknowledged) for actor in actors)
                    told(f"{servers.kills} kills, {acknowledged} acknowledged")
            network.calm = True

            def settled(rows: Connection) -> bool:
                idle = all(not actor.waiting and is_current(rows, actor) for actor in actors)
                return idle and nothing_due(rows)

            for _ in range(1200):
                if await database.read(settled):
                    break
                await asyncio.sleep(0.1)
            for actor in actors:
                await actor.stop()
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            return servers.kills, await database.read(lambda rows: judge(rows, actors))
        finally:
            await servers.close()
            await database.close()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not condition():  # noqa: ASYNC110  # of many clients at once
            await asyncio.sleep(0.05)
