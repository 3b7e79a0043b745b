"""A token bucket: its burst at once, then its rate."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conference.live.rate import Bucket


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    now = 100.0
    bucket = Bucket(2.0, 4, lambda: now)
    assert [bucket.take() for _ in range(5)] == [True] * 4 + [False]
    now += 0.5
    assert [bucket.take() for _ in range(2)] == [True, False]
    now += 3600
    assert [bucket.take() for _ in range(5)] == [True] * 4 + [False]


@given(st.lists(st.floats(0, 3), max_size=80))
def test_a_bucket_never_gives_more_than_burst_and_rate(pauses: list[float]) -> None:
    now = 0.0
    bucket = Bucket(2.0, 4, lambda: now)
    taken = 0
    for pause in pauses:
        now += pause
        taken += bucket.take()
        assert taken <= 4 + 2.0 * now + 1e-9
