"""aiortc's own client publishes and watches: its ICE, its DTLS session, its SRTP and its descriptions."""

from __future__ import annotations

import asyncio

import pytest
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack

from conference.media import LocalEngine
from tests.media.peer import House, until

pytestmark = pytest.mark.slow


async def publishing(engine: LocalEngine) -> RTCPeerConnection:
    """Green pictures and silence, as aiortc's example tracks make them."""
    client = RTCPeerConnection()
    client.addTransceiver(VideoStreamTrack(), direction="sendonly")
    client.addTransceiver(AudioStreamTrack(), direction="sendonly")
    await client.setLocalDescription(await client.createOffer())
    names = {"video": "camera", "audio": "microphone"}
    sources = {t.mid: names[t.kind] for t in client.getTransceivers() if t.mid is not None}
    answer = await engine.publish("hall", "speaker", client.localDescription.sdp, sources)
    await client.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    return client


async def received(track: MediaStreamTrack, count: int) -> None:
    for _ in range(count):
        await asyncio.wait_for(track.recv(), 60)


async def test_aiortc_publishes_to_a_synthetic_viewer(engine: LocalEngine, house: House) -> None:
    viewer = await house.watch("viewer")
    client = await publishing(engine)
    await until(lambda: len(viewer.received) == 2)
    await until(lambda: all(len(entry.packets) > 10 for entry in viewer.received.values()))
    assert client.connectionState == "connected"
    await client.close()
    await viewer.close()


async def test_aiortc_watches_aiortc(engine: LocalEngine, house: House) -> None:
    speaker = await publishing(engine)
    publisher = engine._rooms["hall"].publishers[0]
    await until(lambda: publisher.transport.connected)
    client, tracks = RTCPeerConnection(), list[MediaStreamTrack]()
    client.on("track", tracks.append)
    offer = await engine.subscribe("hall", "viewer")
    await client.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
    await client.setLocalDescription(await client.createAnswer())
    await engine.subscribe_answer("hall", "viewer", offer.version, client.localDescription.sdp)
    assert sorted(track.kind for track in tracks) == ["audio", "video"]
    await asyncio.gather(*(received(track, 10) for track in tracks))
    assert client.connectionState == "connected"
    await client.close()
    await speaker.close()
