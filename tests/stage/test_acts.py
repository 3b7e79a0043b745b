"""Every act of the floor and the doors on a real database: what it stores, tells and refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from conference.clock import ManualClock
from conference.errors import Conflict, NotAllowed, NotFound
from conference.live import log
from conference.people.permissions import Capability, Role, allowed, roles_in
from conference.stage.closing import close_room
from conference.stage.doors import Phase
from conference.stage.entering import phase_of, require_open_door
from conference.stage.floor import Floor, Source
from conference.stage.inviting import invite, send_to_audience
from conference.stage.muting import allow_source, stop_source
from conference.stage.opening import open_room
from conference.stage.raising_hand import lower_hand, raise_hand
from conference.stage.removing import readmit_person, remove_person
from conference.stage.standing import Standing, everybody_standing, standing_of
from conference.stage.taking_floor import decline_floor, leave_floor, take_floor
from conference.storage.database import Database
from tests.live.seminar import account_id
from tests.stage.auditorium import MORNING_ROOM as ROOM

ALI, SARA, OMAR, ZAINAB = (account_id(name) for name in ("ali", "sara", "omar", "zainab"))


class Hall:
    """Acts by name, each its own unit of work."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database = database
        self.clock = clock

    async def own(self, act: Callable[..., Standing], who: int) -> Standing:
        return await self.database.write(lambda tx: act(tx, ROOM, who, now=self.clock.now()))

    async def chair(self, act: Callable[..., Any], *what: Any) -> Any:
        return await self.database.write(lambda tx: act(tx, ROOM, *what, by=ZAINAB, now=self.clock.now()))

    async def standing(self, who: int) -> Standing:
        return await self.database.read(lambda rows: standing_of(rows, ROOM.session_id, who))

    async def told(self) -> list[dict[str, Any]]:
        events = await self.database.read(lambda rows: log.since(rows, ROOM.channel, 0, 100))
        return [msgspec.json.decode(event.body) for event in events]

    async def may(self, who: int, capability: Capability) -> bool:
        return await self.database.read(lambda rows: allowed(rows, who, capability, ROOM.scope))


@pytest.fixture
def hall(furnished: Database, clock: ManualClock) -> Hall:
    return Hall(furnished, clock)


async def test_raised_hands_queue_in_their_order_and_a_repeat_keeps_the_place(hall: Hall) -> None:
    await hall.own(raise_hand, ALI)
    hall.clock.advance(timedelta(seconds=5))
    await hall.own(raise_hand, SARA)
    hall.clock.advance(timedelta(seconds=5))
    await hall.own(raise_hand, ALI)
    everybody = await hall.database.read(lambda rows: everybody_standing(rows, ROOM.session_id))
    raised = sorted(everybody, key=lambda standing: str(standing.hand_raised_at))
    assert [standing.account_id for standing in raised] == [ALI, SARA]
    assert len(await hall.told()) == 2, "a repeat is told to nobody"


async def test_the_room_is_told_who_where_and_in_which_role(hall: Hall) -> None:
    await hall.own(take_floor, OMAR)
    assert await hall.told() == [
        {
            "type": "FloorChanged",
            "person": "omar-public-id",
            "name": "Omar",
            "role": "speaker",
            "state": "on-stage",
            "hand_raised_at": None,
            "stopped": [],
        }
    ]


async def test_an_attendee_goes_on_stage_only_by_invitation(hall: Hall) -> None:
    with pytest.raises(NotAllowed):
        await hall.own(take_floor, ALI)
    await hall.own(raise_hand, ALI)
    with pytest.raises(Conflict):
        await hall.own(take_floor, ALI)
    await hall.chair(invite, "ali-public-id")
    assert (await hall.own(take_floor, ALI)).state is Floor.ON_STAGE
    assert (await hall.own(leave_floor, ALI)).state is Floor.AUDIENCE


async def test_an_invitation_can_be_declined_or_taken_back(hall: Hall) -> None:
    await hall.chair(invite, "ali-public-id")
    assert (await hall.own(decline_floor, ALI)).state is Floor.AUDIENCE
    await hall.chair(invite, "ali-public-id")
    await hall.chair(send_to_audience, "ali-public-id")
    with pytest.raises(NotAllowed):
        await hall.own(take_floor, ALI)


async def test_a_hand_can_be_lowered_by_its_owner(hall: Hall) -> None:
    await hall.own(raise_hand, ALI)
    lowered = await hall.own(lower_hand, ALI)
    assert (lowered.state, lowered.hand_raised_at) == (Floor.AUDIENCE, None)


async def test_only_members_of_the_event_can_be_invited(hall: Hall) -> None:
    with pytest.raises(NotFound):
        await hall.chair(invite, "nobody")


async def test_a_stop_outlasts_leaving_and_coming_back_but_not_a_new_invitation(hall: Hall) -> None:
    await hall.own(take_floor, OMAR)
    await hall.chair(stop_source, "omar-public-id", Source.MICROPHONE)
    await hall.own(leave_floor, OMAR)
    assert (await hall.own(take_floor, OMAR)).stopped == {Source.MICROPHONE}
    await hall.chair(send_to_audience, "omar-public-id")
    await hall.chair(invite, "omar-public-id")
    assert (await hall.own(take_floor, OMAR)).stopped == frozenset()


async def test_a_stop_is_lifted_for_one_source_at_a_time(hall: Hall) -> None:
    await hall.own(take_floor, OMAR)
    await hall.chair(stop_source, "omar-public-id", Source.MICROPHONE)
    await hall.chair(stop_source, "omar-public-id", Source.CAMERA)
    await hall.chair(allow_source, "omar-public-id", Source.MICROPHONE)
    assert (await hall.standing(OMAR)).stopped == {Source.CAMERA}
    assert [told["stopped"] for told in await hall.told()] == [
        [],
        ["microphone"],
        ["camera", "microphone"],
        ["camera"],
    ]


async def test_there_is_nothing_to_stop_off_stage(hall: Hall) -> None:
    with pytest.raises(Conflict):
        await hall.chair(stop_source, "ali-public-id", Source.CAMERA)


async def test_a_removed_person_loses_every_right_in_the_session_and_no_other(hall: Hall) -> None:
    await hall.own(raise_hand, ALI)
    await hall.chair(remove_person, "ali-public-id")
    assert (await hall.standing(ALI)).state is Floor.REMOVED
    assert not await hall.may(ALI, Capability.ENTER_ROOM)
    elsewhere = msgspec.structs.replace(ROOM.scope, session_id=2)
    roles = await hall.database.read(lambda rows: roles_in(rows, ALI, elsewhere))
    assert roles == {Role.ATTENDEE}
    with pytest.raises((Conflict, NotAllowed)):
        await hall.own(take_floor, ALI)
    with pytest.raises((Conflict, NotFound)):
        await hall.chair(invite, "ali-public-id")


async def test_a_removal_can_be_undone(hall: Hall) -> None:
    await hall.chair(remove_person, "ali-public-id")
    await hall.chair(readmit_person, "ali-public-id")
    assert await hall.may(ALI, Capability.ENTER_ROOM)
    assert (await hall.own(raise_hand, ALI)).state is Floor.HAND_RAISED


async def test_those_who_run_the_session_cannot_be_removed(hall: Hall) -> None:
    with pytest.raises(NotAllowed):
        await hall.chair(remove_person, "zainab-public-id")
    assert await hall.may(ZAINAB, Capability.MODERATE)


async def test_closing_clears_the_floor_and_shuts_the_door_until_it_is_opened_again(hall: Hall) -> None:
    await hall.own(take_floor, OMAR)
    await hall.own(raise_hand, ALI)
    await hall.chair(close_room)
    for who in (OMAR, ALI):
        assert (await hall.standing(who)).state is Floor.AUDIENCE
        with pytest.raises(Conflict):
            await enter(hall, who)
    await enter(hall, ZAINAB)
    await hall.chair(open_room)
    await enter(hall, ALI)
    assert [told["phase"] for told in await hall.told() if told["type"] == "RoomChanged"] == [
        "closed",
        "open",
    ]


async def test_before_the_doors_open_presenters_may_come_and_attendees_wait(hall: Hall) -> None:
    hall.clock.advance(timedelta(hours=-2))
    await enter(hall, OMAR)
    with pytest.raises(Conflict) as refusal:
        await enter(hall, ALI)
    assert refusal.value.code == "stage.not-yet"
    await hall.chair(open_room)
    await enter(hall, ALI)


async def test_after_the_end_the_room_is_over_for_attendees(hall: Hall) -> None:
    hall.clock.advance(timedelta(hours=3))
    phase = await hall.database.read(lambda rows: phase_of(rows, ROOM, now=hall.clock.now()))
    assert phase is Phase.ENDED
    with pytest.raises(Conflict):
        await enter(hall, ALI)


async def enter(hall: Hall, who: int) -> None:
    await hall.database.read(lambda rows: require_open_door(rows, ROOM, who, now=hall.clock.now()))
