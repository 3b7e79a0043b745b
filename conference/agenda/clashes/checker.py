"""All rules over one plan, kept current: after a change only what the changed session touches is checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from conference.agenda.clashes import pairs, pauses, rooms, times
from conference.agenda.clashes.places import Places, RoomDay
from conference.agenda.clashes.plan import Plan, PlannedSession
from conference.agenda.clashes.problems import Kind, Problem

Key: TypeAlias = tuple[object, ...]
#: What a change took away and what it brought, each the gravest first.
Change: TypeAlias = tuple[list[Problem], list[Problem]]


class Checker:
    """The problems of a plan. Building costs about as many steps as there are sessions (times those that are
    on at once); a move as many as the session has neighbours in its room, track, audience and people."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.zone = times.zone_if_known(plan.zone) or ZoneInfo("UTC")
        self.places = Places(plan, self.zone)
        self.hours = rooms.Hours(plan, self.zone)
        self._prayers = times.Prayers(plan, self.zone)
        self._presence = times.Presence(plan)
        self._found: dict[Key, Problem] = {}
        self._of_session: dict[str, set[Key]] = {}
        self._sittings: dict[RoomDay, list[Problem]] = {}
        self._before: dict[Key, Problem | None] = {}
        for session in plan.sessions:
            self._put(session, with_audience=False)
        for one, other in pairs.audiences_shared(plan, plan.sessions):
            for problem in pairs.starred_both(plan, one, other):
                self._add(problem)
        for room_day in self.places.room_days():
            self._sit(room_day)

    @property
    def sessions(self) -> Mapping[str, PlannedSession]:
        """The sessions as they are now, by code."""
        return self.places.sessions

    def problems(self) -> list[Problem]:
        """Everything that is wrong, the gravest first, then by time."""
        return sorted(self._found.values(), key=lambda one: one.rank)

    def of(self, code: str) -> list[Problem]:
        """What is wrong with one session."""
        session = self.sessions.get(code)
        room_day = self.places.room_day(session) if session else None
        sittings = self._sittings.get(room_day, []) if room_day else []
        keys = self._of_session.get(code, set()) | {one.key for one in sittings if code in one.sessions}
        return sorted((self._found[key] for key in keys), key=lambda one: one.rank)

    def by_id(self, wanted: str) -> Problem | None:
        """The problem with that `Problem.id`, while there is one."""
        return next((one for one in self._found.values() if one.id == wanted), None)

    def moved(self, *sessions: PlannedSession) -> Change:
        """Take these sessions as they are now (new ones too); what that takes away and what it brings."""
        self._change(sessions, ())
        return self._difference()

    def removed(self, *codes: str) -> Change:
        """Take sessions out: cancelled or deleted."""
        self._change((), codes)
        return self._difference()

    def starred(self, stars: Mapping[str, int]) -> Change:
        """Take who starred what as it is now (`Plan.stars`)."""
        was = self.plan.stars
        changed = [one for one in self.sessions.values() if was.get(one.code, 0) != stars.get(one.code, 0)]
        self._before = {}
        for session in changed:
            self._take(session.code)
        self.plan = self.places.plan = msgspec.structs.replace(self.plan, stars=stars)
        for session in changed:
            self._put(session)
        return self._difference()

    def trial(self, *sessions: PlannedSession) -> Change:
        """What `moved` would answer; everything stays as it is."""
        codes = {one.code for one in sessions}
        known = [self.sessions[code] for code in codes if code in self.sessions]
        room_days = {self.places.room_day(one) for one in (*known, *sessions)}
        sat = {one: self._sittings.get(one, []) for one in room_days if one is not None}
        self._change(sessions, ())
        before = self._before
        change = self._difference()
        for code in codes:
            self.places.remove(code)
        for session in known:
            self.places.add(session)
        self._take_back(before, sat)
        return change

    def _change(self, sessions: Iterable[PlannedSession], codes: Iterable[str]) -> None:
        self._before = {}
        latest = {one.code: one for one in sessions}
        touched: set[RoomDay | None] = set()
        for code in (*codes, *latest):
            if code in self.sessions:
                touched.add(self.places.room_day(self.sessions[code]))
                self._take(code)
        for session in latest.values():
            self._put(session)
            touched.add(self.places.room_day(session))
        for room_day in touched:
            if room_day is not None:
                self._sit(room_day)

    def _difference(self) -> Change:
        """What is not as it was when the change began."""
        before, self._before = self._before, {}
        changed = [(was, self._found.get(key)) for key, was in before.items() if self._found.get(key) != was]
        gone = sorted((was for was, _ in changed if was is not None), key=lambda one: one.rank)
        return gone, sorted((now for _, now in changed if now is not None), key=lambda one: one.rank)

    def _take_back(self, before: Mapping[Key, Problem | None], sat: Mapping[RoomDay, list[Problem]]) -> None:
        """Put the findings back as they were; the sessions are already."""
        for key, was in before.items():
            if key in self._found:
                self._drop(key)
            if was is not None:
                self._add(was)
        for room_day, sittings in sat.items():
            self._sittings[room_day] = sittings
        self._before = {}

    def _put(self, session: PlannedSession, *, with_audience: bool = True) -> None:
        if session.starts is not None:
            for problem in self._about(session):
                self._add(problem)
            for problem in self._audience(session) if with_audience else ():
                self._add(problem)
        self.places.add(session)

    def _take(self, code: str) -> None:
        self.places.remove(code)
        for key in tuple(self._of_session.get(code, ())):
            self._drop(key)

    def _about(self, session: PlannedSession) -> Iterator[Problem]:
        """Every problem of the session alone and with those taken up so far."""
        plan, near, starts, ends = self.plan, self.places.near, session.starts or 0, session.ends
        yield from rooms.open_then(self.hours, session, self.places.day_of(starts))
        yield from rooms.seats(plan, session)
        yield from times.people_there(self._presence, session)
        yield from times.prayers_free(self._prayers, session)
        yield from times.not_closed(plan, session)
        yield from times.not_longer(plan, session)
        for other in near(("room", session.room), starts - plan.changeover, ends + plan.changeover):
            yield from pairs.in_one_room(plan, session, other)
        for other in near(("track", session.track), starts, ends):
            yield from pairs.in_one_track(plan, session, other)
        for other in self.places.with_people_of(session):
            yield from pairs.of_one_person(plan, session, other)

    def _audience(self, session: PlannedSession) -> Iterator[Problem]:
        """What many starred beside it, among those taken up so far."""
        if self.places.is_starred(session):
            these = self.plan.stars[session.code]
            for other in self.places.near("starred", session.starts or 0, session.ends):
                # The many pairs that few people share must cost next to nothing.
                if (these & self.plan.stars[other.code]).bit_count() >= pairs.STARRED_BOTH_FROM:
                    yield from pairs.starred_both(self.plan, session, other)

    def _sit(self, room_day: RoomDay) -> None:
        """Look at one room's day again as a whole."""
        for was in self._sittings.pop(room_day, []):
            self._drop(was.key)
        found = list(pauses.without_break(room_day[0], self.places.in_room(*room_day)))
        for problem in found:
            self._add(problem)
        if found:
            self._sittings[room_day] = found

    def _add(self, problem: Problem) -> None:
        key = problem.key
        self._remember(key)
        self._found[key] = problem
        if problem.kind is Kind.NO_BREAK:
            return  # found again with its room's day, not with one of its sessions
        for code in problem.sessions:
            self._of_session.setdefault(code, set()).add(key)

    def _drop(self, key: Key) -> None:
        self._remember(key)
        for code in self._found.pop(key).sessions:
            self._of_session.get(code, set()).discard(key)

    def _remember(self, key: Key) -> None:
        """Keep what stood there before this change, once."""
        if key not in self._before:
            self._before[key] = self._found.get(key)
