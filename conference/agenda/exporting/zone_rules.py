"""A zone's clock changes as an iCalendar VTIMEZONE (RFC 5545 §3.6.5), from the IANA rules.

icalendar's own generator writes the onset of daylight time in the new offset (03:00 for Berlin);
the RFC counts it in the old one (02:00).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import msgspec


class Change(msgspec.Struct, frozen=True):
    """From `at` (UTC) on, clocks are `after` ahead of UTC instead of `before`."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str
    is_daylight: bool


def changes(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[Change]:
    """The changes between two moments, found day by day and then to the minute."""
    day = first.astimezone(UTC)
    while day < last:
        following = day + timedelta(days=1)
        if _offset(zone, day) != _offset(zone, following):
            early, late = day, following
            while late - early > timedelta(minutes=1):
                middle = early + (late - early) // 2
                early, late = (
                    (middle, late) if _offset(zone, middle) == _offset(zone, day) else (early, middle)
                )
            yield _change(zone, late.replace(second=0, microsecond=0), _offset(zone, day))
        day = following


def zone_component(name: str, first: datetime, last: datetime) -> icalendar.Timezone:
    """The VTIMEZONE called *name*, right for every moment between *first* and *last* (aware)."""
    zone = ZoneInfo(name)
    component = icalendar.Timezone()
    component.add("tzid", name)
    opening = _change(zone, first.astimezone(UTC).replace(second=0, microsecond=0), _offset(zone, first))
    for change in (opening, *changes(zone, first, last)):
        part = icalendar.TimezoneDaylight() if change.is_daylight else icalendar.TimezoneStandard()
        part.add("dtstart", (change.at + change.before).replace(tzinfo=None))
        part.add("tzoffsetfrom", change.before)
        part.add("tzoffsetto", change.after)
        part.add("tzname", change.name)
        component.add_component(part)
    return component


def _change(zone: ZoneInfo, at: datetime, before: timedelta) -> Change:
    local = at.astimezone(zone)
    return Change(at, before, _offset(zone, at), local.tzname() or "", bool(local.dst()))


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
