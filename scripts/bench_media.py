"""What forwarding costs: the table of docs/media.md, measured.

    scripts/bench_media [--quick] [--json] [--viewers 10,40,120] [--seconds S] [--runs N] [--no-janus]

One 2 Mbit/s publisher and its viewers, all with real ICE, DTLS and SRTP, drive a media engine in a process
of its own. The cost is the processor time the operating system charges that process, divided by the media
packets its viewers received: receiving, decrypting, feedback, reports and timers are all in it. What the
engine sends beside the media (probes, repairs) is not counted, so it only makes a packet dearer.

- `floor_us`: the bare loop of scripts/bench/floor.py in the same run, with nothing in between.
- `floor_paced_us`, by viewers: the same at the publisher's rhythm, one packet to all of that audience and
  then the pause until the next. The processor sleeps and its caches go cold meanwhile, so this is what a
  packet costs on this machine before an engine has done anything; what ours takes over it is our own.
- `sound_us_per_packet`, by viewers: the same cost where the publisher has a microphone and nothing else, 50
  packets a second of 80 bytes: what an audience costs beside packets is spread over a fifth as many.
- `two_worker_speedup`: the packets per processor-second of two engine processes that forward at the same
  time, over those of one alone, at the same audience each.
- `kb_per_viewer`: growth of the process's proportional set size over the growth of the audience, 1000 bytes.
- `added_delay_ms`: from the publisher's send call to the kernel's receipt at a viewer, at half load: as many
  viewers as take half a core, or the largest audience asked for if that is fewer or the run is quick.
- Janus: the same load on Debian's `janus` package, where it is installed.

Processor time varies less than a clock, but caches and clock speed are shared: run it on a quiet machine.
--quick takes less than 50 s. --json prints one object on the last line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

from scripts.bench.candidates import Janus, Majlis
from scripts.bench.floor import floor_microseconds, paced_microseconds
from scripts.bench.load import Load, Pace, Window, typical, windows
from scripts.bench.microphone import Microphone
from scripts.bench.peer import Publisher
from scripts.bench.receiving import Batch

QUICK_SECONDS = 50.0
_QUICK_DEADLINE = 26.0  # from here on one window each: joining takes its time on a loaded machine
_HALF_LOAD_MOST = 400  # viewers; more would measure the load generator
_PACED_MOST = 1.5  # seconds of one run of the bare loop at the publisher's rhythm


@dataclass
class Figures:
    """The result; None for what was not measured. Keys are part of the script's interface."""

    us_per_packet: dict[str, float] = field(default_factory=dict)
    sound_us_per_packet: dict[str, float] = field(default_factory=dict)
    floor_us: float = 0.0
    floor_paced_us: dict[str, float] = field(default_factory=dict)
    janus_us_per_packet: dict[str, float] | None = None
    two_worker_speedup: float = 0.0
    kb_per_viewer: float = 0.0
    added_delay_ms: dict[str, float] = field(default_factory=dict)
    delay_viewers: int = 0
    delay_load: float = 0.0
    delivered: float = 1.0


@dataclass(frozen=True)
class Plan:
    sizes: tuple[int, ...]
    pace: Pace
    quick: bool
    janus: bool


def main() -> int:
    plan, as_json = _read_arguments()
    started = time.monotonic()
    load_before = os.getloadavg()[0]
    figures = asyncio.run(run(plan))
    took = time.monotonic() - started
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    print(table(figures, load_before, took))
    if as_json:
        print(json.dumps(_json(figures)))
    return 0


def _read_arguments() -> tuple[Plan, bool]:
    options = argparse.ArgumentParser(prog="scripts/bench_media", description=__doc__.splitlines()[0])
    options.add_argument("--quick", action="store_true", help=f"less than {QUICK_SECONDS:.0f} s")
    options.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options.add_argument("--viewers", default="10,40,120", help="audiences to measure, growing")
    options.add_argument("--seconds", type=float, help="length of one measured window")
    options.add_argument("--runs", type=int, help="windows per audience; medians are told")
    options.add_argument("--no-janus", action="store_true", help="leave Janus out")
    chosen = options.parse_args()
    try:
        sizes = tuple(sorted({int(text) for text in chosen.viewers.split(",")}))
        if sizes[0] < 1:
            raise ValueError
    except ValueError:
        options.error("--viewers takes numbers from 1 on, such as 10,40,120")
    seconds = chosen.seconds or (0.6 if chosen.quick else 3.0)
    runs = chosen.runs or (3 if chosen.quick else 5)
    deadline = time.monotonic() + (_QUICK_DEADLINE if chosen.quick else float("inf"))
    pace = Pace(seconds, runs, 8.0 if chosen.quick else 30.0, deadline)
    return Plan(sizes, pace, chosen.quick, not chosen.no_janus), chosen.json


async def run(plan: Plan) -> Figures:
    figures = Figures()
    batch = Batch()
    _say("the bare loop")
    figures.floor_us = floor_microseconds()
    for size in plan.sizes:
        _say(f"the bare loop at the publisher's rhythm, {size} viewers")
        figures.floor_paced_us[str(size)] = paced_microseconds(
            size, 1 / Publisher.RATE, Publisher.SIZE, plan.pace.runs, min(_PACED_MOST, plan.pace.seconds / 2)
        )
    await _measure_majlis(plan, figures, batch)
    sizes = plan.sizes[len(plan.sizes) // 2 :][:1] if plan.quick else plan.sizes
    figures.sound_us_per_packet = await _costs(Load(Majlis(), Microphone()), "sound", sizes, plan, batch)
    if plan.janus and Janus.installed():
        figures.janus_us_per_packet = await _costs(Load(Janus()), "Janus", plan.sizes, plan, batch)
    return figures


async def _measure_majlis(plan: Plan, figures: Figures, batch: Batch) -> None:
    load = Load(Majlis())
    try:
        await load.begin()
        memory: list[tuple[int, int]] = []
        for size in plan.sizes:
            _say(f"{size} viewers")
            await load.grow(size)
            results = await windows([load], plan.pace, batch)
            _note(figures, size, results)
            memory.append((size, load.candidate.memory()))
            if size == plan.sizes[len(plan.sizes) // 2]:
                figures.two_worker_speedup = await _two_workers(load, typical(results), plan, batch)
        if len(memory) == 1:
            await load.grow(2 * plan.sizes[-1])
            await windows([load], plan.pace, batch)
            memory.append((len(load.viewers), load.candidate.memory()))
        (few, small), (many, large) = memory[0], memory[-1]
        figures.kb_per_viewer = (large - small) / (many - few) / 1000
        await _delay(load, plan, figures, batch)
    finally:
        await load.close()


def _say(doing: str) -> None:
    """What is being measured, for whoever waits at a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{doing}…", end="", file=sys.stderr, flush=True)


def _note(figures: Figures, size: int, results: list[list[Window]]) -> None:
    figures.us_per_packet[str(size)] = typical(results)
    figures.delivered = min(figures.delivered, *(window.delivered for run in results for window in run))


async def _two_workers(first: Load, alone: float, plan: Plan, batch: Batch) -> float:
    _say(f"two processes with {len(first.viewers)} viewers each")
    second = Load(Majlis())
    try:
        await second.begin()
        await second.grow(len(first.viewers))
        together = typical(await windows([first, second], plan.pace, batch))
    finally:
        await second.close()
    return 2 * alone / together


async def _delay(load: Load, plan: Plan, figures: Figures, batch: Batch) -> None:
    cost = figures.us_per_packet[str(plan.sizes[-1])] / 1e6
    half = int(0.5 / (cost * Publisher.RATE))
    _say("delay")
    if not plan.quick:
        await load.grow(min(half, _HALF_LOAD_MOST))
    for viewer in load.viewers:
        viewer.ages.clear()
    results = await windows([load], plan.pace, batch)
    ages = [age * 1000 for viewer in load.viewers for age in viewer.ages]
    cuts = quantiles(ages, n=100) if len(ages) > 1 else [0.0] * 99
    figures.added_delay_ms = {"p50": median(ages) if ages else 0.0, "p99": cuts[98]}
    figures.delay_viewers = len(load.viewers)
    figures.delay_load = median(window.cpu / window.seconds for run in results for window in run)


async def _costs(load: Load, name: str, sizes: tuple[int, ...], plan: Plan, batch: Batch) -> dict[str, float]:
    costs: dict[str, float] = {}
    try:
        await load.begin()
        for size in sizes:
            _say(f"{name}, {size} viewers")
            await load.grow(size)
            costs[str(size)] = typical(await windows([load], plan.pace, batch))
    finally:
        await load.close()
    return costs


def _json(figures: Figures) -> dict[str, Any]:
    return {
        "us_per_packet": {size: round(cost, 2) for size, cost in figures.us_per_packet.items()},
        "sound_us_per_packet": {size: round(cost, 2) for size, cost in figures.sound_us_per_packet.items()},
        "floor_us": round(figures.floor_us, 2),
        "floor_paced_us": {size: round(cost, 2) for size, cost in figures.floor_paced_us.items()},
        "janus_us_per_packet": None
        if figures.janus_us_per_packet is None
        else {size: round(cost, 2) for size, cost in figures.janus_us_per_packet.items()},
        "two_worker_speedup": round(figures.two_worker_speedup, 2),
        "kb_per_viewer": round(figures.kb_per_viewer, 1),
        "added_delay_ms": {name: round(value, 3) for name, value in figures.added_delay_ms.items()},
    }


def table(figures: Figures, load_before: float, took: float) -> str:
    """The figures beside those to reach."""
    rows: list[tuple[str, str, str, bool | None]] = []
    for size, cost in figures.us_per_packet.items():
        rows.append((f"µs of CPU per forwarded packet, {size} viewers", f"{cost:.2f}", "≤ 8", cost <= 8))
        ratio = cost / figures.floor_us
        rows.append(
            (f"  over the bare loop ({figures.floor_us:.2f} µs)", f"{ratio:.2f}", "≤ 1.7", ratio <= 1.7)
        )
        paced = figures.floor_paced_us[size]
        rows.append(
            (f"  over it at the publisher's rhythm ({paced:.2f} µs)", f"{cost / paced:.2f}", "", None)
        )
        if figures.janus_us_per_packet is not None:
            janus = figures.janus_us_per_packet[size]
            part = cost / janus
            rows.append((f"  over Janus ({janus:.1f} µs)", f"{part:.2f}", "≤ 0.25", part <= 0.25))
    for size, cost in figures.sound_us_per_packet.items():
        rows.append((f"µs of CPU per forwarded packet of sound, {size} viewers", f"{cost:.2f}", "", None))
    speedup, memory, delay = figures.two_worker_speedup, figures.kb_per_viewer, figures.added_delay_ms
    rows.append(("two workers over one", f"{speedup:.2f}", "≥ 1.8", speedup >= 1.8))
    rows.append(("memory per viewer, kB", f"{memory:.0f}", "≤ 200", memory <= 200))
    where = f"{figures.delay_viewers} viewers, {figures.delay_load:.0%} of a core"
    rows.append((f"delay added p50, ms ({where})", f"{delay['p50']:.2f}", "≤ 1", delay["p50"] <= 1))
    rows.append(("delay added p99, ms", f"{delay['p99']:.2f}", "≤ 5", delay["p99"] <= 5))
    lines = [f"{'':52} {'measured':>9}  {'to reach':>8}"]
    lines += [
        f"{name:52} {value:>9}  {goal:>8}  {'' if good is None else 'yes' if good else 'NO'}".rstrip()
        for name, value, goal, good in rows
    ]
    if figures.janus_us_per_packet is None:
        lines.append("Janus was not measured (Debian's package janus is not installed, or --no-janus).")
    lines.append(
        f"{os.cpu_count()} cores, load average {load_before:.2f} before and {os.getloadavg()[0]:.2f} after; "
        f"at least {figures.delivered:.1%} of the packets were delivered; took {took:.0f} s."
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
