"""One person's answer: checked against what the poll asks, and written in one way only. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from conference.errors import N_, BadInput
from conference.polls.content import SCALES, Content, Kind
from conference.serving.text import clean_text

MAX_TEXT = 120


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`choices`: options tapped (in the options' order), or all of them in the person's order; `value`: a
    step of a scale, from 1; `text`: a short text. Only the one the kind asks for is there."""

    choices: tuple[str, ...] = ()
    value: int = 0
    text: str = ""


def checked_answer(content: Content, choices: Sequence[str], value: int, text: str) -> Answer:
    """What was sent as an answer to *content*; `BadInput` when it is none."""
    if content.kind is Kind.TEXT:
        cleaned = clean_text(text, limit=MAX_TEXT, field="text")
        if not cleaned:
            raise BadInput(N_("Write your answer first."), code="polls.no-answer", field="text")
        return Answer(text=cleaned)
    if content.kind in SCALES:
        if not 1 <= value <= content.points:
            raise BadInput(N_("Choose a step of the scale."), code="polls.no-answer", field="value")
        return Answer(value=value)
    return Answer(choices=_checked_choices(content, choices))


def _checked_choices(content: Content, choices: Sequence[str]) -> tuple[str, ...]:
    offered = [option.id for option in content.options]
    if len(set(choices)) < len(choices) or not set(choices) <= set(offered):
        raise BadInput(N_("Choose from the options."), code="polls.no-answer", field="choices")
    if content.kind is Kind.ORDERING:
        if len(choices) < len(offered):
            raise BadInput(N_("Put all options in order."), code="polls.no-answer", field="choices")
        return tuple(choices)
    if not content.least <= len(choices) <= content.most:
        one, several = N_("Choose one option."), N_("Choose between %(least)s and %(most)s options.")
        raise BadInput(
            several if content.most > 1 else one,
            code="polls.no-answer", field="choices", least=content.least, most=content.most,
        )  # fmt: skip
    return tuple(option for option in offered if option in choices)


def is_right(content: Content, answer: Answer) -> bool:
    """Whether a quiz was answered rightly."""
    return bool(answer.choices) and answer.choices[0] in content.right


def written(answer: Answer) -> str:
    """As it is stored: equal answers are equal texts, so that a database can count them."""
    return msgspec.json.encode(answer).decode()


def read(stored: str) -> Answer:
    return msgspec.json.decode(stored, type=Answer)
