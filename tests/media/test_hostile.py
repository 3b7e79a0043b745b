"""Attacks from outside and from inside the room."""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct

import pytest

from conference.media import EVERYTHING, EngineSettings, LocalEngine, Rights
from conference.media.rtcp import Nack, Pli
from conference.media.rtp import RtpPacket
from conference.media.sdp import parse_sdp
from conference.media.transport import MAX_SSRCS
from tests.media.peer import MID_ID, OPUS, VP8, House, Publisher, Watcher, until

CLIENT_HELLO = bytes.fromhex("16fefd0000000000000000002d01000021000000000000002100") + b"\xfe\xfd" + bytes(60)


async def test_joins_succeed_under_junk_and_forged_client_hellos(engine: LocalEngine, house: House) -> None:
    port = (await engine.state()).port
    stop = asyncio.Event()

    async def flood() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attacker:
            attacker.setblocking(False)
            while not stop.is_set():
                for _ in range(20):
                    for junk in (
                        CLIENT_HELLO,
                        secrets.token_bytes(60),
                        b"\x00\x01\x00\x08\x21\x12\xa4\x42" + secrets.token_bytes(20),
                        b"\x80\x60" + secrets.token_bytes(120),
                    ):
                        try:
                            attacker.sendto(junk, ("127.0.0.1", port))
                        except BlockingIOError:
                            pass
                await asyncio.sleep(0.005)

    flooding = asyncio.create_task(flood())
    viewer = await house.watch("viewer")
    speaker = Publisher()
    await speaker.publish(engine, "hall", "speaker")
    await until(
        lambda: viewer.received.get("speaker~camera") and viewer.received["speaker~camera"].frames > 10
    )
    stop.set()
    await flooding
    totals = (await engine.state()).totals
    assert totals["dropped_unknown_address"] > 100
    assert totals["dropped_stun"] > 50
    await speaker.close()
    await viewer.close()


async def test_a_client_hello_from_inside_does_not_break_a_session(engine: LocalEngine, house: House) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher(("microphone",))
    await speaker.publish(engine, "hall", "speaker")
    await until(
        lambda: viewer.received.get("speaker~microphone") and viewer.received["speaker~microphone"].packets
    )
    for _ in range(20):
        speaker.connection.sock.sendto(CLIENT_HELLO, speaker.connection.remote)
        speaker.connection.sock.sendto(b"\x17" + secrets.token_bytes(50), speaker.connection.remote)
    heard = len(viewer.received["speaker~microphone"].packets)
    await until(lambda: len(viewer.received["speaker~microphone"].packets) > heard + 20)
    await speaker.close()
    await viewer.close()


async def test_unauthorised_sources_are_not_forwarded(engine: LocalEngine, house: House) -> None:
    """Sources nobody agreed to: a foreign SSRC, a foreign mid, another payload type, another track's SSRC."""
    viewer = await house.watch("viewer")
    speaker = Publisher(("microphone",))
    await speaker.publish(engine, "hall", "speaker")
    await until(
        lambda: viewer.received.get("speaker~microphone") and viewer.received["speaker~microphone"].packets
    )
    before = (await engine.state()).totals["dropped_ssrc"]
    own = speaker.ssrcs["microphone"]
    for number in range(10):
        for packet in (
            RtpPacket(OPUS, True, number, 0, 0xDEAD, b"forged"),
            RtpPacket(OPUS, True, number, 0, 0xBEEF, b"forged", {MID_ID: b"9"}),
            RtpPacket(VP8, True, 30000 + number, 0, own, b"\x10\x00forged"),
        ):
            speaker.connection.send_rtp(packet.pack())
    await until(lambda: engine._counters.dropped_ssrc == before + 30)
    assert viewer.unknown == 0
    assert not any(b"forged" in p.payload for p in viewer.received["speaker~microphone"].packets)
    await speaker.close()
    await viewer.close()


async def test_nobody_speaks_with_another_s_ssrc(engine: LocalEngine, house: House) -> None:
    viewer = await house.watch("viewer")
    speaker, forger = Publisher(("microphone",)), Publisher(("camera",))
    await speaker.publish(engine, "hall", "speaker")
    await forger.publish(engine, "hall", "forger")
    await until(lambda: len(viewer.received) == 2 and all(e.packets for e in viewer.received.values()))
    before = engine._counters.dropped_ssrc
    for number in range(10):
        for half, elements in enumerate(({}, {MID_ID: b"0"})):
            packet = RtpPacket(
                OPUS, True, 2 * number + half, 0, speaker.ssrcs["microphone"], b"forged", elements
            )
            forger.connection.send_rtp(packet.pack())
    await until(lambda: engine._counters.dropped_ssrc == before + 20)
    heard = len(viewer.received["speaker~microphone"].packets)
    await until(lambda: len(viewer.received["speaker~microphone"].packets) > heard + 10)
    assert viewer.unknown == 0
    assert not any(b"forged" in p.payload for e in viewer.received.values() for p in e.packets)
    for peer in (speaker, forger, viewer):
        await peer.close()


async def test_answering_for_a_track_that_was_not_offered_brings_nothing(
    engine: LocalEngine, house: House
) -> None:
    """A viewer that may hear, not see, answers as if the camera had been offered, and asks for repairs."""
    await engine.allow("hall", {"viewer": Rights(receive=frozenset({"microphone"}))})
    speaker = Publisher(("microphone", "camera"))
    await speaker.publish(engine, "hall", "speaker")
    watcher = Watcher()
    offer = await engine.subscribe("hall", "viewer")
    answer = watcher.answer(offer.sdp)
    assert "a=inactive" in answer, "a place for the picture, which is not offered"
    forged = answer.replace("a=inactive", "a=recvonly")
    await engine.subscribe_answer("hall", "viewer", offer.version, forged)
    await watcher.connection.connect(parse_sdp(offer.sdp))
    wanted = speaker.ssrcs["camera"]
    watcher.connection.send_rtcp(Pli(1, wanted).pack() + Nack(1, wanted, (1, 2, 3)).pack())
    sent = speaker.sent["camera"]
    await until(lambda: len(watcher.received["speaker~microphone"].packets) > 20)
    await until(lambda: speaker.sent["camera"] > sent + 20)
    assert (set(watcher.received), watcher.unknown) == ({"speaker~microphone"}, 0)
    await speaker.close()
    await watcher.close()


async def test_endless_sources_are_capped(engine: LocalEngine, house: House) -> None:
    speaker = Publisher(("microphone",))
    await speaker.publish(engine, "hall", "speaker")
    (publisher,) = engine._rooms["hall"].publishers
    await until(lambda: publisher.transport.connected)
    for ssrc in range(300):
        speaker.connection.send_rtp(RtpPacket(OPUS, True, 1, 0, ssrc, b"x", {MID_ID: b"0"}).pack())
        if ssrc % 50 == 0:
            await asyncio.sleep(0.02)
    await until(lambda: len(publisher.transport._ssrcs) >= MAX_SSRCS)
    assert len(publisher.transport._ssrcs) == MAX_SSRCS
    assert len(publisher.tracks["0"].streams) <= 3
    await speaker.close()


async def test_malformed_media_is_counted_and_the_rest_flows(engine: LocalEngine, house: House) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher(("camera",))
    await speaker.publish(engine, "hall", "speaker")
    await until(
        lambda: viewer.received.get("speaker~camera") and viewer.received["speaker~camera"].frames > 3
    )
    for number in range(20):
        # SRTP accepts them; their extension elements point beyond the end.
        broken = (
            struct.pack("!BBHLL", 0x90, VP8, number, 0, speaker.ssrcs["camera"])
            + b"\xbe\xde\x00\x01\x1f\x00\x00\x00"
        )
        speaker.connection.send_rtp(broken)
        speaker.connection.send_rtcp(
            b"\x81\xcd\x00\x02" + secrets.token_bytes(8) + b"\x81\xc8\x00\x01" + bytes(4)
        )
        viewer.connection.send_rtcp(b"\x8f\xce\x00\x03" + bytes(8) + b"REMB")
    frames = viewer.received["speaker~camera"].frames
    await until(lambda: viewer.received["speaker~camera"].frames > frames + 10)
    assert (await engine.state()).totals["dropped_malformed"] >= 40
    await speaker.close()
    await viewer.close()


async def test_a_publisher_cannot_flood_its_viewers(house: House) -> None:
    engine = LocalEngine(EngineSettings(host="127.0.0.1", max_publisher_bitrate=400_000), house)
    house.engine = engine
    await engine.start()
    await engine.open_room("hall", others=EVERYTHING)
    speaker = Publisher(("camera",))
    await speaker.publish(engine, "hall", "speaker")
    for _ in range(2_000):
        speaker.send_frame("camera", 20)
        await asyncio.sleep(0.001)
        if (await engine.state()).totals["dropped_policed"] > 100:
            break
    else:
        pytest.fail("a flood went through")
    await speaker.close()
    await engine.close()


async def test_a_source_switched_off_and_on_many_times_keeps_working(
    engine: LocalEngine, house: House
) -> None:
    """Every round has new SSRCs; the oldest make room, and the cap does not lock an honest client out."""
    viewer = await house.watch("viewer")
    speaker = Publisher(("microphone", "camera"))
    await speaker.publish(engine, "hall", "speaker")
    (publisher,) = engine._rooms["hall"].publishers
    await until(lambda: publisher.transport.connected)
    for _ in range(MAX_SSRCS + 5):
        await engine.publish("hall", "speaker", speaker.offer(), {"0": "microphone"})
        speaker.ssrcs["camera"] = secrets.randbits(32)
        await engine.publish("hall", "speaker", speaker.offer(), speaker.tracks)
        speaker.send_frame("camera")
        await asyncio.sleep(0.002)
    assert len(publisher.transport._ssrcs) <= MAX_SSRCS
    await until(
        lambda: viewer.received.get("speaker~camera") and viewer.received["speaker~camera"].frames > 10
    )
    await speaker.close()
    await viewer.close()
