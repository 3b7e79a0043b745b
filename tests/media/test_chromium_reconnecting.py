"""Chromium builds a new connection beside the old one, and closes that only when the new one is connected."""

from __future__ import annotations

import pytest

from conference.media import SubscribeOffer
from conference.media.errors import UnknownParticipant
from tests.media.studio import Studio, seen, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = 90.0

# Notes, whenever a connection is closed, in which state the newest one was.
WATCH_CLOSING = """() => {
  window.made = [];
  window.atClosing = [];
  const Real = RTCPeerConnection;
  window.RTCPeerConnection = class extends Real {
    constructor(...settings) { super(...settings); window.made.push(this); }
    close() {
      window.atClosing.push(window.made.at(-1).connectionState);
      super.close();
    }
  };
}"""


async def test_both_connections_are_made_anew_without_a_gap(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forgotten(room_id: str, participant_id: str) -> SubscribeOffer:
        raise UnknownParticipant("the test refuses ICE restarts, so that a new connection has to be made")

    monkeypatch.setattr(studio.engine, "restart_subscribe", forgotten)
    speaker = await studio.page("speaker", watch=False)
    viewer = await studio.page("viewer", watch=False)
    await viewer.evaluate(WATCH_CLOSING)
    await viewer.evaluate("leave()")
    await viewer.evaluate("join('hall', 'viewer')")
    assert await speaker.evaluate("publishDrawing('camera')") == ""
    await wait_until(viewer, "(await seen())['speaker~camera']?.frames > 5", LONG)
    assert await viewer.evaluate("made.length") == 1

    await viewer.evaluate("networkChanged()")
    await wait_until(viewer, "atClosing.length === 1", LONG)
    assert await viewer.evaluate("[made.length, atClosing]") == [2, ["connected"]]
    await wait_until(viewer, "report().state === 'connected'", LONG)
    await wait_until(viewer, "(await seen())['speaker~camera']?.frames >= 0", LONG)
    frames = (await seen(viewer))["speaker~camera"]["frames"]
    await wait_until(viewer, f"(await seen())['speaker~camera']?.frames > {frames} + 5", LONG)
    assert len(studio.engine._rooms["hall"].watching) == 1
