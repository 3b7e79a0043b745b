"""The whole sending side behind modelled links, in virtual time: the promises of the media plane.

Each figure is judged over several seeds; nothing here depends on how fast the machine is.
"""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from conference.media.engine import Viewing
from scripts.link_model import Simulation
from scripts.modelled_link import Phase
from scripts.modelled_viewer import Run
from scripts.simulate_links import PROFILES, read_profile

SEEDS = (1, 2)
CLEAN = Phase(0, 5000, 5000, 10)


def simulate(phases: list[Phase], seconds: float, seed: int, **more: object) -> Run:
    return Simulation(phases, seed, **more).run(seconds)  # type: ignore[arg-type]  # keywords of Simulation


def full(run: Run, start: float, end: float) -> float:
    """Share of the time at 720p."""
    samples = run.between(start, end)
    return sum(s.layer == 2 for s in samples) / len(samples)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_clean_link_shows_720p_soon_and_keeps_it(seed: int) -> None:
    run = simulate([CLEAN], 30, seed)
    first = run.first(0, lambda s: s.layer >= 0)
    best = run.first(0, lambda s: s.layer == 2)
    assert first is not None
    assert first < 1.0
    assert best is not None
    assert best < 5.0
    assert full(run, 6, 30) == 1.0
    assert run.eye.freezes(6, 30) == []
    assert run.ear.share(2, 30) < 0.002


@pytest.mark.parametrize("seed", SEEDS)
def test_a_collapse_ends_the_video_within_a_second_and_it_comes_back_in_fifteen(seed: int) -> None:
    weak = Phase(20, 64, 32, 150, 5, queue=4000)
    run = simulate([CLEAN, weak, Phase(60, 5000, 5000, 10)], 90, seed, buffer=1.0, voice_nack=True)
    off = run.first(20, lambda s: s.layer < 0)
    assert off is not None
    assert off <= 1.0
    assert all(s.layer < 0 for s in run.between(21.1, 60))
    assert run.ear.share(20, 30) <= 0.05
    assert run.ear.share(30, 60) <= 0.02
    back = run.first(60, lambda s: s.layer == 2)
    assert back is not None
    assert back <= 15.0
    assert full(run, 60 + back + 1, 90) > 0.9


@pytest.mark.parametrize("seed", SEEDS)
def test_ten_percent_random_loss_keeps_720p(seed: int) -> None:
    run = simulate([Phase(0, 5000, 5000, 40, 10)], 120, seed)
    assert full(run, 10, 120) > 0.97
    assert len(run.eye.freezes(10, 120)) <= 4


@pytest.mark.parametrize("loss", [5.0, 10.0])
@pytest.mark.parametrize("delay", [150, 400])
def test_64_kbit_with_loss_and_delay_keeps_the_voice(loss: float, delay: float) -> None:
    run = simulate([Phase(0, 64, 32, delay, loss, queue=12_000)], 120, 5)
    assert all(s.sound in ("full", "lean") for s in run.between(3, 120))
    estimates = [s.estimate for s in run.between(10, 120)]
    assert min(estimates) > 35_000
    assert max(s.queue for s in run.between(10, 120)) < 0.5
    assert run.samples[-1].probes < 40_000


def test_24_kbit_still_carries_the_saver() -> None:
    run = simulate([Phase(0, 24, 24, 300, 5, queue=8000)], 90, 3)
    assert all(s.sound == "saver" for s in run.between(40, 60)) or run.samples[-1].sound != "full"
    assert max(s.queue for s in run.between(15, 90)) < 1.5


@pytest.mark.parametrize("seed", SEEDS)
def test_800_ms_round_trip_and_5_percent_loss_carry_720p(seed: int) -> None:
    run = simulate([Phase(0, 5000, 500, 400, 5)], 90, seed)
    assert full(run, 30, 90) > 0.9


@pytest.mark.parametrize("voice", [True, False])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_blackout_is_seen_at_once_and_survived(seed: int, voice: bool) -> None:
    phases = [Phase(0, 3000, 500, 50), Phase(20, 0, 0, 50), Phase(50, 3000, 500, 50)]
    run = simulate(phases, 90, seed, voice=voice)
    off = run.first(20, lambda s: s.layer < 0)
    assert off is not None
    assert off <= 1.0
    back = run.first(50, lambda s: s.layer >= 0)
    assert back is not None
    assert back < 15.0
    assert full(run, 75, 90) > 0.9


@pytest.mark.parametrize("loss", [0.0, 5.0])
def test_after_an_outage_the_picture_is_as_good_as_before_at_once(loss: float) -> None:
    """A tunnel: nothing comes through, nothing waits anywhere. That says nothing of what the link carries."""
    for seed, seconds in ((1, 3), (2, 28)):
        end = 20 + seconds
        usual, dark = Phase(0, 2000, 1000, 50, loss), Phase(20, 2000, 1000, 50, 100)
        run = simulate([usual, dark, replace(usual, start=end)], end + 10, seed)
        before = run.between(19, 20)[0].layer
        assert before > 0
        picture = run.first(end, lambda s: s.layer >= 0)
        same = run.first(end, lambda s, before=before: s.layer >= before)  # type: ignore[misc]  # bound to this run
        assert picture is not None
        assert picture < 2.0
        assert same is not None
        assert same < 5.0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_slower_link_is_followed_down_and_up_without_a_silence(seed: int) -> None:
    phases = [Phase(0, 3000), Phase(15, 1000), Phase(30, 400), Phase(45, 3000)]
    run = simulate(phases, 90, seed)
    assert full(run, 19, 30) < 0.2
    assert all(s.layer <= 0 for s in run.between(33, 45))
    assert run.first(45, lambda s: s.layer == 2) is not None
    assert run.ear.share(2, 90) < 0.02


@pytest.mark.parametrize("seed", SEEDS)
def test_a_trembling_link_does_not_flap(seed: int) -> None:
    run = simulate([Phase(0, 3000, 1000, 40, 1, jitter=60)], 90, seed)
    settled = [s.layer for s in run.between(50, 90)]
    assert sum(a != b for a, b in pairwise(settled)) <= 2


@pytest.mark.parametrize("voice", [True, False])
def test_a_client_that_is_put_aside_now_and_then_keeps_its_picture(voice: bool) -> None:
    """A cheap telephone: for ten seconds it hardly runs at all, then it is away a quarter of the time, for a
    tenth of a second on average. Of the link, nothing is wrong. Nobody may be speaking meanwhile."""
    for seed in SEEDS:
        pauses = put_aside(seed, (10, 20, 0.1, 1.0), (20, 80, 0.3, 0.1))
        run = simulate([Phase(0, 20_000, 20_000, 1)], 80, seed, voice=voice, pauses=pauses)
        assert not any(s.layer < 0 for s in run.between(2, 10))
        back = run.first(20, lambda s: s.layer >= 0)
        assert back is not None
        assert back <= 10.0
        shown = [s.layer >= 0 for s in run.between(30, 80)]
        assert sum(shown) / len(shown) > 0.9


def put_aside(seed: int, *spells: tuple[float, float, float, float]) -> list[tuple[float, float]]:
    """The pauses of a program that from `begin` to `end` runs and is away for so many seconds on average."""
    chance = random.Random(seed)
    pauses = []
    for begin, end, runs, away in spells:
        now = begin
        while now < end:
            now += chance.expovariate(1 / runs)
            pauses.append((now, now + min(3.0, chance.expovariate(1 / away))))
            now = pauses[-1][1]
    return pauses


def test_choices_cost_no_probes() -> None:
    for viewing in (Viewing(pictures="none"), Viewing(max_bitrate=200_000)):
        run = simulate([CLEAN], 60, 1, viewing=viewing)
        assert run.samples[-1].probes < 10_000
        assert max(s.sent for s in run.between(2, 60)) < 400_000


def test_a_client_without_transport_feedback_gets_pictures() -> None:
    run = simulate([CLEAN], 20, 1, feedback=False)
    assert full(run, 5, 20) > 0.9


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("trace", ["recorded-ferry", "recorded-train"])
def test_links_measured_in_the_field_keep_the_voice_and_nearly_always_a_picture(
    trace: str, seed: int
) -> None:
    phases, seconds = read_profile(PROFILES / f"{trace}.csv")
    run = simulate(phases, seconds, seed)
    samples = run.between(3, seconds)
    assert all(s.sound == "full" for s in samples)
    assert run.ear.share(3, seconds) < 0.01
    assert sum(s.layer >= 0 for s in samples) > 0.9 * len(samples)
    assert len(run.eye.freezes(3, seconds)) <= 3
