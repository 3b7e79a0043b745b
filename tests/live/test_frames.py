"""What must not be in the frames of a room, a desk or an event: looked for byte by byte."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from conference.clock import ManualClock
from conference.live.channels import desk_channel, event_channel, person_channel, session_channel
from conference.live.log import append
from conference.storage.database import Database
from tests.live.frames import Watch, watching
from tests.live.saying import Podium, Said, Waved
from tests.live.seminar import EVENING, MORNING, Seminar, running


@pytest.fixture
async def seminar(furnished: Database, clock: ManualClock) -> AsyncIterator[Seminar]:
    async with running(furnished, clock, Podium(furnished, clock).commands()) as seminar:
        yield seminar


async def log_everywhere(database: Database, clock: ManualClock) -> None:
    """One durable event in every kind of channel, each with a text of its own."""
    everywhere = {
        session_channel(MORNING): "word of the morning",
        desk_channel(MORNING): "word of the morning's desk",
        session_channel(EVENING): "word of the evening",
        desk_channel(EVENING): "word of the evening's desk",
        event_channel(1): "word of the event",
        event_channel(2): "word of another event",
        person_channel("ali-public-id"): "word for Ali",
        person_channel("sara-public-id"): "word for Sara",
        "servers": "word between servers",
    }
    for channel, text in everywhere.items():
        said = Said(text=text, by="Zainab")
        await database.write(
            lambda tx, channel=channel, said=said: append(tx, channel, said, actor=1, at=clock.now())  # type: ignore[misc]  # bound at once
        )


async def test_events_of_other_rooms_never_arrive(
    seminar: Seminar, furnished: Database, clock: ManualClock
) -> None:
    async with (
        watching(seminar, "sara") as sara,
        watching(seminar, "ali", EVENING) as ali,
        watching(seminar, "zainab") as zainab,
        watching(seminar, "ali", "/karbala") as in_event,
    ):
        await log_everywhere(furnished, clock)
        for channel in (session_channel(MORNING), session_channel(EVENING), desk_channel(MORNING)):
            seminar.hub.tell(channel, Waved(by=f"waved in {channel}"))
        for watch in (sara, ali, zainab, in_event):
            await watch.settled()
        await expect(sara, ["word of the morning", "word for Sara", "waved in session:MORN01"])
        await expect(ali, ["word of the evening", "word for Ali", "waved in session:EVEN01"])
        await expect(in_event, ["word of the event", "word for Ali"])
        desk = ["word of the morning", "word of the morning's desk"]
        await expect(zainab, [*desk, "waved in session:MORN01", "waved in session:MORN01:desk"])


async def expect(watch: Watch, words: list[str]) -> None:
    """Exactly these announcements came, and not a trace of another one."""
    assert [each.get("text") or each["by"] for each in watch.events()] == words
    rest = "\n".join(watch.frames)
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "", 1)
    assert "word " not in rest
    assert "waved in" not in rest


async def test_what_was_missed_of_other_rooms_is_not_caught_up_with(
    seminar: Seminar, furnished: Database, clock: ManualClock
) -> None:
    await log_everywhere(furnished, clock)
    async with watching(seminar, "sara", enter=False) as sara:
        entered = await sara.enter({session_channel(MORNING): 0, person_channel("sara-public-id"): 0})
        assert [event["text"] for event in entered["events"]] == ["word of the morning", "word for Sara"]
        for channel in (desk_channel(MORNING), session_channel(EVENING), event_channel(1), "servers"):
            refused = await sara.say("catch_up", {"channel": channel, "after": 0})
            assert refused["error"]["code"] == "live.not-entered"
        sara.never_saw("evening", "desk", "word of the event", "another event", "for Ali", "between servers")


async def test_nothing_is_sent_before_a_room_was_entered(
    seminar: Seminar, furnished: Database, clock: ManualClock
) -> None:
    async with watching(seminar, "sara", enter=False) as sara:
        await log_everywhere(furnished, clock)
        seminar.hub.tell(session_channel(MORNING), Waved(by="Ali"))
        await sara.settled()
        assert sara.events() == []
        sara.never_saw("word", "Waved")


async def test_watch_finds_what_was_sent_however_it_is_written(seminar: Seminar) -> None:
    """The tool itself: it has to notice."""
    async with watching(seminar, "sara") as sara, watching(seminar, "ali") as ali:
        await ali.command("Say", text='The "dose" of محمد')
        await sara.saw("dose")
        for secret in ("محمد", 'The "dose"', "Ali"):
            with pytest.raises(AssertionError, match="was sent"):
                sara.never_saw(secret)
        sara.frames.append('42["event",{"text":"\\u0645\\u062d\\u0645\\u062f2"}]')
        with pytest.raises(AssertionError, match="was sent"):
            sara.never_saw("محمد2")
