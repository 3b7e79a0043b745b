"""What a large programme costs: the table of docs/formats.md, measured.

    scripts/bench_agenda [--quick] [--json] [--sessions 100,1000,5000] [--releases N]

Events as scripts/bench/big_event.py makes them (ten sessions a day in each room, two attendees for each
session) are stored in a database file and served by the whole application on a loopback socket, one event at
a time. Times are by the clock, for pages from a request's first byte to its answer's last.

- `schedule_page_ms`: `/{event}/schedule` (one day) for a reader who is not signed in, on one kept connection.
  `cold_p50`: the first one after a release, all made anew; `cached_p50` and `cached_p99`: later.
- `schedule_page_brotli_bytes`: the body of that page for a reader who has the style sheet.
- `export_json_ms`: the first `schedule.json` after a release.
- `all_checks_ms`: every clash of the draft from scratch; `checks_after_move_ms`: what one move changes.
- `release_s`: one release after a fifth of all sessions moved by five minutes, until the last message to
  everybody whom it concerns (`told`) is in the outbox, in seconds; `others_wait_ms`: the longest that a write
  of somebody else waited meanwhile.
- `move_ms` (`p50`, `p95`): a move through the JSON API, four organizers at once, each with 20 moves.
- `suggest_ms`: the longest that suggestions for a clash took through the JSON API, one clash of each kind.
- `processor_ms`: the processor time of this whole process, client and server, for a cached page, a cold one,
  the JSON, all checks and a release: what other work on the machine changes least.
- memory: this process's megabytes over N releases, each of them read (JSON and page): after ten of them, half
  way, and at the end.

Other work on the machine makes every figure larger: run it on a quiet one. --quick takes less than 50 s (the
largest event is left out where the machine is too slow for it). --json prints one object on the last line.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from scripts.bench.organizers import moves, suggestions
from scripts.bench.programme import Served, serving

QUICK_SECONDS = 50.0
MOVES_EACH = 20
_PER_SESSION = 0.004  # seconds a session of a large event takes in all; by it --quick decides what still fits


@dataclass
class Figures:
    """Each by number of sessions, as text. Keys are part of the script's interface."""

    schedule_page_ms: dict[str, dict[str, float]] = field(
        default_factory=lambda: {"cached_p50": {}, "cached_p99": {}, "cold_p50": {}}
    )
    schedule_page_brotli_bytes: dict[str, int] = field(default_factory=dict)
    export_json_ms: dict[str, float] = field(default_factory=dict)
    all_checks_ms: dict[str, float] = field(default_factory=dict)
    checks_after_move_ms: dict[str, float] = field(default_factory=dict)
    release_s: dict[str, float] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    others_wait_ms: dict[str, float] = field(default_factory=dict)
    move_ms: dict[str, dict[str, float]] = field(default_factory=lambda: {"p50": {}, "p95": {}})
    suggest_ms: dict[str, float] = field(default_factory=dict)
    processor_ms: dict[str, dict[str, float]] = field(
        default_factory=lambda: {"cached": {}, "cold": {}, "json": {}, "checks": {}, "release": {}}
    )
    memory_mb: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """`rounds` releases are measured of each event, `pages` cached pages, suggestions for `clashes` kinds of
    clashes; memory over `releases` of 1,000."""

    sizes: tuple[int, ...]
    rounds: int
    pages: int
    releases: int
    deadline: float
    clashes: int = 16

    def is_late(self, seconds: float) -> bool:
        """Whether less than so many seconds are left (--quick on a machine that does much else)."""
        return time.monotonic() > self.deadline - seconds

    def of(self, size: int) -> Plan:
        """The same for one size: when there is no time, the largest events are released once."""
        hurried = self.deadline < float("inf") and size > 1000
        return replace(self, rounds=1, clashes=2) if hurried else self


def main() -> int:
    plan, as_json = _read_arguments()
    logging.disable(logging.WARNING)
    load_before, started = os.getloadavg()[0], time.monotonic()
    figures = Figures()
    asyncio.run(_run(plan, figures))
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    print(table(figures, plan, load_before, time.monotonic() - started))
    if as_json:
        print(json.dumps(figures.__dict__))
    return 0


def _read_arguments() -> tuple[Plan, bool]:
    options = argparse.ArgumentParser(prog="scripts/bench_agenda", description=str(__doc__).splitlines()[0])
    options.add_argument("--quick", action="store_true", help=f"less than {QUICK_SECONDS:.0f} s")
    options.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options.add_argument("--sessions", default="100,1000,5000", help="sizes of the events to measure")
    options.add_argument("--releases", type=int, help="releases over which memory is watched; 0: none")
    chosen = options.parse_args()
    try:
        sizes = tuple(sorted({int(text) for text in chosen.sessions.split(",")}))
        if sizes[0] < 10:
            raise ValueError
    except ValueError:
        options.error("--sessions takes numbers from 10 on, such as 100,1000,5000")
    releases = chosen.releases if chosen.releases is not None else (0 if chosen.quick else 100)
    deadline = time.monotonic() + QUICK_SECONDS if chosen.quick else float("inf")
    quick = Plan(sizes, 3, 60, releases, deadline)
    return (quick if chosen.quick else Plan(sizes, 7, 400, releases, deadline)), chosen.json


async def _run(plan: Plan, figures: Figures) -> None:
    slowness = 1.0
    for size in plan.sizes:
        expected = size * _PER_SESSION * slowness + 3
        if time.monotonic() + expected > plan.deadline:
            continue
        started = time.monotonic()
        _say(f"{size} sessions")
        with tempfile.TemporaryDirectory(prefix="majlis-bench-") as folder:
            async with serving(Path(folder), size) as event:
                await _measure(event, plan.of(size), figures, str(size))
                if size == 1000 and plan.releases:
                    figures.memory_mb = await _memory(event, plan.releases)
        if size >= 1000:
            slowness = max(0.5, (time.monotonic() - started) / (2 * size * _PER_SESSION))


async def _measure(event: Served, plan: Plan, figures: Figures, size: str) -> None:
    used: dict[str, list[float]] = {name: [] for name in figures.processor_ms}
    with _processor(used["checks"]):
        checks, trials = await event.checks()
    figures.all_checks_ms[size], figures.checks_after_move_ms[size] = _ms(checks), _ms(trials)
    await event.page()  # compiles templates and statements, which a server does once in its life
    await event.export("json")
    cold: list[float] = []
    exports: list[float] = []
    releases: list[float] = []
    waits: list[float] = []
    for number in range(plan.rounds):
        if number and plan.is_late(20):
            break  # one round says less than three, and more than none
        with _processor(used["release"]):
            made = await event.release(part=5)
        releases.append(made.seconds)
        waits.append(made.others_waited)
        figures.told[size] = max(made.told, figures.told.get(size, 0))
        with _processor(used["cold"]):
            cold.append((await event.page())[0])
        with _processor(used["json"]):
            exports.append((await event.export("json"))[0])
    with _processor(used["cached"]):
        pages = [await event.page() for _ in range(plan.pages)]
    for name, times in (("cached", plan.pages), ("checks", len(checks))):
        used[name] = [one / times for one in used[name]]
    for name, took in used.items():
        figures.processor_ms[name][size] = _ms(took)
    cached = [took for took, _ in pages]
    page = figures.schedule_page_ms
    page["cold_p50"][size], page["cached_p50"][size] = _ms(cold), _ms(cached)
    page["cached_p99"][size] = round(quantiles(cached, n=100)[98] * 1000, 2)
    figures.schedule_page_brotli_bytes[size] = pages[-1][1]
    figures.export_json_ms[size] = _ms(exports)
    figures.release_s[size] = round(median(releases), 3)
    figures.others_wait_ms[size] = _ms(waits)
    asked = 1 if plan.is_late(12) else plan.clashes
    figures.suggest_ms[size] = round(max(await suggestions(event, asked)) * 1000, 1)
    acts = await moves(event, 2 if plan.is_late(8) else MOVES_EACH)
    figures.move_ms["p50"][size] = _ms(acts)
    figures.move_ms["p95"][size] = round(quantiles(acts, n=20)[18] * 1000, 2)


@contextmanager
def _processor(used: list[float]) -> Iterator[None]:
    """Add the processor time that this process spends inside."""
    started = time.process_time()
    yield
    used.append(time.process_time() - started)


async def _memory(event: Served, releases: int) -> dict[str, float]:
    """Megabytes (10**6) of this process after ten more releases, after half of *releases*, and after all."""
    seen: dict[int, float] = {}
    for number in range(1, 11 + releases):
        await event.release(part=50)
        await event.page()
        await event.export("json")
        if number in (10, 10 + releases // 2, 10 + releases):
            seen[number] = _resident() / 1e6
        _say(f"release {number} of {10 + releases}")
    start, half, end = seen[10], seen[10 + releases // 2], seen[10 + releases]
    return {"start": start, "half": half, "end": end, "growth": end - start, "releases": releases}


def _resident() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def table(figures: Figures, plan: Plan, load: float, took: float) -> str:
    """The figures for people."""
    sizes = list(figures.release_s)
    page = figures.schedule_page_ms
    rows: list[tuple[str, dict[str, Any], Callable[[Any], str]]] = [
        ("schedule page, cached, p50 (ms)", page["cached_p50"], "{:.1f}".format),
        ("schedule page, cached, p99 (ms)", page["cached_p99"], "{:.1f}".format),
        ("schedule page, cold, p50 (ms)", page["cold_p50"], "{:.0f}".format),
        ("schedule page, brotli (bytes)", figures.schedule_page_brotli_bytes, "{:,}".format),
        ("schedule.json, cold (ms)", figures.export_json_ms, "{:.0f}".format),
        ("all clash checks (ms)", figures.all_checks_ms, "{:.1f}".format),
        ("checks after one move (ms)", figures.checks_after_move_ms, "{:.2f}".format),
        ("one release (s)", figures.release_s, "{:.2f}".format),
        ("people told by it", figures.told, "{:,}".format),
        ("others wait for it (ms)", figures.others_wait_ms, "{:.0f}".format),
        ("a move, 4 organizers, p50 (ms)", figures.move_ms["p50"], "{:.1f}".format),
        ("a move, 4 organizers, p95 (ms)", figures.move_ms["p95"], "{:.1f}".format),
        ("suggestions, the longest (ms)", figures.suggest_ms, "{:.0f}".format),
    ]
    spent = figures.processor_ms
    rows += [
        (f"processor: {name} (ms)", spent[key], "{:.1f}".format)
        for key, name in {
            "cached": "cached page",
            "cold": "cold page",
            "json": "JSON",
            "checks": "all checks",
            "release": "release",
        }.items()
    ]
    lines = ["".join([f"{'sessions':<34}", *(f"{size:>10}" for size in sizes)])]
    lines += [f"{name:<34}" + "".join(f"{say(by[size]):>10}" for size in sizes) for name, by, say in rows]
    if figures.memory_mb:
        lines.append(
            "memory: {start:.0f} MB, half way {half:.0f}, {end:.0f} after {releases} releases".format(
                **figures.memory_mb
            )
        )
    lines.append(f"{took:.0f} s; load before: {load:.2f}; {plan.rounds} releases and {plan.pages} pages each")
    return "\n".join(lines)


def _ms(seconds: list[float]) -> float:
    return round(median(seconds) * 1000, 3)


def _say(what: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{what} …", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
