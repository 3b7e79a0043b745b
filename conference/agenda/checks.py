"""What an agenda entry must fulfil, whoever writes it: pure, `BadInput` with the field's name."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime

from conference.agenda.drafts import EventDraft, PersonDraft, RoomDraft, SessionDraft, TrackDraft, TypeDraft
from conference.agenda.rows import Texts
from conference.agenda.slugs import check_event_slug
from conference.agenda.zone_names import zone_named
from conference.errors import N_, BadInput

TITLE_LIMIT = 500  # characters; the longest real title met is 180
TEXT_LIMIT = 100_000
LONGEST_SESSION = 14 * 24 * 60  # minutes: an exhibition over the whole conference
FIRST_YEAR, LAST_YEAR = 1970, 2200

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}")  # BCP 47, as far as programmes use it
# Controls and the bidi overrides and isolates, which can make a text read as another (security.md, "Text").
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


def clean(text: str) -> str:
    """Line ends as ``\\n``, NFC, without control characters, bidi overrides and broken surrogates."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")
    return _UNWANTED.sub("", unicodedata.normalize("NFC", whole)).strip()


def is_language(tag: str) -> bool:
    """Whether *tag* is a language tag in the form we keep: ``ar``, ``en``, ``de``, ``pt-br``."""
    return _LANGUAGE.fullmatch(tag) is not None


def check_event(draft: EventDraft) -> None:
    check_event_slug(draft.slug)
    check_texts(draft.title, field="title", limit=TITLE_LIMIT, needed=True)
    check_texts(draft.description, field="description", limit=TEXT_LIMIT)
    check_texts(draft.venue, field="venue", limit=TITLE_LIMIT)
    zone_named(draft.zone, field="zone")
    check_colour(draft.accent, field="accent")
    if draft.ends < draft.starts:
        raise BadInput(N_("The last day is before the first."), code="agenda.dates", field="ends")
    _check_year(draft.starts, field="starts")
    _check_year(draft.ends, field="ends")


def check_room(draft: RoomDraft) -> None:
    check_texts(draft.name, field="name", limit=TITLE_LIMIT, needed=True)
    check_texts(draft.description, field="description", limit=TEXT_LIMIT)
    if draft.capacity is not None and not 0 <= draft.capacity < 10_000_000:
        raise BadInput(
            N_("A room's capacity is a number of people."), code="agenda.capacity", field="capacity"
        )


def check_track(draft: TrackDraft) -> None:
    check_texts(draft.name, field="name", limit=TITLE_LIMIT, needed=True)
    check_colour(draft.colour, field="colour")


def check_type(draft: TypeDraft) -> None:
    check_texts(draft.name, field="name", limit=TITLE_LIMIT, needed=True)
    check_minutes(draft.minutes)


def check_person(draft: PersonDraft) -> None:
    check_texts(draft.name, field="name", limit=TITLE_LIMIT, needed=True)
    check_texts(draft.biography, field="biography", limit=TEXT_LIMIT)


def check_session(draft: SessionDraft) -> None:
    check_texts(draft.title, field="title", limit=TITLE_LIMIT, needed=True)
    check_texts(draft.subtitle, field="subtitle", limit=TITLE_LIMIT)
    check_texts(draft.abstract, field="abstract", limit=TEXT_LIMIT)
    check_texts(draft.description, field="description", limit=TEXT_LIMIT)
    check_minutes(draft.minutes)
    if draft.starts_at is not None:
        check_moment(draft.starts_at, field="starts_at")
    if draft.language is not None and not is_language(draft.language):
        raise BadInput(
            N_("“%(language)s” is not a language code like ar or en."),
            code="agenda.language",
            field="language",
            language=draft.language[:40],
        )


def check_texts(texts: Texts, *, field: str, limit: int, needed: bool = False) -> None:
    """Every language within *limit* characters; at least one not empty when *needed*."""
    if needed and not any(texts.values()):
        raise BadInput(N_("This cannot be empty."), code="agenda.empty", field=field)
    longest = max(map(len, texts.values()), default=0)
    if longest > limit:
        raise BadInput(
            N_("This is %(length)d characters long; at most %(limit)d fit."),
            code="agenda.too-long",
            field=field,
            length=longest,
            limit=limit,
        )


def check_colour(colour: str, *, field: str) -> None:
    if colour and not _COLOUR.fullmatch(colour):
        raise BadInput(N_("A colour is written like #1a7f64."), code="agenda.colour", field=field)


def check_minutes(minutes: int) -> None:
    if not 1 <= minutes <= LONGEST_SESSION:
        raise BadInput(
            N_("A session lasts between one minute and 14 days, not %(minutes)d minutes."),
            code="agenda.minutes",
            field="minutes",
            minutes=minutes,
        )


def check_moment(moment: datetime, *, field: str) -> None:
    """It has its zone, and a year that can be meant."""
    if moment.tzinfo is None:
        raise BadInput(N_("The start needs a time zone."), code="agenda.naive-time", field=field)
    _check_year(moment, field=field)


def _check_year(moment: date | datetime, *, field: str) -> None:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise BadInput(
            N_("The year %(year)d cannot be right."), code="agenda.year", field=field, year=moment.year
        )


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC; the moment must lie in the years that `check_session` allows."""
    return moment.astimezone(UTC)
