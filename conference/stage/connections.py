"""How each participant's connection is: pure rules from the engine's figures to a state and a reason.

The words themselves are in `web/templates/stage/connections.html`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from conference.media.engine import ParticipantStats, RoomStats, TrackStats, ViewingStats
from conference.people.permissions import Role
from conference.stage.presence import Present, Tab

State = Literal["good", "weak", "saving", "sound", "text", "none", "away"]
Why = Literal["", "chosen", "link", "cap", "loss", "late"]

# What a listener notices, as web/src/stage/weakness.ts has it.
LOSS, LATE_MS = 0.03, 600


class Connection(msgspec.Struct, frozen=True):
    """One tab. `gaps`: what it sends arrives with losses. `since` is when it came in, `lost_at` when its live
    channel dropped; the rest is for whoever wants figures."""

    person: str
    name: str
    role: Role
    state: State
    why: Why
    gaps: bool
    since: datetime | None
    lost_at: datetime | None
    transport: Literal["udp", "tcp"] | None
    viewing: ViewingStats | None
    tracks: tuple[TrackStats, ...]


def connections_in(tabs: Iterable[tuple[Present, Tab]], stats: RoomStats | None) -> list[Connection]:
    """The tabs of a room: those in need first, then by name.

    A lost tab of somebody who is here in another one (reloaded, or at another device) is left out.
    """
    known = {each.participant_id: each for each in stats.participants} if stats else {}
    tabs = list(tabs)
    here = {person.account_id for person, tab in tabs if tab.lost_at is None}
    found = [
        _connection(person, tab, known.get(tab.participant))
        for person, tab in tabs
        if tab.lost_at is None or person.account_id not in here
    ]
    return sorted(found, key=lambda one: (_URGENCY[one.state] + (not one.gaps), one.name.casefold()))


_URGENCY: dict[State, int] = {"away": 0, "weak": 2, "none": 4, "text": 4, "saving": 4, "sound": 4, "good": 6}


def _connection(person: Present, tab: Tab, stats: ParticipantStats | None) -> Connection:
    viewing = stats.viewing if stats else None
    tracks = stats.tracks if stats else ()
    state, why = state_of(tab, viewing)
    return Connection(
        person=person.public_id,
        name=person.name,
        role=person.role,
        state=state,
        why=why,
        gaps=any(_has_gaps(track) for track in tracks),
        since=tab.since,
        lost_at=tab.lost_at,
        transport=viewing.transport if viewing else None,
        viewing=viewing,
        tracks=tracks,
    )


def state_of(tab: Tab, viewing: ViewingStats | None) -> tuple[State, Why]:
    """What the tab gets, and why it is not everything."""
    if tab.lost_at is not None:
        return "away", ""
    wants = tab.viewing
    if wants.pictures == "none" and wants.sound == "none":
        return "text", "chosen"
    if viewing is None:
        return "none", ""
    if viewing.reason == "link" and viewing.rung != "full":
        return "weak", "link"
    if viewing.loss > LOSS:
        return "weak", "loss"
    if (viewing.round_trip_ms or 0) > LATE_MS:
        return "weak", "late"
    if viewing.reason == "cap":
        return "saving", "cap"
    if wants.pictures == "none":
        return "sound", "chosen"
    return "good", ""


def _has_gaps(track: TrackStats) -> bool:
    """More is missing for good than a listener overlooks. Counted since the source was published."""
    missing = track.lost - track.recovered
    return track.packets > 100 and missing > (track.packets + missing) * LOSS
