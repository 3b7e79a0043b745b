"""A large event served by the whole application, and the acts on it that are measured."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
from aiohttp import web
from sqlalchemy import update

from conference.agenda.clashes.checker import Checker
from conference.agenda.clashes.reading import plan_of
from conference.agenda.reading import event_by_slug
from conference.agenda.releasing.notices import Sender
from conference.agenda.releasing.releasing import publish
from conference.agenda.releasing.telling import Telling
from conference.agenda.tables import session
from conference.app import compose
from conference.clock import ManualClock
from conference.people.outbox import MailState
from conference.people.tables import outbox
from conference.schema import metadata
from conference.settings import load_settings
from conference.storage.database import Database, Transaction
from scripts.bench.big_event import big_event, sized, store_big_event

SENDER = Sender(site="http://127.0.0.1", address="Majlis <no-reply@example.org>")


class Connection:
    """One kept HTTP/1.1 connection: no client library whose own cost would be in the figures."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.cookies: dict[str, str] = {}

    async def get(self, path: str) -> tuple[float, int]:
        """Seconds from request to whole answer, and the length of its (compressed) body in bytes."""
        took, body = await self.ask("GET", path, "Accept-Encoding: br")
        return took, len(body)

    async def ask(self, method: str, path: str, *headers: str, body: bytes = b"") -> tuple[float, bytes]:
        """Seconds from request to whole answer, and the answer's body as it came."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {cookies}", *headers]
        lines += [f"Content-Length: {len(body)}"] if body else []
        started = time.perf_counter()
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        said = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next(
            int(line[15:]) for line in said.split("\r\n") if line.lower().startswith("content-length:")
        )
        answer = await self.reader.readexactly(length)
        took = time.perf_counter() - started
        if not said.startswith("HTTP/1.1 200"):
            raise SystemExit(f"{path}: {said.splitlines()[0]}")
        for line in said.split("\r\n"):
            if line.lower().startswith("set-cookie:"):
                name, _, value = line[11:].strip().split(";")[0].partition("=")
                self.cookies[name] = value
        return took, answer


class Release(NamedTuple):
    """How long it took until all were told, whom, and the longest that another's write waited meanwhile."""

    seconds: float
    told: int
    others_waited: float


class Served:
    """The event, and who reads and releases it."""

    def __init__(
        self, database: Database, clock: ManualClock, event: tuple[str, int], line: Connection
    ) -> None:
        self.database, self.clock, self.line = database, clock, line
        self.slug, self.event_id = event
        self.port: int = line.writer.get_extra_info("peername")[1]
        self._telling = Telling(database, clock)
        self._round = 0

    async def page(self) -> tuple[float, int]:
        """The public schedule page: seconds and bytes."""
        return await self.line.get(f"/{self.slug}/schedule")

    async def export(self, format: str) -> tuple[float, int]:
        """An export: seconds and bytes."""
        return await self.line.get(f"/{self.slug}/schedule/export/schedule.{format}")

    async def release(self, *, part: int) -> Release:
        """Move every *part*-th session by five minutes to and fro, and release.

        The messages of the round before have gone, so that none is merged with a new one.
        """
        self._round += 1
        self.clock.advance(timedelta(minutes=1))
        step = timedelta(minutes=5 if self._round % 2 else -5)
        theirs = (session.c.event_id == self.event_id) & (session.c.id % part == 0)

        def move(tx: Transaction) -> None:
            tx.connection.execute(update(outbox).values(state=MailState.SENT.value))
            rows = tx.connection.execute(session.select().where(theirs)).mappings().all()
            for row in rows:
                statement = update(session).where(session.c.id == row["id"])
                tx.connection.execute(statement.values(starts_at=row["starts_at"] + step))

        await self.database.write(move)
        others = asyncio.create_task(self._longest_wait())
        started = time.perf_counter()
        done = await publish(self.database, self.event_id, by=None, at=self.clock.now(), sender=SENDER)
        told = await self._telling.tell(done.release.id)
        took = time.perf_counter() - started
        others.cancel()
        return Release(took, told.people, await others)

    async def _longest_wait(self) -> float:
        """Until it is cancelled, the longest that somebody's small write took, in seconds."""
        longest = 0.0
        with suppress(asyncio.CancelledError):
            while True:
                started = time.perf_counter()
                await self.database.write(lambda tx: None)
                longest = max(longest, time.perf_counter() - started)
                await asyncio.sleep(0.005)
        return longest

    async def checks(self) -> tuple[list[float], list[float]]:
        """Seconds of every check from scratch (five times), and of what 50 moves and their return change."""
        plan = await self.database.read(lambda rows: plan_of(rows, event_by_slug(rows, self.slug)))
        scratch: list[float] = []
        checker = Checker(plan)
        for _ in range(5):
            started = time.perf_counter()
            checker = Checker(plan)
            checker.problems()
            scratch.append(time.perf_counter() - started)
        moves: list[float] = []
        movable = [(one, one.starts) for one in plan.sessions if not one.is_break and one.starts is not None]
        for one, starts in movable[:: max(1, len(movable) // 50)]:
            for moved in (msgspec.structs.replace(one, starts=starts + 30), one):
                started = time.perf_counter()
                checker.moved(moved)
                moves.append(time.perf_counter() - started)
        return scratch, moves


@asynccontextmanager
async def serving(folder: Path, sessions: int) -> AsyncIterator[Served]:
    """An event of so many sessions in a new database in *folder*, released, behind the whole application."""
    big = big_event(sized(sessions))
    slug = big.programme.event.slug
    clock = ManualClock(datetime(2026, 4, 12, 8, tzinfo=UTC))
    database = Database(f"sqlite+aiosqlite:///{folder / 'majlis.sqlite3'}")
    await database.open()
    listening = socket.create_server(("127.0.0.1", 0))
    settings = load_settings(
        overrides={
            "server": {"public_url": f"http://127.0.0.1:{listening.getsockname()[1]}"},
            "media": {"port": 0, "host": "127.0.0.1"},
            "storage": {"folder": str(folder)},
        }
    )
    try:
        await database.write(lambda tx: metadata.create_all(tx.connection))
        event_id = await database.write(lambda tx: store_big_event(tx, big, at=clock.now()))
        runner = web.AppRunner(compose(settings, clock, database))
        await runner.setup()
        await web.SockSite(runner, listening).start()
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2], limit=1 << 24)
        try:
            yield Served(database, clock, (slug, event_id), Connection(reader, writer))
        finally:
            writer.close()
            await runner.cleanup()
    finally:
        await database.close()
