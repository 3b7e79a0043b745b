"""Reading H264 packets as far as a forwarder must."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.media.h264 import begins_picture, frame_size, units

# As x264 writes them: constrained baseline (368 rows, cropped), and high profile twice (1088 rows, cropped).
SPS_360 = bytes.fromhex("6742c01eda0280bfe5c05a808080a0000003002000000651e2c5d4")
SPS_720 = bytes.fromhex("6764001facd9405005bb011000000300100000030320f1831960")
SPS_1080 = bytes.fromhex("67640028acd940780227e5c05a808080a0000003002000000651e30632c0")
PPS = bytes.fromhex("68ce3c80")
IDR, SLICE = b"\x65" + b"\x88" * 40, b"\x41" + b"\x9a" * 40


def stap_a(*parts: bytes) -> bytes:
    return b"\x78" + b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def fu_a(unit: bytes, *, start: bool) -> bytes:
    return bytes([unit[0] & 0xE0 | 28, (0x80 if start else 0) | unit[0] & 31]) + unit[1:]


@pytest.mark.parametrize(
    ("payload", "begins"),
    [
        (SPS_720, True),
        (stap_a(SPS_720, PPS), True),
        (stap_a(PPS, IDR), True),
        (IDR, True),
        (fu_a(IDR, start=True), True),
        (fu_a(IDR, start=False), False),
        (fu_a(SLICE, start=True), False),
        (SLICE, False),
        (stap_a(SLICE, SLICE), False),
        (PPS, False),
        (b"", False),
    ],
)
def test_a_decoder_begins_with_parameter_sets_or_an_idr_picture(payload: bytes, begins: bool) -> None:
    assert begins_picture(payload) is begins


@pytest.mark.parametrize(
    ("sps", "size"), [(SPS_360, (640, 360)), (SPS_720, (1280, 720)), (SPS_1080, (1920, 1080))]
)
def test_the_size_stands_in_the_sequence_parameter_set(sps: bytes, size: tuple[int, int]) -> None:
    assert frame_size(sps) == size
    assert frame_size(stap_a(sps, PPS)) == size
    assert frame_size(IDR) is None
    assert frame_size(sps[:5]) is None


@given(st.binary(max_size=80))
def test_noise_is_read_or_refused(data: bytes) -> None:
    for first in (data, b"\x67" + data, b"\x78" + data, b"\x7c\x85" + data):
        assert len(list(units(first))) <= len(first)
        begins_picture(first)
        frame_size(first)
