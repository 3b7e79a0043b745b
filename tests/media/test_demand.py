"""Which layers a sender is told to make, and when."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from conference.media.demand import LayerDemand

Q, H, F = 1, 2, 4


def test_a_layer_is_asked_for_at_once_and_given_up_after_two_seconds() -> None:
    demand = LayerDemand(("q", "h", "f"))
    demand.change(0, F)
    assert demand.due(Q | H | F, 0.0) is None, "a sender begins with everything"
    assert demand.due(Q | H | F, 1.9) is None
    assert demand.due(Q | H | F, 2.1) == ("f",)
    demand.change(0, Q)
    assert demand.due(F, 2.15) == ("q", "f")
    demand.change(Q, 0)
    assert demand.due(Q | F, 3.0) is None
    demand.change(F, 0)
    assert demand.due(Q | F, 4.2) == ("f",)
    assert demand.due(F, 5.1) == (), "nobody watches"


def test_a_short_absence_is_not_told() -> None:
    demand = LayerDemand(("q", "h", "f"))
    demand.change(0, Q | H | F)
    assert demand.due(Q | H | F, 0.0) is None
    demand.change(F, 0)
    assert demand.due(Q | H | F, 1.0) is None
    demand.change(0, F)
    assert demand.due(Q | H | F, 2.5) is None
    demand.change(F, 0)
    assert demand.due(Q | H | F, 4.0) is None, "counted from when it was last wanted"


def test_a_sender_that_does_something_else_is_told_again_ever_more_rarely() -> None:
    demand = LayerDemand(("q", "h", "f"))
    demand.change(0, F)
    told = [at for at in range(200) if demand.due(Q, float(at)) == ("f",)]
    pauses = [b - a for a, b in pairwise(told)]
    assert len(told) > 4
    assert pauses == sorted(pauses)
    assert pauses[-1] == 60
    assert demand.due(F, 300.0) is None


def test_a_recording_wants_the_highest_layer() -> None:
    demand = LayerDemand(("q", "h", "f"))
    demand.due(Q | H | F, 0.0, recorded=True)
    assert demand.due(Q | H | F, 3.0, recorded=True) == ("f",)
    assert demand.due(F, 6.0) == ()


def test_a_track_without_simulcast_is_on_or_off() -> None:
    demand = LayerDemand(())
    demand.change(0, 1)
    assert demand.due(1, 0.0) is None
    demand.change(1, 0)
    assert demand.due(1, 3.0) == ()
    demand.change(0, 1)
    assert demand.due(0, 3.1) == ("",)


@given(st.lists(st.tuples(st.integers(0, 7), st.floats(0.05, 5)), max_size=30))
def test_what_is_wanted_is_always_among_what_was_asked(wishes: list[tuple[int, float]]) -> None:
    demand, now, mask = LayerDemand(("q", "h", "f")), 0.0, 0
    for wish, seconds in wishes:
        demand.change(mask, wish)
        mask = wish
        now += 0.05
        demand.due(demand.asked, now)
        assert demand.asked & mask == mask
        now += seconds
        demand.due(demand.asked, now)
        assert demand.asked & mask == mask
        if seconds > 2.05:
            assert demand.asked == mask
