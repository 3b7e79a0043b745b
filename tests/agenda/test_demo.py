"""The demo conference: what pages and the live room count on, and that it is a programme one could hold."""

from __future__ import annotations

from datetime import datetime
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest

from conference.agenda.demo import create_demo, demo_programme
from conference.agenda.drafts import SessionDraft
from conference.agenda.reading import schedule_of
from conference.agenda.tables import SessionKind, SessionRole
from conference.clock import ManualClock
from conference.storage.database import Database

PROGRAMME = demo_programme()
SESSIONS = [one for one in PROGRAMME.sessions if one.kind is SessionKind.SESSION]


def test_it_is_large_enough_to_be_realistic() -> None:
    assert len(SESSIONS) >= 40
    assert len(PROGRAMME.rooms) >= 4
    assert len({_start(one).date() for one in SESSIONS}) == 3
    assert {one.language for one in SESSIONS} == {"ar", "en"}


def test_every_text_is_in_arabic_and_english() -> None:
    texts = [one.name for one in PROGRAMME.rooms] + [one.description for one in PROGRAMME.rooms]
    texts += [one.name for one in PROGRAMME.tracks] + [one.name for one in PROGRAMME.types]
    texts += [text for one in PROGRAMME.people for text in (one.name, one.biography)]
    texts += [PROGRAMME.event.title, PROGRAMME.event.description, PROGRAMME.event.venue]
    for session in PROGRAMME.sessions:
        texts += [session.title, session.abstract, *([session.subtitle] if session.subtitle else [])]
    for text in texts:
        assert set(text) == {"ar", "en"}
        assert any("\u0621" <= letter <= "\u064a" for letter in text["ar"]), text
        assert any("a" <= letter <= "z" for letter in text["en"].lower()), text


def test_every_session_has_a_speaker_and_a_chair() -> None:
    for session in SESSIONS:
        roles = {part.role for part in session.parts}
        assert {SessionRole.SPEAKER, SessionRole.CHAIR} <= roles, session.title


def test_nobody_and_no_room_is_needed_twice_at_a_time() -> None:
    for one, other in combinations(PROGRAMME.sessions, 2):
        if _overlap(one, other):
            assert not {part.person for part in one.parts} & {part.person for part in other.parts}
            assert one.room is not None
            assert other.room is not None
            assert one.room != other.room


def test_prayer_times_are_kept_free_on_every_day() -> None:
    prayers = [one for one in PROGRAMME.sessions if "prayers" in one.title["en"]]
    assert len(prayers) == 3
    for prayer in prayers:
        assert not [one for one in SESSIONS if _overlap(one, prayer)]


@pytest.mark.parametrize("again", [False, True])
async def test_the_opening_is_the_first_session_and_live_at_five_past_nine(
    database: Database, clock: ManualClock, again: bool
) -> None:
    demo = await database.write(lambda tx: create_demo(tx, now=clock.now()))
    if again:
        first, demo = demo, await database.write(lambda tx: create_demo(tx, now=clock.now()))
        assert demo == first
    opening = demo.opening
    assert opening.code == "OPEN25"
    assert opening.starts_at == datetime(2025, 10, 25, 9, tzinfo=ZoneInfo("Asia/Baghdad"))
    assert opening.room is not None
    assert opening.room.slug == "main-hall"
    assert opening.is_live(clock.now())
    assert [person.name["en"] for person in opening.chairs] == ["Session Chair A"]
    assert [person.name["en"] for person in opening.speakers] == ["Speaker A"]
    schedule = await database.read(lambda rows: schedule_of(rows, demo.event))
    assert len(schedule.sessions) == len(PROGRAMME.sessions)


def _overlap(one: SessionDraft, other: SessionDraft) -> bool:
    first, second = sorted((one, other), key=_start)
    return (_start(second) - _start(first)).total_seconds() < first.minutes * 60


def _start(session: SessionDraft) -> datetime:
    assert session.starts_at
    return session.starts_at
