"""What starts in five minutes: told to whom it concerns, once, also over restarts and delays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from conference.agenda.releasing.saying_late import run_late
from conference.agenda.starting_soon import AHEAD, StartingSoon
from conference.agenda.tables import room, session
from conference.clock import ManualClock
from conference.people.accounts import account_by_email
from conference.people.grants import ban_person, grant_role
from conference.people.notifications import newest
from conference.people.notifying import Kind
from conference.people.permissions import Role
from conference.storage.database import Database, Transaction
from tests.agenda.releasing.town_hall import FIRST, NOW, SECOND, START, Hall, town_hall

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def hall(database: Database) -> Hall:
    """Sara speaks first, Ali starred both sessions, Omar only came; the programme is released."""
    hall = await town_hall(database)

    def come(tx: Transaction) -> None:
        for name in ("sara", "ali", "omar"):
            grant_role(tx, _id(tx, name), hall.event_id, Role.ATTENDEE, now=NOW)

    await database.write(come)
    return hall


def _id(tx: Transaction, name: str) -> int:
    found = account_by_email(tx.connection, f"{name}@example.org")
    assert found is not None
    return found.id


async def told(hall: Hall, name: str) -> list[tuple[Kind, str]]:
    def read(tx: Transaction) -> list[tuple[Kind, str]]:
        shown = newest(tx.connection, _id(tx, name), hall.event_id, "en", now=START)
        return [(one.kind, one.session) for one in reversed(shown)]

    return await hall.database.write(read)


async def look(hall: Hall, clock: ManualClock) -> int:
    """By a server that was started just now."""
    return await StartingSoon(hall.database, clock).look()


async def test_speakers_and_those_who_starred_a_session_are_told_five_minutes_before(hall: Hall) -> None:
    clock = ManualClock(START - AHEAD - MINUTE)
    assert await look(hall, clock) == 0
    clock.advance(MINUTE)
    assert await look(hall, clock) == 2
    assert await told(hall, "sara") == [(Kind.SESSION_SOON, FIRST)]
    assert await told(hall, "ali") == [(Kind.SESSION_SOON, FIRST)]
    assert await told(hall, "omar") == []


async def test_nobody_is_told_twice_whatever_restarts(hall: Hall) -> None:
    clock = ManualClock(START - AHEAD)
    job = StartingSoon(hall.database, clock)
    assert [await job.look(), await job.look(), await look(hall, clock)] == [2, 0, 0]
    clock.advance(AHEAD - MINUTE)
    assert await look(hall, clock) == 0
    assert len(await told(hall, "ali")) == 1


async def test_a_server_that_was_down_tells_late_but_not_of_what_has_begun(hall: Hall) -> None:
    assert await look(hall, ManualClock(START - MINUTE)) == 2
    assert await look(hall, ManualClock(START + 2 * timedelta(hours=1))) == 0
    assert await told(hall, "ali") == [(Kind.SESSION_SOON, FIRST)]


async def test_a_hall_that_runs_late_is_told_of_at_its_new_time(hall: Hall) -> None:
    clock = ManualClock(START + timedelta(hours=1))

    def late(tx: Transaction) -> None:
        hall_b = tx.connection.execute(select(room.c.id).where(room.c.slug == "b")).scalar_one()
        run_late(tx, hall.event_id, hall_b, 20, by=None, at=clock.now())

    await hall.database.write(late)
    clock.advance(timedelta(minutes=56))
    assert await look(hall, clock) == 0, "its old start is none any more"
    clock.advance(timedelta(minutes=20))
    assert await look(hall, clock) == 1
    assert (await told(hall, "ali"))[-1] == (Kind.SESSION_SOON, SECOND)


async def test_what_is_cancelled_or_only_drafted_and_who_is_banned_is_left_out(hall: Hall) -> None:
    def ban(tx: Transaction) -> None:
        ban_person(tx, _id(tx, "ali"), hall.event_id, None, by=_id(tx, "omar"), now=NOW)
        # A draft that was not released moves nothing.
        moved = update(session).where(session.c.code == SECOND).values(starts_at=START)
        tx.connection.execute(moved)

    await hall.database.write(ban)
    assert await look(hall, ManualClock(START - AHEAD)) == 1
    assert await told(hall, "sara") == [(Kind.SESSION_SOON, FIRST)]
    assert await told(hall, "ali") == []
