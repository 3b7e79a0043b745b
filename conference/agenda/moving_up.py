"""Waiting lists move up at once, whatever gave a session more places: an act of the planner or of a program,
an import, a larger room. Whoever gets a place is told by mail in the same unit of work.
"""

from __future__ import annotations

import asyncio
import logging
import re
from functools import partial

from sqlalchemy import Connection, select

from conference.agenda.signing_up import fill_places
from conference.agenda.tables import SignUpState, session, sign_up
from conference.clock import Clock
from conference.live.tables import LogEvent
from conference.storage.database import Database, Transaction

log = logging.getLogger("majlis.agenda")

_desk = re.compile(r"event:(\d+):desk")  # `channels.event_desk_channel`: every edit of a draft is told there


class MovingUp:
    """Looks at the waiting lists of an event whenever its organizers were told of an edit, and of all events
    when the server starts, for what an earlier one did not come to."""

    def __init__(self, database: Database, clock: Clock, *, public_url: str) -> None:
        self._database, self._clock, self._public_url = database, clock, public_url
        self._due: set[int] = set()
        self._work: asyncio.Task[None] | None = None
        database.subscribe(self._committed)

    async def start(self) -> None:
        self._look(await self._database.read(_waiting))

    async def close(self) -> None:
        if self._work is not None:
            await self._work

    def _committed(self, news: object) -> None:
        found = _desk.fullmatch(news.channel) if isinstance(news, LogEvent) else None
        if found:
            self._look({int(found[1])})

    def _look(self, events: set[int]) -> None:
        self._due |= events
        if self._due and (self._work is None or self._work.done()):
            self._work = asyncio.create_task(self._catch_up())

    async def _catch_up(self) -> None:
        while self._due:
            event_id = self._due.pop()
            try:
                if event_id in await self._database.read(_waiting):
                    await self._database.write(partial(self._fill, event_id))
            except Exception:  # the edge of a task: the next edit, or the next start, looks again
                log.exception("the waiting lists of event %d could not be looked at", event_id)

    def _fill(self, event_id: int, tx: Transaction) -> None:
        at = self._clock.now()
        for code in _codes(tx.connection, event_id):
            fill_places(tx, event_id, code, public_url=self._public_url, at=at)


def _waiting(rows: Connection) -> set[int]:
    """The events in which somebody waits for a place."""
    query = select(session.c.event_id).join(sign_up, sign_up.c.session_id == session.c.id).distinct()
    return set(rows.scalars(query.where(sign_up.c.state == SignUpState.WAITING.value)))


def _codes(rows: Connection, event_id: int) -> list[str]:
    waits = (session.c.event_id == event_id) & (sign_up.c.state == SignUpState.WAITING.value)
    query = select(session.c.code).join(sign_up, sign_up.c.session_id == session.c.id).where(waits)
    return list(rows.scalars(query.distinct().order_by(session.c.code)))
