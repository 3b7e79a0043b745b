"""A viewer that reports what arrives, over real sockets: numbers, estimate, choices and rungs."""

from __future__ import annotations

import asyncio
import time
from functools import partial

import pytest

from conference.media import LocalEngine
from conference.media.describe import TWCC_ID
from conference.media.engine import Viewing, ViewingStats
from conference.media.rtp import RtpPacket
from conference.media.twcc import ArrivalLog
from tests.media.peer import House, Publisher, Watcher, until


class Reporter(Watcher):
    """Promises transport-wide feedback and sends it, as browsers do."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[int] = []
        self.padding = 0
        self.silent = False
        self._arrivals = ArrivalLog()
        self._task: asyncio.Task[None] | None = None

    def answer(self, sdp: str) -> str:
        return super().answer(sdp) + "a=rtcp-fb:96 transport-cc\r\n"

    async def subscribe(self, engine: LocalEngine, room: str, name: str) -> None:
        await super().subscribe(engine, room, name)
        self._task = asyncio.create_task(self._report())

    def _on_rtp(self, packet: RtpPacket) -> None:
        number = int.from_bytes(packet.extensions[TWCC_ID], "big")
        self.numbers.append(number)
        self._arrivals.add(number, time.monotonic())
        if packet.padding and not packet.payload:
            self.padding += 1
            return
        super()._on_rtp(packet)

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(0.05)
            for packet in self._arrivals.take(1, 2):
                if not self.silent:
                    self.connection.send_rtcp(packet)

    async def close(self, *, goodbye: bool = True) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await super().close(goodbye=goodbye)


async def reporter(engine: LocalEngine, house: House) -> Reporter:
    viewer = Reporter()
    house.watchers["viewer"] = viewer
    await viewer.subscribe(engine, "hall", "viewer")
    return viewer


def frames(viewer: Watcher, more_than: int = 5) -> bool:
    picture = viewer.received.get("speaker~camera")
    return picture is not None and picture.frames > more_than


async def viewing(engine: LocalEngine) -> ViewingStats:
    stats = await engine.stats("hall")
    found = next(p.viewing for p in stats.participants if p.participant_id == "viewer")
    assert found is not None
    return found


async def test_every_packet_is_numbered_and_reports_become_an_estimate(
    engine: LocalEngine, house: House
) -> None:
    viewer = await reporter(engine, house)
    speaker = Publisher()
    await speaker.publish(engine, "hall", "speaker")
    await until(partial(frames, viewer, 30), 60)
    first = viewer.numbers[0]
    seen = {(number - first) & 0xFFFF for number in viewer.numbers}
    assert seen == set(range(max(seen) + 1)), "one sequence over sound, picture and padding"
    assert viewer.padding >= 6, "the first train"
    got = await viewing(engine)
    assert got.estimate > 100_000
    assert got.rung == "full"
    await speaker.close()
    await viewer.close()


async def test_what_a_person_chooses_takes_effect_and_is_told(engine: LocalEngine, house: House) -> None:
    viewer = await reporter(engine, house)
    speaker = Publisher()
    await speaker.publish(engine, "hall", "speaker")
    await until(partial(frames, viewer), 60)
    await engine.view("hall", "viewer", Viewing(pictures="none"))
    await until(lambda: ("viewer", "sound", "chosen") in house.rungs, 60)
    shown = viewer.received["speaker~camera"].frames
    heard = len(viewer.received["speaker~microphone"].packets)
    await until(lambda: len(viewer.received["speaker~microphone"].packets) > heard + 20, 60)
    assert viewer.received["speaker~camera"].frames <= shown + 1
    await engine.view("hall", "viewer", Viewing())
    await until(lambda: frames(viewer, shown + 10), 60)
    await until(lambda: house.rungs[-1] == ("viewer", "full", "ok"), 60)
    await speaker.close()
    await viewer.close()


async def test_a_wish_is_followed_before_the_next_tick(engine: LocalEngine, house: House) -> None:
    viewer = await reporter(engine, house)
    speaker = Publisher()
    await speaker.publish(engine, "hall", "speaker")
    await until(partial(frames, viewer), 60)
    # Neither call gives the loop away, so no tick can have come in between.
    await engine.view("hall", "viewer", Viewing(pictures="none"))
    assert (await viewing(engine)).rung == "sound"
    assert house.rungs[-1] == ("viewer", "sound", "chosen")
    await speaker.close()
    await viewer.close()


async def test_a_viewer_that_falls_silent_gets_only_sound_until_it_is_back(
    engine: LocalEngine, house: House
) -> None:
    viewer = await reporter(engine, house)
    speaker = Publisher()
    await speaker.publish(engine, "hall", "speaker")
    await until(partial(frames, viewer, 30), 60)
    viewer.silent = True
    await until(lambda: any(reason == "link" for _, _, reason in house.rungs), 60)
    viewer.silent = False
    shown = viewer.received["speaker~camera"].frames
    await until(lambda: frames(viewer, shown + 20), 60)
    await speaker.close()
    await viewer.close()


@pytest.mark.parametrize("known", [True, False])
async def test_a_viewer_that_comes_again_begins_where_it_was(
    engine: LocalEngine, house: House, known: bool
) -> None:
    viewer = await reporter(engine, house)
    speaker = Publisher()
    await speaker.publish(engine, "hall", "speaker")
    await until(partial(frames, viewer, 30), 60)
    before = (await viewing(engine)).estimate
    if not known:
        await engine.leave("hall", "viewer")
        await engine.subscribe("hall", "viewer")
        assert (await viewing(engine)).estimate == 0
    else:
        await engine.subscribe("hall", "viewer")
        assert 0.5 * before < (await viewing(engine)).estimate
    await speaker.close()
    await viewer.close(goodbye=known)
