"""What of somebody's own agenda is on at the same time, compared with the plain definition."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conference.agenda.mine import clashing, pairs
from conference.agenda.rows import SessionRow
from conference.agenda.tables import SessionKind, SessionState

START = datetime(2025, 10, 25, 6, tzinfo=UTC)


def session(code: str, start: int, minutes: int, kind: SessionKind, state: SessionState) -> SessionRow:
    values: dict[str, Any] = dict.fromkeys(SessionRow.__struct_fields__) | {
        "code": code,
        "kind": kind,
        "state": state,
        "starts_at": START + timedelta(minutes=start),
        "minutes": minutes,
    }
    return SessionRow(**values)


programmes = st.lists(
    st.tuples(
        st.integers(0, 60), st.integers(1, 40), st.sampled_from(SessionKind), st.sampled_from(SessionState)
    ),
    max_size=12,
).map(lambda drawn: [session(f"S{number}", *one) for number, one in enumerate(drawn)])


@given(programmes)
def test_two_clash_when_both_are_held_and_overlap(sessions: list[SessionRow]) -> None:
    held = [one for one in sessions if not one.is_break and not one.is_cancelled]
    overlapping = {
        (one.code, other.code)
        for one in held
        for other in held
        if one is not other and one.starts_at < other.ends_at and other.starts_at < one.ends_at
    }
    found = clashing(sessions)
    assert {(code, other.code) for code, others in found.items() for other in others} == overlapping
    assert pairs(found) == len(overlapping) // 2
    assert all(found.values())
