"""The live channel in a process of its own, told by lines of JSON what to do.

    python -m scripts.bench.live_hall DATABASE_FILE PEOPLE [PORT]

The hub, the questions and the permissions are the product's own, on SQLite with ``synchronous=FULL``.
It answers every line of its input (``{"do": …}``) with one line; the first line it says is its address.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import insert, inspect

from conference.clock import SystemClock
from conference.live.channels import session_channel
from conference.live.commands import Identity
from conference.live.tables import LogEvent
from conference.media.collecting import calm_collector
from conference.people.permissions import Role
from conference.people.tables import account, grant
from conference.questions.messages import ChangeQuestionRules
from conference.questions.rules import change_rules
from conference.schema import metadata
from conference.storage.database import Database, Transaction
from scripts.bench.live_load import new_loop
from tests.live.seminar import MORNING, PEOPLE, Seminar, furnish
from tests.questions.hall import caller, open_hall

CHANNEL = session_channel(MORNING)
FIRST = len(PEOPLE) + 1  # the account of the first member of the audience


class Committed:
    """When each event of the room was committed."""

    def __init__(self) -> None:
        self.at: dict[int, float] = {}

    def note(self, news: object) -> None:
        if isinstance(news, LogEvent) and news.channel == CHANNEL:
            self.at[news.seq] = time.monotonic()


class Hall:
    """What the lines of the input mean."""

    def __init__(self, seminar: Seminar, committed: Committed) -> None:
        self._seminar = seminar
        self._committed = committed

    async def tickets(self, first: int, people: int) -> list[str]:
        """Tickets for members *first* … of the audience."""
        whose = range(FIRST + first, FIRST + first + people)
        return [self._seminar.tickets.issue(Identity(each, 1, "en")) for each in whose]

    async def broadcast(self, rounds: int, pause: float, body: str) -> dict[str, float]:
        """Send *body* to everybody *rounds* times; CPU seconds and deliveries."""
        counters = self._seminar.hub.counters
        before, cpu = counters.delivered, time.process_time()
        for number in range(rounds):
            event = LogEvent(CHANNEL, 1_000_000 + number, datetime.now(UTC), body)
            self._seminar.hub.deliver(event)
            await asyncio.sleep(pause)
        return {"cpu": time.process_time() - cpu, "delivered": counters.delivered - before}

    async def usage(self) -> dict[str, float]:
        """CPU seconds so far, resident kilobytes, and what the hub counted."""
        with open("/proc/self/statm", encoding="ascii") as pages:  # noqa: ASYNC230  # it is no disk
            resident = int(pages.read().split()[1]) * resource.getpagesize() / 1000
        counted = msgspec.structs.asdict(self._seminar.hub.counters)
        return {"cpu": time.process_time(), "kb": resident, **counted}

    async def commits(self) -> list[tuple[int, float]]:
        """When each event of the room was committed (monotonic seconds), since the last time of asking."""
        found, self._committed.at = sorted(self._committed.at.items()), {}
        return found

    async def serve(self) -> None:
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        acts: dict[str, Callable[..., Awaitable[Any]]] = {
            "tickets": self.tickets,
            "broadcast": self.broadcast,
            "usage": self.usage,
            "commits": self.commits,
        }
        while line := await reader.readline():
            wish = json.loads(line)
            say(await acts[wish.pop("do")](**wish))


def say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def fill(tx: Transaction, people: int) -> None:
    """The seminar, and *people* more who attend; questions are shown at once."""
    clock = SystemClock()
    metadata.create_all(tx.connection)
    furnish(tx, clock)
    now = clock.now()
    numbers = range(FIRST, FIRST + people)
    tx.connection.execute(
        insert(account),
        [
            {
                "public_id": f"audience-{n:06}",
                "email": f"a{n}@example.org",
                "name": f"A {n}",
                "created_at": now,
            }
            for n in numbers
        ],
    )
    tx.connection.execute(
        insert(grant),
        [{"account_id": n, "event_id": 1, "role": Role.ATTENDEE, "granted_at": now} for n in numbers],
    )
    change_rules(tx, caller("zainab", Role.CHAIR), ChangeQuestionRules(moderated=False), now=now)


async def run(file: str, people: int, port: int = 0) -> None:
    database = Database(f"sqlite:///{file}")
    await database.open()
    if not await database.read(lambda rows: inspect(rows).has_table("account")):
        await database.write(lambda tx: fill(tx, people))
    committed = Committed()
    database.subscribe(committed.note)  # before the hub, who delivers
    async with open_hall(database, SystemClock(), interval=0.25, port=port) as seminar:
        calm_collector()  # as the product's server does
        say({"url": seminar.url})
        await Hall(seminar, committed).serve()
    await database.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(run(sys.argv[1], *map(int, sys.argv[2:])))
