"""A posted form while it is read: every mistake is noted beside its field, and nothing typed is lost.

Each reading method returns a usable value and notes what is wrong; `check` then refuses all at once.
Texts in several languages are fields of their own: ``title_ar``, ``title_en``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from aiohttp import web

from conference.agenda.checks import FIRST_YEAR, LAST_YEAR, clean, is_language
from conference.agenda.rows import Texts
from conference.errors import N_, BadInput, MajlisError
from conference.serving.forms import MISSING, NOT_A_NUMBER, NOT_OFFERED
from conference.serving.translation import explain

Choice = TypeVar("Choice")

MOST_FIELDS = 4_000  # a form of a hundred people with forty fields each; more is no form of ours
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d(?:\.\d+)?)?")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


class Typed:
    """`values`: all that was sent by field; `errors`: what is wrong, by field."""

    def __init__(self, values: Mapping[str, Sequence[str]] | None = None) -> None:
        self.values: dict[str, list[str]] = {name: list(sent) for name, sent in (values or {}).items()}
        self.errors: dict[str, MajlisError] = {}

    @classmethod
    def of(cls, **values: object) -> Typed:
        """A form as a stored thing fills it: None is empty, True a ticked box, texts one field each."""
        typed = cls()
        for name, value in values.items():
            if isinstance(value, dict):
                for language, text in value.items():
                    typed.values[f"{name}_{language}"] = [str(text)]
            elif isinstance(value, list | tuple):
                typed.values[name] = [str(one) for one in value]
            elif isinstance(value, time):
                typed.values[name] = [value.strftime("%H:%M")]
            elif value is not None and value is not False:
                typed.values[name] = ["yes" if value is True else str(value)]
        return typed

    def __getitem__(self, name: str) -> str:
        """The field as typed; "" when it was not sent."""
        sent = self.values.get(name)
        return sent[-1] if sent else ""

    def all(self, name: str) -> list[str]:
        """Everything sent for a repeated field, empty ones included (rows of a table keep their order)."""
        return self.values.get(name, [])

    def refuse(self, error: MajlisError, field: str | None = None) -> None:
        """Note *error* beside *field* (else its own), unless something was noted there before."""
        error.field = error.field or field or None  # whoever raises it says where, too
        self.errors.setdefault(field or error.field or "", error)

    def wrong(self, field: str, message: str, **values: Any) -> None:
        """Note a mistake: *message* is a msgid."""
        self.refuse(BadInput(message, field=field, **values))

    def check(self) -> None:
        """Raise the first mistake when there is one; the page then shows them all."""
        if self.errors:
            raise next(iter(self.errors.values()))

    def told(self, lang: str) -> dict[str, str]:
        """The mistakes in words, by field, for the page."""
        return {field: explain(lang, error) for field, error in self.errors.items()}

    def text(self, name: str, *, limit: int, lines: bool = False, needed: bool = False) -> str:
        """A cleaned text, one line unless *lines*."""
        text = clean(self[name])
        text = text if lines else " ".join(text.split())
        if needed and not text:
            self.wrong(name, MISSING)
        if len(text) > limit:
            self.wrong(
                name,
                N_("This is %(length)d characters long; at most %(limit)d fit."),
                length=len(text),
                limit=limit,
            )
        return text

    def texts(self, name: str, *, limit: int, lines: bool = False, needed: bool = False) -> Texts:
        """A text by language; languages that were not in the form are not mentioned (and so stay stored)."""
        sent = (field.removeprefix(f"{name}_") for field in self.values if field.startswith(f"{name}_"))
        texts = {
            language: self.text(f"{name}_{language}", limit=limit, lines=lines)
            for language in sent
            if is_language(language)
        }
        if needed and not any(texts.values()):
            self.wrong(name, N_("Write it in one language at least."))
        return texts

    def number(self, name: str, *, least: int, most: int, needed: bool = False) -> int | None:
        """A whole number within limits, in any digits; None when empty."""
        said = clean(self[name]).translate(_DIGITS)
        if not said:
            if needed:
                self.wrong(name, MISSING)
            return None
        if not re.fullmatch(r"[+-]?\d{1,12}", said):
            self.wrong(name, NOT_A_NUMBER)
            return None
        number = int(said)
        if not least <= number <= most:
            self.wrong(name, N_("A number from %(least)d to %(most)d fits here."), least=least, most=most)
            return None
        return number

    def day(self, name: str, *, needed: bool = True) -> date | None:
        """A calendar day, ISO 8601."""
        said = clean(self[name]).translate(_DIGITS)
        if not said:
            if needed:
                self.wrong(name, MISSING)
            return None
        try:
            day = date.fromisoformat(said)
        except ValueError:
            self.wrong(name, N_("Write the day like 2025-10-25."))
            return None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.wrong(name, N_("The year %(year)d cannot be right."), year=day.year)
            return None
        return day

    def clock(self, name: str, *, needed: bool = True) -> time | None:
        """A time of day; 24:00 is not one, midnight is 00:00."""
        said = clean(self[name]).translate(_DIGITS)
        if not said:
            if needed:
                self.wrong(name, MISSING)
            return None
        found = _CLOCK.fullmatch(said)
        if not found:
            self.wrong(name, N_("Write the time like 09:30."))
            return None
        return time(int(found[1]), int(found[2]))

    def moment(self, name: str, zone: str, *, needed: bool = True) -> datetime | None:
        """The moment of the fields ``{name}_day`` and ``{name}_time`` on the clocks of *zone*.

        A time the clocks jump over is refused; one that comes twice needs ``{name}_fold``.
        """
        day_field, clock_field = f"{name}_day", f"{name}_time"
        if not needed and not self[day_field].strip() and not self[clock_field].strip():
            return None
        day, clock = self.day(day_field), self.clock(clock_field)
        if day is None or clock is None:
            return None
        try:
            return local_moment(datetime.combine(day, clock), zone, fold=self[f"{name}_fold"])
        except BadInput as error:
            self.refuse(error, f"{name}_fold" if error.code == "agenda.twice" else clock_field)
            return None

    def truth(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self[name] not in ("", "0", "false", "off")

    def choice(self, name: str, offered: Mapping[str, Choice], *, needed: bool = False) -> Choice | None:
        """What is offered under the chosen word; None when nothing was chosen."""
        said = self[name]
        if said in offered:
            return offered[said]
        if said or needed:
            self.wrong(name, NOT_OFFERED if said else MISSING)
        return None


def local_moment(local: datetime, zone: str, *, fold: str = "") -> datetime:
    """*local* (naive) on the clocks of *zone*, as UTC.

    `BadInput` ``agenda.skipped`` when the clocks jump over it, ``agenda.twice`` when it comes twice and
    *fold* ("first", "second") does not say which is meant.
    """
    info = ZoneInfo(zone)
    first = local.replace(tzinfo=info).astimezone(UTC)
    second = local.replace(tzinfo=info, fold=1).astimezone(UTC)
    if first.astimezone(info).replace(tzinfo=None) != local:
        raise BadInput(
            N_("%(time)s does not exist on that day in %(zone)s: the clocks jump over it."),
            code="agenda.skipped",
            time=local.strftime("%H:%M"),
            zone=zone,
        )
    if first != second and fold not in ("first", "second"):
        raise BadInput(
            N_("%(time)s comes twice on that day: the clocks go back. Choose which one you mean."),
            code="agenda.twice",
            time=local.strftime("%H:%M"),
        )
    return second if fold == "second" else first


async def read_typed(request: web.Request) -> Typed:
    """The posted form of *request*. `BadInput` for another kind of body."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise BadInput(
            N_("This form was sent in a way the server does not understand."), code="form.encoding"
        )
    try:
        posted = await request.post()
    except (ValueError, LookupError, UnicodeError) as error:
        raise BadInput(N_("The form could not be read."), code="form.unreadable") from error
    if len(posted) > MOST_FIELDS:
        raise BadInput(N_("The form could not be read."), code="form.unreadable")
    values: dict[str, list[str]] = {}
    for name, value in posted.items():
        if isinstance(value, str):
            values.setdefault(name, []).append(value)
    return Typed(values)
