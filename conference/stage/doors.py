"""When a room lets people in: by the programme, unless a chair decided otherwise. Pure rules, no I/O.

not yet ──(15 min before the start, or a chair opens)──▶ open ──(an hour after the end)──▶ ended
                                                         │  ▲
                                                 a chair closes, opens again
                                                         ▼  │
                                                        closed
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from conference.errors import N_, Conflict, MajlisError

EARLY = timedelta(minutes=15)
OVERTIME = timedelta(minutes=60)


class Phase(StrEnum):
    NOT_YET = "not-yet"
    OPEN = "open"
    CLOSED = "closed"
    ENDED = "ended"


class Decision(msgspec.Struct, frozen=True):
    """What a chair said last; both None when nobody said anything."""

    opened_at: datetime | None = None
    closed_at: datetime | None = None


def doors_open_at(starts: datetime) -> datetime:
    """The moment attendees may enter when no chair opens earlier."""
    return starts - EARLY


def phase_at(now: datetime, starts: datetime, ends: datetime, decision: Decision) -> Phase:
    """The phase of a room whose session runs from *starts* to *ends*."""
    if decision.closed_at is not None:
        return Phase.CLOSED
    if decision.opened_at is not None:
        # Opening after the end (an extra round of questions) earns its own overtime.
        return Phase.OPEN if now < max(ends, decision.opened_at) + OVERTIME else Phase.ENDED
    if now < doors_open_at(starts):
        return Phase.NOT_YET
    return Phase.OPEN if now < ends + OVERTIME else Phase.ENDED


def refusal(phase: Phase, *, presents: bool, moderates: bool) -> MajlisError | None:
    """Why the door is shut for this person, or None when they may enter.

    Presenters may come early to try their devices; a closed or ended room still opens for
    those who moderate it, so that they can open it again.
    """
    if phase is Phase.OPEN or moderates:
        return None
    if phase is Phase.NOT_YET:
        if presents:
            return None
        return Conflict(N_("The room opens 15 minutes before the session starts."), code="stage.not-yet")
    if phase is Phase.CLOSED:
        return Conflict(N_("The chair has closed this room."), code="stage.closed")
    return Conflict(N_("This session is over."), code="stage.ended")
