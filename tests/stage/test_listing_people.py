"""The list of who is here: names where they can be read, numbers where they cannot; what a search finds."""

from __future__ import annotations

from datetime import UTC, datetime

from conference.people.permissions import Role
from conference.stage.floor import Floor
from conference.stage.listing_people import list_people
from conference.stage.presence import Present

GONE = datetime(2025, 10, 25, tzinfo=UTC)


def present(number: int, name: str, role: Role = Role.ATTENDEE, country: str = "", **more: object) -> Present:
    return Present(number, f"id-{number}", name, role, country, **more)  # type: ignore[arg-type]  # fields


ROOM = [
    present(1, "Zainab", Role.CHAIR, "IQ"),
    present(2, "Omar", Role.SPEAKER, "GB"),
    present(3, "أحمد علي", country="IQ"),
    present(4, "Sara", state=Floor.HAND_RAISED),
    present(5, "Layla"),
]


def names(search: str = "", *, moderates: bool = False, full: int = 200) -> list[str]:
    listed = list_people(ROOM, search=search, moderates=moderates, full=full)
    return [person.name for person in listed.people]


def test_small_room_is_listed_by_name_with_countries_that_are_shared() -> None:
    listed = list_people(ROOM, search="", moderates=False)
    assert not listed.only_counts
    assert [person.country for person in listed.people] == ["IQ", "GB", "IQ", "", ""]
    assert listed.roles == {"chair": 1, "speaker": 1, "attendee": 3}
    assert listed.countries == {"IQ": 2, "GB": 1}


def test_full_room_lists_presenters_and_hands_and_counts_everybody() -> None:
    listed = list_people(ROOM, search="", moderates=True, full=4)
    assert listed.only_counts
    assert [person.name for person in listed.people] == ["Zainab", "Omar", "Sara"]
    assert listed.roles == {"chair": 1, "speaker": 1, "attendee": 3}


def test_names_are_found_however_they_are_typed() -> None:
    assert names("احمد") == names("أَحمد") == ["أحمد علي"]
    assert names("LAY") == ["Layla"]
    assert names("nobody") == []


def test_audience_of_a_full_room_is_found_by_moderators_alone() -> None:
    assert names("layla", moderates=True, full=4) == ["Layla"]
    assert names("layla", full=4) == []
    assert names("sara", full=4) == ["Sara"]


def test_those_whose_line_is_down_or_who_were_removed_do_not_count() -> None:
    people = [*ROOM, present(6, "Away", country="FR", lost_at=GONE), present(7, "Out", state=Floor.REMOVED)]
    listed = list_people(people, search="", moderates=True)
    assert (sum(listed.roles.values()), "FR" in listed.countries) == (5, False)
