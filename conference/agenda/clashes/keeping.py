"""One checker per event, kept in memory and brought up to date by what was edited since.

Rows are read in the database's threads; the checker itself is only ever touched on the event loop, so nothing
needs a lock. A move of the planner's hand costs one query and a trial, not a look at the whole programme.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Set
from datetime import datetime, timedelta
from threading import Lock

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.clashes.checker import Checker
from conference.agenda.clashes.plan import Plan, PlannedSession
from conference.agenda.clashes.reading import (
    edited_since,
    frame_of,
    newest_edit,
    planned_sessions,
    stars_of,
)
from conference.agenda.reading import event_by_id
from conference.clock import Clock
from conference.live.channels import event_desk_channel
from conference.live.log import head
from conference.storage.database import Database

EVENTS = 8  # whose checkers are kept
# How old may be, while somebody drags, what nobody is told of: stars and sign-ups.
WHILE_DRAGGING = timedelta(seconds=10)
NOW = timedelta()
MOST_FOLLOWED = 200  # sessions; after a larger edit the whole draft is read again


class Current(msgspec.Struct, frozen=True):
    """The checker of an event as of its draft's edit number `edit`."""

    edit: int
    checker: Checker


class _Held(msgspec.Struct):
    edit: int
    head: int
    frame: Plan
    checker: Checker
    read_at: datetime


class _News(msgspec.Struct, frozen=True, kw_only=True):
    """What was read: a whole plan, or the sessions that edits changed (`gone`: those that are no more)."""

    edit: int
    head: int
    frame: Plan | None = None
    sessions: tuple[PlannedSession, ...] = ()
    gone: frozenset[str] = frozenset()
    stars: dict[str, int] = {}


class Checkers:
    """The checkers of this server's events, the least wanted forgotten first."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._held: OrderedDict[int, _Held] = OrderedDict()
        self._numbers: dict[int, dict[str, int]] = {}
        self._numbering = Lock()  # of the threads that read

    async def current(self, event_id: int, *, at_most: timedelta = NOW) -> Current:
        """The checker with everything the organizers were told of; the rest may be *at_most* old.

        Good until the next `await`: others bring it up to date as well.
        """
        now = self._clock.now()
        held = self._held.get(event_id)
        known = (held.edit, held.head) if held is not None and now - held.read_at < at_most else None
        news = await self._database.read(lambda rows: self._read(rows, event_id, known))
        if news.frame is not None:
            await self._take_whole(event_id, news, news.frame, now)
        else:
            self._follow(event_id, news)
        held = self._held.get(event_id)
        if held is None:  # forgotten while the rows were read
            return await self.current(event_id)
        self._held.move_to_end(event_id)
        return Current(held.edit, held.checker)

    def _read(self, rows: Connection, event_id: int, known: tuple[int, int] | None) -> _News:
        """What is new since *known*, the last edit and the last thing told to the organizers."""
        edit, told = newest_edit(rows, event_id), head(rows, event_desk_channel(event_id))
        if known is not None:
            edits = edited_since(rows, event_id, known[0]) if edit > known[0] else []
            codes = set[str]().union(*edits)
            # Each edit is told once; whatever else was told may be of rooms, people or hours.
            if told - known[1] == len(edits) and len(codes) <= MOST_FOLLOWED:
                sessions = planned_sessions(rows, event_id, codes) if codes else ()
                gone = frozenset(codes - {one.code for one in sessions})
                return _News(edit=edit, head=told, sessions=sessions, gone=gone)
        with self._numbering:
            stars = stars_of(rows, event_id, self._numbers.setdefault(event_id, {}))
        return _News(
            edit=edit,
            head=told,
            frame=frame_of(rows, event_by_id(rows, event_id)),
            sessions=planned_sessions(rows, event_id),
            stars=stars,
        )

    async def _take_whole(self, event_id: int, news: _News, frame: Plan, now: datetime) -> None:
        held = self._held.get(event_id)
        if held is None or held.frame != frame:
            # In a thread: a tenth of a second for a large event, in which others want their answers.
            plan = msgspec.structs.replace(frame, sessions=news.sessions, stars=news.stars)
            checker = await asyncio.to_thread(Checker, plan)
            newer = self._held.get(event_id)
            if newer is None or newer.edit <= news.edit:
                self._held[event_id] = _Held(news.edit, news.head, frame, checker, now)
                self._forget()
        elif held.edit <= news.edit:
            held.checker.starred(news.stars)
            _bring_up_to_date(held.checker, news.sessions, set(held.checker.sessions))
            held.edit, held.head, held.read_at = news.edit, news.head, now

    def _follow(self, event_id: int, news: _News) -> None:
        held = self._held.get(event_id)
        if held is not None and held.edit < news.edit:
            _bring_up_to_date(held.checker, news.sessions, news.gone)
            held.edit, held.head = news.edit, news.head

    def _forget(self) -> None:
        while len(self._held) > EVENTS:
            event_id, _ = self._held.popitem(last=False)
            self._numbers.pop(event_id, None)


def _bring_up_to_date(checker: Checker, sessions: tuple[PlannedSession, ...], others: Set[str]) -> None:
    """Take *sessions* as they are; of *others* those go that are not among them."""
    here = {one.code for one in sessions}
    checker.removed(*(code for code in others if code not in here))
    checker.moved(*(one for one in sessions if checker.sessions.get(one.code) != one))


CHECKERS: web.AppKey[Checkers] = web.AppKey("checkers", Checkers)
