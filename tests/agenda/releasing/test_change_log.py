"""The difference between two programmes, session by session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from conference.agenda.releasing.change_log import Kind, changes_between, grouped, held
from conference.agenda.rows import SessionDetails
from conference.agenda.tables import SessionRole, SessionState
from tests.agenda.releasing.programmes import DAWN, ROOMS, held_session, parts_of, programmes

BEFORE = held_session("AAAAAA", parts=parts_of({0: SessionRole.SPEAKER}))


@pytest.mark.parametrize(
    ("changed", "kinds"),
    [
        ({}, ()),
        ({"starts_at": DAWN + timedelta(minutes=5)}, (Kind.TIME,)),
        ({"room": ROOMS[1]}, (Kind.ROOM,)),
        ({"room": None}, (Kind.ROOM,)),
        ({"minutes": 45}, (Kind.LENGTH,)),
        ({"title": {"en": "Other"}}, (Kind.TITLE,)),
        ({"parts": parts_of({1: SessionRole.SPEAKER})}, (Kind.PEOPLE,)),
        ({"parts": parts_of({0: SessionRole.CHAIR})}, (Kind.PEOPLE,)),
        ({"starts_at": DAWN + timedelta(hours=1), "room": ROOMS[2]}, (Kind.TIME, Kind.ROOM)),
        ({"state": SessionState.CANCELLED}, (Kind.CANCELLED,)),
        ({"abstract": {"en": "Text"}, "do_not_record": True}, ()),
    ],
)
def test_a_session_differs_in_the_ways_people_care_about(
    changed: dict[str, Any], kinds: tuple[Kind, ...]
) -> None:
    found = changes_between([BEFORE], [held_session("AAAAAA", **{"parts": BEFORE.parts, **changed})])
    assert [change.kinds for change in found] == ([kinds] if kinds else [])


def test_what_comes_back_from_being_cancelled_is_new() -> None:
    gone = held_session("AAAAAA", state=SessionState.CANCELLED)
    assert [change.kinds for change in changes_between([gone], [BEFORE])] == [(Kind.NEW,)]
    assert changes_between([gone], []) == []
    assert changes_between([], [gone]) == []


@given(programmes(), programmes())
def test_the_changes_lead_from_one_programme_to_the_other(
    before: list[SessionDetails], after: list[SessionDetails]
) -> None:
    reached: dict[str, SessionDetails] = held(before)
    for change in changes_between(before, after):
        assert reached.get(change.code) == change.before
        if change.after is None:
            del reached[change.code]
        else:
            reached[change.code] = change.after
    assert reached == held(after)


@given(programmes())
def test_a_programme_does_not_differ_from_itself(sessions: list[SessionDetails]) -> None:
    assert changes_between(sessions, sessions) == []


@given(programmes(), programmes())
def test_every_change_stands_in_one_group(before: list[SessionDetails], after: list[SessionDetails]) -> None:
    changes = changes_between(before, after)
    listed = [change for group in grouped(changes).values() for change in group]
    assert sorted(change.code for change in listed) == sorted(change.code for change in changes)
