"""The VP8 payload descriptor: reading, key frames, and numbers that stay continuous over a switch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.media.errors import MalformedPacket
from conference.media.vp8 import PictureNumbers, is_key_frame, read_descriptor


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


@given(st.binary(max_size=12))
def test_noise_is_read_or_refused(data: bytes) -> None:
    is_key_frame(data)
    try:
        read_descriptor(data)
    except MalformedPacket:
        pass


def test_numbers_pass_through_until_a_switch() -> None:
    numbers = PictureNumbers()
    data = payload(77, 5)
    assert numbers.rewrite(data) is data


@given(st.integers(0, 0x7FFF), st.integers(0, 255), st.integers(0, 0x7FFF), st.integers(0, 255))
def test_a_switch_continues_after_the_last_picture(old: int, old_tl0: int, new: int, new_tl0: int) -> None:
    numbers = PictureNumbers()
    numbers.rewrite(payload(old, old_tl0))
    numbers.switch()
    for step in range(3):
        moved = numbers.rewrite(payload((new + step) & 0x7FFF, (new_tl0 + step) & 0xFF))
        found = read_descriptor(moved)
        assert found.picture_id == (old + 1 + step) & 0x7FFF
        assert found.tl0picidx == (old_tl0 + 1 + step) & 0xFF
        assert moved[found.size :] == b"\x01data"


def test_a_malformed_payload_is_refused() -> None:
    with pytest.raises(MalformedPacket):
        PictureNumbers().rewrite(b"\x80\x80")
