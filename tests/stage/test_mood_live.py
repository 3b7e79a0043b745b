"""Reactions and signals over real sockets: who hears what, summed, without names, never written down."""

from __future__ import annotations

from typing import Any

from conference.clock import ManualClock
from conference.live import log
from conference.stage.mood import AT_ONCE, HELD
from tests.live.frames import watching
from tests.live.seminar import tab
from tests.media.peer import until
from tests.stage.auditorium import MORNING_ROOM, Auditorium, done, refused

SECRETS = ("ali-public-id", "Ali")


def told(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in events if one["type"] == kind]


async def test_speakers_and_the_desk_hear_of_signals_and_nobody_else_and_never_whose(
    room: Auditorium, clock: ManualClock
) -> None:
    async with (
        tab(room.server, "ali") as ali, watching(room.server, "sara") as sara,
        watching(room.server, "omar") as speaker, tab(room.server, "zainab") as chair,
    ):  # fmt: skip
        before = await room.database.read(lambda rows: log.head(rows, MORNING_ROOM.channel))
        for _ in range(3):
            await done(ali, "GiveSignal", signal="cannot-hear", on=True)
        await speaker.saw('"cannot-hear":1')
        await until(lambda: told(chair.ephemeral, "MoodChanged"))
        last = told(chair.ephemeral, "MoodChanged")[-1]
        assert (last["here"], last["signals"], last["reactions"]) == (4, {"cannot-hear": 1}, {})
        # It fades by itself; the speaker is told so.
        clock.advance(HELD)
        await until(lambda: told(chair.ephemeral, "MoodChanged")[-1]["signals"] == {})
        await sara.settled()
        sara.never_saw("MoodChanged", "cannot-hear")
        assert not any(secret in frame for frame in speaker.frames if "Mood" in frame for secret in SECRETS)
        assert await room.database.read(lambda rows: log.head(rows, MORNING_ROOM.channel)) == before


async def test_reactions_are_summed_for_the_room_and_one_person_cannot_flood_it(
    room: Auditorium, clock: ManualClock
) -> None:
    async with tab(room.server, "ali") as ali, tab(room.server, "sara") as sara:
        for _ in range(AT_ONCE):
            await done(ali, "React", reaction="applause")
        assert await refused(ali, "React", reaction="applause") == "live.too-fast"
        await done(sara, "React", reaction="heart")
        counted = lambda: sum(  # noqa: E731  # asked again and again
            one["reactions"].get("applause", 0) for one in told(sara.ephemeral, "ReactionsCounted")
        )
        await until(lambda: counted() == AT_ONCE)
        assert await refused(ali, "React", reaction="skull") == "live.malformed"
        assert told(sara.ephemeral, "MoodChanged") == [], "the audience is told sums alone"


async def test_somebody_of_the_audience_on_stage_hears_how_they_are_heard(
    room: Auditorium, clock: ManualClock
) -> None:
    async with (
        tab(room.server, "ali") as ali, tab(room.server, "sara") as sara, tab(room.server, "zainab") as chair,
    ):  # fmt: skip
        await done(chair, "InviteToFloor", person="sara-public-id")
        await done(sara, "TakeFloor")
        await done(ali, "GiveSignal", signal="too-fast", on=True)
        await until(lambda: told(sara.ephemeral, "MoodChanged"))


async def test_reactions_can_be_switched_off_and_signals_go_on(room: Auditorium, clock: ManualClock) -> None:
    async with tab(room.server, "ali") as ali, tab(room.server, "zainab") as chair:
        await done(chair, "ChangeStageRules", reactions=False)
        assert await refused(ali, "React", reaction="applause") == "stage.no-reactions"
        await done(ali, "GiveSignal", signal="too-fast", on=True)
        await until(lambda: told(chair.ephemeral, "MoodChanged"))
