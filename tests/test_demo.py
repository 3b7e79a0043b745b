"""The demo: a clock that plays the conference, five people with links, and nothing forgotten by accident."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from conference.agenda.demo import DEMO_SLUG
from conference.agenda.reading import event_by_slug, schedule_of
from conference.clock import ManualClock
from conference.demo import FIRST_MOMENT, demo_clock, demo_settings, forget_demo, load_demo
from conference.people.links import LinkState, personal_link_seen
from conference.people.permissions import Role, Scope, roles_in
from conference.settings import load_settings
from conference.storage.database import Database

REAL = datetime(2031, 3, 4, 18, 0, tzinfo=UTC)


def shown(folder: Path, real: datetime) -> datetime:
    """What the demo's clock would show at *real*, to the second."""
    return ManualClock(real).now() + demo_clock(folder, ManualClock(real)).offset


def test_the_first_start_finds_the_opening_five_minutes_old(tmp_path: Path) -> None:
    assert shown(tmp_path, REAL) == FIRST_MOMENT


def test_a_later_start_goes_on_during_conference_hours(tmp_path: Path) -> None:
    shown(tmp_path, REAL)
    assert shown(tmp_path, REAL + timedelta(hours=2)) == FIRST_MOMENT + timedelta(hours=2)
    assert shown(tmp_path, REAL + timedelta(days=1)) == FIRST_MOMENT + timedelta(days=1)


@pytest.mark.parametrize(
    "later", [timedelta(hours=12), timedelta(days=3), timedelta(days=400), timedelta(days=-1)]
)
def test_a_start_outside_conference_hours_begins_anew(tmp_path: Path, later: timedelta) -> None:
    shown(tmp_path, REAL)
    assert shown(tmp_path, REAL + later) == FIRST_MOMENT


def test_a_damaged_clock_file_begins_anew(tmp_path: Path) -> None:
    for text in ("", "{}", '{"offset_seconds": "soon"}', "\0"):
        (tmp_path / "demo-clock.json").write_text(text)
        assert shown(tmp_path, REAL) == FIRST_MOMENT


async def test_the_five_people_have_their_roles_and_working_links(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    people = await load_demo(database, tmp_path, clock)
    event = await database.read(lambda rows: event_by_slug(rows, DEMO_SLUG))
    roles = []
    for person in people:
        seen = await database.read(partial(personal_link_seen, token=person.token, now=clock.now()))
        assert seen.state is LinkState.GOOD
        held = await database.read(
            partial(roles_in, account_id=seen.account_id, scope=Scope(event_id=event.id))
        )
        assert person.role in held
        roles.append(person.role)
    assert roles == [Role.ORGANIZER, Role.CHAIR, Role.SPEAKER, Role.ATTENDEE, Role.ATTENDEE]


async def test_a_second_start_keeps_data_and_links(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    first = await load_demo(database, tmp_path, clock)
    assert await load_demo(database, tmp_path, clock) == first
    event = await database.read(lambda rows: event_by_slug(rows, DEMO_SLUG))
    held = [
        one
        for one in (await database.read(lambda rows: schedule_of(rows, event))).sessions
        if not one.is_break
    ]
    assert len(held) >= 40
    assert len({one.room.slug for one in held if one.room}) >= 4


async def test_lost_links_are_made_again_for_the_same_people(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    first = await load_demo(database, tmp_path, clock)
    (tmp_path / "demo-links.json").unlink()
    second = await load_demo(database, tmp_path, clock)
    assert [person.email for person in second] == [person.email for person in first]
    assert {person.token for person in second}.isdisjoint({person.token for person in first})


async def test_the_file_with_the_links_is_for_its_owner_only(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await load_demo(database, tmp_path, clock)
    assert stat.S_IMODE((tmp_path / "demo-links.json").stat().st_mode) == 0o600


def test_forgetting_removes_only_what_the_demo_wrote(tmp_path: Path) -> None:
    for name in ("majlis.sqlite3", "majlis.sqlite3-wal", "demo-links.json", "my-notes.txt"):
        (tmp_path / name).write_text("x")
    forget_demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["my-notes.txt"]


def test_the_demo_keeps_to_a_folder_of_its_own() -> None:
    settings = load_settings()
    assert demo_settings(settings, chosen_folder=None).folder == Path("data/demo")
    assert demo_settings(settings, chosen_folder="elsewhere").folder == Path("elsewhere")
