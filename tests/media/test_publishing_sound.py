"""Sound from a publisher: what is lost is asked for again, or restored from redundancy."""

from __future__ import annotations

from typing import cast

from conference.media.acceptance import accept_offer
from conference.media.cache import MediaPacket
from conference.media.counters import Counters
from conference.media.describe import TransportDescription, write_answer
from conference.media.incoming import IncomingStream
from conference.media.publisher import Publisher
from conference.media.red import pack_red
from conference.media.rtcp import Nack, parse_rtcp
from conference.media.rtp import AUDIO_LEVEL, RtpPacket
from conference.media.sdp import Fingerprint, parse_sdp
from conference.media.speaking import VoiceGate
from conference.media.transport import Transport

PRINT = ":".join(["AB"] * 32)
OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdabcdabcdabcdabcdabcd",
        f"a=fingerprint:sha-256 {PRINT}",
        "a=setup:actpass",
        "a=mid:0",
        "a=sendonly",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=rtcp-fb:111 nack",
        "a=rtpmap:63 red/48000/2",
        "a=fmtp:63 111/111",
        f"a=extmap:1 {AUDIO_LEVEL}",
        "a=ssrc:77 cname:x",
        "",
    ]
)


class Wire:
    """Stands where the transport is and keeps the feedback."""

    connected = True

    def __init__(self) -> None:
        self.asked: list[int] = []

    def send_rtcp(self, data: bytes) -> None:
        for packet in parse_rtcp(data)[0]:
            if isinstance(packet, Nack):
                self.asked += packet.sequences

    def expect_inbound(self, ssrc: int) -> None: ...


class Desk:
    """A publisher of one microphone and what its track forwards."""

    def __init__(self) -> None:
        self.wire = Wire()
        self.publisher = Publisher(
            "a", ("1", "x"), Counters(), 10**7, lambda publisher: cast(Transport, self.wire)
        )
        self.accepted = accept_offer(parse_sdp(OFFER), {"0": "microphone"})
        self.publisher.apply(self.accepted)
        self.track = self.publisher.tracks["0"]
        self.heard: list[tuple[int, bytes]] = []
        self.track.taps = (self._hear,)

    def _hear(self, stream: IncomingStream, packet: MediaPacket, now: float) -> None:
        self.heard.append((packet.timestamp, packet.payload))

    def send(self, number: int, payload: bytes = b"", kind: int = 111, level: int = 20) -> None:
        packet = RtpPacket(
            kind,
            False,
            65530 + number & 0xFFFF,
            number * 960,
            77,
            payload or _word(number),
            {1: bytes([level])},
        )
        self.publisher.on_rtp(packet.pack(), 1.0 + number * 0.02)


def _word(number: int) -> bytes:
    return b"\x78" + number.to_bytes(4, "big")


def test_the_answer_takes_repair_and_redundancy() -> None:
    address = TransportDescription((), "u", "p", Fingerprint("sha-256", PRINT))
    answer = write_answer("1", 1, address, Desk().accepted.sections, "passive")
    for line in ("111 63", "a=rtcp-fb:111 nack", "a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111"):
        assert line in answer


def test_lost_sound_is_asked_for_at_once_and_taken_when_it_comes_again() -> None:
    desk = Desk()
    for number in (0, 1, 2, 5):
        desk.send(number)
    assert desk.wire.asked == [65533, 65534]
    desk.send(3)
    desk.send(3)
    assert [timestamp // 960 for timestamp, _ in desk.heard] == [0, 1, 2, 5, 3]


def test_redundancy_restores_what_is_missing_and_repeats_nothing() -> None:
    desk = Desk()

    def redundant(number: int) -> None:
        earlier = [(1920, _word(number - 2)), (960, _word(number - 1))]
        desk.send(number, pack_red(111, earlier, _word(number)), kind=63)

    desk.send(0)
    desk.send(1)
    redundant(2)
    redundant(5)
    redundant(6)
    assert [timestamp // 960 for timestamp, _ in desk.heard] == [0, 1, 2, 4, 3, 5, 6]
    assert all(payload == _word(timestamp // 960) for timestamp, payload in desk.heard)
    assert desk.wire.asked == [], "nothing is asked for that came along"
    desk.send(7, b"\xef\x00", kind=63)
    assert len(desk.heard) == 7, "a malformed one is dropped"


def test_a_microphone_that_is_not_heard_now_is_still_followed() -> None:
    desk = Desk()
    gate = desk.track.gate = VoiceGate(places=1)
    gate.hears("somebody louder", 10, 1.0)
    for number in range(200):
        gate.hears("somebody louder", 10, 1.0 + number * 0.02)
        desk.send(number, level=90)
    assert len(desk.heard) == 200, "the mixer has its packets when it gets loud"
    assert len(desk.track.held_back) == 3
    desk.send(200, level=10)
    assert not desk.track.held_back
