"""Waiting lists after edits of the draft: whoever gets a place has it at once and is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from conference.agenda.drafting import acts
from conference.agenda.drafting.edit_log import tell_desk
from conference.agenda.drafting.performing import perform
from conference.agenda.drafts import RoomDraft
from conference.agenda.editing import change_room
from conference.agenda.moving_up import MovingUp
from conference.agenda.rows import EventRow
from conference.agenda.signing_up import sign_up_for, signed_up
from conference.agenda.tables import SignUpState, room
from conference.clock import ManualClock
from conference.people.tables import outbox
from conference.storage.database import Database, Transaction
from tests.agenda.drafting.desk import TALKS, Desk
from tests.agenda.drafting.desk import account as make_account
from tests.world import until

SITE = "https://majlis.example"
TALK = TALKS[0]
BEFORE = datetime(2025, 10, 20, tzinfo=UTC)


class Waiting:
    """A talk with one place, and three people who want it."""

    def __init__(self, database: Database, event: EventRow) -> None:
        self.database, self.event, self.event_id = database, event, event.id

    async def does(self, *wanted: acts.Act) -> None:
        def work(tx: Transaction) -> None:
            for act in wanted:
                perform(tx, self.event, act, by=None, at=BEFORE)

        await self.database.write(work)

    async def have_places(self, *names: str) -> None:
        async def have() -> bool:
            listed = await self.database.read(lambda rows: signed_up(rows, self.event_id, TALK))
            return [one.name for one in listed if one.state is SignUpState.TAKEN] == list(names)

        await until(have, f"{names} have places")
        mails = await self.database.read(
            lambda rows: list(rows.scalars(select(outbox.c.recipient).order_by(outbox.c.id)))
        )
        assert mails == [f"{name.lower()}@example.org" for name in names[1:]], "each is told once"


@pytest.fixture
async def waiting(database: Database, clock: ManualClock) -> AsyncIterator[Waiting]:
    clock.current = BEFORE

    def begin(tx: Transaction) -> EventRow:
        desk = Desk(tx.connection)
        desk.do(acts.Edit(session=TALK, edition=0, takes_sign_ups=True, capacity=1))
        for name in ("Amal", "Basim", "Dina"):
            sign_up_for(tx, desk.session_id(TALK), make_account(tx, name), public_url=SITE, at=BEFORE)
        return desk.event

    event = await database.write(begin)
    moving = MovingUp(database, clock, public_url=SITE)
    await moving.start()
    await moving.close()  # its first look is over: what a test does is seen, or not seen, for its own sake
    yield Waiting(database, event)
    await moving.close()


GIVES_PLACES: dict[str, list[acts.Act]] = {
    "two more places": [acts.Edit(session=TALK, edition=1, capacity=3)],
    "no limit any more": [acts.Edit(session=TALK, edition=1, capacity=None)],
}


@pytest.mark.parametrize("how", GIVES_PLACES)
async def test_an_act_that_gives_places_moves_the_list_up_at_once(waiting: Waiting, how: str) -> None:
    await waiting.have_places("Amal")
    await waiting.does(*GIVES_PLACES[how])
    await waiting.have_places("Amal", "Basim", "Dina")


async def test_a_larger_room_moves_the_list_up(waiting: Waiting) -> None:
    def seats(number: int) -> Callable[[Transaction], Any]:
        def work(tx: Transaction) -> None:
            room_id = lab(tx)
            change_room(tx, room_id, RoomDraft(slug="lab", name={"en": "lab"}, capacity=number))
            tell_desk(tx, waiting.event_id, "settings", by=None, at=BEFORE)

        return work

    await waiting.database.write(seats(1))
    place = acts.Place(session=TALK, edition=1, starts_at="2025-10-25T09:00", room="lab")
    await waiting.does(place, acts.Edit(session=TALK, edition=2, capacity=None))
    await waiting.have_places("Amal")
    await waiting.database.write(seats(2))
    await waiting.have_places("Amal", "Basim")


async def test_what_was_missed_is_caught_up_with_at_the_next_start(
    database: Database, clock: ManualClock, waiting: Waiting
) -> None:
    # Written past the organizers' channel, as by a process that was killed right after its commit.
    def silently(tx: Transaction) -> None:
        quiet = Transaction(tx.connection)
        perform(quiet, waiting.event, acts.Edit(session=TALK, edition=1, capacity=2), by=None, at=BEFORE)

    await database.write(silently)
    await waiting.have_places("Amal")
    later = MovingUp(database, clock, public_url=SITE)
    await later.start()
    await waiting.have_places("Amal", "Basim")
    await later.close()


def lab(tx: Transaction) -> int:
    return int(tx.connection.execute(select(room.c.id).where(room.c.slug == "lab")).scalar_one())
