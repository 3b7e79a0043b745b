"""What differs between two programmes, session by session. Pure.

Sessions are the same by their code. A cancelled session counts as gone: from "cancelled" to "not there"
nothing changes for anybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from conference.agenda.rows import RoomRow, SessionRow
from conference.agenda.tables import SessionRole

Listed = TypeVar("Listed", bound=SessionRow)


class Kind(StrEnum):
    """One way in which a session differs; in the order in which they are told."""

    NEW = "new"
    JOINED = "joined"  # of one person's agenda only: the session was there, now it is theirs
    CANCELLED = "cancelled"
    LEFT = "left"  # likewise: it is held, but no longer theirs
    TIME = "time"
    ROOM = "room"
    LENGTH = "length"
    PEOPLE = "people"
    TITLE = "title"


class Change(msgspec.Struct, Generic[Listed], frozen=True, gc=False):
    """One session that differs; `before` is None when it is new, `after` when it is gone.

    `kinds` is NEW or CANCELLED alone, else everything else that differs.
    """

    code: str
    before: Listed | None
    after: Listed | None
    kinds: tuple[Kind, ...]

    @property
    def session(self) -> Listed:
        """The session as it is now, or as it was last."""
        found = self.after or self.before
        assert found is not None
        return found


def changes_between(before: Iterable[Listed], after: Iterable[Listed]) -> list[Change[Listed]]:
    """Every session that differs, by its new start (the old one when it is gone), then by code."""
    old, new = held(before), held(after)
    found = [
        change for code in old.keys() | new.keys() if (change := change_of(old.get(code), new.get(code)))
    ]
    return sorted(found, key=lambda change: (change.session.starts_at, change.code))


def change_of(before: Listed | None, after: Listed | None) -> Change[Listed] | None:
    """How one session differs, None when it does not. None for a session stands for "not held"."""
    if before is None and after is None:
        return None
    if before is None or after is None:
        one = after or before
        assert one is not None
        return Change(one.code, before, after, (Kind.NEW if before is None else Kind.CANCELLED,))
    kinds = kinds_between(before, after)
    return Change(after.code, before, after, kinds) if kinds else None


def kinds_between(before: SessionRow, after: SessionRow) -> tuple[Kind, ...]:
    """In which ways a session that is held in both programmes differs."""
    differs = (
        (Kind.TIME, before.starts_at != after.starts_at),
        (Kind.ROOM, _room(before) != _room(after)),
        (Kind.LENGTH, before.minutes != after.minutes),
        (Kind.PEOPLE, people_of(before) != people_of(after)),
        (Kind.TITLE, before.title != after.title),
    )
    return tuple([kind for kind, differ in differs if differ])


class Renamed(msgspec.Struct, frozen=True):
    """A room that is called otherwise now."""

    before: RoomRow
    after: RoomRow


def renamed_rooms(before: Iterable[RoomRow], after: Iterable[RoomRow]) -> list[Renamed]:
    """The rooms of both programmes whose name differs in any language, in their present order."""
    old = {one.id: one for one in before}
    return [Renamed(old[one.id], one) for one in after if one.id in old and old[one.id].name != one.name]


def held(sessions: Iterable[Listed]) -> dict[str, Listed]:
    """The sessions that take place, by code."""
    return {one.code: one for one in sessions if not one.is_cancelled}


def people_of(session: SessionRow) -> frozenset[tuple[int, SessionRole]]:
    """Who does what in a session."""
    return frozenset([(part.person.id, part.role) for part in session.parts])


def grouped(changes: Iterable[Change[Listed]]) -> dict[Kind, list[Change[Listed]]]:
    """The changes under the first of their kinds, in the order in which kinds are told."""
    groups: dict[Kind, list[Change[Listed]]] = {}
    for kind in Kind:
        here = [change for change in changes if change.kinds[0] is kind]
        if here:
            groups[kind] = here
    return groups


def _room(session: SessionRow) -> int | None:
    return session.room.id if session.room else None
