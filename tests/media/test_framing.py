"""RFC 4571: packets survive any division of the stream; a slow reader loses packets, never the framing."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from conference.media.framing import MAX_FRAME, Backlog, Deframer, frame

packets = st.binary(max_size=MAX_FRAME)
MEDIA, CONTROL = b"\x80", b"\x00"


def divided(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(stream) + 1) for cut in cuts} | {0, len(stream)})
    return [stream[a:b] for a, b in pairwise(places)]


@given(st.lists(packets, max_size=8), st.lists(st.integers(min_value=0), max_size=20))
def test_packets_come_out_as_they_went_in_wherever_the_stream_is_cut(
    sent: list[bytes], cuts: list[int]
) -> None:
    deframer = Deframer()
    stream = b"".join(map(frame, sent))
    received = [packet for piece in divided(stream, cuts) for packet in deframer.feed(piece)]
    assert received == sent
    assert not deframer.broken


def test_a_stream_in_single_bytes_gives_the_same_packets() -> None:
    sent = [b"first", b"", b"x" * MAX_FRAME]
    deframer = Deframer()
    stream = b"".join(map(frame, sent))
    assert [p for n in range(len(stream)) for p in deframer.feed(stream[n : n + 1])] == sent


@given(st.lists(packets, max_size=4), st.integers(MAX_FRAME + 1, 0xFFFF), st.binary(max_size=50))
def test_a_length_out_of_bounds_ends_the_stream_after_what_was_good(
    good: list[bytes], length: int, rest: bytes
) -> None:
    deframer = Deframer()
    stream = b"".join(map(frame, good)) + length.to_bytes(2, "big") + rest
    assert deframer.feed(stream) == good
    assert deframer.broken
    assert deframer.feed(frame(b"more")) == []


@given(st.binary(max_size=10_000))
def test_whatever_arrives_less_than_one_frame_is_held(noise: bytes) -> None:
    deframer = Deframer()
    deframer.feed(noise)
    assert len(deframer._held) < 2 + MAX_FRAME


def test_stun_and_dtls_overtake_media_but_not_the_frame_that_has_begun() -> None:
    backlog = Backlog()
    backlog.begun(b"rest of a frame")
    backlog.add(frame(MEDIA + b"sound"), 0.0)
    backlog.add(frame(CONTROL + b"check"), 0.0)
    order = [backlog.take(0.1) for _ in range(4)]
    assert order == [b"rest of a frame", frame(CONTROL + b"check"), frame(MEDIA + b"sound"), b""]
    assert not backlog


def test_media_that_waited_too_long_is_dropped_and_control_is_not() -> None:
    backlog = Backlog()
    backlog.add(frame(MEDIA + b"old"), 0.0)
    backlog.add(frame(CONTROL + b"check"), 0.0)
    backlog.add(frame(MEDIA + b"new"), 5.0)
    assert [backlog.take(5.1) for _ in range(3)] == [
        frame(CONTROL + b"check"),
        frame(MEDIA + b"new"),
        b"",
    ]
    assert backlog.dropped == 1


class Wire:
    """A connection that takes as many bytes as it is told, and keeps them."""

    def __init__(self) -> None:
        self.backlog = Backlog()
        self.taken = b""
        self.now = 0.0

    def send(self, data: bytes) -> None:
        self.backlog.add(frame(data), self.now)

    def take(self, room: int) -> None:
        while room and (data := self.backlog.take(self.now)):
            self.taken += data[:room]
            if len(data) > room:
                self.backlog.begun(data[room:])
            room -= min(room, len(data))


acts = st.one_of(
    st.tuples(st.just("media"), st.integers(0, MAX_FRAME - 1)),
    st.tuples(st.just("control"), st.integers(0, 600)),
    st.tuples(st.just("take"), st.integers(0, 5000)),
    st.tuples(st.just("wait"), st.integers(1, 800)),
    st.tuples(st.just("burst"), st.integers(1, 300)),
)


@given(st.lists(acts, max_size=60))
def test_a_reader_of_any_speed_gets_whole_packets_in_order_and_the_rest_is_counted(
    script: list[tuple[str, int]],
) -> None:
    wire, sent = Wire(), 0
    for act, amount in script:
        if act == "wait":
            wire.now += amount / 1000
        elif act == "take":
            wire.take(amount)
        else:
            for _ in range(amount if act == "burst" else 1):
                size = 1200 if act == "burst" else amount
                head = (CONTROL if act == "control" else MEDIA) + sent.to_bytes(4, "big")
                wire.send(head.ljust(size, b"."))
                sent += 1
        assert wire.backlog.waiting <= (256 << 10) + (16 << 10) + MAX_FRAME + 2
    wire.take(1 << 30)
    deframer = Deframer()
    received = deframer.feed(wire.taken)
    assert not deframer.broken
    assert len(received) + wire.backlog.dropped == sent
    for first in (MEDIA, CONTROL):
        numbers = [p[1:5] for p in received if p[:1] == first]
        assert numbers == sorted(numbers)
