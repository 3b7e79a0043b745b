"""Rules about people: one place at a time, time to walk, availability, and the night where they are."""

from __future__ import annotations

import msgspec
import pytest

from conference.agenda.clashes.plan import PlannedPerson
from conference.agenda.clashes.problems import Kind, Severity
from conference.agenda.tables import SessionRole
from tests.agenda.clashes.programme import DR_ALI, DR_ZAHRA, PEOPLE, at, held, kinds, problems


@pytest.mark.parametrize("role", list(SessionRole))
def test_nobody_is_in_two_places_whatever_they_do_there(role: SessionRole) -> None:
    """Speakers, chairs, moderators, interpreters and technicians alike."""
    (found,) = problems(
        held("A", "09:00", "10:00", people=[(DR_ALI, role)]),
        held("B", "09:30", "10:30", room=2, people=[DR_ZAHRA, DR_ALI]),
    )
    assert (found.kind, found.severity, found.people) == (Kind.PERSON_OVERLAP, Severity.ERROR, (DR_ALI,))
    assert found.values == {"minutes": 30, "roles": {"A": role.value, "B": "speaker"}}


def test_two_parts_in_one_session_are_one_place() -> None:
    parts = [(DR_ALI, SessionRole.CHAIR), (DR_ALI, SessionRole.SPEAKER)]
    assert kinds(held("A", "09:00", "10:00", people=parts)) == []


def test_sessions_without_a_room_need_their_people_all_the_same() -> None:
    one = held("A", "09:00", "10:00", room=None, people=[DR_ALI])
    assert kinds(one, held("B", "09:00", "10:00", people=[DR_ALI])) == [Kind.PERSON_OVERLAP]


def test_walking_to_another_room_takes_time() -> None:
    one = held("A", "09:00", "10:00", people=[DR_ALI])
    (found,) = problems(one, held("B", "10:00", "11:00", room=2, people=[DR_ALI]), walking=5)
    assert (found.kind, found.severity) == (Kind.PERSON_CHANGEOVER, Severity.WARNING)
    assert found.values == {"minutes": 0, "needed": 5}
    assert kinds(one, held("B", "10:05", "11:00", room=2, people=[DR_ALI]), walking=5) == []


def test_who_stays_in_the_room_or_takes_part_from_afar_does_not_walk() -> None:
    one = held("A", "09:00", "10:00", people=[DR_ALI])
    assert kinds(one, held("B", "10:00", "11:00", people=[DR_ALI]), changeover=0) == []
    afar = PEOPLE | {DR_ALI: msgspec.structs.replace(PEOPLE[DR_ALI], is_remote=True)}
    assert kinds(one, held("B", "10:00", "11:00", room=2, people=[DR_ALI]), people=afar) == []


def test_a_person_is_asked_only_when_available() -> None:
    spans = ((at("08:00"), at("10:00")), (at("10:00"), at("12:00")), (at("14:00"), at("15:00")))
    people = {DR_ALI: PlannedPerson(id=DR_ALI, available=spans)}
    assert kinds(held("A", "09:30", "10:30", people=[DR_ALI]), people=people) == []
    (found,) = problems(held("A", "11:30", "12:15", people=[DR_ALI]), people=people)
    assert (found.kind, found.severity, found.people) == (Kind.UNAVAILABLE, Severity.ERROR, (DR_ALI,))


def _remote(zone: str, *, is_remote: bool = True) -> dict[int, PlannedPerson]:
    return {DR_ALI: PlannedPerson(id=DR_ALI, zone=zone, is_remote=is_remote)}


def test_nine_in_baghdad_is_seven_in_london_on_saturday_and_six_on_sunday() -> None:
    """Clocks in Britain go back on 26 October 2025 at 01:00 UTC; Iraq's stay."""
    saturday = held("A", "09:00", "10:00", people=[DR_ALI])
    sunday = held("B", "09:00", "10:00", day=1, people=[DR_ALI])
    (found,) = problems(saturday, sunday, people=_remote("Europe/London"))
    assert (found.kind, found.severity, found.sessions) == (Kind.NIGHT, Severity.WARNING, ("B",))
    assert found.values == {"from": "06:00", "to": "07:00", "zone": "Europe/London"}


@pytest.mark.parametrize(
    ("start", "end", "night"),
    [
        ("09:00", "10:00", False),  # from 07:00 in London
        ("08:59", "10:00", True),
        ("23:00", "24:00", False),  # until 22:00 there
        ("23:00", "24:01", True),
        ("10:00", "26:00", True),  # sixteen hours reach into any night
    ],
)
def test_the_night_is_from_ten_to_seven_where_the_person_is(start: str, end: str, night: bool) -> None:
    session = held("A", start, end, people=[DR_ALI])
    assert (kinds(session, people=_remote("Europe/London")) == [Kind.NIGHT]) is night


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd"])
def test_without_a_zone_that_exists_there_is_no_night(zone: str) -> None:
    assert kinds(held("A", "03:00", "04:00", people=[DR_ALI]), people=_remote(zone)) == []


def test_who_comes_to_the_venue_keeps_its_clock() -> None:
    people = _remote("America/New_York", is_remote=False)
    assert kinds(held("A", "09:00", "10:00", people=[DR_ALI]), people=people) == []
