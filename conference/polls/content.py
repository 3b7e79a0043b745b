"""What a poll asks: its kind, its words and its bounds; checked alike for form and live message. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from conference.errors import N_, BadInput
from conference.serving.text import clean_text

MAX_QUESTION, MAX_OPTION, MAX_LABEL = 300, 120, 60
MIN_OPTIONS, MAX_OPTIONS = 2, 12
MAX_ORDERED = 8  # more can hardly be put in order on a phone
LIKERT = (3, 7)
RATING = (3, 10)
DEFAULT_POINTS = 5


class Kind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    LIKERT = "likert"
    RATING = "rating"
    ORDERING = "ordering"
    TEXT = "text"
    QUIZ = "quiz"


CHOSEN = frozenset({Kind.SINGLE, Kind.MULTIPLE, Kind.QUIZ})  # one taps options
SCALES = frozenset({Kind.LIKERT, Kind.RATING})  # one gives a number from 1 to `points`
WITH_OPTIONS = CHOSEN | {Kind.ORDERING}


class Option(msgspec.Struct, frozen=True):
    """One option; `id` is a letter that is only unique within its poll."""

    id: str
    text: str


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """A poll that can be asked. What its kind has no use for is at its default.

    `least`, `most`: how many options of a multiple choice are to be chosen. `points`: the steps of a
    scale. `low`, `high`: what stands at its ends. `right`: the options of a quiz that are right.
    """

    kind: Kind
    question: str
    options: tuple[Option, ...] = ()
    least: int = 1
    most: int = 1
    points: int = 0
    low: str = ""
    high: str = ""
    right: tuple[str, ...] = ()


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """A poll as somebody typed it: `right` holds places in `options`, from 0; 0 for `most` means all."""

    kind: Kind
    question: str
    options: Sequence[str] = ()
    least: int = 1
    most: int = 0
    points: int = DEFAULT_POINTS
    low: str = ""
    high: str = ""
    right: Sequence[int] = ()


def checked(typed: Wording) -> Content:
    """*typed* as a poll that can be asked. `BadInput` names the field that cannot be so.

    Options that are empty are left out; two that say the same are refused, because counts of both
    would mean nothing.
    """
    question = clean_text(typed.question, limit=MAX_QUESTION, lines=True, field="question")
    if not question:
        raise BadInput(N_("Write what is asked."), code="polls.empty", field="question")
    content = Content(kind=typed.kind, question=question)
    if typed.kind in WITH_OPTIONS:
        content = _with_options(content, typed)
    if typed.kind in SCALES:
        content = _with_scale(content, typed)
    return content


def _with_options(content: Content, typed: Wording) -> Content:
    cleaned = [clean_text(text, limit=MAX_OPTION, field="options") for text in typed.options]
    places = [place for place, text in enumerate(cleaned) if text]
    most_options = MAX_ORDERED if typed.kind is Kind.ORDERING else MAX_OPTIONS
    if not MIN_OPTIONS <= len(places) <= most_options:
        raise BadInput(
            N_("Give between %(least)s and %(most)s options."),
            code="polls.options", field="options", least=MIN_OPTIONS, most=most_options,
        )  # fmt: skip
    if len({cleaned[place].casefold() for place in places}) < len(places):
        raise BadInput(N_("Two options say the same."), code="polls.options", field="options")
    options = tuple(Option(chr(ord("a") + number), cleaned[place]) for number, place in enumerate(places))
    changed = msgspec.structs.replace(content, options=options)
    if typed.kind is Kind.MULTIPLE:
        most = typed.most or len(options)
        if not 1 <= typed.least <= most <= len(options):
            raise BadInput(
                N_("The number of choices does not fit the options."), code="polls.bounds", field="most"
            )
        return msgspec.structs.replace(changed, least=typed.least, most=most)
    if typed.kind is Kind.QUIZ:
        right = tuple(
            option.id for option, place in zip(options, places, strict=True) if place in typed.right
        )
        if not right:
            raise BadInput(N_("Mark the right answer."), code="polls.right", field="right")
        return msgspec.structs.replace(changed, right=right)
    return changed


def _with_scale(content: Content, typed: Wording) -> Content:
    least, most = LIKERT if typed.kind is Kind.LIKERT else RATING
    if not least <= typed.points <= most:
        raise BadInput(
            N_("The scale has between %(least)s and %(most)s steps."),
            code="polls.points", field="points", least=least, most=most,
        )  # fmt: skip
    low = clean_text(typed.low, limit=MAX_LABEL, field="low")
    high = clean_text(typed.high, limit=MAX_LABEL, field="high")
    return msgspec.structs.replace(content, points=typed.points, low=low, high=high)
