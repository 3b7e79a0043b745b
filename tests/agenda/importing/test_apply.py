"""Storing a programme: all or nothing, and nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import msgspec
import pytest
from sqlalchemy import Connection

from conference.agenda.drafts import Programme
from conference.agenda.importing.apply import import_schedule
from conference.agenda.reading import all_events, event_by_slug, full_schedule_of
from conference.agenda.rows import FullSchedule
from conference.agenda.tables import SessionRole
from conference.clock import ManualClock
from conference.errors import BadInput
from conference.storage.database import Database

Read = Callable[[str], Programme]
FILES = ("31c3-2014.frab.xml", "democon.pretalx.json", "rc3-2020.pretalx.json", "hub-example.v2.json")


async def stored(database: Database, slug: str) -> FullSchedule:
    return await database.read(lambda rows: full_schedule_of(rows, event_by_slug(rows, slug)))


@pytest.mark.parametrize("name", FILES)
async def test_a_second_import_changes_nothing(
    database: Database,
    clock: ManualClock,
    programme_of: Read,
    row_count: Callable[[Connection], int],
    name: str,
) -> None:
    first = await database.write(lambda tx: import_schedule(tx, programme_of(name), at=clock.now()))
    before, count = await stored(database, first.event), await database.read(row_count)
    clock.advance(timedelta(hours=1))
    second = await database.write(lambda tx: import_schedule(tx, programme_of(name), at=clock.now()))
    assert (first.is_new, second.is_new) == (True, False)
    assert (second.created, second.updated) == ({}, {})
    assert second.unchanged == first.created
    assert await database.read(row_count) == count
    assert await stored(database, first.event) == before


async def test_a_moved_session_is_updated_in_place(
    database: Database, clock: ManualClock, programme_of: Read
) -> None:
    programme = programme_of("democon.pretalx.json")
    await database.write(lambda tx: import_schedule(tx, programme, at=clock.now()))
    before = {one.guid: one for one in (await stored(database, "democon")).sessions}
    moved = programme.sessions[3]
    assert moved.starts_at
    moved.starts_at += timedelta(hours=2)
    moved.room = "tan-room"
    summary = await database.write(
        lambda tx: import_schedule(tx, programme, at=clock.now() + timedelta(hours=1))
    )
    assert (summary.created, dict(summary.updated)) == ({}, {"sessions": 1})
    after = {one.guid: one for one in (await stored(database, "democon")).sessions}
    now, then = after[moved.guid], before[moved.guid]
    assert (now.code, now.id) == (then.code, then.id)
    assert (now.starts_at, now.room and now.room.slug) == (moved.starts_at, "tan-room")
    assert now.edition == then.edition + 1
    assert now.revision == then.revision  # calendars hear of it with the next release
    assert now.changed_at == then.changed_at + timedelta(hours=1)
    assert {guid for guid in after if after[guid] != before[guid]} == {moved.guid}


async def test_a_changed_abstract_does_not_disturb_calendars(
    database: Database, clock: ManualClock, programme_of: Read
) -> None:
    programme = programme_of("democon.pretalx.json")
    await database.write(lambda tx: import_schedule(tx, programme, at=clock.now()))
    programme.sessions[0].abstract = {"en": "New"}
    await database.write(lambda tx: import_schedule(tx, programme, at=clock.now()))
    session = (await stored(database, "democon")).sessions[0]
    assert (session.abstract, session.revision) == ({"en": "New"}, 0)


async def test_what_the_file_does_not_mention_stays(
    database: Database, clock: ManualClock, programme_of: Read
) -> None:
    programme = programme_of("democon.pretalx.json")
    await database.write(lambda tx: import_schedule(tx, programme, at=clock.now()))
    fewer = msgspec.structs.replace(programme, sessions=programme.sessions[:30])
    summary = await database.write(lambda tx: import_schedule(tx, fewer, at=clock.now()))
    assert summary.absent == 6
    assert len((await stored(database, "democon")).sessions) == 36


async def test_another_language_is_added_and_an_emptied_one_removed(
    database: Database, clock: ManualClock, programme_of: Read
) -> None:
    programme = programme_of("democon.pretalx.json")
    await database.write(lambda tx: import_schedule(tx, programme, at=clock.now()))
    title = programme.sessions[0].title["en"]
    programme.sessions[0].title = {"ar": "عنوان"}
    programme.sessions[0].abstract = {"en": ""}
    await database.write(lambda tx: import_schedule(tx, programme, at=clock.now()))
    session = (await stored(database, "democon")).sessions[0]
    assert session.title == {"en": title, "ar": "عنوان"}
    assert session.abstract == {}


async def test_a_role_the_file_cannot_say_is_kept(
    database: Database, clock: ManualClock, programme_of: Read
) -> None:
    programme = programme_of("democon.pretalx.json")
    said = programme.sessions[0].parts
    programme.sessions[0].parts = [msgspec.structs.replace(said[0], role=SessionRole.CHAIR)]
    await database.write(lambda tx: import_schedule(tx, programme, at=clock.now()))
    programme.sessions[0].parts = said
    await database.write(lambda tx: import_schedule(tx, programme, at=clock.now()))
    assert [part.role for part in (await stored(database, "democon")).sessions[0].parts] == [
        SessionRole.CHAIR
    ]


async def test_the_same_file_as_two_events_gives_two_live_rooms(
    database: Database, clock: ManualClock, programme_of: Read
) -> None:
    """A live room is found by its code alone: two events must never share one."""
    for slug in ("first", "second"):
        programme = programme_of("rc3-2020.pretalx.json")
        programme.event.slug = slug
        await database.write(partial(import_schedule, programme=programme, at=clock.now()))
    first, second = await stored(database, "first"), await stored(database, "second")
    assert not {one.code for one in first.sessions} & {one.code for one in second.sessions}
    assert [one.code for one in first.sessions] == [one.source_code for one in second.sessions]


async def test_a_guessed_zone_does_not_replace_one_that_was_chosen(
    database: Database, clock: ManualClock, programme_of: Read
) -> None:
    chosen = programme_of("31c3-2014.frab.xml")
    chosen.event.zone, chosen.zone_is_guess = "Europe/Vienna", False
    await database.write(lambda tx: import_schedule(tx, chosen, at=clock.now()))
    summary = await database.write(
        lambda tx: import_schedule(tx, programme_of("31c3-2014.frab.xml"), at=clock.now())
    )
    assert summary.zone == "Europe/Vienna"


async def test_an_event_made_closed_stays_closed(
    database: Database, clock: ManualClock, programme_of: Read
) -> None:
    closed = programme_of("democon.pretalx.json")
    closed.event.is_public = False
    await database.write(lambda tx: import_schedule(tx, closed, at=clock.now()))
    await database.write(lambda tx: import_schedule(tx, programme_of("democon.pretalx.json"), at=clock.now()))
    assert await database.read(all_events) == []


async def test_a_programme_that_fails_halfway_leaves_nothing(
    database: Database, clock: ManualClock, programme_of: Read, row_count: Callable[[Connection], int]
) -> None:
    programme = programme_of("democon.pretalx.json")
    programme.sessions[20].minutes = 0
    with pytest.raises(BadInput):
        await database.write(lambda tx: import_schedule(tx, programme, at=clock.now()))
    assert await database.read(row_count) == 0


async def test_progress_counts_every_session_once(
    database: Database, clock: ManualClock, programme_of: Read
) -> None:
    heard: list[tuple[int, int]] = []
    programme = programme_of("democon.pretalx.json")
    await database.write(
        lambda tx: import_schedule(
            tx, programme, at=clock.now(), progress=lambda done, total: heard.append((done, total))
        )
    )
    assert heard == [(done, 36) for done in range(1, 37)]


async def test_two_imports_at_once_are_one_after_the_other(
    database: Database, clock: ManualClock, programme_of: Read
) -> None:
    """The same file sent twice by an impatient organizer, and an older one with a session less."""
    older = programme_of("democon.pretalx.json")
    older.sessions.pop()
    files = [programme_of("democon.pretalx.json"), programme_of("democon.pretalx.json"), older]
    done = await asyncio.gather(
        *(database.write(partial(import_schedule, programme=one, at=clock.now())) for one in files)
    )
    assert sorted(summary.is_new for summary in done) == [False, False, True]
    assert sum(summary.created["sessions"] for summary in done) == 36
    sessions = (await stored(database, "democon")).sessions
    assert len({one.guid for one in sessions}) == len(sessions) == 36


async def test_a_new_guid_with_the_same_code_is_the_same_session(
    database: Database, clock: ManualClock, programme_of: Read
) -> None:
    await database.write(lambda tx: import_schedule(tx, programme_of("democon.pretalx.json"), at=clock.now()))
    renamed = programme_of("democon.pretalx.json")
    for session in renamed.sessions:
        session.guid = f"another {session.guid}"
    summary = await database.write(lambda tx: import_schedule(tx, renamed, at=clock.now()))
    assert (summary.created["sessions"], summary.absent) == (0, 0)
