"""What can be asked: each kind with its bounds, and words that are made safe."""

from __future__ import annotations

from typing import Any

import pytest

from conference.errors import BadInput
from conference.polls.answers import Answer, checked_answer, is_right
from conference.polls.content import Content, Kind, Wording, checked
from tests.polls.hall import ANSWERS, WORDS


def content(kind: str, **changed: Any) -> Content:
    return checked(Wording(**{**WORDS[kind], "kind": Kind(kind), **changed}))


@pytest.mark.parametrize("kind", list(Kind))
def test_a_poll_of_every_kind_can_be_asked_and_answered(kind: Kind) -> None:
    asked = content(kind)
    assert asked.kind is kind
    given: dict[str, Any] = {"choices": (), "value": 0, "text": "", **ANSWERS[kind]}
    assert checked_answer(asked, **given) != Answer()


@pytest.mark.parametrize(
    ("kind", "changed", "field"),
    [
        ("single", {"question": " \u202e "}, "question"),
        ("single", {"question": "x" * 301}, "question"),
        ("single", {"options": ["alone", " "]}, "options"),
        ("single", {"options": [str(number) for number in range(13)]}, "options"),
        ("single", {"options": ["Same", "same "]}, "options"),
        ("single", {"options": ["x" * 121, "y"]}, "options"),
        ("ordering", {"options": [str(number) for number in range(9)]}, "options"),
        ("multiple", {"least": 3, "most": 2}, "most"),
        ("multiple", {"most": 4}, "most"),
        ("multiple", {"least": 0}, "most"),
        ("likert", {"points": 2}, "points"),
        ("likert", {"points": 8}, "points"),
        ("likert", {"low": "x" * 61}, "low"),
        ("rating", {"points": 11}, "points"),
        ("quiz", {"right": []}, "right"),
        ("quiz", {"right": [7]}, "right"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_place(kind: str, changed: Any, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        content(kind, **changed)
    assert refused.value.field == field


def test_empty_options_are_left_out_and_the_right_one_stays_right() -> None:
    asked = content("quiz", options=["", "no", " ", "yes"], right=[3])
    assert [(option.id, option.text) for option in asked.options] == [("a", "no"), ("b", "yes")]
    assert asked.right == ("b",)
    assert is_right(asked, Answer(choices=("b",)))
    assert not is_right(asked, Answer(choices=("a",)))


def test_marks_that_turn_the_text_of_others_around_are_taken_out_of_every_field() -> None:
    asked = content("single", question="a\u202eb", options=["c\u2067d", "e\x00f"])
    assert (asked.question, [option.text for option in asked.options]) == ("ab", ["cd", "ef"])
    scale = content("likert", low="\u202alow", high="high\ufeff")
    assert (scale.low, scale.high) == ("low", "high")


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("single", {"choices": []}),
        ("single", {"choices": ["a", "b"]}),
        ("single", {"choices": ["z"]}),
        ("multiple", {"choices": ["a", "a"]}),
        ("multiple", {"choices": ["a", "b", "c"]}),
        ("likert", {"value": 0}),
        ("likert", {"value": 6}),
        ("rating", {"choices": ["a"]}),
        ("ordering", {"choices": ["a", "b"]}),
        ("text", {"text": " \u202e "}),
        ("text", {"text": "x" * 121}),
        ("quiz", {"value": 1}),
    ],
)
def test_what_is_no_answer_is_refused(kind: str, given: Any) -> None:
    with pytest.raises(BadInput):
        checked_answer(content(kind), **{"choices": (), "value": 0, "text": "", **given})


def test_the_same_choices_tapped_in_another_order_are_the_same_answer() -> None:
    asked = content("multiple")
    assert checked_answer(asked, ["c", "a"], 0, "") == checked_answer(asked, ["a", "c"], 0, "")
