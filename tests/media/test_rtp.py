"""RTP packets: what is packed is parsed again, and what is malformed is refused by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.media.errors import MalformedPacket
from conference.media.rtp import RtpPacket, absolute_send_time, pack_extensions, parse_rtp, unwrap

u16, u32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
elements = st.one_of(
    st.dictionaries(st.integers(1, 14), st.binary(min_size=1, max_size=16), max_size=6),
    st.dictionaries(st.integers(1, 255), st.binary(max_size=40), max_size=6),
)


def fields(packet: RtpPacket) -> dict[str, object]:
    return {name: getattr(packet, name) for name in RtpPacket.__slots__}


@given(
    st.integers(0, 127), st.booleans(), u16, u32, u32, st.binary(max_size=60), elements, st.integers(0, 255)
)
def test_packet_survives_the_wire(
    kind: int,
    marker: bool,
    sequence: int,
    timestamp: int,
    ssrc: int,
    payload: bytes,
    extensions: dict[int, bytes],
    padding: int,
) -> None:
    packet = RtpPacket(kind, marker, sequence, timestamp, ssrc, payload, extensions, padding)
    assert fields(parse_rtp(packet.pack())) == fields(packet)


@given(st.binary(max_size=80))
def test_noise_is_parsed_or_refused(data: bytes) -> None:
    try:
        parse_rtp(data)
    except MalformedPacket:
        pass


@given(st.binary(min_size=20, max_size=60), st.integers(0, 15), st.sampled_from([0x80, 0x90, 0xA0, 0xB0]))
def test_almost_valid_packets_are_parsed_or_refused(data: bytes, sources: int, first: int) -> None:
    try:
        packet = parse_rtp(bytes([first | sources]) + data[1:])
    except MalformedPacket:
        return
    assert len(packet.payload) + packet.padding <= len(data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x80" * 11, "not an RTP packet"),
        (b"\x40" + bytes(20), "not an RTP packet"),
        (b"\x90" + bytes(11), "extension header cut short"),
        (b"\x90" + bytes(11) + b"\xbe\xde\x00\x09", "extension longer than the packet"),
        (b"\x90" + bytes(11) + b"\xbe\xde\x00\x01\x1f\x00\x00\x00", "extension element cut short"),
        (b"\xa0" + bytes(11), "padding bit without padding"),
        (b"\xa0" + bytes(11) + b"\x09", "header longer than the packet"),
    ],
)
def test_malformed_packet_is_named(data: bytes, why: str) -> None:
    with pytest.raises(MalformedPacket, match=why):
        parse_rtp(data)


def test_short_elements_take_the_one_byte_form() -> None:
    assert pack_extensions([(1, b"ab")]) == bytes.fromhex("bede0001 11616200")
    assert pack_extensions([(1, b"")])[:2] == b"\x10\x00"
    assert pack_extensions([]) == b""


@given(st.integers(0, 1 << 40), st.integers(-32768, 32767))
def test_unwrap_finds_the_nearest(reference: int, distance: int) -> None:
    value = reference + distance
    assert unwrap(value & 0xFFFF, reference) == value


def test_absolute_send_time_counts_in_18_fractional_bits_and_wraps() -> None:
    assert absolute_send_time(0.5) == (1 << 17).to_bytes(3, "big")
    assert absolute_send_time(64.5) == absolute_send_time(0.5)
