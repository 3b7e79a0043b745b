"""A room that runs late: from a moment to the end of that conference day its programme moves.

`delayed` is pure and is used for both programmes: what the public sees (live, on top of a release) and
the organizers' draft. What runs at that moment ends later; what comes after it starts later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
from msgspec import structs

from conference.agenda.rows import SessionRow

Listed = TypeVar("Listed", bound=SessionRow)

#: One step that a chair can take; more is for the organizers to plan.
MOST_MINUTES = 180


class Delay(msgspec.Struct, frozen=True, kw_only=True):
    """From `from_at` to `until_at` the room `room_id` is moved by `minutes` (below zero: made good)."""

    id: int
    room_id: int
    from_at: datetime
    until_at: datetime
    minutes: int
    at: datetime


def delayed(sessions: Iterable[Listed], delays: Sequence[Delay]) -> list[Listed]:
    """The sessions with *delays* taken in their order, by start; untouched ones are the same objects."""
    moved = list(sessions)
    for delay in delays:
        moved = [_after(one, delay) for one in moved]
    return sorted(moved, key=lambda one: (one.starts_at, one.room.position if one.room else -1))


def touches(session: SessionRow, delay: Delay) -> bool:
    """Whether the session, by its times so far, is moved or lengthened by *delay*."""
    here = session.room is not None and session.room.id == delay.room_id and not session.is_cancelled
    return here and session.ends_at > delay.from_at and session.starts_at < delay.until_at


def _after(session: Listed, delay: Delay) -> Listed:
    if not touches(session, delay):
        return session
    step = timedelta(minutes=delay.minutes)
    told = {"revision": session.revision + 1, "changed_at": max(delay.at, session.changed_at)}
    if session.starts_at > delay.from_at:
        return structs.replace(session, starts_at=session.starts_at + step, **told)
    return structs.replace(session, minutes=max(1, session.minutes + delay.minutes), **told)


def lateness(delays: Iterable[Delay], at: datetime) -> dict[int, int]:
    """By how many minutes each room is late at *at*, by room id; only those that are not on time."""
    late: dict[int, int] = {}
    for delay in delays:
        if delay.at <= at < delay.until_at:
            late[delay.room_id] = late.get(delay.room_id, 0) + delay.minutes
    return {room: minutes for room, minutes in late.items() if minutes}
