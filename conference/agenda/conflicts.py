"""What cannot be held as planned: two sessions at once in one room, or with one person. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from conference.agenda.rows import PersonRow, RoomRow, SessionRow


class Clash(msgspec.Struct, frozen=True):
    """Two sessions at the same time that share their `room`, or `people`, or both."""

    one: SessionRow
    other: SessionRow
    room: RoomRow | None
    people: list[PersonRow]

    @property
    def starts_at(self) -> datetime:
        """From when on they are both on."""
        return max(self.one.starts_at, self.other.starts_at)


def clashes(sessions: Iterable[SessionRow]) -> list[Clash]:
    """Every clash, by the time it begins. Cancelled sessions and breaks clash with nothing."""
    found: list[Clash] = []
    running: list[SessionRow] = []
    held = (one for one in sessions if not one.is_break and not one.is_cancelled)
    for session in sorted(held, key=lambda one: one.starts_at):
        running = [one for one in running if one.ends_at > session.starts_at]
        found += [clash for one in running if (clash := _clash(one, session))]
        running.append(session)
    return found


def _clash(one: SessionRow, other: SessionRow) -> Clash | None:
    room = one.room if one.room and other.room and one.room.id == other.room.id else None
    theirs = {part.person.id for part in other.parts}
    shared = {part.person.id: part.person for part in one.parts if part.person.id in theirs}
    return Clash(one, other, room, list(shared.values())) if room or shared else None
