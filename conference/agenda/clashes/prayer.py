"""Prayer times from the sun's place, for any day and venue.

Calculated here, in a page: of the free libraries adhanpy (MIT) knows no angle for Maghrib, which the custom
of Karbala needs, and had its last release in January 2023; salahlib (Apache-2.0) is at 0.1; others are GPL or
ask a server. The sun's coordinates are the U.S. Naval Observatory's approximate ones ("Approximate Solar
Coordinates", better than an arc minute from 1800 to 2200); prayers are hour angles below the horizon, as the
conventions define them (praytimes.org, "Calculation Methods"). A test compares a year with a printed table.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum

import msgspec

EPOCH_JULIAN = 2440587.5  # the Julian day of 1970-01-01 00:00 UTC
J2000 = 2451545.0
# Upper limb on the horizon: half a degree of refraction and a quarter of a degree of the sun's own radius.
HORIZON = 0.833


class Prayer(StrEnum):
    FAJR = "fajr"
    DHUHR = "dhuhr"
    ASR = "asr"
    MAGHRIB = "maghrib"
    ISHA = "isha"


class Method(msgspec.Struct, frozen=True, kw_only=True):
    """A convention: degrees of the sun below the horizon; `isha_minutes` after Maghrib instead of an angle.

    `maghrib` None: at sunset. `together`: Asr is prayed with Dhuhr and Isha with Maghrib (Ja'fari custom),
    so that a programme has three prayers to leave time for, not five.
    """

    fajr: float
    isha: float | None = None
    isha_minutes: int = 0
    maghrib: float | None = None
    together: bool = False


#: By the names under which an event keeps its method (praytimes.org, table "Calculating Parameters").
METHODS = {
    "jafari": Method(fajr=16, maghrib=4, isha=14, together=True),  # Leva Institute, Qum
    "tehran": Method(fajr=17.7, maghrib=4.5, isha=14, together=True),
    "mwl": Method(fajr=18, isha=17),
    "egypt": Method(fajr=19.5, isha=17.5),
    "makkah": Method(fajr=18.5, isha_minutes=90),
    "karachi": Method(fajr=18, isha=18),
    "isna": Method(fajr=15, isha=15),
}


def prayer_times(day: date, latitude: float, longitude: float, method: Method) -> dict[Prayer, int]:
    """When each prayer begins on *day* (the calendar day at that longitude), in minutes since 1970 (UTC).

    One that the sun does not reach that day (far north or south) is left out; of those `together` the first.
    """
    midnight = (datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) / 60
    noon = _noon(midnight, longitude)

    def below(angle: float, side: int) -> float | None:
        return _settle(noon, latitude, lambda declination: -angle, side)

    def afternoon() -> float | None:
        # The shadow of a stick is as long as the stick and its shadow at noon together.
        return _settle(
            noon, latitude, lambda d: math.degrees(math.atan(1 / (1 + _tan(abs(latitude - d))))), 1
        )

    maghrib = below(HORIZON if method.maghrib is None else method.maghrib, 1)
    found = {
        Prayer.FAJR: below(method.fajr, -1),
        Prayer.DHUHR: noon,
        Prayer.ASR: None if method.together else afternoon(),
        Prayer.MAGHRIB: maghrib,
        Prayer.ISHA: _isha(method, maghrib, below),
    }
    return {prayer: round(minute) for prayer, minute in found.items() if minute is not None}


def sunrise(day: date, latitude: float, longitude: float) -> int | None:
    """When the sun's upper limb appears, in minutes since 1970 (UTC); None where it does not that day."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() / 60
    found = _settle(_noon(midnight, longitude), latitude, lambda declination: -HORIZON, -1)
    return None if found is None else round(found)


def _isha(method: Method, maghrib: float | None, below: Callable[[float, int], float | None]) -> float | None:
    if method.together:
        return None
    if method.isha is not None:
        return below(method.isha, 1)
    return None if maghrib is None else maghrib + method.isha_minutes


def _noon(midnight: float, longitude: float) -> float:
    """The sun's transit of the meridian on the day that begins (by UTC) at *midnight*, in minutes."""
    noon = midnight + 720 - 4 * longitude
    return noon - _sun(noon)[1]


def _settle(noon: float, latitude: float, altitude: Callable[[float], float], side: int) -> float | None:
    """When the sun stands at *altitude* (degrees, by its declination) before (-1) or after (1) *noon*."""
    minute = noon
    for _ in range(3):  # the declination moves with the hour: three rounds agree to the second
        declination, equation = _sun(minute)
        height = altitude(declination)
        cosine = (_sin(height) - _sin(latitude) * _sin(declination)) / (_cos(latitude) * _cos(declination))
        if not -1 <= cosine <= 1:
            return None
        minute = noon + side * 4 * math.degrees(math.acos(cosine)) + _sun(noon)[1] - equation
    return minute


def _sun(minute: float) -> tuple[float, float]:
    """Declination in degrees and equation of time in minutes at that minute since 1970."""
    days = minute / 1440 + EPOCH_JULIAN - J2000
    anomaly = 357.529 + 0.98560028 * days
    mean = 280.459 + 0.98564736 * days
    longitude = mean + 1.915 * _sin(anomaly) + 0.020 * _sin(2 * anomaly)
    obliquity = 23.439 - 0.00000036 * days
    ascension = math.degrees(math.atan2(_cos(obliquity) * _sin(longitude), _cos(longitude)))
    declination = math.degrees(math.asin(_sin(obliquity) * _sin(longitude)))
    return declination, 4 * ((mean - ascension + 180) % 360 - 180)


def _sin(degrees: float) -> float:
    return math.sin(math.radians(degrees))


def _cos(degrees: float) -> float:
    return math.cos(math.radians(degrees))


def _tan(degrees: float) -> float:
    return math.tan(math.radians(degrees))
