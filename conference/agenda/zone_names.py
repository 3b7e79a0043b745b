"""Names of time zones as people and files write them."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from conference.errors import N_, BadInput


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
