"""The draft as the rules see it: small structs, moments as whole minutes since 1970 (UTC).

Integers because each rule compares a great many moments; UTC because only two rules ask for a
clock on a wall (opening hours and the night), and those look up the zone of the very day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from conference.agenda.rows import Texts
from conference.agenda.tables import SessionRole

#: From (included) and to (excluded), in minutes since 1970 (UTC).
Span: TypeAlias = tuple[int, int]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PlannedPart(msgspec.Struct, frozen=True, gc=False):
    """A person (by internal id) in a session."""

    person: int
    role: SessionRole


class PlannedSession(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A session or break that is not cancelled. `starts` None: not on the grid yet."""

    code: str
    title: Texts = {}
    starts: int | None = None
    minutes: int = 30
    room: int | None = None
    track: int | None = None
    type: int | None = None
    is_break: bool = False
    parts: tuple[PlannedPart, ...] = ()
    sign_ups: int = 0
    edition: int = 0

    @property
    def ends(self) -> int:
        """The first minute after it; only for a session on the grid."""
        return (self.starts or 0) + self.minutes


class PlannedRoom(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: int
    slug: str = ""
    name: Texts = {}
    capacity: int | None = None


class PlannedPerson(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`available` empty: always. `zone` counts for the night only where `is_remote`."""

    id: int
    code: str = ""
    name: Texts = {}
    zone: str = ""
    is_remote: bool = False
    available: tuple[Span, ...] = ()


class PlannedType(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: int
    name: Texts = {}
    minutes: int = 30


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """Hours of a room (None: of all that have none of their own that day), in minutes since local midnight.

    `closes` at or before `opens` is on the following day.
    """

    room: int | None
    day: date
    opens: int
    closes: int


class Closure(msgspec.Struct, frozen=True, kw_only=True):
    """A public holiday, or announced hours without network (`kind` "holiday" or "shutdown")."""

    kind: str
    name: Texts
    span: Span


class PrayerPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where and by which convention prayer times are reckoned; degrees, north and east positive."""

    latitude: float
    longitude: float
    method: str = "jafari"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """An event's whole draft. `stars` says who starred a session: a bit for each account that starred any."""

    zone: str = "UTC"
    day_start_hour: int = 4
    timeslot: int = 5
    changeover: int = 5
    walking: int = 5
    first_day: date = date(1970, 1, 1)
    last_day: date = date(1970, 1, 1)
    sessions: tuple[PlannedSession, ...] = ()
    rooms: Mapping[int, PlannedRoom] = {}
    people: Mapping[int, PlannedPerson] = {}
    tracks: Mapping[int, Texts] = {}
    types: Mapping[int, PlannedType] = {}
    openings: tuple[Opening, ...] = ()
    closures: tuple[Closure, ...] = ()
    prayer: PrayerPlace | None = None
    stars: Mapping[str, int] = {}


def minute_of(moment: datetime) -> int:
    """*moment* (aware) in whole minutes since 1970, seconds cut off."""
    return (moment - EPOCH) // timedelta(minutes=1)


def moment_of(minute: int) -> datetime:
    """The moment, in UTC; the calendar's last (or first) one for a number beyond it."""
    try:
        return EPOCH + timedelta(minutes=minute)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if minute > 0 else datetime.min.replace(tzinfo=UTC)


def local(minute: int, zone: ZoneInfo) -> datetime:
    """The clock on a wall in *zone* at that minute, by the rules of that very day."""
    try:
        return moment_of(minute).astimezone(zone)
    except OverflowError:
        return moment_of(minute)


def local_minute(day: date, minutes: int, zone: ZoneInfo) -> int:
    """The minute at which clocks in *zone* show *minutes* past midnight of *day*; 24:00 and later count on.

    A time that a clock change skips is taken as the offset before it has it; one that comes twice, the first.
    """
    hours, rest = divmod(minutes, 60)
    more, hour = divmod(hours, 24)
    return minute_of(datetime(day.year, day.month, day.day, hour, rest, tzinfo=zone) + timedelta(days=more))


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time as few spans in order: touching ones become one, empty ones go."""
    found: list[Span] = []
    for start, end in sorted(one for one in spans if one[0] < one[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def covers(spans: Iterable[Span], start: int, end: int) -> bool:
    """Whether one of *spans* (merged) contains the whole time from *start* to *end*."""
    return any(first <= start and end <= last for first, last in spans)
