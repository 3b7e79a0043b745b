"""How fast a room is there, how fast it follows, and how fast it comes back: docs/media.md, measured.

    scripts/bench_rooms [--quick] [--json] [--only join,switch,killed,lean]

Real Chromium against the real server with two media workers, on this machine's loopback: a speaker with
camera and microphone in the demo's opening session, and a listener whose page notes every frame it paints.

- join: from the tap on the room's button (the page is loaded) to the first frame.
- layer: the window grows or shrinks; from the wish the page sends to the first frame of the other size, and
  the longest pause between frames meanwhile.
- speaker: of two speakers one falls silent and the other speaks; from the wish of a listener who watches a
  single picture to the first frame of the other. What finding out who speaks takes is not in it.
- killed: from SIGKILL of the worker that has the room to the first frame by another; with a single worker, by
  the one that was started in its place.
- lean: synthetic listeners (real ICE, DTLS, SRTP) of the mix of three speaking microphones; the processor
  time the operating system charges the engine's process.

Everything runs on the same cores, the browser that encodes and decodes included. --quick is meant for less
than 50 s on a quiet machine: few of each, no changes of speaker, no only worker. --json prints one object on
the last line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import TypeVar

from playwright.async_api import Browser, async_playwright

from scripts.bench.lean_hall import LeanFigures, lean_figures
from scripts.bench.room_acts import Room, joined, killed, layer_changed, opened_room, speaker_changed
from scripts.bench.room_page import Switch
from tests.browser.conftest import FLAGS, chromium_path
from tests.browser.speech import write_speech
from tests.world import BASRA, CHAIR, MOSUL, SPEAKER

T = TypeVar("T")
PARTS = ("join", "switch", "killed", "lean")
_SPARE_SECONDS = 8.0  # a spare worker is begun five seconds after the last was needed, and loads


@dataclass(frozen=True)
class Plan:
    parts: tuple[str, ...]
    joins: int
    layers: int  # changes to and fro
    speakers: int
    kills: int
    kills_alone: int
    listeners: int
    lean_seconds: float


FULL = Plan(PARTS, 20, layers=8, speakers=8, kills=6, kills_alone=3, listeners=500, lean_seconds=10.0)
QUICK = Plan(PARTS, 3, layers=1, speakers=0, kills=1, kills_alone=0, listeners=100, lean_seconds=2.0)


@dataclass
class Figures:
    """Milliseconds; empty or None for what was not measured. Keys are part of the script's interface."""

    join_ms: list[float] = field(default_factory=list)
    layer: list[Switch] = field(default_factory=list)
    speaker: list[Switch] = field(default_factory=list)
    unfulfilled: int = 0
    killed_ms: list[float] = field(default_factory=list)
    killed_alone_ms: list[float] = field(default_factory=list)
    lean: LeanFigures | None = None
    loads: dict[str, float] = field(default_factory=dict)


def main() -> int:
    options = argparse.ArgumentParser(prog="scripts/bench_rooms", description=__doc__.splitlines()[0])
    options.add_argument("--quick", action="store_true", help="few of each: less than 50 s")
    options.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options.add_argument("--only", default=",".join(PARTS), help="what to measure, such as join,lean")
    chosen = options.parse_args()
    parts = tuple(name.strip() for name in chosen.only.split(",") if name.strip())
    if strangers := set(parts) - set(PARTS):
        options.error(f"no such part: {', '.join(sorted(strangers))}; there are {', '.join(PARTS)}")
    plan = Plan(**{**vars(QUICK if chosen.quick else FULL), "parts": parts})
    began = time.monotonic()
    figures = asyncio.run(measure(plan))
    print(table(figures))
    print(f"{os.cpu_count()} cores; took {time.monotonic() - began:.0f} s.")
    if chosen.json:
        print(json.dumps(asdict(figures)))
    return 0


async def measure(plan: Plan) -> Figures:
    figures = Figures()
    if {"join", "switch", "killed"} & set(plan.parts):
        with tempfile.TemporaryDirectory(prefix="majlis-rooms-") as folder:
            await _with_browser(plan, figures, Path(folder))
    if "lean" in plan.parts:
        _say(f"{plan.listeners} lean listeners")
        figures.lean = await lean_figures(plan.listeners, plan.lean_seconds)
        figures.loads["lean"] = os.getloadavg()[0]
    return figures


async def _with_browser(plan: Plan, figures: Figures, folder: Path) -> None:
    speech = write_speech(folder / "speech.wav")
    flags = [*FLAGS, f"--use-file-for-fake-audio-capture={speech}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), headless=True, args=flags)
        async with opened_room(browser, folder / "two", 2) as room:
            await room.speak(SPEAKER)
            await _watch(plan, figures, room)
        if "killed" in plan.parts and plan.kills_alone:
            figures.killed_alone_ms = await _kills_alone(plan, browser, folder / "one", figures)
        await browser.close()


async def _watch(plan: Plan, figures: Figures, room: Room) -> None:
    if "join" in plan.parts:
        listener = await room.come(MOSUL)
        figures.join_ms = await _several(plan.joins, "join", figures, lambda: joined(listener))
        await room.leave(listener)
    if "killed" in plan.parts:
        listener = await room.listen(MOSUL)
        figures.killed_ms = await _several(plan.kills, "killed", figures, lambda: killed(room, listener))
        await room.leave(listener)
    if "switch" in plan.parts:
        listener = await room.listen(MOSUL)
        await listener.until("pictures.at(-1)[2] === 1280")  # the whole of what the link carries is known
        turns = iter(range(2 * plan.layers))
        found = await _several(
            2 * plan.layers, "layer", figures, lambda: layer_changed(listener, larger=next(turns) % 2 == 1)
        )
        figures.layer = _fulfilled(found, figures)
        await room.leave(listener)
        if plan.speakers:
            await _speakers(plan, figures, room)


async def _speakers(plan: Plan, figures: Figures, room: Room) -> None:
    first, second = room.people[0], await room.speak(CHAIR)
    await second.press("Mute")
    viewer = await room.listen(BASRA, choice="one")
    turns = iter(range(plan.speakers))

    async def change() -> Switch | None:
        quiet, loud = (first, second) if next(turns) % 2 == 0 else (second, first)
        return await speaker_changed(viewer, quiet, loud)

    figures.speaker = _fulfilled(await _several(plan.speakers, "speaker", figures, change), figures)


async def _kills_alone(plan: Plan, browser: Browser, folder: Path, figures: Figures) -> list[float]:
    async with opened_room(browser, folder, 1) as room:
        await room.speak(SPEAKER)
        listener = await room.listen(MOSUL)

        async def kill() -> float:
            await asyncio.sleep(_SPARE_SECONDS)
            return await killed(room, listener)

        return await _several(plan.kills_alone, "alone", figures, kill)


async def _several(count: int, what: str, figures: Figures, act: Callable[[], Awaitable[T]]) -> list[T]:
    """One after another."""
    out = []
    for number in range(count):
        _say(f"{what} {number + 1} of {count}")
        out.append(await act())
    figures.loads[what] = os.getloadavg()[0]
    return out


def _fulfilled(found: list[Switch | None], figures: Figures) -> list[Switch]:
    figures.unfulfilled += sum(1 for switch in found if switch is None)
    return [switch for switch in found if switch is not None]


def _say(doing: str) -> None:
    """What is being measured, for whoever waits at a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{doing}…", end="", file=sys.stderr, flush=True)


def percentile(values: list[float], percent: int) -> float:
    """Interpolated; the largest of a few."""
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


def table(figures: Figures) -> str:
    """The figures beside those to reach, seconds."""
    rows: list[tuple[str, str, str, bool | None]] = []

    def times(what: str, values: list[float], goal: float, percent: int) -> None:
        if not values:
            return
        high = percentile(values, percent)
        name = f"{what} ({len(values)}): p50, {'p95' if percent == 95 else 'longest'}"
        said = f"{median(values) / 1000:.2f}, {high / 1000:.2f}"
        rows.append((name, said, f"≤ {goal:g}", high <= goal * 1000))

    times("join", figures.join_ms, 1.0, 95)
    for what, switches in (("layer change", figures.layer), ("speaker change", figures.speaker)):
        times(what, [switch.took for switch in switches], 0.3, 95)
        times(f"  longest pause, {what}", [switch.gap for switch in switches], 0.3, 99)
    times("worker killed", figures.killed_ms, 3.0, 99)
    times("the only worker killed", figures.killed_alone_ms, 3.0, 99)
    if (lean := figures.lean) is not None:
        rows.append(
            (f"encodes for {lean.listeners} lean listeners", f"{lean.encodes}", "1", lean.encodes == 1)
        )
        rows.append(("  share of a core", f"{lean.core:.2f}", "≤ 1", lean.core <= 1))
        per_second = f"{lean.packets:.1f}, {lean.least_packets:.1f}"
        rows.append(("  packets a second to each: mean, least", per_second, "16.7", None))
    lines = [f"{'seconds':52} {'measured':>12}  {'to reach':>8}"]
    for name, value, goal, good in rows:
        lines.append(f"{name:52} {value:>12}  {goal:>8}  {'' if good is None else 'yes' if good else 'NO'}")
    if figures.unfulfilled:
        lines.append(f"{figures.unfulfilled} switches did not come within 15 s and are not counted above.")
    loads = ", ".join(f"{what} {load:.1f}" for what, load in figures.loads.items())
    lines.append(f"Load average at the end of each: {loads}.")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
