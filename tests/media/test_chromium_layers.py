"""Simulcast as Chromium sends and receives it, and the layers that it need not make."""

from __future__ import annotations

import pytest

from conference.media.outgoing import OutgoingStream
from tests.media.peer import until
from tests.media.studio import Studio, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Chromium begins a layer when its own estimate allows; this floor takes the machine's speed out of the test.
_FLOOR = "a=fmtp:96 x-google-min-bitrate=3000;x-google-start-bitrate=3000\r\n"
_PICTURE = "{width: {exact: 960}, height: {exact: 540}, frameRate: {ideal: 10, max: 10}}"


def sent_to(studio: Studio, name: str) -> OutgoingStream:
    """What a viewer is sent of the camera, from now on chosen by the test and not by the viewer's link."""
    viewer = studio.engine._rooms["hall"].participants[name].viewer
    assert viewer is not None
    viewer.steering.look = lambda *of, **more: False  # type: ignore[method-assign]
    viewer.steering.look_again = lambda now: None  # type: ignore[method-assign]
    return next(out for out in viewer.outgoing if out.track.source == "camera")


async def test_three_layers_come_a_viewer_goes_from_small_to_large_and_what_nobody_watches_stops(
    studio: Studio,
) -> None:
    engine = studio.engine
    studio.rewrite_answer = lambda sdp: sdp.replace(
        "a=rtpmap:96 VP8/90000\r\n", "a=rtpmap:96 VP8/90000\r\n" + _FLOOR
    )
    speaker = await studio.page("speaker", watch=False)
    viewer = await studio.page("viewer")
    assert await speaker.evaluate(f"publish('camera', {_PICTURE})") == ""
    publisher = engine._rooms["hall"].participants["speaker"].publisher
    assert publisher is not None
    (track,) = publisher.tracks.values()
    track.demand.change(0, 7)  # as long as somebody wants them, all three are sent
    await until(lambda: [s.width for s in track.streams] == [240, 480, 960], 120, "three layers")
    assert [s.rid for s in track.streams] == ["q", "h", "f"]

    out = sent_to(studio, "viewer")
    out.choose(0)
    track.demand.change(7, 0)
    await wait_until(viewer, "(await seen())['speaker~camera']?.width === 240", 120)
    await wait_until(
        speaker, "Object.entries(await layers()).every(([rid, of]) => of.active === (rid === 'q'))", 120
    )
    grown = (await viewer.evaluate("seen()"))["speaker~camera"]["frames"]
    await wait_until(viewer, f"(await seen())['speaker~camera'].frames > {grown} + 10", 120)

    out.choose(2)
    await wait_until(viewer, "(await seen())['speaker~camera']?.width === 960", 120)
    grown = (await viewer.evaluate("seen()"))["speaker~camera"]["frames"]
    await wait_until(viewer, f"(await seen())['speaker~camera'].frames > {grown} + 10", 120)
    await wait_until(speaker, "!(await layers()).q.active && (await layers()).f.active", 120)

    out.choose(None)
    await wait_until(speaker, "Object.values(await layers()).every((of) => !of.active)", 120)
