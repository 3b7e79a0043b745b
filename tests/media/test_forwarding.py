"""Packets from a publisher to its viewers, over real sockets with real ICE, DTLS and SRTP."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from conference.media import LocalEngine
from conference.media.rtcp import Nack, Pli, ReceiverReport, ReportBlock
from conference.media.vp8 import is_key_frame, read_descriptor
from tests.media.peer import House, Publisher, Received, Watcher, until


async def test_viewers_receive_what_is_published(engine: LocalEngine, house: House) -> None:
    early = await house.watch("early")
    speaker = Publisher()
    await speaker.publish(engine, "hall", "speaker")
    late = await house.watch("late")
    for watcher in (early, late):
        await until(partial(shows, watcher, {"speaker~microphone", "speaker~camera"}))
        picture, sound = watcher.received["speaker~camera"], watcher.received["speaker~microphone"]
        await until(partial(flows, picture, 50))
        await until(partial(flows, sound, 50))
        assert is_key_frame(picture.packets[0].payload)
        assert picture.missing() == []
        assert sound.missing() == []
        assert picture.packets[0].extensions[1] == watcher_mid(watcher.offers[-1], "speaker~camera")
    assert ("speaker", "camera", True) in house.tracks
    assert speaker.feedback > 0
    assert speaker.plis > 0
    state = await engine.state()
    assert (state.publishers, state.viewers) == (1, 2)
    assert state.totals["dropped_malformed"] == 0
    await speaker.close()
    await until(lambda: not early.received and not late.received, what="tracks leave with their publisher")
    await early.close()
    await late.close()


def shows(watcher: Watcher, tracks: set[str]) -> bool:
    return tracks <= set(watcher.received)


def flows(entry: Received, packets: int) -> bool:
    return len(entry.packets) > packets


def watcher_mid(sdp: str, track: str) -> bytes:
    section = next(s for s in sdp.split("\r\nm=") if f" {track}~" in s)
    return next(x for x in section.split("\r\n") if x.startswith("a=mid:"))[6:].encode()


async def test_loss_on_the_way_in_is_repaired_before_viewers_ask(engine: LocalEngine, house: House) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher(("camera",))
    speaker.withhold = lambda source, sequence: sequence % 10 == 3
    await speaker.publish(engine, "hall", "speaker")
    await until(
        lambda: viewer.received.get("speaker~camera") and viewer.received["speaker~camera"].frames > 50
    )
    assert speaker.nacked
    picture = viewer.received["speaker~camera"]
    gaps = [m for m in picture.missing() if (picture.packets[-1].sequence - m) & 0xFFFF > 20]
    assert gaps == []
    track = (await engine.stats("hall")).participants
    assert any(t.recovered > 0 for p in track for t in p.tracks)
    await speaker.close()
    await viewer.close()


async def test_loss_on_the_way_out_is_answered_once_per_interval(engine: LocalEngine, house: House) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher(("camera",))
    await speaker.publish(engine, "hall", "speaker")
    await until(
        lambda: viewer.received.get("speaker~camera") and viewer.received["speaker~camera"].frames > 5
    )
    picture = viewer.received["speaker~camera"]
    lost = picture.packets[-2]
    for _ in range(5):
        viewer.connection.send_rtcp(Nack(1, picture.ssrc, (lost.sequence,)).pack())
    await until(lambda: picture.repeated)
    await asyncio.sleep(0.15)
    assert [int.from_bytes(p.payload[:2], "big") for p in picture.repeated] == [lost.sequence]
    assert picture.repeated[0].payload[2:] == lost.payload
    assert picture.repeated[0].timestamp == lost.timestamp
    assert picture.repeated[0].ssrc == picture.rtx
    await speaker.close()
    await viewer.close()


async def test_padding_is_not_forwarded_and_leaves_no_hole(engine: LocalEngine, house: House) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher(("camera",))
    await speaker.publish(engine, "hall", "speaker")
    await until(
        lambda: viewer.received.get("speaker~camera") and viewer.received["speaker~camera"].frames > 3
    )
    for _ in range(10):
        speaker.send_padding("camera")
        await asyncio.sleep(0.03)
    picture = viewer.received["speaker~camera"]
    before = picture.frames
    await until(lambda: picture.frames > before + 5)
    assert all(packet.payload for packet in picture.packets)
    assert picture.missing() == []
    await speaker.close()
    await viewer.close()


async def test_a_muted_source_is_silent_although_its_client_goes_on_sending(
    engine: LocalEngine, house: House
) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher()
    await speaker.publish(engine, "hall", "speaker")
    await until(lambda: len(viewer.received) == 2 and all(r.packets for r in viewer.received.values()))
    sound, picture = viewer.received["speaker~microphone"], viewer.received["speaker~camera"]
    await engine.mute("hall", "speaker", "microphone", True)
    await engine.mute("hall", "speaker", "camera", True)
    muted_at = speaker.sent["microphone"]
    await until(lambda: speaker.sent["microphone"] > muted_at + 5)  # what was under way has come
    heard, seen, sent = len(sound.packets), len(picture.packets), speaker.sent["microphone"]
    await until(lambda: speaker.sent["microphone"] > sent + 20)
    assert (len(sound.packets), len(picture.packets)) == (heard, seen)
    assert (await engine.state()).totals["dropped_muted"] > 20
    await engine.mute("hall", "speaker", "microphone", False)
    await engine.mute("hall", "speaker", "camera", False)
    await until(lambda: len(sound.packets) > heard + 20 and len(picture.packets) > seen + 10)
    assert is_key_frame(picture.packets[seen].payload)
    assert sound.missing() == []
    assert picture.missing() == []
    await speaker.close()
    await viewer.close()


async def test_a_lost_picture_brings_a_key_frame(engine: LocalEngine, house: House) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher(("camera",))
    await speaker.publish(engine, "hall", "speaker")
    await until(
        lambda: viewer.received.get("speaker~camera") and viewer.received["speaker~camera"].frames > 3
    )
    picture = viewer.received["speaker~camera"]
    keys = sum(is_key_frame(p.payload) for p in picture.packets)
    viewer.connection.send_rtcp(Pli(1, picture.ssrc).pack())
    await until(lambda: sum(is_key_frame(p.payload) for p in picture.packets) > keys)
    await speaker.close()
    await viewer.close()


async def test_sender_reports_are_passed_on_and_give_the_round_trip(
    engine: LocalEngine, house: House
) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher(("camera",))
    await speaker.publish(engine, "hall", "speaker")
    await until(
        lambda: viewer.received.get("speaker~camera") and viewer.received["speaker~camera"].frames > 3
    )
    picture = viewer.received["speaker~camera"]
    speaker.send_report("camera")
    await until(lambda: picture.reports)
    report = picture.reports[0]
    assert abs(report.rtp_timestamp - picture.packets[-1].timestamp) < 90000
    block = ReportBlock(picture.ssrc, 26, last_report=report.ntp >> 16 & 0xFFFFFFFF)
    viewer.connection.send_rtcp(ReceiverReport(1, (block,)).pack())

    async def measured() -> float | None:
        stats = await engine.stats("hall")
        viewing = next(p.viewing for p in stats.participants if p.viewing)
        return viewing.round_trip_ms

    while (trip := await measured()) is None:  # noqa: ASYNC110  # the engine tells nobody of it
        await asyncio.sleep(0.01)
    assert 0 <= trip < 60_000, "seconds and milliseconds are not mixed up"
    assert speaker.reports >= 0
    await speaker.close()
    await viewer.close()


async def test_picture_ids_pass_through_unchanged_without_a_switch(engine: LocalEngine, house: House) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher(("camera",))
    await speaker.publish(engine, "hall", "speaker")
    await until(
        lambda: viewer.received.get("speaker~camera") and viewer.received["speaker~camera"].frames > 10
    )
    ids = [read_descriptor(p.payload).picture_id for p in viewer.received["speaker~camera"].packets]
    assert ids == sorted(ids, key=lambda i: i or 0)
    await speaker.close()
    await viewer.close()


@pytest.mark.parametrize("goodbye", [True, False])
async def test_a_publisher_that_leaves_frees_its_place(
    engine: LocalEngine, house: House, goodbye: bool
) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher()
    await speaker.publish(engine, "hall", "speaker")
    await until(lambda: len(viewer.received) == 2)
    await speaker.close(goodbye=goodbye)
    await until(lambda: not viewer.received)
    await until(lambda: house.gone == ["speaker"])
    assert (await engine.state()).publishers == 0
    await viewer.close()
