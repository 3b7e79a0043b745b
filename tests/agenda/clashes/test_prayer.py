"""Prayer times against a printed table, and at the ends of the world.

The table is the one for Karbala (32.603635° N, 44.009728° E) of the Muslim DB project (Kosrat D. Ahmad), as
published with prayer-first (github.com/BDXBB/prayer-first, cdn/data/iraq/77443.json). It is reckoned with 18°
for Fajr and 17° for Isha and adds, as printed calendars do, minutes of precaution: five to noon, three to Asr
and Maghrib; sunrise it puts a minute early.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from conference.agenda.clashes.prayer import METHODS, Prayer, prayer_times, sunrise

LATITUDE, LONGITUDE = 32.603635, 44.009728
IRAQ = 3 * 60  # minutes before UTC, all year
PRECAUTION = (0, -1, 5, 3, 3, 0)
#         Fajr  sunrise Dhuhr  Asr  Maghrib  Isha
TABLE = """
01-01    05:38   07:05  12:13  14:54  17:12  18:32
01-15    05:40   07:05  12:18  15:05  17:24  18:42
02-15    05:24   06:46  12:23  15:28  17:53  19:07
03-20    04:46   06:07  12:16  15:42  18:18  19:33
04-15    04:09   05:34  12:09  15:45  18:37  19:55
05-15    03:31   05:04  12:05  15:45  18:59  20:24
06-21    03:15   04:56  12:11  15:51  19:18  20:50
07-01    03:19   04:59  12:13  15:53  19:19  20:50
09-22    04:30   05:51  12:02  15:27  18:04  19:18
10-15    04:46   06:07  11:55  15:07  17:34  18:48
10-25    04:53   06:15  11:53  14:59  17:23  18:38
10-26    04:54   06:15  11:53  14:58  17:22  18:37
11-15    05:09   06:33  11:53  14:46  17:06  18:23
"""


def clock(day: date, text: str) -> int:
    """The minute at which clocks in Iraq show *text* on *day*."""
    hours, minutes = map(int, text.split(":"))
    return (
        int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) // 60
        + hours * 60
        + minutes
        - IRAQ
    )


@pytest.mark.parametrize("row", TABLE.strip().splitlines(), ids=lambda row: row.split()[0])
def test_a_whole_year_in_karbala_agrees_with_the_printed_table_within_a_minute(row: str) -> None:
    name, *printed = row.split()
    day = date.fromisoformat(f"2025-{name}")
    found = prayer_times(day, LATITUDE, LONGITUDE, METHODS["mwl"])
    ours = [
        found[Prayer.FAJR],
        sunrise(day, LATITUDE, LONGITUDE),
        *(found[prayer] for prayer in (Prayer.DHUHR, Prayer.ASR, Prayer.MAGHRIB, Prayer.ISHA)),
    ]
    for text, minute, precaution in zip(printed, ours, PRECAUTION, strict=True):
        assert minute is not None
        assert abs(clock(day, text) - precaution - minute) <= 1, (name, text)


def test_by_the_custom_of_karbala_maghrib_waits_for_the_redness_to_pass() -> None:
    """Ja'fari: four degrees below the horizon, about a quarter of an hour after sunset; three prayers."""
    day = date(2025, 10, 25)
    jafari = prayer_times(day, LATITUDE, LONGITUDE, METHODS["jafari"])
    assert list(jafari) == [Prayer.FAJR, Prayer.DHUHR, Prayer.MAGHRIB]
    sunset = prayer_times(day, LATITUDE, LONGITUDE, METHODS["mwl"])[Prayer.MAGHRIB]
    assert 13 <= jafari[Prayer.MAGHRIB] - sunset <= 17


def test_in_makkah_isha_is_an_hour_and_a_half_after_maghrib() -> None:
    found = prayer_times(date(2025, 10, 25), 21.42, 39.83, METHODS["makkah"])
    assert found[Prayer.ISHA] - found[Prayer.MAGHRIB] == 90


@pytest.mark.parametrize("method", list(METHODS))
def test_prayers_follow_one_another(method: str) -> None:
    times = list(prayer_times(date(2025, 3, 20), LATITUDE, LONGITUDE, METHODS[method]).values())
    assert times == sorted(times)


@pytest.mark.parametrize("latitude", [78.2, 90.0, -90.0])
def test_where_the_sun_does_not_set_those_prayers_are_left_out(latitude: float) -> None:
    found = prayer_times(date(2025, 6, 21), latitude, 15.6, METHODS["mwl"])
    assert Prayer.DHUHR in found
    assert Prayer.FAJR not in found
    assert sunrise(date(2025, 6, 21), latitude, 15.6) is None


def test_east_of_the_date_line_the_day_is_the_place_s_own() -> None:
    """Noon in Fiji (178° E) is on the calendar day asked for, though UTC has the day before."""
    noon = prayer_times(date(2025, 1, 2), -17.7, 178.0, METHODS["mwl"])[Prayer.DHUHR]
    assert datetime.fromtimestamp(noon * 60, UTC).date() == date(2025, 1, 2)
    assert datetime.fromtimestamp(noon * 60, UTC).hour == 0
