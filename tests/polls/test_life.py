"""The life of a poll: every stage, every step, whichever way its results are shown."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.errors import Conflict
from conference.polls.life import OPEN, SHOWN, TRANSITIONS, Results, Stage, Step, after


def walk(steps: list[Step], results: Results) -> list[tuple[Step, Stage]]:
    """Where a new poll goes; steps that do not fit are left out."""
    stage, way = Stage.DRAFT, []
    for step in steps:
        if (stage, step) in TRANSITIONS:
            stage = after(stage, step, results)
            way.append((step, stage))
    return way


def test_steps_outside_the_table_are_refused() -> None:
    refused = {pair for pair in itertools.product(Stage, Step) if pair not in TRANSITIONS}
    assert refused == {
        (Stage.DRAFT, Step.CLOSE), (Stage.DRAFT, Step.SHOW), (Stage.DRAFT, Step.HIDE),
        (Stage.CLOSED, Step.WITHDRAW), (Stage.CLOSED_SHOWN, Step.WITHDRAW),
    }  # fmt: skip
    for (stage, step), results in itertools.product(refused, Results):
        with pytest.raises(Conflict):
            after(stage, step, results)


def test_every_way_of_showing_results_has_its_way_through_the_table() -> None:
    assert all(set(ways) == set(Results) for ways in TRANSITIONS.values())


@given(st.lists(st.sampled_from(Step)), st.sampled_from(Results))
def test_a_step_taken_twice_changes_nothing_the_second_time(steps: list[Step], results: Results) -> None:
    for step, stage in walk(steps, results):
        if (stage, step) in TRANSITIONS:
            assert after(stage, step, results) is stage


@given(st.lists(st.sampled_from(Step)))
def test_results_by_hand_are_shown_exactly_from_show_until_something_hides_them(steps: list[Step]) -> None:
    before, asked = Stage.DRAFT, False
    for step, stage in walk(steps, Results.BY_HAND):
        hides = step in (Step.HIDE, Step.WITHDRAW) or (step is Step.OPEN and before not in OPEN)
        asked = step is Step.SHOW or (asked and not hides)
        assert (stage in SHOWN) == asked
        before = stage


@given(st.lists(st.sampled_from(Step)))
def test_results_on_closing_are_never_shown_by_opening(steps: list[Step]) -> None:
    before = Stage.DRAFT
    for step, stage in walk(steps, Results.ON_CLOSE):
        assert not (step is Step.OPEN and before not in OPEN and stage in SHOWN)
        before = stage
