"""The bad link that listeners are put behind does what its conditions say; what is told of a run is right."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts.bench.door import comes_after
from scripts.bench.link import Conditions, Direction
from scripts.bench.profiles import Profile, link, profiles
from scripts.bench_links import Outcome, judge, summarise

ROOT = Path(__file__).parents[2]


def direction(**conditions: Any) -> Direction:
    way = Direction(random.Random(7))
    way.conditions = Conditions(**conditions)
    return way


def test_packets_come_out_at_the_rate_and_after_the_delay() -> None:
    way = direction(rate=80_000, delay=0.2)
    assert [way.passes(1000, 5.0) for _ in range(3)] == pytest.approx([5.3, 5.4, 5.5])
    assert way.passes(1000, 9.0) == pytest.approx(9.3)
    assert (way.packets, way.bytes) == (4, 4000)


def test_a_queue_that_is_full_loses_what_comes() -> None:
    way = direction(rate=80_000, queue=0.35)
    arrivals = [way.passes(1000, 0.0) for _ in range(10)]
    assert [arrival is not None for arrival in arrivals] == [True] * 4 + [False] * 6
    assert way.overflown == 6


@pytest.mark.parametrize("burst", [1.0, 4.0])
def test_losses_are_as_many_and_as_long_as_asked(burst: float) -> None:
    way = direction(loss=0.1, burst=burst)
    lost = [way.passes(100, 0.0) is None for _ in range(40_000)]
    assert sum(lost) / len(lost) == pytest.approx(0.1, rel=0.15)
    runs = sum(after and not before for before, after in zip([False, *lost], lost, strict=False))
    assert sum(lost) / runs == pytest.approx(burst if burst > 1 else 1 / 0.9, rel=0.15)


def test_in_the_dark_nothing_passes() -> None:
    way = direction()
    way.dark = True
    assert way.passes(100, 0.0) is None


def readings(*points: tuple[float, int, int]) -> list[tuple[float, dict[str, Any]]]:
    """(time, packets, concealed samples) of a listener who hears 48,000 samples a second."""
    rest = {"silent": 0, "energy": 1.0, "frames": 0, "freezes": 1, "frozen": 0.5, "height": 180}
    return [
        (at, {**rest, "packets": packets, "concealed": concealed, "samples": int(at * 48_000),
              "connections": 2, "protocol": "udp"})
        for at, packets, concealed in points
    ]  # fmt: skip


def test_what_is_told_is_what_was_read() -> None:
    profile = Profile("PX", "a link", 40, 40, link(0, 0, 0, 0), dark=(15, 25),
                      goals={"recovery_seconds": (None, 2), "concealed_percent": (None, 1)})  # fmt: skip
    outcome = Outcome("PX", "a link")
    seen = readings(
        (0, 0, 0), (10, 500, 900), (15, 750, 900), (25, 750, 900), (28.0, 800, 24_900), (40, 1400, 24_900)
    )
    summarise(outcome, profile, seen, [(10.0, 0), (12.0, 8_000), (14.0, 24_000)])
    assert outcome.recovery_seconds == 3.0
    assert outcome.concealed_percent == pytest.approx(100 * 24_000 / (30 * 48_000), abs=0.01)
    assert (outcome.kbits_mean, outcome.freezes, outcome.reconnects) == (48.0, 1, 1)
    judge(outcome, profile)
    assert outcome.missed == ["recovery_seconds 3.0 > 2", "concealed_percent 1.67 > 1"]


def test_the_seconds_after_a_link_has_fallen_are_judged_by_themselves() -> None:
    profile = Profile("PX", "a link", 40, 40, link(0, 0, 0, 0), falls=15, goals={"fallen_percent": (None, 5)})
    outcome = Outcome("PX", "a link")
    seen = readings((0, 0, 0), (14, 700, 4_800), (15, 750, 4_800), (25, 750, 52_800), (40, 1400, 52_800))
    summarise(outcome, profile, seen, [(10.0, 0), (12.0, 8_000)])
    assert outcome.fallen_percent == 10.0
    judge(outcome, profile)
    assert outcome.missed == ["fallen_percent 10.0 > 5"]


def test_pictures_are_back_with_the_first_new_one_of_full_height() -> None:
    profile = Profile("PX", "a link", 60, 60, link(0, 0, 0, 0), heals=30, goals={"back_seconds": (None, 15)})
    outcome = Outcome("PX", "a link")
    seen = readings((0, 0, 0), (29, 700, 0), (31, 750, 0), (38, 800, 0), (47.5, 900, 0), (58, 1400, 0))
    for (_, reading), (frames, height) in zip(
        seen, [(0, 0), (500, 720), (500, 720), (520, 360), (700, 720), (900, 720)], strict=True
    ):
        reading.update(frames=frames, height=height)
    summarise(outcome, profile, seen, [(10.0, 0), (12.0, 8_000)])
    assert outcome.back_seconds == 17.5
    judge(outcome, profile)
    assert outcome.missed == ["back_seconds 17.5 > 15"]


def test_every_link_of_the_design_is_there() -> None:
    names = [profile.name for profile in profiles(full=False)]
    assert names == [*(f"P{n}" for n in range(9)), "FALL", "LOSS", "MEDIA"]
    assert all(long.seconds <= long.full_seconds for long in profiles(full=True) if long.dark is None)


def test_a_link_that_is_not_known_is_refused() -> None:
    done = subprocess.run(
        [ROOT / "scripts" / "bench_links", "--only", "P99"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no such profile: P99" in done.stderr


@pytest.mark.parametrize(("dark", "later"), [(0.2, 0.1), (0.3, 0.0), (1.0, 1.1), (45.0, 31.5)])
def test_what_tcp_sent_into_the_dark_comes_as_much_later_as_it_has_waited(dark: float, later: float) -> None:
    """Sent again after 0.3, 0.9, 2.1, 4.5 … seconds."""
    assert comes_after(dark) == pytest.approx(later)
