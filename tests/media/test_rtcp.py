"""RTCP: every packet kind survives the wire; hostile compounds are counted and never raise."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conference.media.rtcp import (
    Bye,
    Fir,
    Nack,
    Packet,
    Pli,
    ReceiverReport,
    Remb,
    ReportBlock,
    SenderReport,
    SourceDescription,
    TransportFeedback,
    parse_rtcp,
)

u8, u16, u32 = st.integers(0, 255), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
blocks = st.lists(
    st.builds(ReportBlock, u32, u8, st.integers(-(1 << 23), (1 << 23) - 1), u32, u32, u32, u32), max_size=31
).map(tuple)
packets: st.SearchStrategy[Packet] = st.one_of(
    st.builds(SenderReport, u32, st.integers(0, (1 << 64) - 1), u32, u32, u32, blocks),
    st.builds(ReceiverReport, u32, blocks),
    st.builds(SourceDescription, st.lists(st.tuples(u32, st.text(max_size=20)), max_size=5).map(tuple)),
    st.builds(Bye, st.lists(u32, max_size=31).map(tuple)),
    st.builds(Pli, u32, u32),
    st.builds(Fir, u32, st.lists(st.tuples(u32, u8), max_size=5).map(tuple)),
    st.builds(Remb, u32, st.integers(0, (1 << 18) - 1), st.lists(u32, max_size=5).map(tuple)),
)


@given(st.lists(packets, min_size=1, max_size=6))
def test_compound_survives_the_wire(compound: list[Packet]) -> None:
    data = b"".join(p.pack() for p in compound if not isinstance(p, TransportFeedback))
    assert parse_rtcp(data) == (compound, 0)


@given(u16, st.sets(st.integers(0, 400), min_size=1, max_size=60))
def test_nack_names_exactly_what_is_missing(start: int, offsets: set[int]) -> None:
    missing = tuple((start + offset) & 0xFFFF for offset in sorted(offsets))
    (found,), malformed = parse_rtcp(Nack(1, 2, missing).pack())
    assert found == Nack(1, 2, missing)
    assert malformed == 0


@given(st.integers(0, 1 << 45))
def test_remb_keeps_the_bitrate_within_its_eighteen_bits(bitrate: int) -> None:
    (found,), _ = parse_rtcp(Remb(1, bitrate, (7,)).pack())
    assert isinstance(found, Remb)
    assert found.bitrate <= bitrate <= found.bitrate * 1.00001 + 1


@given(st.binary(max_size=120))
def test_noise_never_raises(data: bytes) -> None:
    found, malformed = parse_rtcp(data)
    assert found or malformed or not data or len(data) >= 4


@given(st.lists(packets, min_size=1, max_size=3), st.data())
def test_damaged_compounds_never_raise(compound: list[Packet], data: st.DataObject) -> None:
    raw = bytearray(b"".join(p.pack() for p in compound if not isinstance(p, TransportFeedback)))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(u8)
    parse_rtcp(bytes(raw[: data.draw(st.integers(0, len(raw)))]))


def test_a_part_cut_short_is_counted_and_the_rest_kept() -> None:
    good = Pli(1, 2).pack()
    assert parse_rtcp(good + good[:6]) == ([Pli(1, 2)], 1)
    assert parse_rtcp(b"\x81\xce\x00\x00" + good) == ([Pli(1, 2)], 1)


def test_unknown_kinds_are_passed_over() -> None:
    extended_report = b"\x80\xcf\x00\x01\x00\x00\x00\x01"
    assert parse_rtcp(extended_report) == ([], 0)
