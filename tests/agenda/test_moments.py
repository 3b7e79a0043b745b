"""Times as they are written, at the clock changes of October 2025 and elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.agenda.moments import moment_of
from conference.errors import BadInput

BAGHDAD, LONDON, HAVANA = ZoneInfo("Asia/Baghdad"), ZoneInfo("Europe/London"), ZoneInfo("America/Havana")


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2025-10-25T09:00", BAGHDAD, datetime(2025, 10, 25, 6, 0, tzinfo=UTC)),
        ("2025-10-25 09:00", BAGHDAD, datetime(2025, 10, 25, 6, 0, tzinfo=UTC)),
        ("2025-10-25T06:00Z", BAGHDAD, datetime(2025, 10, 25, 6, 0, tzinfo=UTC)),
        ("2025-10-25T09:00:00+03:00", LONDON, datetime(2025, 10, 25, 6, 0, tzinfo=UTC)),
        (
            "2025-10-25T12:00",
            LONDON,
            datetime(2025, 10, 25, 11, 0, tzinfo=UTC),
        ),  # the last day of summer time
        ("2025-10-26T12:00", LONDON, datetime(2025, 10, 26, 12, 0, tzinfo=UTC)),
    ],
)
def test_an_offset_counts_and_without_one_the_clock_of_the_event(
    text: str, zone: ZoneInfo, moment: datetime
) -> None:
    assert moment_of(text, zone, field="starts_at") == moment


@pytest.mark.parametrize(
    ("text", "zone", "code"),
    [
        ("2025-03-30T01:30", LONDON, "agenda.no-such-time"),
        ("2025-10-26T01:30", LONDON, "agenda.time-twice"),
        ("2025-03-09T00:30", HAVANA, "agenda.no-such-time"),
        ("2025-02-30T09:00", BAGHDAD, "agenda.no-moment"),
        ("2025-13-01T09:00", BAGHDAD, "agenda.no-moment"),
        ("tomorrow at nine", BAGHDAD, "agenda.no-moment"),
        ("", BAGHDAD, "agenda.no-moment"),
        ("٢٠٢٥-١٠-٢٥T٠٩:٠٠", BAGHDAD, "agenda.no-moment"),
        ("2025-10-25T09:00:30", BAGHDAD, "agenda.seconds"),
        ("0001-01-01T00:00", BAGHDAD, "agenda.year"),
        ("9999-12-31T23:59", HAVANA, "agenda.year"),
        ("9999-12-31T23:59-12:00", BAGHDAD, "agenda.year"),
    ],
)
def test_what_no_clock_shows_is_refused_at_its_field(text: str, zone: ZoneInfo, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        moment_of(text, zone, field="starts_at")
    assert (refused.value.code, refused.value.field) == (code, "starts_at")


def test_a_time_that_comes_twice_can_be_written_as_the_refusal_offers_it() -> None:
    with pytest.raises(BadInput) as refused:
        moment_of("2025-10-26T01:30", LONDON, field="starts_at")
    first, second = (refused.value.values[name] for name in ("first", "second"))
    assert moment_of(first, LONDON, field="starts_at") == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert moment_of(second, LONDON, field="starts_at") == datetime(2025, 10, 26, 1, 30, tzinfo=UTC)


def accepted(text: str) -> datetime | None:
    """The moment, or None where the text was refused at its field."""
    try:
        return moment_of(text, LONDON, field="starts_at")
    except BadInput as error:
        return None if error.field == "starts_at" else pytest.fail(f"refused at {error.field}")


@given(st.text(max_size=40))
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    moment = accepted(text)
    assert moment is None or moment.tzinfo is UTC


@given(st.datetimes(datetime(1971, 1, 1), datetime(2199, 12, 31)))  # noqa: DTZ001  # clocks show no offset
def test_what_is_accepted_shows_on_the_clock_as_it_was_written(local: datetime) -> None:
    local = local.replace(second=0, microsecond=0, fold=0)
    moment = accepted(local.isoformat())
    assert moment is None or moment.astimezone(LONDON).replace(tzinfo=None) == local
