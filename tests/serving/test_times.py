"""A moment on two clocks. The Karbala days straddle the end of Europe's summer time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.serving import times

NINE_IN_KARBALA = {day: datetime(2025, 10, day, 6, 0, tzinfo=UTC) for day in (25, 26, 27)}


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/London", ["07:00", "06:00", "06:00"]),
        ("America/New_York", ["02:00", "02:00", "02:00"]),
        ("Asia/Dubai", ["10:00", "10:00", "10:00"]),
        ("Australia/Sydney", ["17:00", "17:00", "17:00"]),
    ],
)
def test_nine_in_karbala_is_shown_on_the_readers_clock_each_day(zone: str, shown: list[str]) -> None:
    seen = [
        times.elsewhere(at, here="Asia/Baghdad", there=zone, lang="en") for at in NINE_IN_KARBALA.values()
    ]
    assert [there.time if there else None for there in seen] == shown
    assert [there.weekday if there else None for there in seen] == [None, None, None]


def test_another_day_on_the_readers_clock_is_named() -> None:
    early = datetime(2025, 10, 25, 1, 30, tzinfo=UTC)  # 04:30 in Karbala
    english = times.elsewhere(early, here="Asia/Baghdad", there="America/New_York", lang="en")
    arabic = times.elsewhere(early, here="Asia/Baghdad", there="America/New_York", lang="ar")
    assert english is not None
    assert english.words == "Friday 21:30"
    assert arabic is not None
    assert arabic.words == "الجمعة 21:30"


MOMENTS = st.integers(631_152_000, 2_114_380_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ZONES = st.sampled_from(
    (
        "Asia/Baghdad",
        "Europe/London",
        "America/New_York",
        "Asia/Kathmandu",
        "Pacific/Auckland",
        "Pacific/Pago_Pago",
        "Pacific/Kiritimati",
    )
)


@given(MOMENTS, ZONES, ZONES)
def test_the_other_clock_is_right_and_its_day_is_named_exactly_where_it_differs(
    at: datetime, here: str, there: str
) -> None:
    local, other = at.astimezone(ZoneInfo(here)), at.astimezone(ZoneInfo(there))
    shown = times.elsewhere(at, here=here, there=there, lang="en")
    if shown is None:
        assert local.replace(tzinfo=None) == other.replace(tzinfo=None)
        return
    assert shown.time == other.strftime("%H:%M")
    assert shown.weekday == (other.strftime("%A") if other.date() != local.date() else None)


def test_the_same_clock_is_not_shown_twice() -> None:
    for zone in ("Asia/Baghdad", "Asia/Riyadh"):
        assert times.elsewhere(NINE_IN_KARBALA[25], here="Asia/Baghdad", there=zone, lang="en") is None


def test_days_are_named_as_in_iraq() -> None:
    assert times.day_name(date(2025, 10, 25), "ar") == "السبت 25 تشرين الأول"
    assert times.day_name(date(2025, 10, 25), "en", year=True) == "Saturday 25 October 2025"
    assert times.day_name_short(date(2025, 10, 25), "en") == "Sat 25 Oct"


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (date(2025, 10, 25), date(2025, 10, 27), "25–27 October 2025"),
        (date(2025, 10, 30), date(2025, 11, 2), "30 October–2 November 2025"),
        (date(2025, 12, 30), date(2026, 1, 2), "30 December 2025–2 January 2026"),
        (date(2025, 10, 25), date(2025, 10, 25), "25 October 2025"),
    ],
)
def test_a_range_of_days_names_what_is_shared_once(first: date, last: date, shown: str) -> None:
    assert times.day_range(first, last, "en") == shown


@pytest.mark.parametrize(
    ("length", "english", "arabic"),
    [
        (1, "1 min", "دقيقة"),
        (2, "2 min", "دقيقتان"),
        (45, "45 min", "45 دقيقة"),
        (60, "1 hr", "ساعة"),
        (90, "1 hr 30 min", "ساعة و30 دقيقة"),
        (125, "2 hr 5 min", "ساعتان و5 دقائق"),
        (timedelta(days=4, hours=3), "4 days", "4 أيام"),
        (-5, "0 min", "0 دقيقة"),
    ],
)
def test_a_length_is_said_in_words(length: int | timedelta, english: str, arabic: str) -> None:
    assert times.duration(length, "en") == english
    assert times.duration(length, "ar") == arabic


def test_places_and_offsets_have_names() -> None:
    assert [times.place_name("America/New_York", lang) for lang in ("en", "ar")] == ["New York", "نيويورك"]
    assert times.utc_offset(NINE_IN_KARBALA[25], "Asia/Baghdad") == "UTC+3"
    assert times.utc_offset(NINE_IN_KARBALA[25], "America/St_Johns") == "UTC−2:30"


def test_only_real_zones_are_known() -> None:
    assert times.known_zone("Asia/Baghdad") == "Asia/Baghdad"
    assert [times.known_zone(name) for name in ("", None, "../etc/passwd", "Baghdad", "asia")] == [""] * 5
