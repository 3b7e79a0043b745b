"""What bench_live does with a hall and its audience: broadcasts, a busy room, votes as fast as they go."""

from __future__ import annotations

import asyncio
import json
import math
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from statistics import median
from typing import Any

from scripts.bench.live_audience import Member, dismiss, gather

new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
try:
    import uvloop

    new_loop = uvloop.new_event_loop
except ImportError:  # as the server does where there is none
    pass

PATH = "/live/socket/"
ENTER = '["enter",{"session":"MORN01","last":{}}]'
BODY = json.dumps(
    {"type": "Said", "text": "The next speaker is ready. Please send questions now.", "by": "A"}
)
DELIVERIES_A_SECOND = 30_000  # of a broadcast; a pace that leaves the clients time to read


class Hall:
    """A server's process: `ask` says one line and gets one."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()
        self.url = ""

    async def ask(self, **wish: Any) -> Any:
        assert self._process.stdin is not None
        async with self._turn:
            self._process.stdin.write(json.dumps(wish).encode() + b"\n")
            return await self.hear()

    async def hear(self) -> Any:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the server has ended")
        return json.loads(line)

    async def logins(self, people: int, first: int = 0) -> list[str]:
        return [
            '40{"ticket":"' + ticket + '"}'
            for ticket in await self.ask(do="tickets", first=first, people=people)
        ]


@asynccontextmanager
async def hall(*command: str) -> AsyncIterator[Hall]:
    """The server that *command* starts, until the block ends."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**26
    )
    opened = Hall(process)
    try:
        opened.url = (await opened.hear())["url"]
        yield opened
    finally:
        process.kill()
        await process.wait()


def our_hall(file: str, people: int) -> tuple[str, ...]:
    return (sys.executable, "-m", "scripts.bench.live_hall", file, str(people))


async def broadcast_cost(
    server: Hall, members: list[Member], windows: int, seconds: float
) -> tuple[float, float]:
    """Microseconds of the server's CPU per delivered event (median), and the share that arrived."""
    pause = len(members) / DELIVERIES_A_SECOND
    rounds = max(4, round(seconds / pause))
    costs, sent, heard = [], 0, sum(member.heard for member in members)
    for _ in range(windows):
        told = await server.ask(do="broadcast", rounds=rounds, pause=pause, body=BODY)
        costs.append(told["cpu"] / told["delivered"] * 1e6)
        sent += rounds * len(members)
    for _ in range(200):  # until the last are here
        if sum(member.heard for member in members) - heard >= sent:
            break
        await asyncio.sleep(0.05)
    return median(costs), (sum(member.heard for member in members) - heard) / sent


async def questions_of(member: Member, number: int) -> list[str]:
    """Ask *number* questions as *member*; their public ids."""
    answers = [
        await asked(member, "AskQuestion", text=f"What is the dose for case {n}?") for n in range(number)
    ]
    return [answer["reply"]["question"] for answer in answers]


async def asked(member: Member, kind: str, **fields: Any) -> Any:
    answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    member.command(kind, answered.set_result, **fields)
    return json.loads(await answered)


async def busy_room(
    server: Hall,
    members: list[Member],
    seconds: float,
    *,
    questions: float = 20,
    votes: float = 500,
    first: int = 0,
) -> tuple[dict[str, Any], list[float]]:
    """Questions and votes at a steady rate; when what was committed was received, by event and client.

    `waits`: of every command, the seconds until its acknowledgement.
    """
    (question,) = await questions_of(members[first], 1)
    await server.ask(do="commits")
    for member in members:
        member.receipts = []
    errors: list[bytes] = []
    waits: list[float] = []

    def answered(asked_at: float, answer: bytes) -> None:
        waits.append(loop.time() - asked_at)
        if b'"error"' in answer:
            errors.append(answer)

    loop, done = asyncio.get_running_loop(), {"AskQuestion": 0, "VoteQuestion": 0}
    started = loop.time()
    while (passed := loop.time() - started) < seconds:
        while done["AskQuestion"] < passed * questions:
            asker = first * math.ceil(seconds * questions) + done["AskQuestion"]  # nobody may ask many
            member = members[2 + asker % (len(members) - 2)]
            text = f"Is there a question {done['AskQuestion']} on this?"
            member.command("AskQuestion", partial(answered, loop.time()), text=text)
            done["AskQuestion"] += 1
        while done["VoteQuestion"] < passed * votes:
            voter, counter = done["VoteQuestion"] % len(members), done["VoteQuestion"] // len(members) + 1
            counter += first * 1_000_000
            fields = {"question": question, "on": counter % 2 == 1, "counter": counter}
            members[voter].command("VoteQuestion", partial(answered, loop.time()), **fields)
            done["VoteQuestion"] += 1
        await asyncio.sleep(0.01)
    await asyncio.sleep(1.0)
    committed = dict(await server.ask(do="commits"))
    delays = sorted(at - committed[seq] for m in members for seq, at in m.receipts or () if seq in committed)
    for member in members:
        member.receipts = None
    expected = len(committed) * len(members)
    told: dict[str, Any] = {"p50": percentile(delays, 50), "p99": percentile(delays, 99)}
    told |= {"events": len(committed), "arrived": len(delays) / expected, "refused": len(errors)}
    return told, waits


async def votes_per_second(members: list[Member], seconds: float, at_once: int = 400) -> float:
    """Acknowledged votes a second, each voter waiting for one acknowledgement at a time."""
    (question, *_) = await questions_of(members[-1], 1)
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    acknowledged = 0

    async def vote(member: Member) -> None:
        nonlocal acknowledged
        counter = 0
        while loop.time() < until:
            counter += 1
            answer = await asked(
                member, "VoteQuestion", question=question, on=counter % 2 == 1, counter=counter
            )
            assert answer["reply"]["counter"] == counter, answer
            acknowledged += 1

    started = loop.time()
    await asyncio.gather(*map(vote, members[:at_once]))
    return acknowledged / (loop.time() - started)


def percentile(ordered: list[float], percent: float) -> float:
    """Milliseconds below which *percent* of *ordered* (seconds) are."""
    return (
        round(ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000, 1) if ordered else 0.0
    )


async def audience(server: Hall, people: int, *, node: bool = False) -> tuple[list[Member], float]:
    """*people* connected members, and connects per second."""
    logins = ["40"] * people if node else await server.logins(people)
    started = time.perf_counter()
    members = await gather(server.url, logins, path=PATH, enter=None if node else ENTER)
    return members, people / (time.perf_counter() - started)


async def gone(members: list[Member]) -> None:
    dismiss(members)
    await asyncio.sleep(0.5)


def open_files(wanted: int) -> bool:
    """Allow *wanted* open sockets, here and in what is started from here; False when that is forbidden."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        return False
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return os.name == "posix"
