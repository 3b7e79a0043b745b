"""Counting tries by a clock that stands still."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from conference.clock import ManualClock
from conference.serving import limits
from conference.serving.limits import Window
from tests.conftest import OPENING

MINUTES = timedelta(minutes=15)


def test_five_then_wait_until_the_first_is_old() -> None:
    clock = ManualClock(OPENING)
    window = Window(5, MINUTES, clock)
    for _ in range(5):
        assert window.take("ali") == 0
        clock.advance(timedelta(minutes=1))
    assert window.take("ali") == 600
    assert window.take("sara") == 0
    clock.advance(timedelta(minutes=10))
    assert window.take("ali") == 0
    assert window.take("ali") == 60


def test_a_refused_try_counts_for_nobody() -> None:
    clock = ManualClock(OPENING)
    window = Window(2, MINUTES, clock)
    window.take("hall", "a")
    window.take("hall", "b")
    assert window.take("hall", "c") == 900
    assert window.wait("c") == 0
    assert window.take("c") == 0


def test_a_try_given_back_is_free_again() -> None:
    window = Window(1, MINUTES, ManualClock(OPENING))
    assert window.take("ali") == 0
    window.give_back("ali")
    window.give_back("nobody")
    assert window.take("ali") == 0
    assert window.take("ali") == 900


def test_memory_is_bounded_and_the_busiest_stay() -> None:
    window = Window(1, MINUTES, ManualClock(OPENING))
    for number in range(limits.MAX_KEYS):
        window.take(f"key {number}")
    window.take("one more")
    assert window.wait("key 0") == 0  # dropped
    assert window.wait("key 1") == window.wait("one more") == 900
    assert len(window._counted) == limits.MAX_KEYS


@given(st.lists(st.integers(0, 400), max_size=60))
def test_no_period_ever_holds_more_than_the_limit(pauses: list[int]) -> None:
    clock = ManualClock(OPENING)
    window = Window(3, timedelta(seconds=300), clock)
    taken = []
    for pause in pauses:
        clock.advance(timedelta(seconds=pause))
        wait = window.take("key")
        if wait == 0:
            taken.append(clock.now())
        else:
            clock.advance(timedelta(seconds=wait))
            assert window.wait("key") == 0  # what was promised holds
    for moment in taken:
        assert sum(moment <= other < moment + timedelta(seconds=300) for other in taken) <= 3
