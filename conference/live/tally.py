"""Counts that are told together: whatever is counted, a room hears of it a few times a second at most.

`Coalescer` is the rhythm; what it acts upon may be kept in memory (reactions) or in rows that are due
(`Tally`: votes), which a crash does not lose.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from conference.clock import Clock
from conference.errors import MajlisError
from conference.live.tables import tally_told
from conference.storage.columns import Instant
from conference.storage.database import Database, Transaction
from conference.storage.prepared import Prepared

log = logging.getLogger("majlis.live")

# Asked about a room's channel: may its counts be told now? When not, they stay due.
Ripe = Callable[[str], bool]


class Count(Protocol):
    """A domain's part of a tally, in one unit of work.

    For each room with due rows it asks *ripe*; for those that are, it logs one announcement and deletes the
    rows. The others are left: it is called again.
    """

    def __call__(self, tx: Transaction, ripe: Ripe, *, now: datetime) -> None: ...


class Coalescer:
    """Awaits *act* once in *interval* seconds at most, the first time so long after the first `ring()`.

    A `MajlisError` means that it is tried again; any other fault is noted, and the next ring begins anew.
    """

    def __init__(self, act: Callable[[], Awaitable[object]], interval: float, name: str) -> None:
        self._act = act
        self._interval = interval
        self._name = name
        self._rung = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._forever(), name=self._name)

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def ring(self) -> None:
        """Something was counted."""
        self._rung.set()

    async def _forever(self) -> None:
        while True:
            await self._rung.wait()
            await asyncio.sleep(self._interval)
            self._rung.clear()
            try:
                await self._act()
            except MajlisError:
                log.exception("%s: the counts could not be told; they stay due", self._name)
                self._rung.set()
            except Exception:
                log.exception("%s failed", self._name)


class Tally:
    """Logs the durable counts of every room, at most once in *interval* seconds for each.

    With *look* (seconds) several processes share the database: when a room was told is then kept there, so
    that the limit is the room's and not each process's, and every *look* seconds it is seen to what a process
    that has ended left due.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        interval: float,
        counts: Sequence[Count],
        *,
        look: float | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._interval = timedelta(seconds=interval)
        self._counts = list(counts)
        self._look = look
        self._coalescer = Coalescer(self._tell, interval, "live tally")
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Tell what a crash left untold, then begin."""
        await self._tell()
        await self._coalescer.start()
        if self._look is not None:
            self._looking = asyncio.create_task(self._look_forever(self._look), name="live tally, looking")

    async def close(self) -> None:
        """Stop; what is still due is told at the next start, or by another process."""
        if self._looking:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self._coalescer.close()

    def ring(self) -> None:
        """Something was counted, and committed."""
        self._coalescer.ring()

    async def _look_forever(self, pause: float) -> None:
        while True:
            await asyncio.sleep(pause)
            self.ring()

    async def _tell(self) -> None:
        """Tell every room whose time it is; what was answered of one holds for all that is counted in it."""
        now, asked = self._clock.now(), dict[str, bool]()
        # Units of their own, which share a commit: one that fails does not keep the others from telling.
        telling = (self._database.write(partial(self._count, count, now, asked)) for count in self._counts)
        failed = [each for each in await asyncio.gather(*telling, return_exceptions=True) if each is not None]
        for error in failed:
            if not isinstance(error, MajlisError):
                log.error("a count failed; it stays due", exc_info=error)
        for error in failed:
            if isinstance(error, MajlisError):
                raise error
        if not all(asked.values()):
            self.ring()

    def _count(self, count: Count, now: datetime, asked: dict[str, bool], tx: Transaction) -> None:
        def ripe(channel: str) -> bool:
            if channel not in asked:
                asked[channel] = self._look is None or self._is_time(tx.connection, channel, now)
            return asked[channel]

        count(tx, ripe, now=now)

    def _is_time(self, connection: Connection, channel: str, now: datetime) -> bool:
        found = _told.rows(connection, channel=channel)
        # A clock that was set back must not silence a room.
        if found and abs(now - Instant.of(found[0][0])) < self._interval:
            return False
        _tell.run(connection, channel=channel, at=now)
        return True


def _upsert(dialect: str) -> Any:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(tally_told).values(channel=bindparam("channel"), at=bindparam("at"))
    return statement.on_conflict_do_update(index_elements=["channel"], set_={"at": statement.excluded.at})


_told = Prepared(select(tally_told.c.at).where(tally_told.c.channel == bindparam("channel")))
_tell = Prepared(_upsert)
