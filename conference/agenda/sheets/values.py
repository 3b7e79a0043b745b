"""Cells read as days, times, lengths, numbers and names. What cannot be read is refused with its place."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import NoReturn

from conference.agenda.checks import FIRST_YEAR, LAST_YEAR, clean
from conference.agenda.importing.fields import refuse, shown
from conference.agenda.rows import Texts
from conference.agenda.sheets.workbook import Cell
from conference.errors import N_

CLEARED = "-"  # written into a cell, it empties what is stored; an empty cell leaves it
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)(?::[0-5]\d)?")
_LENGTH = re.compile(r"(\d{1,3}):([0-5]\d)(?::[0-5]\d)?")
_MINUTES = re.compile(r"(\d{1,5})(?:\.0+)?\s*(?:min|mins|minutes|m|د|دقيقة|دقائق)?\.?")
_YES = frozenset({"yes", "y", "true", "1", "x", "✓", "نعم", "صح", "oui", "ja"})
_NO = frozenset({"no", "n", "false", "0", "لا", "خطأ", CLEARED})


def text_in(cell: Cell) -> str:
    """The cell as a cleaned text; `CLEARED` is ""."""
    value = cell.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime):
        value = value.strftime("%Y-%m-%d %H:%M")
    text = clean(str(value))
    return "" if text == CLEARED else text


def texts_in(cell: Cell, language: str | None) -> Texts:
    """A text in *language*, or in the one its letters tell."""
    text = text_in(cell)
    if language is None:
        language = "ar" if re.search("[\u0620-\u064a]", text) else "en"
    return {language: text}


def day_in(cell: Cell) -> date:
    """A date cell, ``2025-10-25`` or, day first, ``25/10/2025``."""
    value = cell.value
    if isinstance(value, datetime):
        return _checked(cell, value.date())
    if isinstance(value, date):
        return _checked(cell, value)
    said = text_in(cell).translate(_DIGITS).split(" ")[0].split("T")[0]
    iso, day_first = _ISO.fullmatch(said), _DAY_FIRST.fullmatch(said)
    try:
        if iso:
            return _checked(cell, date(int(iso[1]), int(iso[2]), int(iso[3])))
        if day_first:
            return _checked(cell, date(int(day_first[3]), int(day_first[2]), int(day_first[1])))
    except ValueError:
        pass  # the 31st of February
    return _refuse(cell, N_("%(place)s: “%(value)s” is not a day like 2025-10-25 or 25/10/2025."))


def clock_in(cell: Cell) -> time:
    """A time cell, ``09:30``, or the time of a date with one."""
    value = cell.value
    if isinstance(value, datetime):
        return value.time().replace(second=0, microsecond=0)
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0, tzinfo=None)
    said = text_in(cell).translate(_DIGITS).replace("T", " ").split(" ")[-1]
    found = _CLOCK.fullmatch(said)
    if not found:
        _refuse(cell, N_("%(place)s: “%(value)s” is not a time of day like 09:30."))
    return time(int(found[1]), int(found[2]))


def has_day(cell: Cell) -> bool:
    """Whether a start cell brings its day along: a date cell, or ``2025-10-25 09:00``."""
    if isinstance(cell.value, datetime):
        return cell.value.year > 1900  # spreadsheets keep a mere time as one of their day 0
    return isinstance(cell.value, str) and bool(re.search(r"\d{4}", cell.value.translate(_DIGITS)))


def minutes_in(cell: Cell) -> int:
    """A length: ``45``, ``45 min``, ``0:45``, or a time cell of as much."""
    value = cell.value
    if isinstance(value, time):
        return value.hour * 60 + value.minute
    said = text_in(cell).translate(_DIGITS)
    length, minutes = _LENGTH.fullmatch(said), _MINUTES.fullmatch(said.lower())
    if length:
        return int(length[1]) * 60 + int(length[2])
    if not minutes or not int(minutes[1]):
        _refuse(cell, N_("%(place)s: “%(value)s” is not a length in minutes."))
    return int(minutes[1])


def number_in(cell: Cell) -> int | None:
    """A whole number from 1 up; `CLEARED` and 0 are none."""
    said = text_in(cell).translate(_DIGITS).removesuffix(".0")
    if said in ("", "0"):
        return None
    if not re.fullmatch(r"\d{1,9}", said):
        _refuse(cell, N_("%(place)s: “%(value)s” is not a whole number."))
    return int(said)


def truth_in(cell: Cell) -> bool:
    """Yes or no, in words, numbers or a tick."""
    said = text_in(cell).casefold() or CLEARED
    if said in _YES:
        return True
    if said not in _NO:
        _refuse(cell, N_("%(place)s: “%(value)s” is neither yes nor no."))
    return False


def names_in(cell: Cell) -> list[str]:
    """Several names, with semicolons or line breaks between them: commas stand within names."""
    parts = re.split(r"[;؛\n|]", text_in(cell))
    return list(dict.fromkeys(name for part in parts if (name := " ".join(part.split()))))


def _checked(cell: Cell, day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        _refuse(cell, N_("%(place)s: “%(value)s” is not a day like 2025-10-25 or 25/10/2025."))
    return day


def _refuse(cell: Cell, message: str) -> NoReturn:
    refuse(cell.place, message, value=shown(cell.value))
