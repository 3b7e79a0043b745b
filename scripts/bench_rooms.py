"""How fast a room is there, how fast it follows, and how fast it comes back: docs/media.md, measured.

    scripts/bench_rooms [--quick] [--json] [--only join,switch,killed,lean]

Real Chromium against the real server with two media workers, on this machine's loopback: a speaker with
camera and microphone in the demo's opening session, and a listener whose page notes every frame it paints.

- join: from the tap on the room's button (the page is loaded) to the first frame.
- layer: the window grows or shrinks; from that and from the wish the page sends to the first frame of the
  other size, and the longest pause between frames meanwhile.
- speaker: of two speakers one falls silent and the other speaks; from the wish of a listener who watches a
  single picture to the first frame of the other. From the tap on "Unmute", what finding out who speaks takes
  is in it as well.
- killed: from SIGKILL of the worker that has the room to the first frame by another; with a single worker, by
  the one that was started in its place.
- lean: synthetic listeners (real ICE, DTLS, SRTP) of the mix of three speaking microphones; the processor
  time the operating system charges the engine's process.

Everything runs on the same cores, the browser that encodes and decodes included. --quick is meant for less
than 50 s on a quiet machine: few of each, no changes of speaker, no only worker. --json prints one object on
the last line. A part that breaks off is named with what it waited for; the figures of the others, and what it
had measured itself, are printed all the same, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import TypeVar

from playwright.async_api import Browser, async_playwright
from playwright.async_api import Error as PlaywrightError

from scripts.bench.lean_hall import LeanFigures, lean_figures
from scripts.bench.room_acts import Room, joined, killed, layer_changed, opened_room, speaker_changed
from scripts.bench.room_page import Switch
from tests.browser.conftest import FLAGS, chromium_path
from tests.browser.person import Person
from tests.browser.speech import write_speech
from tests.world import BASRA, CHAIR, MOSUL, SPEAKER

T = TypeVar("T")
PARTS = ("join", "switch", "killed", "lean")
_FORGOTTEN_SECONDS = 2.0  # after which nobody is told any more that a muted person speaks
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
    unfulfilled: dict[str, int] = field(default_factory=dict)
    killed_ms: list[float] = field(default_factory=list)
    killed_alone_ms: list[float] = field(default_factory=list)
    lean: LeanFigures | None = None
    loads: dict[str, float] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)  # part -> why


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
    return 1 if figures.failed else 0


async def measure(plan: Plan) -> Figures:
    figures = Figures()
    if {"join", "switch", "killed"} & set(plan.parts):
        with tempfile.TemporaryDirectory(prefix="majlis-rooms-") as folder:
            await _with_browser(plan, figures, Path(folder))
    if "lean" in plan.parts:
        async with _part("lean", figures):
            _say(f"{plan.listeners} lean listeners")
            figures.lean = await lean_figures(plan.listeners, plan.lean_seconds)
    return figures


@asynccontextmanager
async def _part(name: str, figures: Figures) -> AsyncIterator[None]:
    """What comes after a part that breaks off is measured all the same."""
    try:
        yield
    except (AssertionError, PlaywrightError, OSError) as error:
        figures.failed[name] = " ".join(str(error).split())[:300]
        traceback.print_exc()
    figures.loads[name] = os.getloadavg()[0]


async def _with_browser(plan: Plan, figures: Figures, folder: Path) -> None:
    speech = write_speech(folder / "speech.wav")
    flags = [*FLAGS, f"--use-file-for-fake-audio-capture={speech}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), headless=True, args=flags)
        async with _part("room", figures), opened_room(browser, folder / "two", 2) as room:
            speaker = await room.speak(SPEAKER)
            await _watch(plan, figures, room, speaker)
        if "killed" in plan.parts and plan.kills_alone:
            async with _part("alone", figures):
                await _kills_alone(plan, browser, folder / "one", figures)
        await browser.close()


async def _watch(plan: Plan, figures: Figures, room: Room, speaker: Person) -> None:
    if "join" in plan.parts:
        async with _part("join", figures), _visiting(room, room.come(MOSUL)) as listener:
            await _several(plan.joins, "join", figures.join_ms, lambda: joined(listener))
    if "killed" in plan.parts:
        async with _part("killed", figures), _visiting(room, room.listen(MOSUL)) as listener:
            await _several(plan.kills, "killed", figures.killed_ms, lambda: killed(room, listener))
    if "switch" in plan.parts:
        async with _part("layer", figures), _visiting(room, room.listen(MOSUL)) as listener:
            await _layers(plan, figures, listener)
        if plan.speakers:
            async with _part("speaker", figures), _visiting(room, room.speak(CHAIR)) as second:
                await second.press("Mute")
                await asyncio.sleep(_FORGOTTEN_SECONDS)
                async with _visiting(room, room.listen(BASRA, choice="one")) as viewer:
                    await _speakers(plan, figures, viewer, speaker, second)


@asynccontextmanager
async def _visiting(room: Room, coming: Awaitable[Person]) -> AsyncIterator[Person]:
    """They go again, whatever has become of what was measured with them."""
    person = await coming
    try:
        yield person
    finally:
        await room.leave(person)


async def _layers(plan: Plan, figures: Figures, listener: Person) -> None:
    await listener.until("pictures.at(-1)[2] === 1280")  # the whole of what the link carries is known
    turns = iter(range(2 * plan.layers))

    async def change() -> Switch | None:
        return await layer_changed(listener, larger=next(turns) % 2 == 1)

    await _switches(2 * plan.layers, "layer", figures, figures.layer, change)


async def _speakers(plan: Plan, figures: Figures, viewer: Person, first: Person, second: Person) -> None:
    turns = iter(range(plan.speakers))

    async def change() -> Switch | None:
        quiet, loud = (first, second) if next(turns) % 2 == 0 else (second, first)
        return await speaker_changed(viewer, quiet, loud)

    await _switches(plan.speakers, "speaker", figures, figures.speaker, change)


async def _kills_alone(plan: Plan, browser: Browser, folder: Path, figures: Figures) -> None:
    async with opened_room(browser, folder, 1) as room:
        await room.speak(SPEAKER)
        listener = await room.listen(MOSUL)

        async def kill() -> float:
            await asyncio.sleep(_SPARE_SECONDS)
            return await killed(room, listener)

        await _several(plan.kills_alone, "alone", figures.killed_alone_ms, kill)


async def _several(count: int, what: str, into: list[T], act: Callable[[], Awaitable[T]]) -> None:
    """One after another; what has been measured stays when the next one fails."""
    for number in range(count):
        _say(f"{what} {number + 1} of {count}")
        into.append(await act())


async def _switches(
    count: int,
    what: str,
    figures: Figures,
    into: list[Switch],
    act: Callable[[], Awaitable[Switch | None]],
) -> None:
    for number in range(count):
        _say(f"{what} {number + 1} of {count}")
        switch = await act()
        if switch is None:
            figures.unfulfilled[what] = figures.unfulfilled.get(what, 0) + 1
        else:
            into.append(switch)


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

    def times(what: str, values: list[float], goal: float | None, percent: int) -> None:
        if not values:
            return
        high = percentile(values, percent)
        name = f"{what} ({len(values)}): p50, {'p95' if percent == 95 else 'longest'}"
        said = f"{median(values) / 1000:.2f}, {high / 1000:.2f}"
        good = None if goal is None else high <= goal * 1000
        rows.append((name, said, "" if goal is None else f"≤ {goal:g}", good))

    times("join", figures.join_ms, 1.0, 95)
    for what, switches in (("layer change", figures.layer), ("speaker change", figures.speaker)):
        times(f"{what}, from the wish", [switch.took for switch in switches], 0.3, 95)
        times(f"{what}, from the act", [switch.acted for switch in switches], None, 95)
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
    for what, count in figures.unfulfilled.items():
        lines.append(f"{count} changes of {what} did not come within 15 s and are not counted above.")
    for part, why in figures.failed.items():
        lines.append(f"BROKEN OFF: {part}: {why}")
    loads = ", ".join(f"{what} {load:.1f}" for what, load in figures.loads.items())
    lines.append(f"Load average at the end of each: {loads}.")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
