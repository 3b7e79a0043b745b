"""The VP8 payload descriptor: reading, key frames, and numbers that stay continuous over a switch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.media.errors import MalformedPacket
from conference.media.vp8 import frame_size, is_key_frame, moved_descriptor, read_descriptor


def payload(
    picture: int, tl0: int | None = None, *, start: bool = True, key: bool = False, wide: bool = True
) -> bytes:
    flags = 0x80 | (0x60 if tl0 is not None else 0)
    head = bytes([0x80 | (0x10 if start else 0), flags])
    head += (0x8000 | picture).to_bytes(2, "big") if wide else bytes([picture & 0x7F])
    if tl0 is not None:
        head += bytes([tl0, 0x40])
    return head + bytes([0 if key else 1]) + b"data"


@given(st.integers(0, 0x7FFF), st.one_of(st.none(), st.integers(0, 255)), st.booleans())
def test_descriptor_fields_are_found(picture: int, tl0: int | None, start: bool) -> None:
    found = read_descriptor(payload(picture, tl0, start=start))
    assert (found.picture_id, found.tl0picidx, found.starts_partition) == (picture, tl0, start)
    assert found.temporal_layer == (None if tl0 is None else 1)
    assert found.size == (4 if tl0 is None else 6)


def test_seven_bit_picture_ids_are_read() -> None:
    found = read_descriptor(payload(0x55, wide=False))
    assert (found.picture_id, found.picture_id_bits, found.size) == (0x55, 7, 3)


def test_key_frame_is_the_first_packet_of_an_intra_frame() -> None:
    assert is_key_frame(payload(1, key=True))
    assert not is_key_frame(payload(1, key=False))
    assert not is_key_frame(payload(1, key=True, start=False))
    assert is_key_frame(b"\x10\x00")
    assert not is_key_frame(b"\x11\x00"), "second partition"
    assert not is_key_frame(b"")
    assert not is_key_frame(b"\x10")


def test_a_descriptor_that_ends_before_its_last_field_is_refused() -> None:
    with pytest.raises(MalformedPacket):
        read_descriptor(bytes([0x80, 0xD0, 0x23, 0x01]))


@given(st.binary(max_size=12))
def test_noise_is_read_or_refused(data: bytes) -> None:
    is_key_frame(data)
    try:
        read_descriptor(data)
    except MalformedPacket:
        pass


@given(
    st.integers(0, 0x7FFF),
    st.one_of(st.none(), st.integers(0, 255)),
    st.integers(0, 0x7FFF),
    st.integers(0, 255),
    st.booleans(),
)
def test_picture_numbers_are_moved_within_their_width(
    picture: int, tl0: int | None, by: int, tl0_by: int, wide: bool
) -> None:
    data = payload(picture, tl0, wide=wide)
    before = read_descriptor(data)
    moved = moved_descriptor(data, before, by, tl0_by) + data[before.size :]
    after = read_descriptor(moved)
    assert after.picture_id == (before.picture_id or 0) + by & (0x7FFF if wide else 0x7F)
    assert after.tl0picidx == (None if tl0 is None else tl0 + tl0_by & 0xFF)
    assert (after.size, after.temporal_layer, after.sync) == (before.size, before.temporal_layer, before.sync)
    assert moved[after.size :] == data[before.size :]


def test_the_sync_bit_is_read_with_its_layer() -> None:
    head = bytes([0x90, 0xE0]) + (0x8000 | 9).to_bytes(2, "big")
    found = read_descriptor(head + bytes([7, 0x60]) + b"data")
    assert (found.temporal_layer, found.sync) == (1, True)
    found = read_descriptor(head + bytes([7, 0x80]) + b"data")
    assert (found.temporal_layer, found.sync) == (2, False)


def test_a_key_frame_tells_its_size() -> None:
    data = payload(1, key=True)[:5] + b"\x00\x00\x9d\x01\x2a" + (1280).to_bytes(2, "little")
    data += (0x4000 | 720).to_bytes(2, "little")
    assert frame_size(data, 4) == (1280, 720), "the upper two bits are a scaling hint"
    assert frame_size(data[:-1], 4) is None
    assert frame_size(payload(1), 4) is None
