"""Moments as people and programs write them: with their offset, or on the clock of the event's zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from conference.agenda.checks import check_moment
from conference.errors import N_, BadInput


def moment_of(text: str, zone: ZoneInfo, *, field: str) -> datetime:
    """The moment in UTC that *text* (ISO 8601, to the minute) means; without an offset, on *zone*'s clock.

    `BadInput` at *field* for what is no date or time, for a time that a clock change skips or repeats,
    and for seconds, which programmes do not have.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput(
            N_("“%(text)s” is not a date and time like 2025-10-25T09:00."),
            code="agenda.no-moment",
            field=field,
            text=text[:40],
        ) from error
    if moment.second or moment.microsecond:
        raise BadInput(
            N_("Sessions start at whole minutes, not at %(text)s."),
            code="agenda.seconds",
            field=field,
            text=text[:40],
        )
    if moment.tzinfo is None:
        moment = _on_the_clock(moment, zone, field=field)
    check_moment(moment, field=field)
    return moment.astimezone(UTC)


def _on_the_clock(moment: datetime, zone: ZoneInfo, *, field: str) -> datetime:
    check_moment(
        moment.replace(tzinfo=UTC), field=field
    )  # before arithmetic that the first or last year breaks
    first, second = moment.replace(tzinfo=zone, fold=0), moment.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    # In a gap the two readings differ as well, and neither comes back from UTC as it was written (PEP 495).
    exists = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == moment
    if not exists:
        raise BadInput(
            N_("In %(zone)s the clock is put forward then: %(time)s does not exist on that day."),
            code="agenda.no-such-time",
            field=field,
            zone=zone.key,
            time=f"{moment:%H:%M}",
        )
    raise BadInput(
        N_(
            "In %(zone)s the clock is put back then, so %(time)s comes twice. "
            "Write the one you mean as %(first)s or %(second)s."
        ),
        code="agenda.time-twice",
        field=field,
        zone=zone.key,
        time=f"{moment:%H:%M}",
        first=first.isoformat(timespec="minutes"),
        second=second.isoformat(timespec="minutes"),
    )
