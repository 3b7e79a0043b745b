"""Who and what is where on the grid: the sessions by code, room, track, person and day, kept current."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from datetime import date
from typing import TypeAlias
from zoneinfo import ZoneInfo

from conference.agenda.clashes.intervals import Intervals
from conference.agenda.clashes.pairs import STARRED_BOTH_FROM
from conference.agenda.clashes.plan import Plan, PlannedSession, Span
from conference.agenda.clashes.rooms import conference_day

RoomDay: TypeAlias = tuple[int, date]


class Places:
    """The index behind the rules; sessions without a time are known by code only."""

    def __init__(self, plan: Plan, zone: ZoneInfo) -> None:
        self.plan = plan
        self.sessions: dict[str, PlannedSession] = {}
        self._zone = zone
        self._on = Intervals()
        self._of_person: dict[int, dict[str, PlannedSession]] = {}
        self._room_days: dict[RoomDay, dict[str, PlannedSession]] = {}
        self._days: dict[int, date] = {}

    def add(self, session: PlannedSession) -> None:
        """Take the session up; it must not be in."""
        self.sessions[session.code] = session
        if session.starts is None:
            return
        for resource in self._resources(session):
            self._on.add(resource, session)
        for part in session.parts:
            self._of_person.setdefault(part.person, {})[session.code] = session
        if (room_day := self.room_day(session)) is not None:
            self._room_days.setdefault(room_day, {})[session.code] = session

    def remove(self, code: str) -> PlannedSession:
        """Take it out, and return it as it was."""
        session = self.sessions.pop(code)
        if session.starts is None:
            return session
        for resource in self._resources(session):
            self._on.remove(resource, session)
        for part in session.parts:
            self._of_person[part.person].pop(code, None)
        if (room_day := self.room_day(session)) is not None:
            del self._room_days[room_day][code]
        return session

    def near(self, resource: Hashable, start: int, end: int) -> Iterator[PlannedSession]:
        """Those of ("room", id), ("track", id) or "starred" that may be on from *start* to *end*."""
        return self._on.near(resource, start, end)

    def with_people_of(self, session: PlannedSession) -> Iterable[PlannedSession]:
        """The other sessions its people take part in."""
        return {
            code: other
            for part in session.parts
            for code, other in self._of_person.get(part.person, {}).items()
            if code != session.code
        }.values()

    def in_room(self, room: int, day: date) -> Iterable[PlannedSession]:
        """The sessions of a room on a conference day, breaks left out."""
        return self._room_days.get((room, day), {}).values()

    def room_days(self) -> list[RoomDay]:
        """Each room with each conference day on which it has sessions."""
        return [room_day for room_day, sessions in self._room_days.items() if sessions]

    def days(self) -> list[date]:
        """The conference days that have any session."""
        return sorted({day for _, day in self.room_days()})

    def programme_of(self, day: date) -> Span:
        """From the first start to the last end on a conference day, over all rooms."""
        rooms = [here for (_, other), here in self._room_days.items() if other == day]
        there = [one for here in rooms for one in here.values()]
        starts = min((one.starts or 0 for one in there), default=0)
        return starts, max((one.ends for one in there), default=0)

    def room_day(self, session: PlannedSession) -> RoomDay | None:
        """The room and conference day whose sittings the session is part of; None for breaks and the rest."""
        if session.room is None or session.starts is None or session.is_break:
            return None
        return session.room, self.day_of(session.starts)

    def day_of(self, minute: int) -> date:
        """The conference day of a moment; zones are slow, and starts are few."""
        if minute not in self._days:
            self._days[minute] = conference_day(self.plan, self._zone, minute)
        return self._days[minute]

    def is_starred(self, session: PlannedSession) -> bool:
        """Whether enough people starred it to be many."""
        return self.plan.stars.get(session.code, 0).bit_count() >= STARRED_BOTH_FROM

    def _resources(self, session: PlannedSession) -> Iterator[Hashable]:
        if session.room is not None:
            yield ("room", session.room)
        if session.track is not None and not session.is_break:
            yield ("track", session.track)
        if self.is_starred(session):
            yield "starred"
