"""What starts in five minutes, told to those who starred it, signed up for it or have a part in it.

Looked at every few seconds by the clock that is handed in. What counts is not remembered here: whoever was
told has a row for that start (`people.notifying`, `once`), so neither a restart nor another process tells
them again; and a server that was down at the moment tells what has not begun yet when it is back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from conference.agenda.reading import event_by_id
from conference.agenda.releasing.circle import circle_of
from conference.agenda.releasing.published import schedule_of
from conference.agenda.rows import SessionDetails
from conference.agenda.tables import event
from conference.clock import Clock
from conference.errors import MajlisError
from conference.people.notifying import Kind, Notice, notify
from conference.people.permissions import Capability, Scope, allowed
from conference.storage.database import Database, Transaction

log = logging.getLogger("majlis.agenda")

AHEAD = timedelta(minutes=5)
LOOK_SECONDS = 10
AT_ONCE = 200  # people in one unit of work: the writer is everybody's


def starting(sessions: Iterable[SessionDetails], now: datetime) -> list[SessionDetails]:
    """Those that begin within `AHEAD` and have not begun. Pure."""
    return [
        one
        for one in sessions
        if not one.is_break and not one.is_cancelled and now < one.starts_at <= now + AHEAD
    ]


def key_of(session: SessionDetails) -> str:
    """Under which its start is told once; a session that is moved has another start."""
    return f"soon:{session.code}:{session.starts_at.isoformat()}"


class StartingSoon:
    """The clocked job: a `Part` of the application."""

    def __init__(self, database: Database, clock: Clock, *, seconds: float = LOOK_SECONDS) -> None:
        self._database, self._clock, self._seconds = database, clock, seconds
        self._task: asyncio.Task[None] | None = None
        self._told: set[str] = set()  # spares the look at who is concerned; forgotten without harm

    async def start(self) -> None:
        self._task = asyncio.create_task(self._look_forever(), name="starting soon")

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _look_forever(self) -> None:
        while True:
            try:
                await self.look()
            except MajlisError:
                log.exception("what starts soon could not be told; it is tried again")
            await asyncio.sleep(self._seconds)

    async def look(self) -> int:
        """Tell whatever is due at this moment; returns how many people were told something new."""
        now, told = self._clock.now(), 0
        for session, people in await self._database.read(lambda rows: self._due(rows, now)):
            for first in range(0, len(people), AT_ONCE):
                some = people[first : first + AT_ONCE]
                told += await self._database.write(
                    lambda tx, session=session, some=some: _tell(tx, session, some, now)  # type: ignore[misc]  # its defaults
                )
            self._told.add(key_of(session))
        return told

    def _due(self, rows: Connection, now: datetime) -> list[tuple[SessionDetails, list[int]]]:
        due: list[tuple[SessionDetails, list[int]]] = []
        # A day before and after: the days of an event are those of its zone.
        near = (event.c.starts <= (now + timedelta(days=1)).date()) & (
            event.c.ends >= (now - timedelta(days=1)).date()
        )
        for event_id in rows.execute(select(event.c.id).where(near)).scalars().all():
            found = starting(schedule_of(rows, event_by_id(rows, event_id)).sessions, now)
            fresh = [one for one in found if key_of(one) not in self._told]
            if fresh:
                circle = circle_of(rows, event_id)
                due += [(one, sorted(circle.ties(one))) for one in fresh]
        return due


def _tell(tx: Transaction, session: SessionDetails, people: list[int], now: datetime) -> int:
    notice = Notice(
        kind=Kind.SESSION_SOON, session=session.code, starts_at=session.starts_at, once=key_of(session)
    )
    # Membership is asked for, not whether the event is open: a star outlives a ban.
    scope = Scope(event_id=session.event_id, session_id=session.id, is_public=False)
    return sum(
        notify(tx, account_id, session.event_id, notice, at=now)
        for account_id in people
        if allowed(tx.connection, account_id, Capability.ENTER_ROOM, scope, now=now)
    )
