"""Counting: each figure against its definition, for answers in any order."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.polls.answers import Answer
from conference.polls.content import Content, Kind
from conference.polls.tally import MAX_GROUPS, Tally, for_the_room, tally
from conference.polls.text_groups import Sorting, group_id
from tests.polls.test_content import content

CHOICE, SEVERAL, SCALE, ORDER, TEXT = map(content, ("single", "multiple", "likert", "ordering", "text"))


def counted(answers: list[Answer]) -> list[tuple[Answer, int]]:
    return list(Counter(answers).items())


def answers_to(asked: Content) -> st.SearchStrategy[list[Answer]]:
    options = [option.id for option in asked.options]
    one: st.SearchStrategy[Answer]
    if asked.kind is Kind.ORDERING:
        one = st.permutations(options).map(lambda order: Answer(choices=tuple(order)))
    elif asked.points:
        one = st.integers(1, asked.points).map(lambda value: Answer(value=value))
    else:
        chosen = st.lists(st.sampled_from(options), min_size=1, max_size=asked.most, unique=True)
        one = chosen.map(lambda some: Answer(choices=tuple(sorted(some))))
    return st.lists(one, max_size=40)


@given(
    st.sampled_from([CHOICE, SEVERAL, SCALE, ORDER]).flatmap(lambda c: st.tuples(st.just(c), answers_to(c))),
    st.randoms(),
)
def test_the_order_of_answers_never_matters(case: tuple[Content, list[Answer]], random: Any) -> None:
    asked, answers = case
    shuffled = random.sample(answers, len(answers))
    assert tally(asked, counted(answers)) == tally(asked, [(answer, 1) for answer in shuffled])


@given(answers_to(SEVERAL))
def test_each_option_has_as_many_as_chose_it(answers: list[Answer]) -> None:
    result = tally(SEVERAL, counted(answers))
    assert result.answered == len(answers)
    assert result.counts == Counter(choice for answer in answers for choice in answer.choices)


@given(answers_to(SCALE).filter(bool))
def test_mean_and_median_of_a_scale_are_those_of_statistics(answers: list[Answer]) -> None:
    result = tally(SCALE, counted(answers))
    values = [answer.value for answer in answers]
    assert result.mean == pytest.approx(statistics.mean(values), abs=0.006)
    assert result.median == statistics.median(values)
    assert sum(result.counts.values()) == result.answered


@given(answers_to(ORDER).filter(bool))
def test_points_of_an_ordering_are_bordas(answers: list[Answer]) -> None:
    result = tally(ORDER, counted(answers))
    for option in "abc":
        places = [answer.choices.index(option) for answer in answers]
        assert result.points[option] == sum(2 - place for place in places)
        assert result.ranks[option] == pytest.approx(statistics.mean(places) + 1, abs=0.006)
    assert sum(result.points.values()) == 3 * len(answers)  # 2 + 1 + 0 from each


def test_nobody_has_answered() -> None:
    for asked in (CHOICE, SEVERAL, SCALE, ORDER, TEXT):
        assert tally(asked, []) == Tally()


SPELLINGS = ["أنسولين", "انسولين", "الانسولين", "Insulin", "insulin!", "metformin", "٥٠٠ ملغ", "500 ملغ"]


def test_spellings_of_one_word_are_one_group_called_as_most_wrote_it() -> None:
    texts = [("أنسولين", 2), ("انسولين", 3), ("Insulin", 1), ("insulin!", 1), ("٥٠٠ ملغ", 1), ("500 ملغ", 1)]
    result = tally(TEXT, [(Answer(text=text), count) for text, count in texts])
    assert [(group.label, group.count) for group in result.groups] == [
        ("انسولين", 5), ("500 ملغ", 2), ("Insulin", 2)
    ]  # fmt: skip


@given(
    st.lists(st.sampled_from(SPELLINGS), max_size=30),
    st.dictionaries(
        st.sampled_from(["انسولين", "insulin", "metformin"]),
        st.builds(Sorting, into=st.sampled_from(["", "metformin"]), hidden=st.booleans()),
        max_size=3,
    ),
)
def test_no_answer_is_lost_by_grouping(texts: list[str], sorting: dict[str, Sorting]) -> None:
    result = tally(TEXT, counted([Answer(text=text) for text in texts]), sorting)
    assert sum(group.count for group in result.groups) + result.others == result.answered == len(texts)
    assert not any(group.hidden for group in for_the_room(result).groups)


def test_more_groups_than_are_told_are_counted_together() -> None:
    texts = [(Answer(text=f"word {number}"), 1) for number in range(MAX_GROUPS + 7)]
    result = tally(TEXT, texts)
    assert (len(result.groups), result.others, result.answered) == (MAX_GROUPS, 7, MAX_GROUPS + 7)


def test_a_text_of_nothing_but_signs_is_a_group_of_its_own() -> None:
    result = tally(TEXT, [(Answer(text="؟؟؟"), 2), (Answer(text="👍"), 1)])
    assert [(group.label, group.count) for group in result.groups] == [("؟؟؟", 2), ("👍", 1)]
    assert result.groups[0].id == group_id("؟؟؟")
