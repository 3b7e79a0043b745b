"""Releasing: the draft becomes what the public sees, and stays as it was released."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import Connection, delete, select, update

from conference.agenda.reading import event_by_id
from conference.agenda.releasing import published
from conference.agenda.releasing.planning import plan_release, planned_release, still_planned
from conference.agenda.releasing.releasing import publish
from conference.agenda.releasing.saying_late import run_late
from conference.agenda.rows import FullSchedule
from conference.agenda.tables import SessionState, event, person, room, session, session_person
from conference.errors import BadInput, Conflict
from conference.live.tables import log_event
from conference.storage.database import Database, Transaction
from tests.agenda.releasing.town_hall import FIRST, HOUR, NOW, SECOND, START, Hall, town_hall


@pytest.fixture
async def hall(database: Database) -> Hall:
    return await town_hall(database)


async def shown(hall: Hall) -> FullSchedule:
    return await hall.database.read(
        lambda rows: published.schedule_of(rows, event_by_id(rows, hall.event_id))
    )


async def titles(hall: Hall, name: str) -> list[str]:
    """The English titles of a release."""

    def read(rows: Connection) -> list[str]:
        event = event_by_id(rows, hall.event_id)
        one = published.release_by_name(rows, event.id, name)
        return [session.title["en"] for session in published.released_schedule(rows, event, one).sessions]

    return await hall.database.read(read)


async def revisions(hall: Hall) -> dict[str, int]:
    rows = await hall.database.read(
        lambda rows: rows.execute(select(session.c.code, session.c.revision)).all()
    )
    return {code: revision for code, revision in rows}


async def test_a_new_events_programme_is_released_under_the_files_version(hall: Hall) -> None:
    releases = await hall.database.read(lambda rows: published.releases_of(rows, hall.event_id))
    assert [(one.number, one.name) for one in releases] == [(1, "one")]


async def test_the_public_sees_a_change_only_once_it_is_released(hall: Hall) -> None:
    await hall.change(FIRST, starts_at=START + HOUR)
    assert (await shown(hall)).sessions[0].starts_at == START
    await hall.release()
    assert (await shown(hall)).sessions[0].starts_at == START + HOUR


async def test_a_release_stays_as_it_was_whatever_comes_after(hall: Hall) -> None:
    first = await shown(hall)
    await hall.change(FIRST, title={"en": "Renamed"}, room="b")
    await hall.release(name="two")
    await hall.change(SECOND, starts_at=None)
    await hall.release()

    assert await titles(hall, "one") == ["Opening", "Practice"]
    assert await titles(hall, "two") == ["Renamed", "Practice"]
    assert await titles(hall, "3") == ["Renamed"]
    assert first.sessions[0].title["en"] == "Opening"


async def test_a_release_without_any_change_is_refused(hall: Hall) -> None:
    with pytest.raises(Conflict, match="Nothing has changed"):
        await hall.release()


@pytest.mark.parametrize("name", ["a/b", "..", "what?", "x" * 81, "50%"])
async def test_a_name_that_is_no_part_of_an_address_is_refused_and_nothing_is_released(
    hall: Hall, name: str
) -> None:
    await hall.change(FIRST, minutes=45)
    with pytest.raises(BadInput):
        await hall.release(name=name)
    assert (await shown(hall)).sessions[0].minutes == 60


async def test_a_name_is_given_once(hall: Hall) -> None:
    await hall.change(FIRST, minutes=45)
    with pytest.raises(Conflict, match="already a release"):
        await hall.release(name="one")


async def test_calendars_are_told_by_a_higher_number_of_what_changed_only(hall: Hall) -> None:
    await hall.change(FIRST, starts_at=START + HOUR)
    await hall.release()
    assert await revisions(hall) == {FIRST: 1, SECOND: 0}
    await hall.change(FIRST, state=SessionState.CANCELLED.value)
    await hall.release()
    assert await revisions(hall) == {FIRST: 2, SECOND: 0}
    await hall.change(SECOND, starts_at=None)
    await hall.release()
    gone = (await revisions(hall))[SECOND]
    await hall.change(SECOND, starts_at=START)
    await hall.release()
    assert (await revisions(hall))[SECOND] > gone > 0


async def session_moves(hall: Hall) -> None:
    await hall.change(FIRST, starts_at=START + 3 * HOUR)


async def room_gets_a_name(hall: Hall) -> None:
    await hall.database.write(lambda tx: tx.connection.execute(update(room).values(name={"en": "Aula"})))


async def person_gets_a_name(hall: Hall) -> None:
    await hall.database.write(
        lambda tx: tx.connection.execute(update(person).values(name={"en": "Prof. Sara"}))
    )


async def person_leaves(hall: Hall) -> None:
    await hall.database.write(lambda tx: tx.connection.execute(delete(session_person)))


async def hall_runs_late(hall: Hall) -> None:
    at = START + HOUR / 2

    def late(tx: Transaction) -> None:
        here = tx.connection.execute(select(room.c.id).where(room.c.slug == "a")).scalar_one()
        run_late(tx, hall.event_id, here, 12, by=None, at=at)

    await hall.database.write(late)


async def event_moves(hall: Hall) -> None:
    await hall.database.write(lambda tx: tx.connection.execute(update(event).values(zone="Europe/London")))


async def somebody_releases(hall: Hall) -> None:
    await hall.release(name="theirs")


@pytest.mark.parametrize(
    "happens",
    [
        session_moves,
        room_gets_a_name,
        person_gets_a_name,
        person_leaves,
        hall_runs_late,
        event_moves,
        somebody_releases,
    ],
)
async def test_what_happens_while_a_release_is_planned_is_in_it(
    hall: Hall, happens: Callable[[Hall], Awaitable[None]]
) -> None:
    """The plan is made beside the writer; it counts only if nothing it was made from has changed."""
    await hall.change(SECOND, minutes=90)
    planned = await hall.database.read(lambda rows: planned_release(rows, hall.event_id))
    await happens(hall)
    now = await hall.database.read(lambda rows: plan_release(rows, hall.event_id))
    fresh = await hall.database.read(lambda rows: still_planned(rows, hall.event_id, planned))
    assert (fresh.digest, fresh.changes, fresh.revisions) == (now.digest, now.changes, now.revisions)
    assert fresh is not planned.plan


async def test_a_plan_that_still_holds_is_not_made_again(hall: Hall) -> None:
    await hall.change(SECOND, minutes=90)
    planned = await hall.database.read(lambda rows: planned_release(rows, hall.event_id))
    kept = await hall.database.read(lambda rows: still_planned(rows, hall.event_id, planned))
    assert kept is planned.plan
    made = await publish(hall.database, hall.event_id, by=None, at=NOW, sender=None)
    assert (made.changes, (await shown(hall)).sessions[1].minutes) == (1, 90)


async def test_open_pages_hear_of_a_release(hall: Hall) -> None:
    await hall.change(FIRST, minutes=45)
    before = await hall.database.read(lambda rows: published.state_of(rows, hall.event_id))
    await hall.release()
    after = await hall.database.read(lambda rows: published.state_of(rows, hall.event_id))
    assert (before.release, after.release) == (1, 2)
    told = await hall.database.read(
        lambda rows: rows.scalars(
            select(log_event.c.body).where(log_event.c.channel == f"event:{hall.event_id}")
        ).all()
    )
    assert '"release":2' in told[-1]
