"""The jitter buffer in virtual time: order, loss, jitter, silence, and clocks that disagree."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from conference.media.jitter import JitterBuffer, Piece
from conference.media.opus import ROUND

FRAME = 960


def packet(number: int) -> bytes:
    """A 20 ms packet that can be recognised."""
    return b"\x78" + number.to_bytes(4, "big")


def numbers(pieces: list[Piece]) -> list[int]:
    return [int.from_bytes(p.payload[1:5], "big") for p in pieces if p.payload and len(p.payload) == 5]


class Run:
    """Feeds packets at their arrival and takes a round whenever 60 ms have passed."""

    def __init__(self) -> None:
        self.buffer = JitterBuffer()
        self.pieces: list[Piece] = []
        self.round = 0

    def until(self, position: int) -> None:
        while (self.round + 1) * ROUND <= position:
            start = self.round * ROUND
            self.pieces += self.buffer.take(start, start + ROUND)
            self.round += 1

    def feed(self, arrivals: list[tuple[float, int, int]], base: int = 5000, level: int = 20) -> None:
        """`arrivals` are (position, number, timestamp)."""
        for at, number, timestamp in sorted(arrivals):
            self.until(int(at))
            self.buffer.put((base + timestamp) & 0xFFFFFFFF, packet(number), level, int(at))
        self.until(int(max(at for at, _, _ in arrivals)) + 10 * FRAME)


def steady(count: int, start: int = 1000) -> list[tuple[float, int, int]]:
    return [(start + i * FRAME, i, i * FRAME) for i in range(count)]


def test_packets_on_time_are_all_played_in_order() -> None:
    run = Run()
    run.feed(steady(100))
    assert numbers(run.pieces) == list(range(100))
    assert run.buffer.late == 0


def test_a_timestamp_that_wraps_is_no_event() -> None:
    run = Run()
    run.feed(steady(100), base=(1 << 32) - 40 * FRAME)
    assert numbers(run.pieces) == list(range(100))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_jitter_loss_and_disorder_never_reorder_nor_repeat(seed: int) -> None:
    chance = random.Random(seed)
    arrivals = [
        (at + chance.random() * 3000, number, stamp)
        for at, number, stamp in steady(300)
        if chance.random() > 0.1
    ]
    run = Run()
    run.feed(arrivals + chance.sample(arrivals, 20))  # some come twice
    played = numbers(run.pieces)
    assert played == sorted(set(played))
    settled = [number for number in played if number >= 100]
    sent = [number for _, number, _ in arrivals if number >= 100]
    assert len(settled) >= 0.93 * len(sent), "after two seconds nearly everything comes in time"
    assert sum(p.length for p in run.pieces) in range(run.round * ROUND, run.round * ROUND + 2880)


def test_a_single_loss_is_concealed_and_silence_is_not() -> None:
    run = Run()
    run.feed(
        [a for a in steady(50) if a[1] != 20] + [(a + 96000, n + 50, t + 96000) for a, n, t in steady(50)]
    )
    assert 1 <= run.buffer.concealed <= 14, "one for the loss, and a fade before and after the long silence"
    silence = sum(p.length for p in run.pieces if p.payload is None)
    assert silence > 30_000


def test_the_delay_follows_the_jitter_up_and_comes_down_in_silence() -> None:
    chance = random.Random(3)
    run = Run()
    wild = [(at + chance.random() * 9600, n, t) for at, n, t in steady(300)]
    calm = steady(700)[300:]
    run.feed(wild)
    raised = run.buffer.delay
    assert raised > 7000
    run.feed(calm, level=20)
    assert run.buffer.delay >= raised - 2 * FRAME, "not while somebody speaks"
    run.feed([(at + 700 * FRAME, n + 700, t + 700 * FRAME) for at, n, t in steady(300)], level=127)
    assert run.buffer.delay < 3000


def test_clocks_that_drift_apart_lose_nothing() -> None:
    for rate in (0.9997, 1.0003):
        run = Run()
        # Ten minutes with a pause of half a second every five.
        arrivals = [(1000 + i * FRAME * rate, i, i * FRAME) for i in range(30_000)]
        for at, number, stamp in arrivals:
            run.until(int(at))
            quiet = number % 250 >= 225
            run.buffer.put(stamp, packet(number), 127 if quiet else 20, int(at))
        played = numbers(run.pieces)
        assert len(played) > 29_900
        loud_missing = set(range(100, 29_900)) - set(played)
        assert sum(1 for n in loud_missing if n % 250 < 225) < 30
        assert run.buffer.delay < 6000


def test_a_sender_that_starts_a_new_clock_is_followed() -> None:
    run = Run()
    run.feed(steady(50))
    run.feed([(at + 100_000, n + 50, t) for at, n, t in steady(50)], base=3_000_000_000)
    assert numbers(run.pieces)[-40:] == list(range(60, 100))
