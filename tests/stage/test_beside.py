"""One room at two server processes: everybody is counted once, a decision at one is carried out at both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from conference.clock import ManualClock
from conference.live.doorbell import Doorbell
from conference.live.elsewhere import Elsewhere
from conference.people.permissions import Role
from conference.stage.beside import SILENT, Beside
from conference.stage.floor import Floor
from conference.stage.presence import FLOOR_KEPT, Present
from conference.stage.rooms import Rooms
from conference.stage.tables import present_at, serving_process
from conference.storage.database import Database
from tests.live.seminar import MORNING, Tab, account_id, tab, until
from tests.live.test_processes import redis_server
from tests.stage.auditorium import MORNING_ROOM, Auditorium, auditorium, done

NOBODY = "unix:///nowhere/redis.sock"  # without a bell everything still comes, a moment later
Pair = tuple[Auditorium, Auditorium]


@asynccontextmanager
async def server_beside(
    database: Database, clock: ManualClock, redis: str = NOBODY
) -> AsyncIterator[Auditorium]:
    """A server that knows of the others by the database, and by the bell if there is one."""
    own = Database(database.url.render_as_string())
    await own.open()
    try:
        async with auditorium(
            own, clock, elsewhere=Elsewhere(own, clock, Doorbell(redis), poll=0.05)
        ) as room:
            yield room
    finally:
        await own.close()


@pytest.fixture
async def pair(furnished: Database, clock: ManualClock) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(server_beside(furnished, clock))
        yield one, await stack.enter_async_context(server_beside(furnished, clock))


def told(listener: Tab, kind: str) -> list[dict[str, Any]]:
    return [each for each in listener.ephemeral if each["type"] == kind]


def here(listener: Tab) -> int:
    """How many are here as this tab shows it."""
    counts = [each["here"] for each in told(listener, "PresenceChanged")]
    return int(counts[-1] if counts else listener.state["snapshot"]["stage"]["here"])


def away(room: Auditorium, name: str) -> Callable[[], bool]:
    """Whether a process knows that somebody's link is down."""

    def ask() -> bool:
        live = room.rooms.get(MORNING)
        return live is not None and any(each.away for each in live.people.shown() if each.name == name)

    return ask


async def test_people_at_both_servers_are_one_room(pair: Pair) -> None:
    one, other = pair
    async with tab(one.server, "ali") as ali, tab(other.server, "omar") as omar:
        await until(lambda: here(ali) == here(omar) == 2)
        # Omar speaks here, so Ali's page is told of him; of Ali nobody but who asks.
        assert told(ali, "PresenceChanged")[-1]["changed"][0]["name"] == "Omar"
        listed = [(await done(each, "ListPeople"))["people"] for each in (ali, omar)]
        assert [[person["name"] for person in people] for people in listed] == [["Omar", "Ali"]] * 2
        async with tab(one.server, "omar"):  # one person, wherever their tabs are
            async with tab(other.server, "sara") as sara:
                await until(lambda: here(ali) == here(omar) == here(sara) == 3)
        await until(lambda: here(ali) == here(omar) == 2)
        async with tab(other.server, "sara") as sara:
            assert sara.state["snapshot"]["stage"]["here"] == 3, "the snapshot counts everybody, too"
        # An encoder has no account; it is in the list of every server all the same, and on stage.
        camera = Present(-7, "machine-camera", "Camera 1", Role.SPEAKER, state=Floor.ON_STAGE)
        one.rooms.room(MORNING_ROOM).people.enter("machine-camera~1", camera)
        await until(lambda: "Camera 1" in str(told(omar, "PresenceChanged")[-1]["changed"]))
        async with tab(other.server, "sara") as sara:
            stands = [(each["person"], each["state"]) for each in sara.state["snapshot"]["stage"]["floor"]]
            assert ("machine-camera", "on-stage") in stands
        one.rooms.room(MORNING_ROOM).people.forget_person(-7)
        await until(lambda: "machine-camera" in told(omar, "PresenceChanged")[-1].get("gone", []))


async def test_decision_at_one_server_is_carried_out_at_the_other(pair: Pair) -> None:
    one, other = pair
    async with tab(one.server, "zainab") as chair, tab(other.server, "omar") as omar:
        await done(omar, "TakeFloor")
        speaker = account_id("omar")
        people = other.rooms.room(MORNING_ROOM).people
        participant = str(omar.state["snapshot"]["stage"]["participant"])
        assert people.may_send(participant)
        await done(chair, "StopSource", person="omar-public-id", source="microphone")
        await until(lambda: (people.stands_as(speaker) or (None, ()))[1])
        await done(chair, "SendToAudience", person="omar-public-id")
        await until(lambda: not people.may_send(participant))
        await done(omar, "TakeFloor")
        await until(lambda: people.may_send(participant))
        await done(chair, "CloseRoom")
        await until(lambda: not people.may_send(participant))
        await done(chair, "OpenRoom")
        async with tab(other.server, "ali") as ali:
            await done(ali, "RaiseHand")
            await until(
                lambda: any(
                    each["name"] == "Ali"
                    for news in told(chair, "PresenceChanged")
                    for each in news["changed"]
                )
            )
            await done(chair, "LowerAllHands")
            await until(lambda: (people.stands_as(account_id("ali")) or (None,))[0] is Floor.AUDIENCE)
            await done(chair, "RemovePerson", person="ali-public-id")
            await until(lambda: ali.closed and people.stands_as(account_id("ali")) is None)


async def test_speaker_who_comes_back_at_the_other_server_keeps_the_floor(
    pair: Pair, clock: ManualClock
) -> None:
    one, other = pair
    async with tab(one.server, "zainab") as chair:
        async with tab(one.server, "omar") as omar:
            await done(omar, "TakeFloor")
        await until(lambda: here(chair) == 1)
        async with tab(other.server, "omar"):
            live = one.rooms.room(MORNING_ROOM)
            await until(lambda: here(chair) == 2 and live.people.is_beside(account_id("omar")))
            clock.advance(FLOOR_KEPT * 2)
            await one.enforcer.let_go(live, clock.now())
            await one.enforcer.let_go(live, clock.now())
            assert (await one.standing("omar")).state is Floor.ON_STAGE


async def test_signals_weigh_against_everybody_at_both_servers(
    furnished: Database, clock: ManualClock, tmp_path: Path
) -> None:
    async with (
        redis_server(tmp_path) as redis, server_beside(furnished, clock, redis) as one,
        server_beside(furnished, clock, redis) as other,
        tab(one.server, "zainab") as chair, tab(one.server, "ali") as ali, tab(other.server, "sara") as sara,
    ):  # fmt: skip
        await until(lambda: here(chair) == here(sara) == 3)
        await done(ali, "GiveSignal", signal="too-fast", on=True)
        await done(sara, "GiveSignal", signal="too-fast", on=True)
        last = lambda: {each["origin"]: each for each in told(chair, "MoodChanged")}.values()  # noqa: E731
        await until(
            lambda: [(each["here"], each["signals"]) for each in last()] == [(3, {"too-fast": 1})] * 2
        )


async def test_people_of_a_server_that_was_killed_are_forgotten_and_those_of_a_slow_one_come_back(
    furnished: Database, clock: ManualClock
) -> None:
    alive, doomed = Rooms(), Rooms()
    ali = Present(account_id("ali"), "ali-public-id", "Ali", Role.ATTENDEE)
    sara = Present(account_id("sara"), "sara-public-id", "Sara", Role.ATTENDEE)
    alive.room(MORNING_ROOM).people.enter("a", ali)
    doomed.room(MORNING_ROOM).people.enter("s", sara)
    here, there = Beside(furnished, clock, alive), Beside(furnished, clock, doomed)
    for _ in range(2):
        await here.go_round()
        await there.go_round()
    assert alive.here(MORNING) == doomed.here(MORNING) == 2
    clock.advance(SILENT + timedelta(seconds=1))
    await here.go_round()
    assert alive.here(MORNING) == 1
    assert await furnished.read(
        lambda rows: list(rows.execute(select(present_at.c.account_id)).scalars())
    ) == [account_id("ali")], "the rows of the dead are cleared away"
    await there.go_round()  # it was only slow
    await here.go_round()
    assert alive.here(MORNING) == doomed.here(MORNING) == 2
    await there.close()
    await here.go_round()
    assert alive.here(MORNING) == 1
    assert (
        await furnished.read(lambda rows: rows.execute(select(func.count(serving_process.c.name))).scalar())
        == 1
    )
