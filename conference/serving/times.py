"""Moments in words, for one reader: their language, their zone beside the event's.

Digits are Latin in both languages (as Iraqi universities print them); month names are those
used in Iraq (تشرين الأول, not أكتوبر). Clock times are 24-hour and always read left to right.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import msgspec
from babel import Locale
from babel.dates import format_date, get_timezone_location
from babel.units import format_unit

from conference.serving.translation import translate_plural

LOCALES = {"ar": "ar_IQ", "en": "en_GB"}


class There(msgspec.Struct, frozen=True):
    """A moment on another place's clock: ``time`` "02:00"; ``weekday`` only where the date differs."""

    time: str
    weekday: str | None
    zone: str

    @property
    def words(self) -> str:
        """``02:00``, or ``Sunday 02:00`` where the date differs."""
        return f"{self.weekday} {self.time}" if self.weekday else self.time


@lru_cache
def known_zone(name: str | None) -> str:
    """*name* when it is an IANA zone we know, else ""."""
    return name if name and name in available_timezones() else ""


@lru_cache
def zone_info(name: str) -> ZoneInfo:
    """The zone called *name*; UTC for one this machine does not know (an imported file may name any)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


@lru_cache
def locale_of(lang: str) -> Locale:
    return Locale.parse(LOCALES.get(lang, lang))


def clock_time(moment: datetime, zone: str) -> str:
    """``09:05`` in *zone*."""
    return moment.astimezone(zone_info(zone)).strftime("%H:%M")


def local_date(moment: datetime, zone: str) -> date:
    """The calendar day of *moment* in *zone*."""
    return moment.astimezone(zone_info(zone)).date()


@lru_cache(maxsize=1024)
def day_name(day: date, lang: str, *, year: bool = False) -> str:
    """``Saturday 25 October``, ``السبت 25 تشرين الأول``."""
    return format_date(day, "EEEE d MMMM yyyy" if year else "EEEE d MMMM", locale=locale_of(lang))


@lru_cache(maxsize=1024)
def day_name_short(day: date, lang: str) -> str:
    """``Sat 25 Oct``; Arabic has no shortened names, so ``السبت 25``."""
    return format_date(day, "EEEE d" if lang == "ar" else "EEE d MMM", locale=locale_of(lang))


@lru_cache(maxsize=1024)
def weekday_name(day: date, lang: str) -> str:
    """``Sunday``, ``الأحد``."""
    return format_date(day, "EEEE", locale=locale_of(lang))


def day_range(first: date, last: date, lang: str) -> str:
    """``25–27 October 2025``, naming the month and year once where they are shared."""
    locale = locale_of(lang)
    if first == last:
        return format_date(first, "d MMMM yyyy", locale=locale)
    pattern = "d" if (first.year, first.month) == (last.year, last.month) else "d MMMM"
    if first.year != last.year:
        pattern = "d MMMM yyyy"
    return f"{format_date(first, pattern, locale=locale)}–{format_date(last, 'd MMMM yyyy', locale=locale)}"


def elsewhere(moment: datetime, *, here: str, there: str, lang: str) -> There | None:
    """What the clock at *there* shows; nothing when both zones agree at that moment."""
    local, other = moment.astimezone(zone_info(here)), moment.astimezone(zone_info(there))
    if local.utcoffset() == other.utcoffset():
        return None
    weekday = weekday_name(other.date(), lang) if other.date() != local.date() else None
    return There(time=other.strftime("%H:%M"), weekday=weekday, zone=there)


@lru_cache
def place_name(zone: str, lang: str) -> str:
    """The city a zone is called after, in words: ``Baghdad``, ``بغداد``."""
    if zone == "UTC" or "/" not in zone:
        return zone
    found = get_timezone_location(zone, locale=locale_of(lang), return_city=True)
    return str(found or zone.rsplit("/", 1)[-1].replace("_", " "))


@lru_cache
def language_name(code: str, lang: str) -> str:
    """``Arabic``, ``العربية`` for ``ar``; the code itself where nobody knows a name."""
    names = locale_of(lang).languages
    return names.get(code.replace("-", "_")) or names.get(code.split("-")[0]) or code


@lru_cache
def zone_choices(lang: str) -> list[tuple[str, str]]:
    """Every zone of a continent with its city's name, by name: for a ``<select>``."""
    regions = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    zones = [name for name in available_timezones() if name.split("/")[0] in regions and name.count("/") == 1]
    named = [("UTC", "UTC"), *((zone, place_name(zone, lang)) for zone in zones)]
    return sorted(named, key=lambda pair: pair[1])


def utc_offset(moment: datetime, zone: str) -> str:
    """``UTC+3``, ``UTC−3:30`` at that moment."""
    offset = moment.astimezone(zone_info(zone)).utcoffset() or timedelta()
    minutes = int(offset.total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


@lru_cache(maxsize=1024)
def duration(length: timedelta | int, lang: str) -> str:
    """A length (minutes when a number) in words: ``1 hr 30 min``, ``ساعة و30 دقيقة``; days above 48 h."""
    minutes = int(length.total_seconds() // 60) if isinstance(length, timedelta) else length
    hours, rest = divmod(max(minutes, 0), 60)
    if hours >= 48:
        return translate_plural(lang, "%(num)d day", "%(num)d days", hours // 24)
    parts = [_unit(hours, "hour", lang)] if hours else []
    if rest or not hours:
        parts.append(_unit(rest, "minute", lang))
    return (" و" if lang == "ar" else " ").join(parts)


def _unit(count: int, unit: Literal["hour", "minute"], lang: str) -> str:
    # "ar" without a country has Latin digits and the plural forms; Arabic short forms are not in use.
    return format_unit(count, f"duration-{unit}", "long" if lang == "ar" else "short", locale=lang)
