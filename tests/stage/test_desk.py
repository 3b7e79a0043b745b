"""The floor over the live channel: who may do what, who hears of it, and what a new tab is told."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from conference.clock import ManualClock
from conference.media.turn import TurnSettings
from conference.people.grants import revoke_role
from conference.people.permissions import Role
from conference.stage.floor import Floor
from conference.stage.presence import FLOOR_KEPT, TAB_KEPT
from conference.storage.database import Database
from tests.live.seminar import EVENING, Tab, account_id, new_id, tab
from tests.media.peer import until
from tests.stage.auditorium import Auditorium, auditorium, done, furnish, participant, refused

MODERATION: list[tuple[str, dict[str, Any]]] = [
    ("InviteToFloor", {"person": "sara-public-id"}),
    ("SendToAudience", {"person": "omar-public-id"}),
    ("StopSource", {"person": "omar-public-id", "source": "microphone"}),
    ("AllowSource", {"person": "omar-public-id", "source": "microphone"}),
    ("RemovePerson", {"person": "sara-public-id"}),
    ("ReadmitPerson", {"person": "sara-public-id"}),
    ("OpenRoom", {}),
    ("CloseRoom", {}),
]


@pytest.mark.parametrize("name", ["ali", "omar"])
@pytest.mark.parametrize(("kind", "body"), MODERATION)
async def test_only_those_who_run_the_session_moderate(
    room: Auditorium, name: str, kind: str, body: dict[str, Any]
) -> None:
    async with tab(room.server, "omar") as omar, tab(room.server, name) as one:
        await done(omar, "TakeFloor")
        assert await refused(one, kind, **body) == "not-allowed.role"
        assert (await room.standing("omar")).state is Floor.ON_STAGE
        assert (await room.standing("sara")).state is Floor.AUDIENCE


async def test_a_moderator_of_another_session_has_no_say_here(room: Auditorium) -> None:
    async with tab(room.server, "huda") as here, tab(room.server, "huda", EVENING) as there:
        assert await refused(here, "InviteToFloor", person="ali-public-id") == "not-allowed.role"
        await done(there, "InviteToFloor", person="ali-public-id")
    assert (await room.standing("ali")).state is Floor.AUDIENCE


async def test_a_right_taken_away_is_gone_for_a_tab_that_is_already_in(room: Auditorium) -> None:
    async with tab(room.server, "zainab") as chair:
        await room.database.write(lambda tx: revoke_role(tx, account_id("zainab"), 1, Role.CHAIR))
        assert (await refused(chair, "CloseRoom")).startswith("not-allowed")


async def test_a_hand_counts_once_however_often_it_is_sent(room: Auditorium) -> None:
    async with tab(room.server, "ali") as ali, tab(room.server, "zainab") as chair:
        client_id = new_id()
        for _ in range(3):
            answer = await ali.command("RaiseHand", client_id)
            assert answer["reply"] == {"state": "hand-raised"}
        await done(ali, "LowerHand")
        again = await ali.command("RaiseHand", client_id)
        assert again["reply"] == {"state": "hand-raised"}, "a late copy gets the old answer and does nothing"
        await until(lambda: len(states(chair)) >= 2)
        assert states(chair) == ["hand-raised", "audience"]


async def test_a_hand_gets_the_floor_and_everybody_follows(room: Auditorium) -> None:
    async with tab(room.server, "ali") as ali, tab(room.server, "zainab") as chair, tab(room.server, "sara"):
        await done(ali, "RaiseHand")
        await done(chair, "InviteToFloor", person="ali-public-id")
        await done(ali, "TakeFloor")
        await done(ali, "LeaveFloor")
        expected = ["hand-raised", "invited", "on-stage", "audience"]
        for one in (ali, chair):
            await until(partial(lambda tab: states(tab) == expected, one))


async def test_a_new_tab_is_told_the_whole_room(room: Auditorium) -> None:
    async with tab(room.server, "omar") as omar, tab(room.server, "zainab") as chair:
        await done(omar, "TakeFloor")
        await done(chair, "StopSource", person="omar-public-id", source="camera")
        async with tab(room.server, "ali") as ali:
            told = ali.state["snapshot"]["stage"]
            assert (told["phase"], told["me"], told["here"]) == ("open", "ali-public-id", 3)
            assert (told["moderates"], told["presents"]) == (False, False)
            assert [(one["name"], one["state"], one["stopped"]) for one in told["floor"]] == [
                ("Omar", "on-stage", ["camera"])
            ]
            assert {one["name"] for one in told["people"]} == {"Omar", "Zainab"}
            assert "ice_servers" not in told
        assert chair.state["snapshot"]["stage"]["moderates"]
        assert omar.state["snapshot"]["stage"]["presents"]


async def test_a_tab_is_given_turn_credentials_of_its_own(database: Database, clock: ManualClock) -> None:
    await database.write(lambda tx: furnish(tx, clock))
    turn = TurnSettings(("turn:turn.example.org",), "north", 3600)
    async with auditorium(database, clock, turn) as room, tab(room.server, "ali") as ali:
        told = ali.state["snapshot"]["stage"]
        (server,) = told["ice_servers"]
        assert server["urls"] == ["turn:turn.example.org"]
        assert server["username"].partition(":")[2] == told["participant"]


async def test_the_audience_is_a_number_to_everybody_and_a_list_to_who_asks(room: Auditorium) -> None:
    async with tab(room.server, "ali"), tab(room.server, "sara") as sara:
        listed = await done(sara, "ListPeople")
        assert [one["name"] for one in listed["people"]] == ["Ali", "Sara"]
        presence = [told for told in sara.ephemeral if told["type"] == "PresenceChanged"]
        assert all(told["changed"] == [] for told in presence)


async def test_the_goodbye_of_one_tab_leaves_the_other_on_stage(room: Auditorium) -> None:
    async with tab(room.server, "omar") as first, tab(room.server, "omar") as second:
        await done(first, "TakeFloor")
        await done(second, "LeaveRoom")
        assert (await room.standing("omar")).state is Floor.ON_STAGE
        await done(first, "LeaveRoom")
        assert (await room.standing("omar")).state is Floor.AUDIENCE


async def test_a_power_cut_keeps_the_floor_for_minutes_and_then_gives_it_back(
    room: Auditorium, clock: ManualClock
) -> None:
    async with tab(room.server, "zainab"):
        async with tab(room.server, "omar") as omar:
            await done(omar, "TakeFloor")
        live = room.rooms.get("MORN01")
        assert live is not None
        await until(lambda: live.people.here == 1)
        clock.advance(TAB_KEPT + timedelta(seconds=30))
        await room.enforcer.let_go(live, clock.now())
        assert (await room.standing("omar")).state is Floor.ON_STAGE
        assert [one.away for one in live.people.shown() if one.name == "Omar"] == [True]
        clock.advance(FLOOR_KEPT)
        await room.enforcer.let_go(live, clock.now())
        assert (await room.standing("omar")).state is Floor.AUDIENCE


async def test_a_reconnected_tab_goes_on_as_the_same_participant(room: Auditorium) -> None:
    async with tab(room.server, "omar") as before:
        was = participant(before)
        async with tab(room.server, "omar") as after, tab(room.server, "ali") as stranger:
            assert await done(after, "ResumeTab", participant=was) == {"kept": True, "participant": was}
            assert not (await done(stranger, "ResumeTab", participant=was))["kept"]


async def test_a_removed_person_is_put_out_and_stays_out(room: Auditorium) -> None:
    async with tab(room.server, "zainab") as chair, tab(room.server, "ali") as ali:
        await done(chair, "RemovePerson", person="ali-public-id")
        await until(lambda: not ali.sio.connected, what="the socket is closed")
        assert ali.closed[0]["code"] == "live.removed"
        async with tab(room.server, "ali", enter=False) as again:
            answer = await again.enter()
            assert answer["error"]["code"] == "not-allowed.banned"
        await done(chair, "ReadmitPerson", person="ali-public-id")
        async with tab(room.server, "ali") as back:
            assert back.state["snapshot"]["stage"]["me"] == "ali-public-id"


async def test_only_those_who_run_the_session_are_told_who_was_removed(room: Auditorium) -> None:
    async with tab(room.server, "zainab") as chair:
        await done(chair, "RemovePerson", person="ali-public-id")
    async with tab(room.server, "zainab") as chair, tab(room.server, "sara") as sara:
        assert [one["name"] for one in chair.state["snapshot"]["stage"]["floor"]] == ["Ali"]
        assert sara.state["snapshot"]["stage"]["floor"] == []


async def test_nobody_raises_a_hand_in_a_closed_room(room: Auditorium) -> None:
    async with tab(room.server, "zainab") as chair, tab(room.server, "ali") as ali:
        await done(chair, "CloseRoom")
        assert await refused(ali, "RaiseHand") == "stage.closed"
        assert await refused(ali, "SubscribeMedia") == "stage.closed"


async def test_impossible_messages_name_their_field(room: Auditorium) -> None:
    async with tab(room.server, "zainab") as chair:
        answer = await chair.command("StopSource", person="omar-public-id", source="telescope")
        assert (answer["error"]["code"], answer["error"]["field"]) == ("live.malformed", "source")
        answer = await chair.command("RaiseHand", role="chair")
        assert answer["error"]["field"] == "role"
        assert await refused(chair, "InviteToFloor", person="x" * 65) == "live.malformed"


def states(one: Tab) -> list[str]:
    return [str(told["state"]) for told in one.of_type("FloorChanged")]
