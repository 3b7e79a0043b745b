"""All rules over one plan, kept current: after a change only what the changed session touches is checked."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import date
from typing import TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from conference.agenda.clashes import pairs, pauses, rooms, times
from conference.agenda.clashes.intervals import Intervals
from conference.agenda.clashes.plan import Plan, PlannedSession, Span
from conference.agenda.clashes.problems import Problem

Key: TypeAlias = tuple[object, ...]
#: What a change took away and what it brought, each the gravest first.
Change: TypeAlias = tuple[list[Problem], list[Problem]]
RoomDay: TypeAlias = tuple[int, date]


class Checker:
    """The problems of a plan. Building costs about as many steps as there are sessions (times those that are
    on at once); a move as many as the session has neighbours in its room, track, audience and people."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.zone = times.zone_if_known(plan.zone) or ZoneInfo("UTC")
        self.sessions: dict[str, PlannedSession] = {}
        self.hours = rooms.Hours(plan, self.zone)
        self.prayers = times.Prayers(plan, self.zone)
        self._presence = times.Presence(plan)
        self._on = Intervals()
        self._of_person: dict[int, dict[str, PlannedSession]] = {}
        self._room_days: dict[RoomDay, dict[str, PlannedSession]] = {}
        self._sittings: dict[RoomDay, list[Problem]] = {}
        self._found: dict[Key, Problem] = {}
        self._of_session: dict[str, set[Key]] = {}
        self._before: dict[Key, Problem | None] = {}
        for session in plan.sessions:
            self._put(session)
        for room_day in self._room_days:
            self._sit(room_day)

    def problems(self) -> list[Problem]:
        """Everything that is wrong, the gravest first, then by time."""
        return sorted(self._found.values(), key=lambda one: one.rank)

    def of(self, code: str) -> list[Problem]:
        """What is wrong with one session."""
        keys = self._of_session.get(code, set()) | {
            one.key for found in self._sittings_of(code) for one in found if code in one.sessions
        }
        return sorted((self._found[key] for key in keys), key=lambda one: one.rank)

    def by_id(self, wanted: str) -> Problem | None:
        """The problem with that `Problem.id`, while there is one."""
        return next((one for one in self._found.values() if one.id == wanted), None)

    def of_person(self, person: int) -> Iterable[PlannedSession]:
        """The sessions on the grid that the person (by internal id) takes part in."""
        return self._of_person.get(person, {}).values()

    def in_room(self, room: int, day: date) -> Iterable[PlannedSession]:
        """The sessions of a room on a conference day, breaks left out."""
        return self._room_days.get((room, day), {}).values()

    def days(self) -> list[date]:
        """The conference days that have any session."""
        return sorted({day for (_, day), sessions in self._room_days.items() if sessions})

    def programme_of(self, day: date) -> Span:
        """From the first start to the last end on a conference day, over all rooms."""
        there = [one for (_, other), here in self._room_days.items() if other == day for one in here.values()]
        starts = min((one.starts or 0 for one in there), default=0)
        return starts, max((one.ends for one in there), default=0)

    def moved(self, *sessions: PlannedSession) -> Change:
        """Take these sessions as they are now (new ones too); what that takes away and what it brings."""
        return self._changed(sessions, ())

    def removed(self, *codes: str) -> Change:
        """Take sessions out: cancelled or deleted."""
        return self._changed((), codes)

    def starred(self, stars: Mapping[str, int]) -> Change:
        """Take who starred what as it is now (`Plan.stars`)."""
        was = self.plan.stars
        changed = [one for one in self.sessions.values() if was.get(one.code, 0) != stars.get(one.code, 0)]
        self._before = {}
        for session in changed:
            self._take(session.code)
        self.plan = msgspec.structs.replace(self.plan, stars=stars)
        for session in changed:
            self._put(session)
        return self._difference()

    def trial(self, *sessions: PlannedSession) -> Change:
        """What `moved` would answer; everything stays as it is."""
        known = [self.sessions[one.code] for one in sessions if one.code in self.sessions]
        strangers = [one.code for one in sessions if one.code not in self.sessions]
        change = self._changed(sessions, ())
        self._changed(known, strangers)
        return change

    def _changed(self, sessions: Iterable[PlannedSession], codes: Iterable[str]) -> Change:
        self._before = {}
        touched: set[RoomDay] = set()
        for code in (*codes, *(one.code for one in sessions)):
            if code in self.sessions:
                touched |= self._room_day(self.sessions[code])
                self._take(code)
        for session in sessions:
            self._put(session)
            touched |= self._room_day(session)
        for room_day in touched:
            self._sit(room_day)
        return self._difference()

    def _difference(self) -> Change:
        """What is not as it was when the change began."""
        before, self._before = self._before, {}
        gone = [was for key, was in before.items() if was is not None and self._found.get(key) != was]
        new = [
            self._found[key] for key, was in before.items() if key in self._found and self._found[key] != was
        ]
        return sorted(gone, key=lambda one: one.rank), sorted(new, key=lambda one: one.rank)

    def _put(self, session: PlannedSession) -> None:
        self.sessions[session.code] = session
        if session.starts is None:
            return
        for problem in self._about(session):
            self._add(problem)
        for resource in self._resources(session):
            self._on.add(resource, session)
        for part in session.parts:
            self._of_person.setdefault(part.person, {})[session.code] = session
        for room_day in self._room_day(session):
            self._room_days.setdefault(room_day, {})[session.code] = session

    def _take(self, code: str) -> None:
        session = self.sessions.pop(code)
        if session.starts is None:
            return
        for key in tuple(self._of_session.get(code, ())):
            self._drop(key)
        for resource in self._resources(session):
            self._on.remove(resource, session)
        for part in session.parts:
            self._of_person[part.person].pop(code, None)
        for room_day in self._room_day(session):
            del self._room_days[room_day][code]

    def _about(self, session: PlannedSession) -> Iterator[Problem]:
        """Every problem of the session alone and with those taken up so far."""
        plan, starts, ends = self.plan, session.starts or 0, session.ends
        yield from rooms.open_then(self.hours, session, rooms.conference_day(plan, self.zone, starts))
        yield from rooms.seats(plan, session)
        yield from times.people_there(self._presence, session)
        yield from times.prayers_free(self.prayers, session)
        yield from times.not_closed(plan, session)
        yield from times.not_longer(plan, session)
        for other in self._on.near(("room", session.room), starts - plan.changeover, ends + plan.changeover):
            yield from pairs.in_one_room(plan, session, other)
        for other in self._on.near(("track", session.track), starts, ends):
            yield from pairs.in_one_track(plan, session, other)
        if plan.stars.get(session.code, 0).bit_count() >= pairs.STARRED_BOTH_FROM:
            for other in self._on.near("starred", starts, ends):
                yield from pairs.starred_both(plan, session, other)
        shared = {
            code: other
            for part in session.parts
            for code, other in self._of_person.get(part.person, {}).items()
        }
        for other in shared.values():
            yield from pairs.of_one_person(plan, session, other)

    def _resources(self, session: PlannedSession) -> Iterator[Hashable]:
        if session.room is not None:
            yield ("room", session.room)
        if session.track is not None and not session.is_break:
            yield ("track", session.track)
        if self.plan.stars.get(session.code, 0).bit_count() >= pairs.STARRED_BOTH_FROM:
            yield "starred"

    def _room_day(self, session: PlannedSession) -> set[RoomDay]:
        if session.room is None or session.starts is None or session.is_break:
            return set()
        return {(session.room, rooms.conference_day(self.plan, self.zone, session.starts))}

    def _sit(self, room_day: RoomDay) -> None:
        """Look at one room's day again as a whole."""
        for was in self._sittings.pop(room_day, []):
            self._drop(was.key)
        found = list(pauses.without_break(room_day[0], self._room_days.get(room_day, {}).values()))
        for problem in found:
            self._remember(problem.key)
            self._found[problem.key] = problem
        if found:
            self._sittings[room_day] = found

    def _sittings_of(self, code: str) -> list[list[Problem]]:
        session = self.sessions.get(code)
        return [self._sittings.get(one, []) for one in self._room_day(session)] if session else []

    def _add(self, problem: Problem) -> None:
        key = problem.key
        self._remember(key)
        self._found[key] = problem
        for code in problem.sessions:
            self._of_session.setdefault(code, set()).add(key)

    def _drop(self, key: Key) -> None:
        self._remember(key)
        problem = self._found.pop(key)
        for code in problem.sessions:
            if key in (keys := self._of_session.get(code, set())):
                keys.remove(key)

    def _remember(self, key: Key) -> None:
        """Keep what stood there before this change, once."""
        if key not in self._before:
            self._before[key] = self._found.get(key)
