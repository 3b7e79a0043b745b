"""What a release keeps comes back as it was, and what is not for the public is not in it."""

from __future__ import annotations

import zlib
from datetime import date

from hypothesis import given
from msgspec import structs

from conference.agenda.releasing.frozen import BEHIND_THE_SCENES, freeze, thaw
from conference.agenda.rows import SessionDetails
from conference.agenda.tables import SessionRole
from tests.agenda.releasing.programmes import EVENT, PEOPLE, held_session, parts_of, programmes, schedule


@given(programmes())
def test_a_frozen_programme_thaws_to_what_it_was(sessions: list[SessionDetails]) -> None:
    body = freeze(schedule(sessions))
    assert thaw(body, EVENT, with_all=True) == schedule(sessions)
    assert freeze(thaw(body, EVENT, with_all=True)) == body


@given(programmes())
def test_the_public_is_not_told_who_looks_after_the_technology(sessions: list[SessionDetails]) -> None:
    told = [part for one in thaw(freeze(schedule(sessions)), EVENT).sessions for part in one.parts]
    kept = [part for one in sessions for part in one.parts if part.role not in BEHIND_THE_SCENES]
    assert sorted(told, key=str) == sorted(kept, key=str)


def test_accounts_and_what_organizers_note_are_not_kept() -> None:
    person = structs.replace(PEOPLE[0], account_id=7, zone="Europe/London")
    one = held_session("AAAAAA", parts=parts_of({0: SessionRole.SPEAKER}))
    one.parts[0] = structs.replace(one.parts[0], person=person)
    body = freeze(schedule([structs.replace(one, edition=9)]))
    text = zlib.decompress(body).decode()
    assert not {"account_id", "London", "edition", "notes"} & set(
        text.replace('"', " ").replace("/", " ").split()
    )
    assert thaw(body, EVENT).sessions[0].parts[0].person == PEOPLE[0]


def test_a_release_keeps_its_dates_and_takes_todays_looks() -> None:
    body = freeze(schedule([]))
    today = structs.replace(
        EVENT, accent="#123456", is_public=False, ends=date(2026, 1, 1), title={"en": "New"}
    )
    event = thaw(body, today).event
    assert (event.accent, event.is_public) == ("#123456", False)
    assert (event.ends, event.title) == (EVENT.ends, EVENT.title)
