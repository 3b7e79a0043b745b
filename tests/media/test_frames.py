"""Packets back into frames: order, loss, and formats; nothing that arrives breaks it."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conference.media.frames import (
    VIDEO_WAIT,
    Frame,
    FrameAssembler,
    Piece,
    avc_head,
    opus_samples,
    vp8_size,
)
from tests.media.footage import Coded, h264_packets, picture, sound, vp8_packets


def packets_of(frames: tuple[Coded, ...], codec: str) -> list[Piece]:
    out: list[Piece] = []
    for frame in frames:
        make = vp8_packets if codec == "vp8" else h264_packets
        out += make(frame, 65_530 + len(out), int(frame.at * 90_000), frame.at, 60)
    return out


VP8 = packets_of(picture(2), "vp8")


def assembled(pieces: list[Piece], assembler: FrameAssembler | None = None) -> list[Frame]:
    found = assembler or FrameAssembler("vp8")
    return [frame for piece in pieces for frame in found.push(piece)]


def test_vp8_frames_come_out_as_they_went_in() -> None:
    frames = assembled(VP8)
    assert [f.data for f in frames] == [f.data for f in picture(2)]
    assert [(f.width, f.height) for f in frames if f.key] == [(160, 96)] * 2
    assert [f.timestamp for f in frames] == [int(f.at * 90_000) for f in picture(2)]


@given(st.permutations(range(12)), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_packets_that_overtook_each_other_are_put_in_order(order: list[int], start: int) -> None:
    pieces = VP8[:1] + VP8[1:]
    window = pieces[start + 1 : start + 13]
    shuffled = pieces[: start + 1] + [window[i] for i in order] + pieces[start + 13 :]
    assert [f.data for f in assembled(shuffled)] == [f.data for f in picture(2)]


def test_a_late_packet_is_waited_for_and_a_lost_one_costs_all_up_to_the_next_key_frame() -> None:
    sizes = list(accumulate(len(vp8_packets(f, 0, 0, 0.0, 60)) for f in picture(2)))
    lost = sizes[9]  # the first packet of the eleventh frame
    assembler = FrameAssembler("vp8")
    before = assembled(VP8[:lost] + VP8[lost + 1 : sizes[19]], assembler)
    assert len(before) == 10
    assert assembler.overdue(picture(2)[10].at + VIDEO_WAIT / 2) == []
    assert (assembler.broken, assembler.lost) == (False, 0)
    assert assembler.overdue(picture(2)[19].at + VIDEO_WAIT) == []
    assert (assembler.broken, assembler.lost) == (True, 1)
    after = assembled(VP8[sizes[19] :], assembler)
    assert after[0].key
    assert [f.data for f in after] == [f.data for f in picture(2)[30:]]
    assert (assembler.broken, assembler.lost) == (False, 1)


def test_it_begins_with_a_key_frame() -> None:
    second = next(n for n, f in enumerate(picture(2)) if f.key and n)
    sizes = [0, *accumulate(len(vp8_packets(f, 0, 0, 0.0, 60)) for f in picture(2))]
    assert assembled(VP8[sizes[3] :])[0].data == picture(2)[second].data


def test_a_lost_sound_packet_costs_itself_only() -> None:
    pieces = [Piece(n, False, n * 960, f.data, n * 0.02) for n, f in enumerate(sound(1))]
    assembler = FrameAssembler("opus")
    frames = assembled(pieces[:10] + pieces[11:], assembler) + assembler.overdue(5.0)
    assert [f.timestamp for f in frames] == [p.timestamp for p in pieces if p.index != 10]


def test_timestamps_go_on_over_their_wrap() -> None:
    pieces = [Piece(n, False, (0xFFFFFFFF - 1000 + n * 960) & 0xFFFFFFFF, b"\x78a", 0.0) for n in range(4)]
    stamps = [f.timestamp for f in assembled(pieces, FrameAssembler("opus"))]
    assert [b - a for a, b in pairwise(stamps)] == [960] * 3


def test_h264_fragments_and_aggregates_become_units_with_lengths() -> None:
    coded = picture(2, codec="libx264")
    frames = assembled(packets_of(coded, "h264"), FrameAssembler("h264"))
    assert len(frames) == 60
    assert [f.key for f in frames] == [f.key for f in coded]
    head = avc_head(frames[0].data)
    assert head is not None
    assert head[0] == 1
    assert head[4] == 0xFF
    assert avc_head(frames[1].data) is None


@given(
    st.lists(st.tuples(st.integers(0, 50), st.booleans(), st.integers(0, 2**32 - 1), st.binary(max_size=40)))
)
@settings(max_examples=300, deadline=None)
def test_whatever_arrives_is_read_or_left_out(packets: list[tuple[int, bool, int, bytes]]) -> None:
    for codec in ("vp8", "h264", "opus"):
        assembler = FrameAssembler(codec)
        now = 0.0
        for index, marker, timestamp, payload in packets:
            now += 0.05
            for frame in assembler.push(Piece(index, marker, timestamp, payload, now)):
                assert frame.data
                avc_head(frame.data)
                opus_samples(frame.data)
                vp8_size(frame.data)
            assembler.overdue(now)


@pytest.mark.parametrize(
    ("packet", "samples"),
    [(b"\x78", 960), (b"\x00a", 480), (b"\x1ba\x00", 0), (b"\x08a", 960), (b"\xfca", 960), (b"\xfd", 1920)],
)
def test_how_long_an_opus_packet_lasts(packet: bytes, samples: int) -> None:
    assert opus_samples(packet) == samples
