"""Redundant audio on the wire (RFC 2198)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.media.errors import MalformedPacket
from conference.media.red import pack_red, unpack_red

blocks = st.lists(st.tuples(st.integers(1, 0x3FFF), st.binary(min_size=1, max_size=0x3FF)), max_size=4)


@given(blocks, st.binary(max_size=300))
def test_what_is_packed_comes_out_again(earlier: list[tuple[int, bytes]], payload: bytes) -> None:
    assert unpack_red(pack_red(111, earlier, payload), 111) == (payload, earlier)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        payload, earlier = unpack_red(data, 111)
    except MalformedPacket:
        return
    assert len(payload) + sum(len(block) for _, block in earlier) < len(data)


def test_what_the_format_cannot_say_is_left_out() -> None:
    packed = pack_red(111, [(0x4000, b"too long ago"), (960, bytes(0x400)), (1920, b"fits")], b"now")
    assert unpack_red(packed, 111) == (b"now", [(1920, b"fits")])


def test_the_bytes_are_those_of_the_rfc() -> None:
    assert pack_red(111, [(960, b"ab")], b"c").hex() == "ef0f0002" + "6f" + "6162" + "63"


def test_another_codec_inside_is_refused() -> None:
    with pytest.raises(MalformedPacket):
        unpack_red(pack_red(0, [], b"pcm"), 111)
