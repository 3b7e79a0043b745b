"""Rules about rooms: one session at a time, time to change over, opening hours, seats."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conference.agenda.clashes.plan import Opening
from conference.agenda.clashes.problems import Kind, Severity
from tests.agenda.clashes.programme import SATURDAY, held, kinds, problems


def test_two_sessions_in_one_room_at_once_are_an_error() -> None:
    (found,) = problems(held("A", "09:00", "10:00"), held("B", "09:45", "10:30"))
    assert (found.kind, found.severity) == (Kind.ROOM_OVERLAP, Severity.ERROR)
    assert (found.sessions, found.room, found.values) == (("A", "B"), 1, {"minutes": 15})


def test_a_session_that_begins_when_the_other_ends_does_not_overlap() -> None:
    assert kinds(held("A", "09:00", "10:00"), held("B", "10:00", "11:00"), changeover=0) == []


def test_other_rooms_no_room_and_no_time_overlap_with_nothing() -> None:
    assert kinds(held("A", "09:00", "10:00"), held("B", "09:00", "10:00", room=2)) == []
    assert kinds(held("A", "09:00", "10:00", room=None), held("B", "09:00", "10:00", room=None)) == []
    assert kinds(held("A", None), held("B", None), held("C", "09:00", "10:00")) == []


def test_a_room_needs_its_changeover_time() -> None:
    sessions = held("A", "09:00", "10:00"), held("B", "10:04", "11:00")
    (found,) = problems(*sessions, changeover=5)
    assert (found.kind, found.severity) == (Kind.ROOM_CHANGEOVER, Severity.WARNING)
    assert found.values == {"minutes": 4, "needed": 5}
    assert kinds(*sessions, changeover=4) == []


def test_a_break_in_a_room_overlaps_with_its_sessions_but_needs_no_changeover() -> None:
    coffee = held("C", "10:00", "10:30", is_break=True)
    assert kinds(held("A", "09:00", "10:00"), coffee, held("B", "10:30", "11:00")) == []
    assert kinds(held("A", "09:00", "10:10"), coffee) == [Kind.ROOM_OVERLAP]
    assert kinds(coffee, held("D", "10:00", "10:30", is_break=True)) == []


def test_a_break_for_all_rooms_clashes_with_nothing() -> None:
    assert kinds(held("A", "09:00", "10:00"), held("C", "09:30", "10:00", is_break=True, room=None)) == []


def test_a_session_must_lie_within_the_opening_hours() -> None:
    hours = (Opening(room=None, day=SATURDAY, opens=9 * 60, closes=17 * 60),)
    assert kinds(held("A", "09:00", "17:00"), openings=hours) == []
    assert kinds(held("A", "08:55", "10:00"), openings=hours) == [Kind.ROOM_CLOSED]
    assert kinds(held("A", "16:30", "17:01"), openings=hours) == [Kind.ROOM_CLOSED]
    assert kinds(held("A", "03:00", "03:30", day=1), openings=hours) == [Kind.ROOM_CLOSED]  # still Saturday's


def test_a_day_about_which_nobody_said_anything_is_open() -> None:
    hours = (Opening(room=None, day=SATURDAY, opens=9 * 60, closes=17 * 60),)
    assert kinds(held("A", "06:00", "07:00", day=1), openings=hours) == []


def test_a_room_with_hours_of_its_own_keeps_those_that_day() -> None:
    hours = (
        Opening(room=None, day=SATURDAY, opens=9 * 60, closes=17 * 60),
        Opening(room=2, day=SATURDAY, opens=13 * 60, closes=15 * 60),
    )
    assert kinds(held("A", "10:00", "11:00", room=2), openings=hours) == [Kind.ROOM_CLOSED]
    assert kinds(held("A", "10:00", "11:00", room=1), openings=hours) == []


def test_two_openings_that_touch_are_one() -> None:
    hours = (
        Opening(room=1, day=SATURDAY, opens=9 * 60, closes=12 * 60),
        Opening(room=1, day=SATURDAY, opens=12 * 60, closes=15 * 60),
        Opening(room=1, day=SATURDAY, opens=16 * 60, closes=18 * 60),
    )
    assert kinds(held("A", "11:30", "12:30"), openings=hours) == []
    assert kinds(held("A", "14:30", "16:30"), openings=hours) == [Kind.ROOM_CLOSED]


def test_hours_after_midnight_belong_to_the_evening_they_began() -> None:
    hours = (
        Opening(room=1, day=SATURDAY, opens=20 * 60, closes=2 * 60),
        Opening(room=1, day=SATURDAY + timedelta(days=1), opens=9 * 60, closes=12 * 60),
    )
    assert kinds(held("A", "23:30", "25:30"), openings=hours) == []
    assert kinds(held("A", "25:30", "26:30"), openings=hours) == [Kind.ROOM_CLOSED]


@pytest.mark.parametrize(("people", "found"), [(100, []), (101, [Kind.OVER_CAPACITY])])
def test_more_sign_ups_than_seats_are_an_error(people: int, found: list[Kind]) -> None:
    assert kinds(held("A", "09:00", "10:00", sign_ups=people)) == found


def test_more_stars_than_seats_are_a_hint() -> None:
    session = held("A", "09:00", "10:00", room=2)
    (found,) = problems(session, stars={"A": (1 << 11) - 1})
    assert (found.kind, found.severity) == (Kind.MORE_STARS_THAN_SEATS, Severity.HINT)
    assert found.values == {"people": 11, "seats": 10}
    assert kinds(session, stars={"A": (1 << 10) - 1}) == []
