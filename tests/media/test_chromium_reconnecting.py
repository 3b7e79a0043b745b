"""Chromium builds a new connection beside the old one, and closes that only when the new one is connected."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial

import pytest

from conference.media import SubscribeOffer
from conference.media.errors import UnknownParticipant
from conference.media.ice import IceAgent
from tests.media.peer import until
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
    """ICE restarts are refused here, so that new connections have to be made."""
    engine, publish, refused = studio.engine, studio.engine.publish, list[str]()

    async def no_restart(room_id: str, participant_id: str) -> SubscribeOffer:
        raise UnknownParticipant("refused by the test")

    async def no_second_offer(room_id: str, participant_id: str, sdp: str, tracks: Mapping[str, str]) -> str:
        if not refused:
            refused.append(participant_id)
            raise UnknownParticipant("refused by the test")
        return await publish(room_id, participant_id, sdp, tracks)

    speaker = await studio.page("speaker", watch=False)
    viewer = await studio.page("viewer", watch=False)
    for page in (speaker, viewer):
        await page.evaluate(WATCH_CLOSING)
    await viewer.evaluate("leave()")
    await viewer.evaluate("join('hall', 'viewer')")
    assert await speaker.evaluate("publishDrawing('camera')") == ""
    await wait_until(viewer, "(await seen())['speaker~camera']?.frames > 5", LONG)

    monkeypatch.setattr(engine, "restart_subscribe", no_restart)
    monkeypatch.setattr(engine, "publish", no_second_offer)
    for page in (viewer, speaker):
        await page.evaluate("networkChanged()")
        await wait_until(page, "atClosing.length === 1", LONG)
        assert await page.evaluate("[made.length, atClosing]") == [2, ["connected"]]
        await wait_until(page, "report().state === 'connected'", LONG)
        await wait_until(viewer, "(await seen())['speaker~camera']?.frames >= 0", LONG)
        frames = (await seen(viewer))["speaker~camera"]["frames"]
        await wait_until(viewer, f"(await seen())['speaker~camera']?.frames > {frames} + 5", LONG)
    assert refused == ["speaker"]
    room = engine._rooms["hall"]
    assert (len(room.watching), len(room.publishers)) == (1, 1)
    assert room.participants["speaker"].next_publisher is None


def in_use(ice: IceAgent, credentials: tuple[str, str]) -> bool:
    return (ice.ufrag, ice.password) == credentials


async def test_ice_restarts_with_the_spare_credentials_while_nobody_can_be_asked(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, answered = studio.engine, asyncio.Event()

    async def not_yet(room_id: str, participant_id: str) -> SubscribeOffer:
        await answered.wait()
        raise UnknownParticipant("refused by the test")

    monkeypatch.setattr(engine, "restart_subscribe", not_yet)
    speaker = await studio.page("speaker", watch=False)
    viewer = await studio.page("viewer")
    assert await speaker.evaluate("publishDrawing('camera')") == ""
    await wait_until(viewer, "(await seen())['speaker~camera']?.frames > 5", LONG)
    watching = engine._rooms["hall"].participants["viewer"].viewer
    assert watching is not None
    ice, transport = watching.transport.ice, watching.transport
    for spare in (ice.spare, (ice.ufrag, ice.password)):  # with the second set, and back with the first
        await viewer.evaluate("networkChanged()")
        await until(partial(in_use, ice, spare), LONG)
        frames = (await seen(viewer))["speaker~camera"]["frames"]
        await wait_until(viewer, f"(await seen())['speaker~camera']?.frames > {frames} + 5", LONG)
    room = engine._rooms["hall"]
    assert room.participants["viewer"].viewer is watching
    assert transport.connected
    assert len(room.watching) == 1
    answered.set()
