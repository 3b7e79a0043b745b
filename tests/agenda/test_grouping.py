"""Days, rooms, times, filters and now-and-next, on the demo programme."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from conference.agenda.demo import create_demo
from conference.agenda.grouping import (
    by_room,
    by_time,
    conference_day,
    current_day,
    days_of,
    filtered,
    languages_of,
    now_and_next,
)
from conference.agenda.reading import schedule_of
from conference.agenda.rows import Schedule
from conference.clock import ManualClock
from conference.storage.database import Database

BAGHDAD = ZoneInfo("Asia/Baghdad")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2025, 10, day, hour, minute, tzinfo=BAGHDAD)


@pytest.fixture
async def schedule(database: Database, clock: ManualClock) -> Schedule:
    demo = await database.write(lambda tx: create_demo(tx, now=clock.now()))
    return await database.read(lambda rows: schedule_of(rows, demo.event))


def test_every_session_is_in_exactly_one_day(schedule: Schedule) -> None:
    days = days_of(schedule.event, schedule.sessions)
    assert [day.date for day in days] == [date(2025, 10, 25), date(2025, 10, 26), date(2025, 10, 27)]
    assert [day.index for day in days] == [1, 2, 3]
    assert sorted(one.id for day in days for one in day.sessions) == sorted(
        one.id for one in schedule.sessions
    )
    assert all(day.starts <= one.starts_at < day.ends for day in days for one in day.sessions)


def test_a_day_keeps_its_number_when_a_filter_empties_another(schedule: Schedule) -> None:
    last_day = [one for one in schedule.sessions if one.starts_at >= at(27, 0)]
    assert [day.index for day in days_of(schedule.event, last_day)] == [3]


def test_a_night_session_stays_with_its_evening(schedule: Schedule) -> None:
    assert conference_day(schedule.event, at(26, 3, 59)) == date(2025, 10, 25)
    assert conference_day(schedule.event, at(26, 4)) == date(2025, 10, 26)
    berlin = msgspec.structs.replace(schedule.event, zone="Europe/Berlin")
    assert conference_day(berlin, at(26, 5)) == date(2025, 10, 25)  # 03:00 in Berlin


def test_by_room_keeps_the_rooms_order_and_puts_all_rooms_first(schedule: Schedule) -> None:
    first = days_of(schedule.event, schedule.sessions)[0]
    grouped = by_room(schedule.rooms, first.sessions)
    assert [room.slug if room else None for room, _ in grouped] == [
        None,
        "main-hall",
        "forum-1",
        "forum-2",
        "workshops",
    ]
    assert sum(len(sessions) for _, sessions in grouped) == len(first.sessions)


def test_by_time_joins_what_starts_together(schedule: Schedule) -> None:
    first = days_of(schedule.event, schedule.sessions)[0]
    together = dict(by_time(first.sessions))
    assert len(together[at(25, 11)]) == 4
    assert list(together) == sorted(together)


@pytest.mark.parametrize("track", ["ai", "digital"])
def test_track_filter_leaves_the_breaks(schedule: Schedule, track: str) -> None:
    found = filtered(schedule, track=track)
    assert {one.track.slug for one in found if one.track} == {track}
    assert sum(one.is_break for one in found) == sum(one.is_break for one in schedule.sessions)


def test_room_and_language_filters_combine(schedule: Schedule) -> None:
    found = [one for one in filtered(schedule, room="forum-1", language="en") if not one.is_break]
    assert found
    assert all(one.room is not None and one.room.slug == "forum-1" and one.language == "en" for one in found)


def test_a_personal_agenda_holds_only_what_was_starred(schedule: Schedule) -> None:
    assert [one.code for one in filtered(schedule, codes={"OPEN25"})] == ["OPEN25"]


def test_an_unknown_filter_finds_no_session(schedule: Schedule) -> None:
    assert all(one.is_break for one in filtered(schedule, track="no-such-track"))


def test_languages_are_listed_by_frequency(schedule: Schedule) -> None:
    assert languages_of(schedule.sessions) == ["ar", "en"]


def test_five_past_nine_shows_the_opening_and_what_starts_soon(schedule: Schedule) -> None:
    shown = {one.room.slug: one for one in now_and_next(schedule, at(25, 9, 5))}
    assert [one.code for one in shown["main-hall"].now] == ["OPEN25"]
    for room, start in (("workshops", at(25, 9, 15)), ("forum-2", at(25, 9, 30))):
        following = shown[room].next
        assert following is not None
        assert following.starts_at == start
        assert not shown[room].now


def test_a_break_for_all_rooms_runs_in_each(schedule: Schedule) -> None:
    for one in now_and_next(schedule, at(26, 12)):
        assert [session.title["en"] for session in one.now] == ["Noon and afternoon prayers"]


def test_nothing_is_next_after_the_last_session_of_the_day(schedule: Schedule) -> None:
    assert all(one.next is None and not one.now for one in now_and_next(schedule, at(25, 20)))


def test_a_session_has_ended_at_its_very_end(schedule: Schedule) -> None:
    opening = next(one for one in schedule.sessions if one.code == "OPEN25")
    assert opening.is_live(opening.starts_at)
    assert not opening.is_live(opening.ends_at)
    assert opening.is_live(opening.ends_at - timedelta(seconds=1))


def test_current_day_before_during_and_after(schedule: Schedule) -> None:
    days = days_of(schedule.event, schedule.sessions)
    for moment, index in ((at(1, 9), 1), (at(26, 9), 2), (at(27, 1), 2), (at(30, 9), 3)):
        found = current_day(days, moment)
        assert found is not None
        assert found.index == index
    assert current_day([], at(25, 9)) is None
