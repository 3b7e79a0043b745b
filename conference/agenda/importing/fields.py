"""A value from a file together with its place, and the readings of it that every format shares.

A `Field` never fails silently: what cannot be read raises `BadInput` whose sentence begins with the
place (``file.xml:12:3``, ``file.json:40 schedule.conference.title``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NoReturn

import msgspec

from conference.agenda.checks import FIRST_YEAR, LAST_YEAR, clean, is_language
from conference.errors import N_, BadInput

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?")
_DURATION = re.compile(r"(\d{1,4}):([0-5]\d)(?::[0-5]\d)?")
_LARGEST_NUMBER = 2**53  # what JSON readers everywhere keep exactly, and any database holds


class Field(msgspec.Struct, frozen=True):
    """`value` as the file has it (None: absent); `place` is asked only when something is said about it."""

    value: Any
    place: Callable[[], str]

    def refuse(self, message: str, **values: Any) -> NoReturn:
        """Raise `BadInput`: *message* is a msgid that begins with ``%(place)s``."""
        refuse(self.place(), message, **values)


def refuse(place: str, message: str, **values: Any) -> NoReturn:
    """Raise `BadInput` for something at *place* of a file."""
    raise BadInput(message, code="agenda.bad-file", field=place, place=place, **values)


def shown(value: Any) -> str:
    """A value as error messages quote it: short and on one line."""
    text = clean(str(value)).replace("\n", " ")
    return text if len(text) <= 60 else text[:57] + "…"


def text_of(field: Field) -> str:
    """A cleaned text; "" when absent. Numbers count as texts, lists and objects do not."""
    if field.value is None:
        return ""
    if isinstance(field.value, bool | dict | list):
        field.refuse(N_("%(place)s: a text is expected here, not “%(value)s”."), value=shown(field.value))
    return clean(str(field.value))


def texts_of(field: Field, language: str) -> dict[str, str]:
    """A text by language: one text, which is in *language*, or an object such as ``{"en": …}``.

    Absent is ``{}`` (an update keeps what there is), present but empty is ``{language: ""}``.
    """
    if field.value is None:
        return {}
    if not isinstance(field.value, dict):
        return {language: text_of(field)}
    texts = {}
    for tag, text in field.value.items():
        known = language_tag(tag) or language
        texts[known] = text_of(Field(text, field.place))
    return texts


def language_tag(tag: str) -> str | None:
    """*tag* as we keep it (``de-AT`` → ``de-at``), None when it is not a language tag."""
    normal = clean(tag).lower().replace("_", "-")
    return normal if is_language(normal) else None


def number_of(field: Field) -> int | None:
    """A whole number from 1 up, None when absent or not usable as one (identifiers only)."""
    value = field.value
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LARGEST_NUMBER:
        return value
    return None


def truth_of(field: Field) -> bool:
    """``true``/``false`` as JSON or XML write them; absent is false."""
    if isinstance(field.value, str):
        return field.value.strip().lower() in ("true", "1", "yes")
    return bool(field.value)


def minutes_of(field: Field) -> int:
    """A length ``HH:MM`` (seconds are dropped) in minutes."""
    found = _DURATION.fullmatch(text_of(field))
    if not found:
        field.refuse(N_("%(place)s: “%(value)s” is not a length like 00:30."), value=shown(field.value))
    return int(found[1]) * 60 + int(found[2])


def clock_of(field: Field) -> tuple[int, int]:
    """A time of day ``HH:MM``."""
    found = _CLOCK.fullmatch(text_of(field))
    if not found:
        field.refuse(N_("%(place)s: “%(value)s” is not a time of day like 09:30."), value=shown(field.value))
    return int(found[1]), int(found[2])


def moment_of(field: Field) -> datetime:
    """ISO 8601 date and time; naive when the file gives no offset."""
    try:
        moment = datetime.fromisoformat(text_of(field))
    except ValueError:
        field.refuse(
            N_("%(place)s: “%(value)s” is not a date and time like 2025-10-25T09:00:00+03:00."),
            value=shown(field.value),
        )
    _check_year(field, moment)
    return moment


def day_of(field: Field) -> date:
    """ISO 8601 date; of a date and time, its date as written."""
    try:
        day = datetime.fromisoformat(text_of(field)).date()
    except ValueError:
        field.refuse(N_("%(place)s: “%(value)s” is not a date like 2025-10-25."), value=shown(field.value))
    _check_year(field, day)
    return day


def _check_year(field: Field, moment: date) -> None:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        field.refuse(N_("%(place)s: the year %(year)d cannot be right."), year=moment.year)
