"""The hub with real sockets: who is let in, what is answered, what is told, and how it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import socketio
from sqlalchemy import Connection, func, insert, select

from conference.clock import ManualClock
from conference.live.channels import desk_channel, person_channel, session_channel
from conference.live.commands import Caller
from conference.live.snapshot import SnapshotPart
from conference.live.tables import log_event
from conference.people.permissions import Role
from conference.people.tables import grant
from conference.storage.database import Database
from tests.live.saying import Podium, Waved
from tests.live.seminar import (
    EVENING,
    MORNING,
    Seminar,
    Tab,
    account_id,
    live_settings,
    new_id,
    raw_socket,
    running,
    tab,
    until,
)

HALL = session_channel(MORNING)


def said_texts(rows: Connection, _caller: Caller) -> list[str]:
    return list(rows.scalars(select(log_event.c.body).where(log_event.c.channel == HALL)))


@pytest.fixture
def podium(furnished: Database, clock: ManualClock) -> Podium:
    return Podium(furnished, clock)


@pytest.fixture
async def seminar(furnished: Database, clock: ManualClock, podium: Podium) -> AsyncIterator[Seminar]:
    async with running(furnished, clock, podium.commands(), [SnapshotPart("said", said_texts)]) as seminar:
        yield seminar


# -- the door ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{"X-None": "no Origin at all"}, {"Origin": "https://elsewhere.example"}])
async def test_socket_without_our_origin_is_refused(seminar: Seminar, headers: dict[str, str]) -> None:
    with pytest.raises(Exception, match=r"40[01]"):
        async with raw_socket(seminar, **headers):
            pass


@pytest.mark.parametrize("ticket", ["", "made-up", None])
async def test_socket_without_a_good_ticket_hears_nothing(seminar: Seminar, ticket: str | None) -> None:
    stranger = Tab(seminar, "ali", MORNING)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await stranger.connect(ticket=ticket or "x")
    assert seminar.hub.counters.connections == 0


async def test_ticket_is_good_for_one_socket_and_one_minute(seminar: Seminar, clock: ManualClock) -> None:
    used, old = seminar.ticket("ali"), seminar.ticket("ali")
    first = Tab(seminar, "ali", MORNING)
    await first.connect(ticket=used)
    second = Tab(seminar, "ali", MORNING)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await second.connect(ticket=used)
    clock.advance(timedelta(seconds=61))
    third = Tab(seminar, "ali", MORNING)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await third.connect(ticket=old)
    await first.sio.disconnect()


async def test_outsider_is_not_let_into_the_room(seminar: Seminar) -> None:
    async with tab(seminar, "omar", enter=False) as omar:
        answer = await omar.enter()
        assert answer["error"]["code"] == "not-allowed.not-registered"
        refused = await omar.command("Say", text="hello")
        assert refused["error"]["code"] == "live.not-entered"


async def test_command_before_entering_is_refused_and_has_no_effect(
    seminar: Seminar, furnished: Database
) -> None:
    async with tab(seminar, "ali", enter=False) as ali:
        refused = await ali.command("Say", text="hello")
    assert refused["error"]["code"] == "live.not-entered"
    assert await furnished.read(lambda rows: rows.scalar(select(func.count()).select_from(log_event))) == 0


# -- what is said --------------------------------------------------------------------------------------


async def test_what_is_said_reaches_everybody_in_the_room_and_nobody_else(seminar: Seminar) -> None:
    async with (
        tab(seminar, "ali") as ali,
        tab(seminar, "sara") as sara,
        tab(seminar, "huda", EVENING) as huda,
    ):
        reply = await ali.command("Say", text="سلام")
        assert reply["reply"] == {"seq": 1}
        await until(lambda: ali.events and sara.events)
        assert sara.events == [
            {
                "channel": HALL, "seq": 1, "at": "2025-10-25T06:05:00Z",
                "type": "Said", "text": "سلام", "by": "Ali",
            }
        ]  # fmt: skip
        assert huda.events == []


async def test_desk_hears_what_attendees_never_get(seminar: Seminar) -> None:
    async with raw_socket(seminar) as sara, tab(seminar, "zainab") as zainab, tab(seminar, "ali") as ali:
        await sara.log_in(seminar, "sara")
        entered = await sara.call("enter", {"session": MORNING})
        assert set(entered["heads"]) == {HALL, person_channel("sara-public-id")}
        await ali.command("Say", text="only-for-the-desk", to_desk=True)
        await ali.command("Say", text="for all")
        await until(lambda: len(zainab.events) == 2)
        await sara.receive('42["event"')
        assert "only-for-the-desk" not in "".join(sara.frames)
        refused = await sara.call("catch_up", {"channel": desk_channel(MORNING), "after": 0}, 2)
        assert refused["error"]["code"] == "live.not-entered"


async def test_arabic_is_sent_as_utf8_and_not_as_escapes(seminar: Seminar) -> None:
    async with raw_socket(seminar) as sara, tab(seminar, "ali") as ali:
        await sara.log_in(seminar, "sara")
        await ali.command("Say", text="سؤال")
        answer = await sara.call("enter", {"session": MORNING})
        assert "سؤال" in answer["snapshot"]["said"][0]
        assert "سؤال" in sara.frames[-1]


async def test_commands_of_one_client_run_in_the_order_it_sent_them(seminar: Seminar, podium: Podium) -> None:
    async with tab(seminar, "ali") as ali:
        wait = asyncio.create_task(ali.command("Wait"))
        await asyncio.sleep(0)
        said = asyncio.create_task(ali.command("Say", text="after the wait"))
        async with tab(seminar, "sara") as sara:
            await sara.command("Say", text="sara is not held up")
        podium.gate.set()
        await asyncio.gather(wait, said)
    assert podium.order == ["sara is not held up", "waited", "after the wait"]


async def test_ephemeral_news_go_to_who_is_here_and_have_no_seq(seminar: Seminar) -> None:
    async with tab(seminar, "ali") as ali, tab(seminar, "huda", EVENING) as huda:
        seminar.hub.tell(HALL, Waved(by="Sara"))
        await until(lambda: ali.ephemeral)
        assert ali.ephemeral == [{"channel": HALL, "type": "Waved", "by": "Sara"}]
        assert huda.ephemeral == []
        seminar.hub.send(ali.state["me"]["connection"], Waved(by="the server"))
        await until(lambda: len(ali.ephemeral) == 2)
        assert ali.ephemeral[1] == {"type": "Waved", "by": "the server"}


# -- refusals ------------------------------------------------------------------------------------------


async def test_refusal_names_code_and_field_in_the_callers_language(seminar: Seminar) -> None:
    async with tab(seminar, "ali") as ali:
        refused = await ali.command("Say", text="no")
        assert refused["error"] == {"code": "podium.busy", "message": "Not now.", "field": "text"}


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"type": "Say", "text": "x", "colour": "red"}, "live.malformed", "colour"),
        ({"type": "Say", "text": 7}, "live.malformed", "text"),
        ({"type": "Say"}, "live.malformed", "text"),
        ({"type": "Shout", "text": "x"}, "live.unknown-command", "type"),
        ({"text": "x"}, "live.unknown-command", "type"),
        ({"type": ["Say"], "text": "x"}, "live.unknown-command", "type"),
        ({"type": "Say", "text": "x", "client_id": "1"}, "live.malformed", "client_id"),
        ({"type": "Say", "text": "x", "client_id": None}, "live.malformed", "client_id"),
    ],
)
async def test_message_that_does_not_fit_its_type_is_refused(
    seminar: Seminar, furnished: Database, body: dict[str, object], code: str, field: str
) -> None:
    async with tab(seminar, "ali") as ali:
        answer = await ali.sio.call("command", {"client_id": new_id(), **body})
        assert (answer["error"]["code"], answer["error"]["field"]) == (code, field)
    assert await furnished.read(lambda rows: rows.scalar(select(func.count()).select_from(log_event))) == 0


async def test_command_above_ones_role_is_refused(seminar: Seminar) -> None:
    async with tab(seminar, "ali") as ali, tab(seminar, "zainab") as zainab:
        assert (await ali.command("Scold"))["error"]["code"] == "not-allowed.role"
        assert (await zainab.command("Scold"))["reply"] == "scolded"


async def test_fault_of_ours_tells_nothing_of_the_inside(
    seminar: Seminar, caplog: pytest.LogCaptureFixture
) -> None:
    async with tab(seminar, "ali") as ali:
        with caplog.at_level(logging.ERROR):
            answer = await ali.command("Fail")
        assert answer["error"]["code"] == "internal"
        assert "secret" not in str(answer)
        assert "a secret of the inside" in caplog.text
        assert (await ali.command("Say", text="still here"))["reply"] == {"seq": 1}


# -- catching up ---------------------------------------------------------------------------------------


async def test_reconnect_gets_exactly_what_was_missed(seminar: Seminar) -> None:
    async with tab(seminar, "ali") as ali:
        async with tab(seminar, "sara") as sara:
            await ali.command("Say", text="one")
            await until(lambda: sara.events)
            heads = sara.state["heads"] | {HALL: 1}
        await ali.command("Say", text="two")
        await ali.command("Say", text="three")
        async with tab(seminar, "sara", enter=False) as again:
            state = await again.enter(last=heads)
            assert [event["text"] for event in state["events"]] == ["two", "three"]
            assert state["snapshot"] == {}
            assert state["heads"][HALL] == 3
            missed = await again.catch_up(HALL, 2)
            assert [event["seq"] for event in missed["events"]] == [3]


@pytest.mark.parametrize("last", [{}, {HALL: -1}, {HALL: 99}])
async def test_client_without_a_usable_past_gets_a_snapshot(seminar: Seminar, last: dict[str, int]) -> None:
    async with tab(seminar, "ali") as ali, tab(seminar, "sara", enter=False) as sara:
        await ali.command("Say", text="one")
        state = await sara.enter(last=last)
        assert state["events"] is None
        assert len(state["snapshot"]["said"]) == 1
        assert state["heads"] == {HALL: 1, person_channel("sara-public-id"): 0}


async def test_client_far_behind_gets_a_snapshot(furnished: Database, clock: ManualClock) -> None:
    podium = Podium(furnished, clock)
    parts = [SnapshotPart("said", said_texts)]
    async with (
        running(
            furnished, clock, podium.commands(), parts, settings=live_settings(catch_up_limit=3)
        ) as seminar,
        tab(seminar, "ali") as ali,
    ):
        for text in "abcd":
            await ali.command("Say", text=text)
        assert (await ali.catch_up(HALL, 0))["events"] is None
        assert len((await ali.catch_up(HALL, 1))["events"]) == 3
        mine = person_channel("ali-public-id")
        assert (await ali.enter(last={HALL: 0, mine: 0}))["events"] is None


# -- the end -------------------------------------------------------------------------------------------


async def test_revocation_closes_that_browsers_sockets_within_a_second(seminar: Seminar) -> None:
    async with raw_socket(seminar) as phone, tab(seminar, "ali", enter=False) as laptop:
        await phone.receive("0")
        await phone.socket.send_str('40{"ticket":"' + seminar.ticket("ali", browser_session_id=2) + '"}')
        await phone.receive("40")
        await phone.call("enter", {"session": MORNING})
        await laptop.enter()
        unused = seminar.ticket("ali", browser_session_id=2)
        started = asyncio.get_running_loop().time()
        await seminar.hub.revoke(account_id("ali"), 2)
        await phone.receive('42["closed"')  # and then it does not hang up by itself
        await phone.closed()
        assert asyncio.get_running_loop().time() - started < 5  # 1 s on a machine that is not busy
        assert any("live.signed-out" in frame for frame in phone.frames)
        assert seminar.tickets.redeem(unused) is None
        assert laptop.sio.connected
        assert [caller.connection_id for caller in seminar.hub.presence(HALL)] == [
            laptop.state["me"]["connection"]
        ]


async def test_removed_person_hears_why_and_nothing_more(seminar: Seminar) -> None:
    async with tab(seminar, "ali") as ali, tab(seminar, "sara") as sara:
        await seminar.hub.remove(account_id("ali"), MORNING, "You were removed from the room.")
        await sara.command("Say", text="after")
        await until(lambda: not ali.sio.connected)
        assert ali.closed == [{"code": "live.removed", "message": "You were removed from the room."}]
        assert ali.events == []


async def test_changed_rights_send_every_tab_in_again_with_other_channels(
    seminar: Seminar, furnished: Database, clock: ManualClock
) -> None:
    async with tab(seminar, "sara") as sara, tab(seminar, "ali") as ali:
        row = {"account_id": account_id("sara"), "event_id": 1, "session_id": 1, "role": Role.MODERATOR}
        await furnished.write(
            lambda tx: tx.connection.execute(insert(grant).values(**row, granted_at=clock.now()))
        )
        await seminar.hub.readmit(account_id("sara"))
        await until(lambda: sara.resyncs == 1)
        refused = await sara.command("Say", text="not yet")
        assert refused["error"]["code"] == "live.not-entered"
        assert desk_channel(MORNING) in (await sara.enter(last=sara.state["heads"]))["heads"]
        await ali.command("Say", text="to the desk", to_desk=True)
        await until(lambda: sara.events)
        assert ali.resyncs == 0


async def test_those_above_hear_who_comes_and_goes(furnished: Database, clock: ManualClock) -> None:
    seen: list[tuple[str, str]] = []

    async def came(caller: Caller) -> None:
        seen.append(("came", caller.name))

    async def went(caller: Caller) -> None:
        seen.append(("went", caller.name))

    async with running(furnished, clock, on_enter=[came], on_leave=[went]) as seminar:
        async with tab(seminar, "ali") as ali:
            await ali.enter()  # the same room again is no news
            async with tab(seminar, "ali"):
                assert len(seminar.hub.presence(HALL)) == 2
                assert [caller.name for caller in seminar.hub.people(HALL)] == ["Ali"]
            await until(lambda: len(seen) == 3)
        await until(lambda: len(seen) == 4)
    assert seen == [("came", "Ali"), ("came", "Ali"), ("went", "Ali"), ("went", "Ali")]


async def test_going_to_another_session_leaves_the_first(seminar: Seminar) -> None:
    async with tab(seminar, "zainab") as zainab, tab(seminar, "ali") as ali:
        zainab.code = EVENING
        await zainab.enter()
        await ali.command("Say", text="in the morning")
        assert (await zainab.command("Say", text="in the evening"))["reply"] == {"seq": 1}
        await until(lambda: zainab.events)
        assert [event["text"] for event in zainab.events] == ["in the evening"]


async def test_shutdown_tells_everybody_and_closes_every_socket(
    furnished: Database, clock: ManualClock
) -> None:
    async with running(furnished, clock) as seminar:
        ali = Tab(seminar, "ali", MORNING)
        await ali.connect()
        await ali.enter()
    await until(lambda: not ali.sio.connected)
    assert [closed["code"] for closed in ali.closed] == ["live.restarting"]
    assert seminar.hub.counters.connections == 0


async def test_hub_can_be_closed_twice(furnished: Database, clock: ManualClock) -> None:
    async with running(furnished, clock) as seminar, tab(seminar, "ali"):
        await seminar.hub.close()
