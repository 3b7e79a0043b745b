"""The zone of a schedule. Old files give offsets only (``+01:00``), which are not a zone: a calendar
needs the rules of a place. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from conference.agenda.zone_names import zone_named
from conference.errors import BadInput

# Tried in this order when a file names no zone: ours, then where most published schedules come from.
LIKELY_ZONES = (
    "Asia/Baghdad",
    "Europe/Berlin",
    "UTC",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Dubai",
    "Asia/Tehran",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Europe/Istanbul",
    "Europe/Athens",
    "America/Chicago",
    "America/Denver",
    "America/Sao_Paulo",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
)


def agrees(zone: str, moments: Sequence[datetime]) -> bool:
    """Whether clocks in *zone* show these (aware) moments as written; moments in UTC agree with all."""
    info = zone_named(zone)
    return all(
        moment.utcoffset() in (timedelta(0), moment.astimezone(info).utcoffset())
        for moment in moments
        if moment.tzinfo is not None
    )


def likely_zone(moments: Sequence[datetime]) -> str:
    """An IANA zone whose clocks show these moments as written; at last ``Etc/GMT-5`` and the like, or UTC."""
    aware = [moment for moment in moments if moment.tzinfo is not None]
    offsets = {moment.utcoffset() for moment in aware}
    if offsets <= {timedelta(0)}:
        return "UTC"
    for zone in LIKELY_ZONES:
        if agrees(zone, aware):
            return zone
    hours, rest = divmod(max((offset for offset in offsets if offset), key=abs), timedelta(hours=1))
    # The sign of Etc zones is POSIX's: Etc/GMT-5 is five hours ahead of Greenwich.
    return f"Etc/GMT{-hours:+d}" if len(offsets) == 1 and not rest and hours and -12 <= hours <= 14 else "UTC"


def known_zone(name: str) -> str:
    """*name* when it is an IANA zone, else ""."""
    try:
        zone_named(name)
    except BadInput:
        return ""
    return name
