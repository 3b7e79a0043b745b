"""What a page shows first, decided from the programme and the hour alone. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

import msgspec

from conference.agenda.grouping import Day, current_day, days_of
from conference.agenda.rows import EventRow, Schedule, SessionRow

Listed = TypeVar("Listed", bound=SessionRow)

#: The button to the room shows this long before the start; the room's own doors decide who may enter.
DOORS_EARLY = timedelta(minutes=15)


class Standing(StrEnum):
    """Where a session stands by the programme."""

    CANCELLED = "cancelled"
    UPCOMING = "upcoming"
    SOON = "soon"
    LIVE = "live"
    ENDED = "ended"


class Phase(StrEnum):
    """Where the whole event stands."""

    EMPTY = "empty"
    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


def standing(session: SessionRow, at: datetime) -> Standing:
    """The session's standing at *at*; its end itself is already ENDED."""
    if session.is_cancelled:
        return Standing.CANCELLED
    if at >= session.ends_at:
        return Standing.ENDED
    if at >= session.starts_at:
        return Standing.LIVE
    return Standing.SOON if at >= session.starts_at - DOORS_EARLY else Standing.UPCOMING


def next_standing(session: SessionRow, at: datetime) -> datetime | None:
    """When the session's standing changes next."""
    moments = (session.starts_at - DOORS_EARLY, session.starts_at, session.ends_at)
    return next((moment for moment in moments if moment > at and not session.is_cancelled), None)


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """An event at one moment: what runs, which pause it is, and what starts next, together."""

    phase: Phase
    live: list[SessionRow]
    pause: SessionRow | None
    next: list[SessionRow]
    days: list[Day[SessionRow]]
    today: Day[SessionRow] | None
    changes: datetime | None  # when the next doors open, session starts or session ends

    @property
    def next_starts(self) -> datetime | None:
        return self.next[0].starts_at if self.next else None


def overview(schedule: Schedule, at: datetime) -> Overview:
    """The event at *at*. DURING runs from the first session's doors to the last one's end."""
    held = [one for one in schedule.sessions if not one.is_cancelled]
    running = [one for one in held if one.is_live(at)]
    coming = [one for one in held if one.starts_at > at and not one.is_break]
    soonest = min((one.starts_at for one in coming), default=None)
    days = days_of(schedule.event, schedule.sessions)
    return Overview(
        phase=_phase(held, at),
        live=[one for one in running if not one.is_break],
        pause=next((one for one in running if one.is_break and one.room is None), None),
        next=[one for one in coming if one.starts_at == soonest],
        days=days,
        today=next((day for day in days if day.starts <= at < day.ends), None),
        changes=min((moment for one in held if (moment := next_standing(one, at))), default=None),
    )


def _phase(held: Sequence[SessionRow], at: datetime) -> Phase:
    if not held:
        return Phase.EMPTY
    if at < min(one.starts_at for one in held) - DOORS_EARLY:
        return Phase.BEFORE
    return Phase.DURING if at < max(one.ends_at for one in held) else Phase.AFTER


def chosen_days(
    event: EventRow, every: Sequence[Day[Listed]], wanted: str, at: datetime
) -> list[Day[Listed]]:
    """The days to show for ``?day=``: an ISO date, ``all``, or whatever else: the day it is."""
    if wanted == "all":
        return list(every)
    named = [day for day in every if day.date.isoformat() == wanted]
    today = current_day(every, at)
    return named or ([today] if today else [])
