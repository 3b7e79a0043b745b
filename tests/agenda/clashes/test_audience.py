"""Rules about those who listen: tracks, stars, breaks."""

from __future__ import annotations

from conference.agenda.clashes.problems import Kind, Severity
from tests.agenda.clashes.programme import at, held, kinds, problems


def people(*numbers: int) -> int:
    """The accounts with these numbers, as `Plan.stars` keeps them."""
    return sum(1 << number for number in set(numbers))


def test_parallel_sessions_of_one_track_are_a_hint() -> None:
    (found,) = problems(
        held("A", "09:00", "10:00", track=5), held("B", "09:30", "10:00", room=2, track=5), tracks={5: {}}
    )
    assert (found.kind, found.severity) == (Kind.SAME_TRACK, Severity.HINT)
    assert found.values == {"minutes": 30, "track": 5}


def test_tracks_that_differ_or_follow_one_another_are_fine() -> None:
    one = held("A", "09:00", "10:00", track=5)
    assert kinds(one, held("B", "09:30", "10:00", room=2, track=6)) == []
    assert kinds(one, held("B", "09:30", "10:00", room=2)) == []
    assert kinds(one, held("B", "10:00", "11:00", room=2, track=5)) == []


def test_many_who_starred_both_of_two_parallel_sessions_are_a_warning() -> None:
    stars = {"A": people(*range(20)), "B": people(*range(15, 30))}
    (found,) = problems(held("A", "09:00", "10:00"), held("B", "09:30", "10:00", room=3), stars=stars)
    assert (found.kind, found.severity) == (Kind.STARRED_BOTH, Severity.WARNING)
    assert found.values == {"people": 5}


def test_a_few_or_a_small_part_are_not_many() -> None:
    sessions = held("A", "09:00", "10:00"), held("B", "09:30", "10:00", room=3)
    assert kinds(*sessions, stars={"A": people(1, 2, 3, 4), "B": people(1, 2, 3, 4)}) == []
    part = {"A": people(*range(25)), "B": people(*range(20, 41))}  # five of twenty-one
    assert kinds(*sessions, stars=part) == []


def test_who_starred_sessions_that_follow_one_another_sees_both() -> None:
    stars = {"A": people(*range(50)), "B": people(*range(50))}
    assert kinds(held("A", "09:00", "10:00"), held("B", "10:00", "11:00", room=3), stars=stars) == []


def test_four_hours_in_one_room_without_ten_minutes_off_are_a_hint() -> None:
    (found,) = problems(
        held("A", "09:00", "10:30"), held("B", "10:35", "12:00"), held("C", "12:05", "13:00"), changeover=5
    )
    assert (found.kind, found.severity) == (Kind.NO_BREAK, Severity.HINT)
    assert (found.sessions, found.room, found.at) == (("A", "B", "C"), 1, at("09:00"))
    assert found.values == {"minutes": 240, "until": at("13:00")}


def test_ten_minutes_are_a_break_whatever_they_are_called() -> None:
    sessions = held("A", "09:00", "11:00"), held("B", "11:10", "13:30")
    assert kinds(*sessions) == []
    assert kinds(*sessions, held("C", "11:00", "11:10", is_break=True)) == []


def test_a_night_between_two_days_is_a_break() -> None:
    assert kinds(held("A", "20:00", "22:00"), held("B", "09:00", "11:30", day=1)) == []


def test_one_long_session_is_its_own_affair() -> None:
    assert kinds(held("A", "09:00", "15:00")) == []
