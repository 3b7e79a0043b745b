"""Rooms go where there is room for them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conference.media.worker.placement import BUSY, Load, least_loaded

loads = st.builds(
    Load,
    busy=st.floats(0, 1.2),
    people=st.integers(0, 1000),
    rooms=st.integers(0, 50),
    draining=st.booleans(),
)


def test_fewer_people_win() -> None:
    assert least_loaded({0: Load(0.1, 40, 1), 1: Load(0.2, 3, 9)}) == 1


def test_rooms_opened_together_are_spread() -> None:
    assert least_loaded({0: Load(0.0, 0, 1), 1: Load(0.0, 0, 0)}) == 1


def test_a_core_that_is_used_up_comes_last() -> None:
    assert least_loaded({0: Load(0.95, 1, 1), 1: Load(0.3, 200, 9)}) == 1


def test_a_draining_worker_takes_nothing() -> None:
    assert least_loaded({0: Load(0.0, 0, 0, draining=True), 1: Load(0.9, 500, 30)}) == 1
    assert least_loaded({0: Load(0.0, 0, 0, draining=True)}) is None
    assert least_loaded({}) is None


@given(st.dictionaries(st.integers(0, 8), loads))
def test_whoever_is_chosen_is_open_and_no_idle_one_has_fewer(workers: dict[int, Load]) -> None:
    chosen = least_loaded(workers)
    if chosen is None:
        assert all(load.draining for load in workers.values())
        return
    best = workers[chosen]
    assert not best.draining
    for load in workers.values():
        if not load.draining and load.busy <= BUSY:
            assert best.busy <= BUSY
            assert best.people <= load.people
