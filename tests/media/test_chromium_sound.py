"""Sound in real Chromium: microphone and mix in one play-out queue, and what the browser agrees to."""

from __future__ import annotations

from functools import partial

import pytest

from conference.media.engine import Viewing
from conference.media.lean import LeanTrack
from conference.media.outgoing_audio import OutgoingSound
from tests.media.peer import until
from tests.media.studio import Studio, seen, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def test_sound_goes_on_in_one_queue_from_microphone_to_mix_and_back(studio: Studio) -> None:
    speaker = await studio.page("speaker", watch=False)
    page = await studio.page("viewer")
    assert await speaker.evaluate("publish('microphone')") == ""
    await wait_until(page, "(await seen())['speaker~microphone']?.energy > 0.001")
    room = studio.engine._rooms["hall"]
    publisher, viewer = room.participants["speaker"].publisher, room.participants["viewer"].viewer
    assert publisher is not None
    assert viewer is not None
    (out,) = viewer.outgoing
    assert isinstance(out, OutgoingSound)
    assert out.takes_red, "Chromium takes redundant sound"
    assert publisher.tracks["0"].streams[0].repairable, "and sends lost sound again when it is asked to"

    ssrc = out.ssrc
    for sound, lean in (("lean", True), ("full", False), ("saver", True)):
        await studio.engine.view("hall", "viewer", Viewing(sound=sound))  # type: ignore[arg-type]  # a Literal
        await until(partial(_is_mix, out, lean), 90)
        (before,) = (await seen(page)).values()
        grown = f"Object.values(await seen()).some(s => s.energy > {before['energy']} + 0.05)"
        await wait_until(
            page, f"{grown} && Object.values(await seen())[0].packets > {before['packets']} + 20"
        )
        (after,) = (await seen(page)).values()
        made_up = (after["concealed"] - before["concealed"]) / (after["samples"] - before["samples"])
        print(sound, f"{100 * made_up:.1f} % made up around the change")
        assert [stream.ssrc for stream in viewer.outgoing] == [ssrc], (
            "no new stream, nothing to negotiate first"
        )


def _is_mix(out: OutgoingSound, wanted: bool) -> bool:
    return isinstance(out.track, LeanTrack) is wanted
