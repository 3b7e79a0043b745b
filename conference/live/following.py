"""Several processes serve one room: each follows the log that all of them write.

What was committed anywhere is read from the log, in its order, and delivered to the clients of this process.
A doorbell only says when to look; whoever misses it looks a little later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from sqlalchemy import Connection, bindparam, func, select

from conference.errors import MajlisError
from conference.live.tables import LogEvent, log_event
from conference.storage.columns import Instant
from conference.storage.database import Database
from conference.storage.prepared import Prepared

log = logging.getLogger("majlis.live")

POLL_SECONDS = 2.0  # without a doorbell
AT_ONCE = 500

# Ids are given by one writer at a time (storage/sqlite.py), so they have the order of the commits.
_after = Prepared(
    select(log_event.c.id, log_event.c.channel, log_event.c.seq, log_event.c.at, log_event.c.body)
    .where(log_event.c.id > bindparam("last"))
    .order_by(log_event.c.id)
    .limit(AT_ONCE)
)


class Following:
    """Calls *deliver* with every event committed after `start()`, once and in order."""

    def __init__(
        self, database: Database, deliver: Callable[[LogEvent], None], *, poll: float = POLL_SECONDS
    ) -> None:
        self._database = database
        self._deliver = deliver
        self._poll = poll
        self._last = 0
        self._rung = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._last = await self._database.read(_newest)
        self._task = asyncio.create_task(self._follow(), name="live log follower")

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def ring(self) -> None:
        """Something was committed, here or elsewhere."""
        self._rung.set()

    async def _follow(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._poll):
                    await self._rung.wait()
            except TimeoutError:
                pass
            self._rung.clear()
            try:
                while await self._pull() == AT_ONCE:
                    pass
            except MajlisError:
                log.exception("the log could not be read; it is tried again")
                await asyncio.sleep(self._poll)
                self._rung.set()

    async def _pull(self) -> int:
        last = self._last
        found = await self._database.read(lambda rows: _after.rows(rows, last=last))
        for identity, channel, seq, at, body in found:
            self._last = identity
            self._deliver(LogEvent(channel, seq, Instant.of(at), body))
        return len(found)


def _newest(rows: Connection) -> int:
    return rows.execute(select(func.max(log_event.c.id))).scalar() or 0
