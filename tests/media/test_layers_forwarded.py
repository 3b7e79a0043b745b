"""Simulcast and H264 over real sockets: offered, bound by header extensions, repaired and seen."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from conference.media import LocalEngine
from conference.media.h264 import begins_picture
from conference.media.track import Track
from conference.media.vp8 import frame_size, is_key_frame, read_descriptor
from tests.media.peer import SIZES, House, Publisher, Received, until


def camera(engine: LocalEngine) -> Track:
    publisher = engine._rooms["hall"].participants["speaker"].publisher
    assert publisher is not None
    return next(track for track in publisher.tracks.values() if track.source == "camera")


def frames(entry: Received | None, count: int) -> bool:
    return entry is not None and entry.frames > count


async def test_layers_are_bound_by_rid_and_a_viewer_sees_one_stream(
    engine: LocalEngine, house: House
) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher(("microphone", "camera"), ("q", "h", "f"))
    await speaker.publish(engine, "hall", "speaker")
    await until(lambda: frames(viewer.received.get("speaker~camera"), 20), 60)
    streams = camera(engine).streams
    await until(lambda: len(streams) == 3 and all(stream.width for stream in streams), 60)
    track = next(
        t for p in (await engine.stats("hall")).participants for t in p.tracks if t.source == "camera"
    )
    assert [(x.rid, x.width, x.height) for x in track.layers] == [(r, *SIZES[r]) for r in ("q", "h", "f")]
    picture = viewer.received["speaker~camera"]
    assert picture.missing() == []
    first = picture.packets[0].payload
    assert is_key_frame(first)
    assert frame_size(first, read_descriptor(first).size) in SIZES.values()
    await speaker.close()
    await viewer.close()


async def test_a_camera_that_comes_back_with_its_old_ssrcs_need_not_name_them_again(
    engine: LocalEngine, house: House
) -> None:
    """Chromium sends neither mid nor rid once it knows that we know."""
    viewer = await house.watch("viewer")
    speaker = Publisher(("microphone", "camera"), ("q", "h", "f"))
    await speaker.publish(engine, "hall", "speaker")
    await until(lambda: frames(viewer.received.get("speaker~camera"), 5))
    await until(lambda: len(camera(engine).streams) == 3)
    speaker.withhold = lambda stream, sequence: sequence % 16 == 0  # so that repairs of each layer are known
    await until(lambda: all(stream.recovered for stream in camera(engine).streams), what="repairs")
    await engine.publish("hall", "speaker", speaker.offer(), {"0": "microphone"})
    await until(lambda: "speaker~camera" not in viewer.received)

    speaker.unnamed = True
    await engine.publish("hall", "speaker", speaker.offer(), speaker.tracks)
    await until(lambda: frames(viewer.received.get("speaker~camera"), 5), what="the picture is back")
    await until(lambda: [stream.rid for stream in camera(engine).streams] == ["q", "h", "f"])
    await until(lambda: all(stream.recovered for stream in camera(engine).streams), what="repairs again")
    await speaker.close()
    await viewer.close()


async def test_each_layer_is_repaired_by_its_own_retransmissions(engine: LocalEngine, house: House) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher(("camera",), ("q", "h", "f"))
    speaker.withhold = lambda source, sequence: sequence % 7 == 3
    await speaker.publish(engine, "hall", "speaker")
    streams = camera(engine).streams
    await until(lambda: len(streams) == 3 and all(s.recovered > 5 for s in streams), 60)
    speaker.withhold = lambda source, sequence: False
    picture = viewer.received["speaker~camera"]
    seen = picture.frames
    await until(lambda: frames(picture, seen + 20), 60)
    await until(
        lambda: [m for m in picture.missing() if (picture.packets[-1].sequence - m) & 0xFFFF > 40] == []
    )
    await speaker.close()
    await viewer.close()


async def test_a_viewer_gets_a_lower_layer_when_the_sender_stops_the_higher_one(
    engine: LocalEngine, house: House
) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher(("camera",), ("q", "h", "f"))
    speaker.off = {"h", "f"}
    await speaker.publish(engine, "hall", "speaker")
    await until(lambda: frames(viewer.received.get("speaker~camera"), 10), 60)
    picture = viewer.received["speaker~camera"]
    assert sizes(picture) == {SIZES["q"]}
    speaker.off = {"q"}
    await until(lambda: sizes(picture) - {SIZES["q"]}, 60)
    seen = picture.frames
    await until(lambda: frames(picture, seen + 10), 60)
    assert picture.missing() == []
    await speaker.close()
    await viewer.close()


def sizes(entry: Received) -> set[Any]:
    payloads = [p.payload for p in entry.packets if is_key_frame(p.payload)]
    return {frame_size(payload, read_descriptor(payload).size) for payload in payloads}


async def test_a_sender_hears_what_is_wanted_and_what_is_not(engine: LocalEngine, house: House) -> None:
    speaker = Publisher(("camera",), ("q", "h", "f"))
    await speaker.publish(engine, "hall", "speaker")
    await until(lambda: house.layers and house.layers[-1] == ("speaker", "camera", ()), 60)
    viewer = await house.watch("viewer")
    await until(lambda: house.layers[-1][2], 60)  # somebody watches
    await until(lambda: frames(viewer.received.get("speaker~camera"), 5), 60)
    await engine.leave("hall", "viewer")
    await until(lambda: house.layers[-1] == ("speaker", "camera", ()), 60)
    await speaker.close()
    await viewer.close(goodbye=False)


@pytest.mark.parametrize("able", [True, False])
async def test_h264_reaches_those_who_can_decode_it(engine: LocalEngine, house: House, able: bool) -> None:
    viewer = await house.watch("viewer", without="" if able else "h264")
    speaker = Publisher(("microphone", "camera"), h264=True)
    await speaker.publish(engine, "hall", "speaker")
    await until(lambda: frames(viewer.received.get("speaker~microphone"), 20), 60)
    if able:
        await until(lambda: frames(viewer.received.get("speaker~camera"), 10), 60)
        picture = viewer.received["speaker~camera"]
        assert begins_picture(picture.packets[0].payload)
        assert {p.payload_type for p in picture.packets} == {102}
        assert picture.missing() == []
        assert "a=rtpmap:102 H264/90000" in viewer.offers[-1]
    else:
        sound = viewer.received["speaker~microphone"]
        count, offers = len(sound.packets), len(viewer.offers)
        await until(partial(frames, sound, sound.frames + 60), 60)
        assert len(sound.packets) > count
        assert "speaker~camera" not in viewer.received
        assert len(viewer.offers) <= offers + 1, "it is not offered again and again"
        other = Publisher(("camera",))
        await other.publish(engine, "hall", "other")
        await until(lambda: frames(viewer.received.get("other~camera"), 5), 60)
        await other.close()
    await speaker.close()
    await viewer.close()
