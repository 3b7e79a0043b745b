"""A session's time where the conference is and where the reader is, by the zone rules of that very day.

25–27 October 2025 shows why: Europe changes its clocks on the 26th, Iraq never, so 09:00 in
Baghdad is 07:00 in London on the 25th and 06:00 from the 26th on.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from conference.errors import N_, BadInput


class LocalTimes(msgspec.Struct, frozen=True):
    """`there` is on the event's clock, `here` on the reader's; both are the same moment."""

    there: datetime
    here: datetime

    @property
    def day_shift(self) -> int:
        """Calendar days the reader is ahead (+1) or behind (-1); 0 on the same weekday."""
        return (self.here.date() - self.there.date()).days

    @property
    def differs(self) -> bool:
        """Whether the reader needs to be told: the two clocks show something else."""
        return self.here.replace(tzinfo=None) != self.there.replace(tzinfo=None)


def zone_named(name: str, *, field: str | None = None) -> ZoneInfo:
    """The IANA zone of this name; `BadInput` for anything else ("CET+1", "../etc", "Berlin")."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(
            N_("“%(zone)s” is not a time zone. Write it like Asia/Baghdad."),
            code="agenda.unknown-zone",
            field=field,
            zone=name[:64],
        ) from error


def local_times(moment: datetime, *, event_zone: str, reader_zone: str) -> LocalTimes:
    """*moment* (aware) on both clocks; `BadInput` for an unknown zone."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs its zone: {moment!r}")
    return LocalTimes(moment.astimezone(zone_named(event_zone)), moment.astimezone(zone_named(reader_zone)))
