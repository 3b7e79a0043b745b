"""When the room lets whom in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.stage.doors import EARLY, OVERTIME, Decision, Phase, phase_at, refusal

STARTS = datetime(2025, 10, 25, 6, 0, tzinfo=UTC)
ENDS = STARTS + timedelta(minutes=45)
minutes = st.integers(-600, 600).map(lambda n: STARTS + timedelta(minutes=n))
decisions = st.one_of(
    st.just(Decision()),
    minutes.map(lambda at: Decision(opened_at=at)),
    minutes.map(lambda at: Decision(closed_at=at)),
)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (STARTS - EARLY - timedelta(seconds=1), Phase.NOT_YET),
        (STARTS - EARLY, Phase.OPEN),
        (STARTS, Phase.OPEN),
        (ENDS + OVERTIME - timedelta(seconds=1), Phase.OPEN),
        (ENDS + OVERTIME, Phase.ENDED),
    ],
)
def test_the_programme_opens_and_ends_the_room(at: datetime, expected: Phase) -> None:
    assert phase_at(at, STARTS, ENDS, Decision()) is expected


def test_a_chair_may_open_early_close_and_open_again_after_the_end() -> None:
    the_day_before = STARTS - timedelta(days=1)
    assert phase_at(the_day_before, STARTS, ENDS, Decision(opened_at=the_day_before)) is Phase.OPEN
    assert phase_at(STARTS, STARTS, ENDS, Decision(closed_at=STARTS)) is Phase.CLOSED
    later = ENDS + timedelta(hours=3)
    assert phase_at(later, STARTS, ENDS, Decision(opened_at=later)) is Phase.OPEN
    assert phase_at(later + OVERTIME, STARTS, ENDS, Decision(opened_at=later)) is Phase.ENDED


@given(now=minutes, decision=decisions)
def test_moderators_always_get_in_and_attendees_only_through_an_open_door(
    now: datetime, decision: Decision
) -> None:
    phase = phase_at(now, STARTS, ENDS, decision)
    assert refusal(phase, presents=True, moderates=True) is None
    refused = refusal(phase, presents=False, moderates=False)
    assert (refused is None) == (phase is Phase.OPEN)
    if refusal(phase, presents=True, moderates=False) is None:
        assert phase in (Phase.OPEN, Phase.NOT_YET)
