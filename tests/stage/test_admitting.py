"""Who is let into the live place of an event, and which channels are theirs."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import Connection, insert, update

from conference.agenda.releasing.releasing import release_draft
from conference.agenda.tables import event
from conference.clock import ManualClock
from conference.errors import NotAllowed, NotFound
from conference.live.channels import (
    desk_channel,
    event_channel,
    event_desk_channel,
    person_channel,
    session_channel,
    stage_channel,
)
from conference.live.commands import Caller, Identity, Place
from conference.people.grants import grant_role
from conference.people.permissions import Capability, Role
from conference.people.tables import ban, grant
from conference.stage.admitting import admitting, permitting
from conference.storage.database import Database, Transaction
from tests.live.seminar import MORNING, PEOPLE, account_id, furnish

EVENT = Place("event", "karbala")


async def admitted(database: Database, clock: ManualClock, name: str, place: Place = EVENT) -> Caller:
    """*name*, signed in, as *place* lets them in."""
    identity = Identity(account_id(name), None, "en")
    return await database.read(lambda rows: admitting(clock)(rows, identity, place, "tab"))


@pytest.fixture
async def event_of_today(database: Database, clock: ManualClock) -> Database:
    def write(tx: Transaction) -> None:
        furnish(tx, clock)
        row = {"account_id": account_id("huda"), "event_id": 1, "role": Role.ORGANIZER}
        tx.connection.execute(insert(grant).values(**row, granted_at=clock.now()))

    await database.write(write)
    return database


@pytest.mark.parametrize("name", PEOPLE)
async def test_whoever_may_see_the_event_hears_of_it_and_organizers_hear_the_desk(
    event_of_today: Database, clock: ManualClock, name: str
) -> None:
    caller = await admitted(event_of_today, clock, name)
    mine = {event_channel(1), person_channel(f"{name}-public-id")}
    assert set(caller.channels) == (mine | {event_desk_channel(1)} if name == "huda" else mine)
    assert (caller.kind, caller.session_code) == ("event", "")


async def test_closed_event_does_not_exist_for_outsiders(
    event_of_today: Database, clock: ManualClock
) -> None:
    await event_of_today.write(lambda tx: tx.connection.execute(update(event).values(is_public=False)))
    assert (await admitted(event_of_today, clock, "ali")).roles == {"attendee"}
    with pytest.raises(NotFound) as refused:
        await admitted(event_of_today, clock, "omar")
    with pytest.raises(NotFound) as nowhere:
        await admitted(event_of_today, clock, "omar", Place("event", "nowhere"))
    assert str(refused.value) == str(nowhere.value)


async def test_banned_person_of_a_closed_event_is_outside_too(
    event_of_today: Database, clock: ManualClock
) -> None:
    await event_of_today.write(lambda tx: tx.connection.execute(update(event).values(is_public=False)))
    row = {"account_id": account_id("ali"), "event_id": 1, "made_at": clock.now()}
    await event_of_today.write(lambda tx: tx.connection.execute(insert(ban).values(**row)))
    with pytest.raises(NotFound):
        await admitted(event_of_today, clock, "ali")


async def test_commands_in_an_event_are_asked_for_in_the_events_scope(
    event_of_today: Database, clock: ManualClock
) -> None:
    organizer = await admitted(event_of_today, clock, "huda")
    await event_of_today.read(lambda rows: permitting(clock)(rows, organizer, Capability.ORGANIZE))
    for name in ("zainab", "ali"):
        caller = await admitted(event_of_today, clock, name)
        with pytest.raises(NotAllowed):
            await event_of_today.read(partial(_permitted, caller, clock))


def _permitted(caller: Caller, clock: ManualClock, rows: Connection) -> None:
    permitting(clock)(rows, caller, Capability.ORGANIZE)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("ali", set()),
        ("omar", {stage_channel(MORNING)}),
        ("zainab", {stage_channel(MORNING), desk_channel(MORNING)}),
    ],
)
async def test_a_room_hears_its_event_and_those_who_speak_hear_how_the_room_is(
    event_of_today: Database, clock: ManualClock, name: str, more: set[str]
) -> None:
    def publish(tx: Transaction) -> None:
        release_draft(tx, 1, by=None, at=clock.now(), sender=None)
        grant_role(tx, account_id("omar"), 1, Role.SPEAKER, 1, now=clock.now())

    await event_of_today.write(publish)
    caller = await admitted(event_of_today, clock, name, Place("session", MORNING))
    everybody = {session_channel(MORNING), event_channel(1), person_channel(f"{name}-public-id")}
    assert set(caller.channels) == everybody | more
