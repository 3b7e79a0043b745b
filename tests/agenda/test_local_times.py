"""A session's time on the event's clock and the reader's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.agenda.local_times import local_times, zone_named
from conference.errors import BadInput

ZONES = (
    "Asia/Baghdad",
    "Europe/London",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Auckland",
    "Pacific/Pago_Pago",
)

moments = st.integers(631_152_000, 2_114_380_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
zones = st.sampled_from(ZONES)


@pytest.mark.parametrize(
    ("reader", "hours"),
    [
        ("Europe/London", ("07:00", "06:00", "06:00")),  # Europe changes its clocks in the night to the 26th
        ("America/New_York", ("02:00", "02:00", "02:00")),
        ("Asia/Dubai", ("10:00", "10:00", "10:00")),
        ("Australia/Sydney", ("17:00", "17:00", "17:00")),
    ],
)
def test_nine_in_baghdad_on_the_three_conference_days(reader: str, hours: tuple[str, str, str]) -> None:
    shown = []
    for day in (25, 26, 27):
        nine = datetime(2025, 10, day, 9, tzinfo=ZoneInfo("Asia/Baghdad"))
        times = local_times(nine, event_zone="Asia/Baghdad", reader_zone=reader)
        assert times.there.strftime("%H:%M") == "09:00"
        assert times.day_shift == 0
        shown.append(times.here.strftime("%H:%M"))
    assert tuple(shown) == hours


@pytest.mark.parametrize(
    ("hour", "reader", "shift"),
    [(2, "America/New_York", -1), (20, "Australia/Sydney", 1), (12, "Asia/Dubai", 0)],
)
def test_weekday_shift_is_told(hour: int, reader: str, shift: int) -> None:
    moment = datetime(2025, 10, 25, hour, tzinfo=ZoneInfo("Asia/Baghdad"))
    times = local_times(moment, event_zone="Asia/Baghdad", reader_zone=reader)
    assert times.day_shift == shift
    assert (times.here.strftime("%A") != times.there.strftime("%A")) is (shift != 0)


@given(moments, zones, zones)
def test_both_clocks_show_the_same_moment(moment: datetime, there: str, here: str) -> None:
    times = local_times(moment, event_zone=there, reader_zone=here)
    assert times.there == times.here == moment
    assert times.day_shift in (-1, 0, 1)
    assert times.differs is (times.there.utcoffset() != times.here.utcoffset())


@given(moments, zones)
def test_a_reader_at_the_event_is_told_nothing(moment: datetime, zone: str) -> None:
    times = local_times(moment, event_zone=zone, reader_zone=zone)
    assert not times.differs
    assert times.day_shift == 0


@given(moments, zones, zones)
def test_shift_is_the_opposite_the_other_way_round(moment: datetime, there: str, here: str) -> None:
    forth = local_times(moment, event_zone=there, reader_zone=here)
    back = local_times(moment, event_zone=here, reader_zone=there)
    assert forth.day_shift == -back.day_shift


def test_more_than_a_day_apart_still_counts_calendar_days() -> None:
    moment = datetime(
        2025, 1, 1, 10, 30, tzinfo=UTC
    )  # 23:30 the day before in Pago Pago, 00:30 the day after on Kiritimati
    times = local_times(moment, event_zone="Pacific/Pago_Pago", reader_zone="Pacific/Kiritimati")
    assert times.day_shift == 2
    assert times.here.replace(tzinfo=None) - times.there.replace(tzinfo=None) == timedelta(hours=25)


@pytest.mark.parametrize("name", ["Berlin", "CET+1", "../etc/passwd", "", "Asia/Baghdad\x00", "x" * 500])
def test_what_is_not_a_zone_is_refused(name: str) -> None:
    with pytest.raises(BadInput) as caught:
        zone_named(name, field="zone")
    assert caught.value.code == "agenda.unknown-zone"
    assert caught.value.field == "zone"


def test_a_moment_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="needs its zone"):
        local_times(
            datetime(2025, 1, 1, tzinfo=UTC).replace(tzinfo=None), event_zone="UTC", reader_zone="UTC"
        )
