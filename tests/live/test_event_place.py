"""The live place of an event, beside its sessions: its own log, its own rights, the same ways in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from conference.clock import ManualClock
from conference.live.channels import event_channel, event_desk_channel, person_channel
from conference.live.commands import Caller
from conference.live.snapshot import SnapshotPart
from conference.storage.database import Database
from tests.live.saying import Podium
from tests.live.seminar import MORNING, Seminar, new_id, raw_socket, running, tab, until

EVENT = "/karbala"
ALL, DESK = event_channel(1), event_desk_channel(1)


@pytest.fixture
async def seminar(furnished: Database, clock: ManualClock) -> AsyncIterator[Seminar]:
    parts = [
        SnapshotPart("hall", lambda rows, caller: caller.session_code, always=True),
        SnapshotPart("whole", lambda rows, caller: "the programme", kind="event"),
    ]
    async with running(furnished, clock, Podium(furnished, clock).commands(), parts) as seminar:
        yield seminar


async def test_what_concerns_the_event_reaches_those_in_it_and_not_those_in_its_rooms(
    seminar: Seminar,
) -> None:
    async with (
        tab(seminar, "zainab", EVENT) as zainab,
        tab(seminar, "omar", EVENT) as omar,  # not registered, yet the event is public
        tab(seminar, "ali") as ali,
    ):
        assert set(omar.state["heads"]) == {ALL, person_channel("omar-public-id")}
        assert (await zainab.command("Call", text="Lunch is late"))["reply"] == {"seq": 1}
        await until(lambda: omar.events and zainab.events)
        assert (omar.events[0]["channel"], omar.events[0]["text"]) == (ALL, "Lunch is late")
        assert (await ali.command("Say", text="in the room"))["reply"] == {"seq": 1}
        await until(lambda: ali.events)
        assert [event["text"] for event in ali.events] == ["in the room"]


async def test_desk_of_an_event_is_never_on_an_attendees_wire(seminar: Seminar) -> None:
    async with raw_socket(seminar) as sara, tab(seminar, "zainab", EVENT) as zainab:
        await sara.log_in(seminar, "sara")
        await sara.call("enter", {"event": "karbala"})
        await zainab.command("Call", text="for organizers", to_desk=True)
        await zainab.command("Call", text="for all")
        await sara.receive('42["event"')
        refused = await sara.call("catch_up", {"channel": DESK, "after": 0}, 2)
        assert refused["error"]["code"] == "live.not-entered"
        assert "for organizers" not in "".join(sara.frames)


async def test_event_is_caught_up_with_like_a_room(seminar: Seminar) -> None:
    async with tab(seminar, "zainab", EVENT) as zainab:
        assert zainab.state["snapshot"] == {"whole": "the programme"}
        assert zainab.state["events"] is None
        await zainab.command("Call", text="one")
        await zainab.command("Call", text="two")
        missed = await zainab.catch_up(ALL, 1)
        assert [event["text"] for event in missed["events"]] == ["two"]
        again = await zainab.enter(zainab.state["heads"] | {ALL: 1})
        assert [event["text"] for event in again["events"]] == ["two"]


async def test_commands_of_a_room_are_unknown_in_an_event_and_the_other_way_round(seminar: Seminar) -> None:
    async with tab(seminar, "zainab", EVENT) as zainab:
        assert (await zainab.command("Scold"))["error"]["code"] == "live.unknown-command"
        zainab.code = MORNING
        await zainab.enter()
        assert (await zainab.command("Call", text="x"))["error"]["code"] == "live.unknown-command"
        assert (await zainab.command("Scold"))["reply"] == "scolded"


async def test_those_above_hear_only_of_rooms(furnished: Database, clock: ManualClock) -> None:
    seen: list[str] = []

    async def came(caller: Caller) -> None:
        seen.append(caller.session_code)

    async with running(furnished, clock, on_enter=[came], on_leave=[came]) as seminar:
        async with tab(seminar, "ali", EVENT) as ali:
            ali.code = MORNING
            await ali.enter()
        await until(lambda: len(seen) == 2)
    assert seen == [MORNING, MORNING]


async def test_command_to_an_event_by_https_and_by_socket_counts_once(seminar: Seminar) -> None:
    client_id = new_id()
    body = {"event": "karbala", "client_id": client_id, "type": "Call", "text": "hello"}
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        tab(seminar, "sara", EVENT) as sara,
        aiohttp.ClientSession(cookies={"name": "sara"}, cookie_jar=jar) as browser,
    ):
        first = await sara.command("Call", client_id, text="hello")
        async with browser.post(f"{seminar.url}/live/command", json=body) as response:
            assert await response.json() == first == {"client_id": client_id, "reply": {"seq": 1}}


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ({}, "live.malformed"),
        ({"session": MORNING, "event": "karbala"}, "live.malformed"),
        ({"event": "nowhere"}, "not-found"),
        ({"event": 1}, "live.malformed"),
    ],
)
async def test_place_that_is_none_is_refused(seminar: Seminar, place: dict[str, object], code: str) -> None:
    async with tab(seminar, "ali", enter=False) as ali:
        answer = await ali.sio.call("enter", place)
        assert answer["error"]["code"] == code
