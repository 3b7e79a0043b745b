"""A hall that runs late: what moves, in the published programme and in the draft alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from sqlalchemy import select

from conference.agenda.demo import DemoEvent, create_demo
from conference.agenda.reading import schedule_of
from conference.agenda.releasing import published
from conference.agenda.releasing.published import published_schedule
from conference.agenda.releasing.releasing import release_draft
from conference.agenda.releasing.running_late import Delay, delayed, lateness
from conference.agenda.releasing.saying_late import end_of_day, run_late, run_on_time
from conference.agenda.rows import SessionDetails, SessionRow
from conference.agenda.tables import delay
from conference.errors import BadInput, Conflict
from conference.live.tables import log_event
from conference.storage.database import Database
from tests.agenda.releasing.programmes import DAWN, ROOMS, held_session, programmes

MINUTE = timedelta(minutes=1)


def late_by(minutes: int, *, from_at: datetime, room: int = 1, id: int = 1) -> Delay:
    until = DAWN + timedelta(hours=20)
    return Delay(id=id, room_id=room, from_at=from_at, until_at=until, minutes=minutes, at=from_at)


def test_what_runs_ends_later_and_what_follows_starts_later_and_other_halls_stay() -> None:
    running = held_session("AAAAAA")
    next_one = held_session("BBBBBB", starts_at=DAWN + 30 * MINUTE)
    elsewhere = held_session("CCCCCC", room=ROOMS[1])
    for_all = held_session("DDDDDD", room=None, starts_at=DAWN + 30 * MINUTE)
    over = held_session("EEEEEE", starts_at=DAWN - 60 * MINUTE)
    tomorrow = held_session("FFFFFF", starts_at=DAWN + timedelta(days=1))
    everything = [running, next_one, elsewhere, for_all, over, tomorrow]
    now = DAWN + 20 * MINUTE
    moved = {one.code: one for one in delayed(everything, [late_by(12, from_at=now)])}
    assert (moved["AAAAAA"].starts_at, moved["AAAAAA"].minutes) == (DAWN, 42)
    assert (moved["BBBBBB"].starts_at, moved["BBBBBB"].minutes) == (DAWN + 42 * MINUTE, 30)
    assert [moved[one.code] for one in (elsewhere, for_all, over, tomorrow)] == [
        elsewhere,
        for_all,
        over,
        tomorrow,
    ]
    assert (moved["AAAAAA"].revision, moved["BBBBBB"].revision) == (1, 1)


@given(programmes(), st.integers(1, 60), st.integers(-30, 120))
def test_a_delay_made_good_at_once_changes_no_time(
    sessions: list[SessionDetails], minutes: int, moment: int
) -> None:
    now = DAWN + moment * MINUTE
    there_and_back = [late_by(minutes, from_at=now), late_by(-minutes, from_at=now, id=2)]
    times = {one.code: (one.starts_at, one.minutes) for one in delayed(sessions, there_and_back)}
    assert times == {one.code: (one.starts_at, one.minutes) for one in sessions}


@given(programmes(), st.lists(st.integers(1, 30), max_size=4))
def test_a_late_hall_keeps_its_order_and_nothing_in_it_comes_to_overlap(
    sessions: list[SessionDetails], steps: list[int]
) -> None:
    alone = [structs.replace(one, room=ROOMS[0], starts_at=DAWN + 50 * number * MINUTE)
             for number, one in enumerate(sessions) if not one.is_cancelled]  # fmt: skip
    delays = [late_by(step, from_at=DAWN + 40 * n * MINUTE, id=n) for n, step in enumerate(steps)]
    moved = delayed(alone, delays)
    assert [one.code for one in moved] == [one.code for one in alone]
    assert all(one.ends_at <= other.starts_at for one, other in pairwise(moved))


def test_how_late_a_hall_is_is_the_sum_of_what_was_said_today() -> None:
    said = [late_by(12, from_at=DAWN), late_by(5, from_at=DAWN + 60 * MINUTE, id=2)]
    assert lateness(said, DAWN) == {1: 12}
    assert lateness(said, DAWN + 61 * MINUTE) == {1: 17}
    assert lateness(said, DAWN + timedelta(days=1)) == {}


@pytest.fixture
async def demo(database: Database) -> DemoEvent:
    return await database.write(lambda tx: create_demo(tx, now=datetime(2025, 10, 1, tzinfo=UTC)))


def times(sessions: list[SessionDetails] | list[SessionRow]) -> dict[str, tuple[datetime, int]]:
    return {one.code: (one.starts_at, one.minutes) for one in sessions}


async def test_the_public_the_draft_and_the_rooms_hear_of_it_in_one_act(
    database: Database, demo: DemoEvent
) -> None:
    now = demo.opening.starts_at + 20 * MINUTE
    assert demo.opening.room is not None
    hall = demo.opening.room.id
    late = await database.write(lambda tx: run_late(tx, demo.event_id, hall, 12, by=None, at=now))
    shown = await database.read(lambda rows: published_schedule(rows, demo.event))
    draft = await database.read(lambda rows: schedule_of(rows, demo.event))
    assert shown is not None
    assert times(shown.sessions) == times(draft.sessions)
    assert times(shown.sessions)[demo.session_code] == (demo.opening.starts_at, demo.opening.minutes + 12)
    assert (late.minutes, demo.session_code in late.sessions) == (12, True)
    rooms = await database.read(lambda rows: published.late_rooms(rows, shown, now))
    assert [(room.id, minutes) for room, minutes in rooms] == [(hall, 12)]
    told = await database.read(lambda rows: rows.execute(select(log_event.c.channel, log_event.c.type)).all())
    assert {f"session:{code}" for code in late.sessions} == {c for c, kind in told if kind == "TimesChanged"}
    assert (f"event:{demo.event_id}", "ScheduleChanged") in [tuple(one) for one in told]


async def test_back_on_time_puts_the_rest_of_the_day_where_it_was(
    database: Database, demo: DemoEvent
) -> None:
    before = times((await database.read(lambda rows: schedule_of(rows, demo.event))).sessions)
    now = demo.opening.starts_at + MINUTE
    assert demo.opening.room is not None
    hall = demo.opening.room.id
    await database.write(lambda tx: run_late(tx, demo.event_id, hall, 12, by=None, at=now))
    await database.write(lambda tx: run_late(tx, demo.event_id, hall, 5, by=None, at=now))
    late = await database.write(lambda tx: run_on_time(tx, demo.event_id, hall, by=None, at=now))
    assert late.minutes == 0
    shown = await database.read(lambda rows: published.schedule_of(rows, demo.event))
    draft = await database.read(lambda rows: schedule_of(rows, demo.event))
    assert times(shown.sessions) == times(draft.sessions) == before
    again = await database.write(lambda tx: run_on_time(tx, demo.event_id, hall, by=None, at=now))
    assert again.sessions == []


async def test_the_next_release_holds_the_delays_and_begins_without(
    database: Database, demo: DemoEvent
) -> None:
    now = demo.opening.starts_at + MINUTE
    assert demo.opening.room is not None
    hall = demo.opening.room.id
    await database.write(lambda tx: run_late(tx, demo.event_id, hall, 12, by=None, at=now))
    late = await database.read(lambda rows: published.schedule_of(rows, demo.event))
    made = await database.write(lambda tx: release_draft(tx, demo.event_id, by=None, at=now, sender=None))
    again = await database.read(lambda rows: published.schedule_of(rows, demo.event))
    assert made.changes == 0
    assert times(again.sessions) == times(late.sessions)
    assert await database.read(lambda rows: published.late_rooms(rows, again, now)) == []
    numbers = {one.code: one.revision for one in late.sessions}
    assert all(one.revision >= numbers[one.code] for one in again.sessions)


@pytest.mark.parametrize("minutes", [0, 181, -181, 2**40])
async def test_a_step_that_is_none_is_refused_and_changes_nothing(
    database: Database, demo: DemoEvent, minutes: int
) -> None:
    with pytest.raises(BadInput):
        await database.write(lambda tx: run_late(tx, demo.event_id, 1, minutes, by=None, at=DAWN))
    assert await database.read(lambda rows: rows.execute(select(delay)).all()) == []


async def test_a_hall_with_nothing_left_today_cannot_be_late(database: Database, demo: DemoEvent) -> None:
    night = end_of_day(demo.event, demo.opening.starts_at) - MINUTE
    assert demo.opening.room is not None
    hall = demo.opening.room.id
    with pytest.raises(Conflict):
        await database.write(lambda tx: run_late(tx, demo.event_id, hall, 12, by=None, at=night))
    assert await database.read(lambda rows: rows.execute(select(delay)).all()) == []
