"""A million malformed inputs: every parser that reads what a stranger sent either reads it or says no.

Real messages are damaged the way attackers and broken networks damage them: bytes flipped, cut, repeated,
lengths made to lie. The seed is fixed, so a failure can be had again; hypothesis explores further in each
parser's own test.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest
from aioice import stun

from conference.media.acceptance import accept_offer
from conference.media.binding import read_check
from conference.media.errors import BadSdp, MalformedPacket
from conference.media.mux import local_ufrag
from conference.media.rtcp import Fir, Nack, Pli, ReceiverReport, Remb, ReportBlock, SenderReport, parse_rtcp
from conference.media.rtp import RtpPacket, parse_rtp
from conference.media.sdp import parse_sdp
from conference.media.vp8 import is_key_frame, moved_descriptor, read_descriptor
from tests.media.chromium_offer import CHROMIUM_OFFER

INPUTS = {"stun": 120_000, "rtp": 300_000, "rtcp": 250_000, "vp8": 300_000, "sdp": 30_000}


def test_the_inputs_are_a_million() -> None:
    assert sum(INPUTS.values()) == 1_000_000


def _check() -> bytes:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, bytes(range(12)))
    request.attributes.update({"USERNAME": "0a1b2c3d:abcd", "PRIORITY": 1862270975, "ICE-CONTROLLING": 7})
    request.attributes["USE-CANDIDATE"] = None
    request.add_message_integrity(b"password")
    return bytes(request)


BLOCK = ReportBlock(7, 12, 99, 70_000, 5, 1234, 5678)
SEEDS: dict[str, Sequence[bytes]] = {
    "stun": [_check()],
    "rtp": [
        RtpPacket(111, True, 65_535, 48_000, 9, b"opus" * 10, {1: b"0", 3: b"\x81", 4: b"\0\7"}).pack(),
        RtpPacket(96, False, 7, 90_000, 10, bytes(range(200)), {1: b"1", 2: b"\1\2\3", 10: b"f"}).pack(),
        b"\xb3\xe0\0\1\0\0\0\2\0\0\0\3" + bytes(12) + b"\x10\0\0\2\1\4mid0\0\0" + b"payload\0\0\3",
    ],
    "rtcp": [
        SenderReport(7, 1 << 40, 90_000, 10, 1000).pack() + ReceiverReport(7, (BLOCK, BLOCK)).pack(),
        Nack(1, 2, (5, 6, 21, 400)).pack() + Pli(1, 2).pack() + Fir(1, ((2, 3),)).pack(),
        Remb(1, 500_000, (2, 3)).pack() + b"\x8f\xcd\0\5" + bytes(8) + b"\0\7\0\3\0\0\1\0\x20\3\4\5\6",
    ],
    "vp8": [
        b"\x90\xe0\x81\x23\x07\x40\x10\x02\x00\x9d\x01\x2a\x80\x02\x68\x01",
        b"\x90\x80\x23\x01\x00",
        b"\x10\x10\x02\x00\x9d\x01\x2a",
    ],
    "sdp": [CHROMIUM_OFFER.encode()],
}


def damaged(seed: bytes, dice: random.Random) -> bytes:
    """The message with one to four injuries."""
    data = bytearray(seed)
    for _ in range(dice.randrange(1, 5)):
        at = dice.randrange(len(data) + 1)
        injury = dice.randrange(6)
        if injury == 0 and at < len(data):
            data[at] = dice.randrange(256)
        elif injury == 1 and at < len(data):
            data[at] ^= 1 << dice.randrange(8)
        elif injury == 2:
            del data[at:]
        elif injury == 3:
            del data[at : at + dice.randrange(1, 9)]
        elif injury == 4:
            data[at:at] = data[at : at + dice.randrange(1, 40)]
        elif at + 1 < len(data):
            data[at : at + 2] = dice.choice((b"\xff\xff", b"\0\0", b"\x7f\xff", b"\r\n"))
    return bytes(data)


def _stun(data: bytes) -> None:
    local_ufrag(data)
    read_check(data, b"password")


def _rtp(data: bytes) -> None:
    packet = parse_rtp(data)
    assert len(packet.payload) <= len(data)


def _rtcp(data: bytes) -> None:
    packets, malformed = parse_rtcp(data)
    # A short message must not make a long work list: every entry costs the packet loop time.
    assert len(packets) + malformed <= len(data) // 4 + 1


def _vp8(data: bytes) -> None:
    is_key_frame(data)
    found = read_descriptor(data)
    assert found.picture_id is None or 0 <= found.picture_id < 1 << found.picture_id_bits
    assert len(moved_descriptor(data, found, 12345, 99)) == found.size


def _sdp(data: bytes) -> None:
    offer = parse_sdp(data.decode("utf-8", "replace"))
    accept_offer(offer, {"0": "microphone", "1": "camera"})


PARSERS: dict[str, Callable[[bytes], None]] = {
    "stun": _stun, "rtp": _rtp, "rtcp": _rtcp, "vp8": _vp8, "sdp": _sdp,
}  # fmt: skip


@pytest.mark.parametrize("name", INPUTS)
def test_damaged_messages_are_read_or_refused(name: str) -> None:
    dice, parse, seeds, refused = random.Random(name), PARSERS[name], SEEDS[name], 0
    for number in range(INPUTS[name]):
        data = damaged(seeds[number % len(seeds)], dice)
        try:
            parse(data)
        except (MalformedPacket, BadSdp):
            refused += 1
        except Exception as error:
            raise AssertionError(f"{name} broke on {data!r}") from error
    if name not in ("stun", "rtcp"):  # those say no by silence and by a count
        assert 0 < refused < INPUTS[name]
