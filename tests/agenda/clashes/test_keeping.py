"""The plan as the database has it, and the checkers kept in memory: current after any change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Connection, delete, event, insert, select, update

from conference.agenda.clashes.checker import Checker
from conference.agenda.clashes.keeping import EVENTS, WHILE_DRAGGING, Checkers
from conference.agenda.clashes.plan import Closure, Opening, PrayerPlace, minute_of
from conference.agenda.clashes.problems import Kind
from conference.agenda.clashes.reading import plan_of
from conference.agenda.demo import DemoEvent, create_demo
from conference.agenda.drafting import acts
from conference.agenda.drafting.edit_log import tell_desk
from conference.agenda.drafting.performing import perform
from conference.agenda.importing.apply import import_schedule
from conference.agenda.reading import event_by_id
from conference.agenda.tables import (
    availability,
    closure,
    opening,
    person,
    room,
    session,
    session_person,
    sign_up,
    star,
)
from conference.agenda.tables import event as event_table
from conference.clock import ManualClock
from conference.people.accounts import create_account
from conference.storage.database import Database, Transaction
from scripts.bench.big_event import Size, big_event, store_big_event
from tests.agenda.clashes.big_plan import big_plan


@pytest.fixture
async def demo(database: Database, clock: ManualClock) -> DemoEvent:
    return await database.write(lambda tx: create_demo(tx, now=clock.now()))


async def fresh(database: Database, event_id: int) -> Checker:
    return Checker(await database.read(lambda rows: plan_of(rows, event_by_id(rows, event_id))))


async def statements(database: Database, work: Callable[[Connection], object]) -> int:
    """How many statements *work* takes."""
    seen: list[str] = []

    def counted(rows: Connection) -> None:
        def note(*args: object) -> None:
            seen.append(str(args[2]))

        event.listen(rows, "before_cursor_execute", note)
        work(rows)
        event.remove(rows, "before_cursor_execute", note)

    await database.read(counted)
    return len(seen)


def moving(code: str, minutes: int) -> Callable[[Transaction, DemoEvent, ManualClock], None]:
    """An organizer moves a session by so many minutes, as the planner does it."""

    def move(tx: Transaction, demo: DemoEvent, clock: ManualClock) -> None:
        query = select(session.c.starts_at, session.c.edition).where(session.c.code == code)
        starts_at, edition = tx.connection.execute(query).one()
        to = (starts_at + timedelta(minutes=minutes)).isoformat()
        act = acts.Place(session=code, edition=edition, starts_at=to)
        perform(tx, event_by_id(tx.connection, demo.event.id), act, by=None, at=clock.now())

    return move


async def test_the_plan_is_the_same_from_the_database_as_from_the_programme(
    database: Database, clock: ManualClock
) -> None:
    """The stored large event has the problems that the pure one has."""
    size = Size(sessions=60, rooms=3, days=2, people=60)
    event_id = await database.write(lambda tx: store_big_event(tx, big_event(size), at=clock.now()))
    stored = await fresh(database, event_id)
    pure = Checker(big_plan(size))
    assert stored.problems()
    assert said(stored) == said(pure)


def said(checker: Checker) -> list[tuple[Kind, list[str]]]:
    """Each problem by the titles of its sessions: the database may have had to give other codes."""
    titles = {one.code: one.title["en"] for one in checker.sessions.values()}
    return sorted((one.kind, sorted(titles[code] for code in one.sessions)) for one in checker.problems())


async def test_reading_takes_the_same_queries_for_a_small_and_a_large_event(
    database: Database, clock: ManualClock, demo: DemoEvent
) -> None:
    large = big_event(Size(sessions=100, rooms=4, people=50))
    event_id = await database.write(lambda tx: store_big_event(tx, large, at=clock.now()))
    counts = [
        await statements(database, lambda rows, key=key: plan_of(rows, event_by_id(rows, key)))  # type: ignore[misc]  # bound now
        for key in (demo.event.id, event_id)
    ]
    assert counts[0] == counts[1] <= 13


async def test_everything_the_rules_ask_for_is_read(
    database: Database, clock: ManualClock, demo: DemoEvent
) -> None:
    now, later = clock.now(), clock.now() + timedelta(hours=1)

    def furnish(tx: Transaction) -> None:
        rows, key = tx.connection, demo.event.id
        for own in (opening, closure, availability):
            rows.execute(delete(own))
        hall = rows.execute(select(room.c.id).where(room.c.slug == "main-hall")).scalar_one()
        somebody = rows.execute(select(person.c.id).order_by(person.c.id)).scalars().first()
        place = {"latitude": 32.6, "longitude": 44.02, "method": "jafari"}
        rows.execute(update(event_table).values(prayer=place, changeover_minutes=7, walking_minutes=9))
        hours = {"event_id": key, "room_id": hall, "opens": time(9), "closes": time(1, 30)}
        rows.execute(insert(opening).values(hours | {"day": date(2025, 10, 25)}))
        shut = {"event_id": key, "kind": "shutdown", "name": {"en": "Exams"}}
        rows.execute(insert(closure).values(shut | {"starts_at": now, "ends_at": later}))
        far = {"zone": "Europe/London", "is_remote": True}
        rows.execute(update(person).where(person.c.id == somebody).values(far))
        rows.execute(insert(availability).values(person_id=somebody, starts_at=now, ends_at=later))
        for state in ("taken", "waiting"):
            account = create_account(tx, f"{state}@example.org", "A", now=now)
            theirs = {"account_id": account.id, "session_id": demo.session_id}
            rows.execute(insert(sign_up).values(theirs | {"at": now, "state": state}))
        key = rows.execute(select(sign_up.c.account_id).where(sign_up.c.state == "taken")).scalar_one()
        rows.execute(insert(star).values(account_id=key, session_id=demo.session_id, starred_at=now))

    await database.write(furnish)
    plan = await database.read(lambda rows: plan_of(rows, event_by_id(rows, demo.event.id)))
    hall = next(one.id for one in plan.rooms.values() if one.slug == "main-hall")
    assert (plan.changeover, plan.walking) == (7, 9)
    assert plan.prayer == PrayerPlace(latitude=32.6, longitude=44.02, method="jafari")
    assert plan.openings == (Opening(room=hall, day=date(2025, 10, 25), opens=540, closes=90),)
    assert plan.closures == (
        Closure(kind="shutdown", name={"en": "Exams"}, span=(minute_of(now), minute_of(later))),
    )
    (far,) = [one for one in plan.people.values() if one.is_remote]
    assert (far.zone, far.available) == ("Europe/London", ((minute_of(now), minute_of(later)),))
    first = next(one for one in plan.sessions if one.code == "OPEN25")
    assert (first.sign_ups, plan.stars) == (1, {"OPEN25": 1})


@pytest.mark.parametrize("stored", [{"latitude": "north"}, {}, {"longitude": 4}, [1, 2]])
async def test_a_place_of_prayer_that_is_none_is_no_failure(
    database: Database, demo: DemoEvent, stored: object
) -> None:
    await database.write(lambda tx: tx.connection.execute(update(event_table).values(prayer=stored)).rowcount)
    assert (await fresh(database, demo.event.id)).plan.prayer is None


async def test_cancelled_sessions_clash_with_nothing_and_unscheduled_ones_wait(
    database: Database, clock: ManualClock, demo: DemoEvent
) -> None:
    checkers = Checkers(database, clock)
    before = (await checkers.current(demo.event.id)).checker
    code = before.problems()[0].sessions[0]

    def cancel(tx: Transaction) -> None:
        edition = tx.connection.execute(select(session.c.edition).where(session.c.code == code)).scalar_one()
        row = event_by_id(tx.connection, demo.event.id)
        perform(tx, row, acts.Cancel(session=code, edition=edition), by=None, at=clock.now())

    await database.write(cancel)
    after = (await checkers.current(demo.event.id, at_most=WHILE_DRAGGING)).checker
    assert not any(code in one.sessions for one in after.problems())
    assert code not in after.sessions


async def test_an_edit_is_followed_without_reading_everything_again(
    database: Database, clock: ManualClock, demo: DemoEvent
) -> None:
    checkers = Checkers(database, clock)
    first = await checkers.current(demo.event.id)
    await database.write(lambda tx: moving("OPEN25", 15)(tx, demo, clock))
    second = await checkers.current(demo.event.id, at_most=WHILE_DRAGGING)
    assert second.checker is first.checker  # the same, brought up to date
    assert second.edit > first.edit
    assert second.checker.problems() == (await fresh(database, demo.event.id)).problems()
    assert Kind.ROOM_OVERLAP in {one.kind for one in second.checker.problems()}


async def test_what_is_not_an_edit_is_seen_at_once_or_while_dragging_soon(
    database: Database, clock: ManualClock, demo: DemoEvent
) -> None:
    """Somebody's hours change in a form, people star: no entry in the log of edits tells of it."""
    checkers = Checkers(database, clock)
    await checkers.current(demo.event.id)

    def never(tx: Transaction) -> None:
        speaker = select(session_person.c.person_id).where(session_person.c.session_id == demo.session_id)
        key = tx.connection.execute(speaker.limit(1)).scalar_one()
        then = clock.now() - timedelta(days=9)
        values = {"person_id": key, "starts_at": then, "ends_at": then + timedelta(hours=1)}
        tx.connection.execute(insert(availability).values(values))

    await database.write(never)
    dragging = await checkers.current(demo.event.id, at_most=WHILE_DRAGGING)
    assert not away(dragging.checker, demo.session_code)
    clock.advance(WHILE_DRAGGING)
    later = await checkers.current(demo.event.id, at_most=WHILE_DRAGGING)
    assert away(later.checker, demo.session_code)


def away(checker: Checker, code: str) -> bool:
    """Whether somebody of the session is not available at its time."""
    return any(one.kind is Kind.UNAVAILABLE and code in one.sessions for one in checker.problems())


async def test_what_the_organizers_are_told_of_is_seen_at_once(
    database: Database, clock: ManualClock, demo: DemoEvent
) -> None:
    """A form that changes hours, rooms or people tells the planners, and they ask for the clashes at once."""
    checkers = Checkers(database, clock)
    await checkers.current(demo.event.id)

    def shut(tx: Transaction) -> None:
        row = {"event_id": demo.event.id, "kind": "holiday", "name": {"en": "Eid"}}
        span = {"starts_at": clock.now(), "ends_at": clock.now() + timedelta(hours=1)}
        tx.connection.execute(insert(closure).values(row | span))
        tell_desk(tx, demo.event.id, "closures", by=None, at=clock.now())

    await database.write(shut)
    dragging = await checkers.current(demo.event.id, at_most=WHILE_DRAGGING)
    assert Kind.HOLIDAY in {one.kind for one in dragging.checker.problems()}


async def test_stars_are_followed_in_the_checker_that_is_there(
    database: Database, clock: ManualClock, demo: DemoEvent
) -> None:
    checkers = Checkers(database, clock)
    first = await checkers.current(demo.event.id)

    def star_two(tx: Transaction) -> None:
        held = select(session.c.id, session.c.starts_at).where(
            session.c.kind == "session", session.c.room_id.is_not(None)
        )
        keys = tx.connection.execute(held.order_by(session.c.starts_at)).all()
        at_once = next((a, b) for a, b in pairwise(keys) if a.starts_at == b.starts_at)
        for number in range(6):
            account = create_account(tx, f"s{number}@example.org", "S", now=clock.now())
            for one in at_once:
                tx.connection.execute(
                    insert(star).values(account_id=account.id, session_id=one.id, starred_at=clock.now())
                )

    await database.write(star_two)
    second = await checkers.current(demo.event.id)
    assert second.checker is first.checker
    assert Kind.STARRED_BOTH in {one.kind for one in second.checker.problems()}
    assert second.checker.problems() == (await fresh(database, demo.event.id)).problems()


async def test_many_who_ask_at_once_while_others_edit_get_the_newest(
    database: Database, clock: ManualClock, demo: DemoEvent
) -> None:
    checkers = Checkers(database, clock)

    async def edit(minutes: int) -> None:
        await database.write(lambda tx: moving("OPEN25", minutes)(tx, demo, clock))

    async def ask(number: int) -> None:
        await checkers.current(demo.event.id, at_most=WHILE_DRAGGING if number % 2 else timedelta())

    await asyncio.gather(*(edit(minutes) for minutes in (5, 10, -5, 30, -40)), *(ask(n) for n in range(12)))
    last = await checkers.current(demo.event.id, at_most=WHILE_DRAGGING)
    assert last.checker.problems() == (await fresh(database, demo.event.id)).problems()


async def test_only_so_many_events_are_kept(database: Database, clock: ManualClock) -> None:
    checkers = Checkers(database, clock)
    small = Size(sessions=2, rooms=1, days=1, people=0)
    for number in range(EVENTS + 2):
        programme = big_event(small, slug=f"small-{number}").programme
        await database.write(lambda tx, it=programme: import_schedule(tx, it, at=clock.now()))  # type: ignore[misc]  # bound now
    for key in range(1, EVENTS + 3):
        await checkers.current(key, at_most=WHILE_DRAGGING)
    again = await checkers.current(1, at_most=WHILE_DRAGGING)
    assert len(again.checker.sessions) == 5  # two and three breaks
