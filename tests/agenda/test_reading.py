"""Reading the programme: whole, in few queries, and never another event's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import pytest
from sqlalchemy import Connection, event, select

from conference.agenda.demo import DemoEvent, create_demo
from conference.agenda.drafts import Programme
from conference.agenda.importing.apply import import_schedule
from conference.agenda.reading import (
    all_events,
    event_by_id,
    event_by_slug,
    full_schedule_of,
    people_of,
    person_by_code,
    schedule_of,
    session_by_code,
    sessions_of_person,
    starred_codes,
)
from conference.agenda.scope import resolve_scope, scope_of_session
from conference.agenda.star import star_session, unstar_session
from conference.agenda.tables import star
from conference.clock import ManualClock
from conference.errors import NotFound
from conference.people.accounts import create_account
from conference.people.permissions import Scope
from conference.storage.database import Database

Result = TypeVar("Result")


@pytest.fixture
async def demo(database: Database, clock: ManualClock) -> DemoEvent:
    return await database.write(lambda tx: create_demo(tx, now=clock.now()))


@pytest.fixture
async def account_id(database: Database, clock: ManualClock) -> int:
    made = await database.write(lambda tx: create_account(tx, "a@example.org", "A", "ar", now=clock.now()))
    return made.id


async def counted(database: Database, work: Callable[[Connection], Result]) -> tuple[Result, int]:
    """The result of *work* and how many statements it took."""
    statements: list[str] = []

    def count(rows: Connection) -> Result:
        event.listen(rows, "before_cursor_execute", lambda *args: statements.append(args[2]))
        return work(rows)

    return await database.read(count), len(statements)


async def test_the_whole_schedule_takes_six_queries(
    database: Database, clock: ManualClock, demo: DemoEvent, programme_of: Callable[[str], Programme]
) -> None:
    await database.write(lambda tx: import_schedule(tx, programme_of("31c3-2014.frab.xml"), at=clock.now()))
    large = await database.read(lambda rows: event_by_slug(rows, "31c3"))
    for one in (demo.event, large):
        for read in (schedule_of, full_schedule_of):
            schedule, queries = await counted(database, partial(read, event=one))
            assert queries == 6
            assert all(session.event_id == one.id for session in schedule.sessions)


async def test_sessions_come_by_start_and_then_by_room(database: Database, demo: DemoEvent) -> None:
    schedule = await database.read(lambda rows: schedule_of(rows, demo.event))
    order = [(one.starts_at, one.room.position if one.room else -1) for one in schedule.sessions]
    assert order == sorted(order)


async def test_a_session_has_its_people_and_texts(database: Database, demo: DemoEvent) -> None:
    session, queries = await counted(database, lambda rows: session_by_code(rows, demo.event.id, "OPEN25"))
    assert queries == 6
    assert session.abstract["en"].startswith("The conference opens")
    assert [person.name["ar"] for person in session.speakers] == ["المتحدّث أ"]


async def test_a_persons_sessions_are_all_found(database: Database, demo: DemoEvent) -> None:
    people = await database.read(lambda rows: people_of(rows, demo.event.id))
    assert len(people) == 21
    schedule = await database.read(lambda rows: schedule_of(rows, demo.event))
    for one in people[:5]:
        found = await database.read(partial(person_by_code, event_id=demo.event.id, code=one.code))
        theirs = await database.read(partial(sessions_of_person, event_id=demo.event.id, person_id=found.id))
        expected = [
            session.code
            for session in schedule.sessions
            if one.id in {part.person.id for part in session.parts}
        ]
        assert [session.code for session in theirs] == expected


async def test_nothing_is_found_under_another_event(
    database: Database, clock: ManualClock, demo: DemoEvent, programme_of: Callable[[str], Programme]
) -> None:
    await database.write(lambda tx: import_schedule(tx, programme_of("democon.pretalx.json"), at=clock.now()))
    other = await database.read(lambda rows: event_by_slug(rows, "democon"))
    speaker = demo.opening.speakers[0].code
    for look in (
        lambda rows: session_by_code(rows, other.id, "OPEN25"),
        lambda rows: person_by_code(rows, other.id, speaker),
        lambda rows: resolve_scope(rows, {"event": "democon", "session": "OPEN25"}),
        lambda rows: event_by_slug(rows, "no-such-event"),
        lambda rows: event_by_id(rows, 10_000),
        lambda rows: resolve_scope(rows, {"event": "no-such-event"}),
        lambda rows: scope_of_session(rows, "NOCODE"),
    ):
        with pytest.raises(NotFound):
            await database.read(look)


async def test_a_missing_event_and_a_missing_session_are_refused_in_the_same_words(
    database: Database, demo: DemoEvent
) -> None:
    """Else the words would tell outsiders that a closed event exists."""
    said = []
    for match_info in ({"event": "nowhere"}, {"event": "karbala-2025", "session": "NOCODE"}):
        with pytest.raises(NotFound) as caught:
            await database.read(partial(resolve_scope, match_info=match_info))
        said.append((str(caught.value), caught.value.code))
    assert said[0] == said[1]


async def test_scope_of_a_route(database: Database, demo: DemoEvent) -> None:
    whole = Scope(event_id=demo.event.id, session_id=None, is_public=True)
    session = Scope(event_id=demo.event.id, session_id=demo.opening.id, is_public=True)
    for match_info, scope in (
        ({}, Scope()),
        ({"event": "karbala-2025"}, whole),
        ({"event": "karbala-2025", "person": "x"}, whole),
        ({"event": "karbala-2025", "session": "OPEN25"}, session),
    ):
        assert await database.read(partial(resolve_scope, match_info=match_info)) == scope
    assert await database.read(lambda rows: scope_of_session(rows, "OPEN25")) == session


async def test_stars_may_be_set_and_taken_twice(
    database: Database, clock: ManualClock, demo: DemoEvent, account_id: int
) -> None:
    opening = demo.opening.id
    for _ in range(2):
        await database.write(lambda tx: star_session(tx, account_id, opening, at=clock.now()))
    assert await database.read(lambda rows: starred_codes(rows, account_id, demo.event.id)) == {"OPEN25"}
    assert await database.read(lambda rows: starred_codes(rows, account_id, demo.event.id + 1)) == frozenset()
    assert await database.read(lambda rows: starred_codes(rows, None, demo.event.id)) == frozenset()
    assert await database.read(lambda rows: len(rows.execute(select(star)).all())) == 1
    for _ in range(2):
        await database.write(lambda tx: unstar_session(tx, account_id, opening))
    assert await database.read(lambda rows: starred_codes(rows, account_id, demo.event.id)) == frozenset()


async def test_closed_events_are_listed_only_when_asked_for(
    database: Database, clock: ManualClock, demo: DemoEvent, programme_of: Callable[[str], Programme]
) -> None:
    closed = programme_of("democon.pretalx.json")
    closed.event.is_public = False
    await database.write(lambda tx: import_schedule(tx, closed, at=clock.now()))
    assert [one.slug for one in await database.read(all_events)] == ["karbala-2025"]
    everything = await database.read(lambda rows: all_events(rows, only_public=False))
    assert [one.slug for one in everything] == ["karbala-2025", "democon"]
