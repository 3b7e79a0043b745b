"""Whom a change of the programme concerns, and how it looks from there. Pure.

A person's own agenda is what they take part in (by the programme, or because they run its room), what
they starred and what they signed up for. They are told exactly what differs between their two agendas.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import msgspec

from conference.agenda.releasing.change_log import Change, Kind, changes_between, held, kinds_between
from conference.agenda.rows import SessionRow
from conference.agenda.tables import SessionRole


class Tie(StrEnum):
    """What a session is to a person; the most demanding first."""

    SPEAKER = "speaker"
    CHAIR = "chair"
    MODERATOR = "moderator"
    INTERPRETER = "interpreter"
    TECHNICIAN = "technician"
    SIGN_UP = "sign-up"
    STAR = "star"


Ties: TypeAlias = frozenset[Tie]
#: A session with its start and its end, which are asked for again and again.
Slot: TypeAlias = tuple[datetime, datetime, SessionRow]

_TIES = tuple(Tie)
NONE: Ties = frozenset()
#: Who only listens is not told of a new title or of another chair.
LISTENING: Ties = frozenset({Tie.SIGN_UP, Tie.STAR})


class Circle(msgspec.Struct, frozen=True):
    """Everybody who can be told, by account id.

    `persons`: the account of each person of the programme who has one. `marks`: by session code and
    account, the ties that are not in the programme itself: stars, sign-ups, roles in the live room.
    """

    persons: Mapping[int, int]
    marks: Mapping[str, Mapping[int, Ties]]

    def ties(self, session: SessionRow | None) -> dict[int, Ties]:
        """Each account that *session* is on the agenda of, and why; nobody when it is not held."""
        if session is None:
            return {}
        found = dict(self.marks.get(session.code, {}))  # mostly stars: hundreds, beside a few who take part
        for part in session.parts:
            account = self.persons.get(part.person.id)
            if account is not None:
                found[account] = found.get(account, NONE) | {Tie(part.role.value)}
        return found


class Concern(msgspec.Struct, frozen=True, gc=False):
    """One session that differs in one person's agenda, in the ways they can see (`kinds`, never empty)."""

    code: str
    before: SessionRow | None
    after: SessionRow | None
    kinds: tuple[Kind, ...]
    ties: Ties

    @property
    def session(self) -> SessionRow:
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def tie(self) -> Tie:
        """The most demanding of the ties."""
        return next(tie for tie in _TIES if tie in self.ties)


class Told(msgspec.Struct, frozen=True, gc=False):
    """What one person is told: their changes by time, and sessions of theirs that overlap only now."""

    concerns: list[Concern]
    clashes: list[tuple[SessionRow, SessionRow]]


def concerned(
    before: Iterable[SessionRow], after: Iterable[SessionRow], circle: Circle
) -> dict[int, list[Concern]]:
    """What each account is told when *after* takes the place of *before*; who is not in it, nothing."""
    told: dict[int, list[Concern]] = defaultdict(list)
    for change in changes_between(before, after):
        was, now = circle.ties(change.before), circle.ties(change.after)
        # Hundreds are tied to a session in the same way and see the same: it is worked out once for them all.
        seen: dict[tuple[Ties, Ties], Concern | None] = {}
        for account in was.keys() | now.keys():
            tied = was.get(account, NONE), now.get(account, NONE)
            if tied not in seen:
                seen[tied] = seen_by(change, *tied)
            one = seen[tied]
            if one is not None:
                told[account].append(one)
    return dict(told)


def seen_by(change: Change[SessionRow], was: Ties, now: Ties) -> Concern | None:
    """The change as somebody sees it to whom the session was tied by *was* and is by *now*."""
    if not was and not now:
        return None
    if not was:
        kind = Kind.NEW if change.before is None else Kind.JOINED
        return Concern(change.code, None, change.after, (kind,), now)
    if not now:
        kind = Kind.CANCELLED if change.after is None else Kind.LEFT
        return Concern(change.code, change.before, None, (kind,), was)
    assert change.before is not None
    assert change.after is not None
    kinds = visible_kinds(change.before, change.after, was | now)
    return Concern(change.code, change.before, change.after, kinds, now) if kinds else None


def visible_kinds(before: SessionRow, after: SessionRow, ties: Ties) -> tuple[Kind, ...]:
    """How a session held in both programmes differs for somebody tied to it by *ties*."""
    kinds = kinds_between(before, after)
    if not ties <= LISTENING:
        return kinds
    same_speakers = _speakers(before) == _speakers(after)
    return tuple(
        kind for kind in kinds if kind is not Kind.TITLE and not (kind is Kind.PEOPLE and same_speakers)
    )


class Agendas:
    """Everybody's own agenda in one programme: `of(account)` gives the sessions held, by start."""

    def __init__(self, sessions: Iterable[SessionRow], circle: Circle) -> None:
        self._of: dict[int, list[Slot]] = defaultdict(list)
        for slot in _slots(sorted(held(sessions).values(), key=lambda one: (one.starts_at, one.code))):
            for account in circle.ties(slot[2]):
                self._of[account].append(slot)

    def of(self, account: int) -> list[SessionRow]:
        return [one for _, _, one in self._of.get(account, ())]

    def new_clashes(self, account: int, concerns: Iterable[Concern]) -> list[tuple[SessionRow, SessionRow]]:
        """Pairs of one person's sessions that overlap now and did not before; *concerns* are what differs in
        their agenda: any other pair of theirs is as it was."""
        before = {one.code: one.before for one in concerns if one.after is not None}
        return [
            (one, other)
            for one, other in _overlaps(self._of.get(account, ()), before)
            if not _overlapped(before.get(one.code, one), before.get(other.code, other))
        ]


def overlaps(agenda: Iterable[SessionRow]) -> list[tuple[SessionRow, SessionRow]]:
    """Each pair of sessions that overlap in time, breaks left out; the agenda is sorted by start."""
    slots = list(_slots(agenda))
    return _overlaps(slots, {one.code for _, _, one in slots})


def _slots(sessions: Iterable[SessionRow]) -> Iterator[Slot]:
    return ((one.starts_at, one.ends_at, one) for one in sessions)


def _overlaps(slots: Iterable[Slot], about: Container[str]) -> list[tuple[SessionRow, SessionRow]]:
    """The overlapping pairs that hold one of the codes *about*; the earlier session first."""
    found: list[tuple[SessionRow, SessionRow]] = []
    running: list[Slot] = []
    for slot in slots:
        starts, _, one = slot
        if one.is_break:
            continue
        running = [each for each in running if each[1] > starts]
        is_about = one.code in about
        found += [(other, one) for _, _, other in running if is_about or other.code in about]
        running.append(slot)
    return found


def _overlapped(one: SessionRow | None, other: SessionRow | None) -> bool:
    """Whether both were there and on at once."""
    if one is None or other is None or one.is_break or other.is_break:
        return False
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _speakers(session: SessionRow) -> frozenset[int]:
    return frozenset(part.person.id for part in session.parts if part.role is SessionRole.SPEAKER)
