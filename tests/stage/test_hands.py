"""Hands as an ordered queue: on a real database, over real sockets, and what those concerned are told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from conference.clock import ManualClock
from conference.people.notifications import newest
from conference.people.notifying import Kind, Notice, notify
from conference.stage.floor import Floor
from conference.stage.rules import StageRules, change_defaults, defaults_of, rules_of
from conference.stage.standing import turns_of
from conference.stage.tables import floor
from tests.live.frames import watching
from tests.live.seminar import Tab, account_id, new_id, tab
from tests.media.peer import until
from tests.stage.auditorium import MORNING_ROOM, Auditorium, done, refused

MODERATION: list[tuple[str, dict[str, Any]]] = [
    ("InviteNext", {"person": "ali-public-id"}),
    ("MoveHand", {"person": "ali-public-id", "before": None}),
    ("LowerAllHands", {}),
    ("ChangeStageRules", {"hands": False}),
]


async def raised(room: Auditorium, clock: ManualClock, *tabs: Tab) -> None:
    for one in tabs:
        clock.advance(timedelta(seconds=5))
        await done(one, "RaiseHand")


async def queue(room: Auditorium) -> list[int]:
    up = floor.c.state == Floor.HAND_RAISED.value
    query = select(floor.c.account_id).where(up).order_by(floor.c.hand_order)
    return list(await room.database.read(lambda rows: rows.execute(query).scalars().all()))


async def told(room: Auditorium, clock: ManualClock, name: str) -> list[Kind]:
    shown = await room.database.read(lambda rows: newest(rows, account_id(name), 1, "en", now=clock.now()))
    return [one.kind for one in reversed(shown)]


@pytest.mark.parametrize(("kind", "body"), MODERATION)
@pytest.mark.parametrize("name", ["ali", "omar"])
async def test_only_those_who_run_the_session_arrange_the_queue(
    room: Auditorium, clock: ManualClock, name: str, kind: str, body: dict[str, Any]
) -> None:
    async with tab(room.server, name) as one:
        assert await refused(one, kind, **body) == "not-allowed.role"


async def test_a_moderator_moves_hands_and_everybody_sees_the_same_queue(
    room: Auditorium, clock: ManualClock
) -> None:
    async with (
        tab(room.server, "ali") as ali, tab(room.server, "sara") as sara,
        tab(room.server, "omar") as omar, tab(room.server, "zainab") as chair,
    ):  # fmt: skip
        await raised(room, clock, ali, sara, omar)
        assert await queue(room) == [account_id(name) for name in ("ali", "sara", "omar")]
        command = {"person": "omar-public-id", "before": "ali-public-id"}
        again = new_id()
        for _ in range(2):  # a lost acknowledgement: the same command comes twice
            await done(chair, "MoveHand", client_id=again, **command)
        assert await queue(room) == [account_id(name) for name in ("omar", "ali", "sara")]
        await done(chair, "MoveHand", person="omar-public-id", before=None)
        assert await queue(room) == [account_id(name) for name in ("ali", "sara", "omar")]
        await until(lambda: len(sara.events) >= 5)
        orders: dict[str, int] = {}
        for event in sara.events:
            orders[event["person"]] = event["hand_order"]
        assert sorted(orders, key=orders.__getitem__) == [
            f"{one}-public-id" for one in ("ali", "sara", "omar")
        ]
        # Whoever comes in now is told the same.
        async with tab(room.server, "zainab") as late:
            hands = late.state["snapshot"]["stage"]["floor"]
            assert {hand["person"]: hand["hand_order"] for hand in hands} == orders


async def test_the_next_one_is_invited_with_one_tap_and_a_lowered_hand_is_not(
    room: Auditorium, clock: ManualClock
) -> None:
    async with tab(room.server, "ali") as ali, tab(room.server, "zainab") as chair:
        await raised(room, clock, ali)
        await done(ali, "LowerHand")
        assert await refused(chair, "InviteNext", person="ali-public-id") == "stage.hand-down"
        await done(ali, "RaiseHand")
        for _ in range(2):  # two chairs at once: the second tap invites nobody else
            await done(chair, "InviteNext", person="ali-public-id")
        assert (await room.standing("ali")).state is Floor.INVITED
        assert await told(room, clock, "ali") == [Kind.INVITED]


async def test_all_hands_are_lowered_in_one_announcement(room: Auditorium, clock: ManualClock) -> None:
    async with (
        tab(room.server, "ali") as ali, tab(room.server, "sara") as sara, tab(room.server, "zainab") as chair,
    ):  # fmt: skip
        await raised(room, clock, ali, sara)
        await done(chair, "InviteToFloor", person="sara-public-id")
        assert await done(chair, "LowerAllHands") == {"lowered": 1}
        assert await done(chair, "LowerAllHands") == {"lowered": 0}
        assert (await room.standing("ali")).state is Floor.AUDIENCE
        assert (await room.standing("sara")).state is Floor.INVITED, "an invitation is no hand"
        await until(lambda: ali.events and ali.events[-1]["type"] == "HandsLowered")
        assert sum(event["type"] == "HandsLowered" for event in ali.events) == 1
        await done(ali, "RaiseHand")
        assert await queue(room) == [account_id("ali")]


async def test_whoever_becomes_next_is_told_once_and_the_first_one_is_not(
    room: Auditorium, clock: ManualClock
) -> None:
    async with (
        tab(room.server, "ali") as ali, tab(room.server, "sara") as sara,
        tab(room.server, "omar") as omar, tab(room.server, "zainab") as chair,
    ):  # fmt: skip
        await raised(room, clock, ali, sara, omar)
        assert await told(room, clock, "ali") == [], "who raises a hand in an empty queue knows"
        await done(chair, "InviteNext", person="ali-public-id")
        assert await told(room, clock, "sara") == [Kind.HAND_NEXT]
        await done(chair, "MoveHand", person="omar-public-id", before="sara-public-id")
        await done(chair, "MoveHand", person="sara-public-id", before="omar-public-id")
        assert await told(room, clock, "sara") == [Kind.HAND_NEXT], (
            "told once for a hand, however it is moved"
        )
        assert await told(room, clock, "omar") == [Kind.HAND_NEXT]


async def test_turns_of_the_audience_are_remembered_and_those_of_speakers_are_not(
    room: Auditorium, clock: ManualClock
) -> None:
    async with (
        tab(room.server, "ali") as ali, tab(room.server, "omar") as omar, tab(room.server, "zainab") as chair,
    ):  # fmt: skip
        await done(chair, "InviteToFloor", person="ali-public-id")
        await done(ali, "TakeFloor")
        await done(omar, "TakeFloor")
        clock.advance(timedelta(seconds=90))
        await done(ali, "LeaveFloor")
        await done(omar, "LeaveFloor")
        assert await room.database.read(lambda rows: turns_of(rows, 1)) == [90]
        await until(lambda: any(event.get("turn") == 90 for event in chair.events))
    async with tab(room.server, "sara") as sara:
        assert sara.state["snapshot"]["stage"]["turns"] == [90]


async def test_hands_can_be_switched_off_for_a_session_and_by_default(
    room: Auditorium, clock: ManualClock
) -> None:
    async with tab(room.server, "ali") as ali, tab(room.server, "zainab") as chair:
        await raised(room, clock, ali)
        assert await done(chair, "ChangeStageRules", hands=False) == {"hands": False, "reactions": True}
        assert (await room.standing("ali")).state is Floor.HAND_RAISED
        await done(ali, "LowerHand")
        assert await refused(ali, "RaiseHand") == "stage.no-hands"
        await until(lambda: any(event["type"] == "StageRulesChanged" for event in ali.events))
    await room.database.write(lambda tx: change_defaults(tx, 1, StageRules(hands=True, reactions=False)))
    assert await room.database.read(lambda rows: defaults_of(rows, 1)) == StageRules(True, False)
    # What the chair said for this session goes before what the event says.
    assert await room.database.read(lambda rows: rules_of(rows, MORNING_ROOM)) == StageRules(False, True)


async def test_notifications_during_an_outage_are_all_there_once(
    room: Auditorium, clock: ManualClock
) -> None:
    async with tab(room.server, "ali") as ali, tab(room.server, "zainab") as chair:
        await raised(room, clock, ali)
        last = dict(ali.state["heads"])
        await done(chair, "InviteNext", person="ali-public-id")
        await until(lambda: any(event["type"] == "NotificationsChanged" for event in ali.events))
        seen = [event for event in ali.events if event["type"] == "NotificationsChanged"]
        heads = last | {event["channel"]: event["seq"] for event in ali.events}
    # The line is cut; two more come meanwhile.
    for number in range(2):
        mention = Notice(kind=Kind.MENTION, by=str(number))
        await room.database.write(
            lambda tx, one=mention: notify(tx, account_id("ali"), 1, one, at=clock.now())  # type: ignore[misc]  # its defaults
        )
    async with watching(room.server, "ali") as back:
        again = await back.enter(heads)
        missed = [event for event in again["events"] if event["type"] == "NotificationsChanged"]
        numbers = [event["seq"] for event in seen + missed]
        assert len(numbers) == len(set(numbers)) == 3
        assert missed[-1]["unread"] == 3
        listed = (await back.command("ListNotifications"))["reply"]["notifications"]
        assert len({one["id"] for one in listed}) == len(listed) == 3


async def test_chairs_read_how_each_person_hears_and_nobody_else_does(
    room: Auditorium, clock: ManualClock
) -> None:
    async with tab(room.server, "ali") as ali, tab(room.server, "zainab") as chair:
        assert await refused(ali, "ListConnections") == "not-allowed.role"
        listed = (await done(chair, "ListConnections"))["connections"]
        assert {(one["person"], one["state"]) for one in listed} == {
            ("ali-public-id", "none"),
            ("zainab-public-id", "none"),
        }


async def test_notification_of_one_person_is_on_nobody_elses_wire(
    room: Auditorium, clock: ManualClock
) -> None:
    async with (
        tab(room.server, "ali") as ali, tab(room.server, "zainab") as chair,
        watching(room.server, "sara") as sara, watching(room.server, "ali") as other_tab,
    ):  # fmt: skip
        await raised(room, clock, ali)
        await done(chair, "InviteNext", person="ali-public-id")
        await other_tab.saw("NotificationsChanged")
        await sara.settled()
        sara.never_saw("NotificationsChanged", "person:ali-public-id")
        listed = await done(ali, "ListNotifications")
        assert [one["words"] for one in listed["notifications"]] == ["You are invited to the floor."]
        assert (await done(ali, "ReadNotifications", upto=listed["notifications"][0]["id"]))["unread"] == 0
        await until(lambda: any(event.get("unread") == 0 for event in ali.events))
