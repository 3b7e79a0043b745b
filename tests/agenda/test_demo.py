"""The demo conference: what pages and the live room count on, and that it is a programme one could hold."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest

from conference.agenda.clashes.keeping import Checkers
from conference.agenda.demo import DemoEvent, create_demo, demo_programme
from conference.agenda.drafting.whole_draft import draft_of
from conference.agenda.drafts import SessionDraft
from conference.agenda.reading import schedule_of
from conference.agenda.tables import SessionKind, SessionRole
from conference.clock import ManualClock
from conference.storage.database import Database, Transaction

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


async def test_its_organizers_find_work_in_the_planner(database: Database, clock: ManualClock) -> None:
    def begin(tx: Transaction) -> DemoEvent:
        create_demo(tx, now=clock.now())
        return create_demo(tx, now=clock.now())  # a demo that is started again finds nothing doubled

    demo = await database.write(begin)
    draft = await database.read(lambda rows: draft_of(rows, demo.event, reader=None))
    assert len([one for one in draft.sessions if one.starts_at is None]) == 3
    assert len(draft.openings) == len(draft.closures) == 3
    current = await Checkers(database, clock).current(demo.event_id)
    found = Counter(one.kind.value for one in current.checker.problems())
    assert found["unavailable"] == 1, "a clash to solve"
    assert found["room_closed"] == found["shutdown"] == found["room_changeover"] == 0
    assert current.checker.plan.prayer is not None
