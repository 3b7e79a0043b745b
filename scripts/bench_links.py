"""What a listener on a weak link hears and sees: real Chromium, the real server, and a bad link between them.

    scripts/bench_links [--only P1,P4] [--full] [--json]

A speaker with microphone and camera is on stage in the demo's opening session; a listener comes through a
relay (scripts/bench/link.py) that makes the link of each profile of the low-bandwidth design. The page itself
comes unhindered: this is about sound and picture; only an outage takes it and its live channel along
(scripts/bench/door.py). Everything said of the listener is what its own browser
reports (W3C webrtc-stats) and what the relay let through, with IP and UDP headers.

- concealed: samples the browser had to invent, of all it played, from ten seconds after the tap on (%)
- first sound: from the tap to the first sample that was not silence
- fallen: the same of the ten seconds after the link has become much slower
- recovery: from the end of the outage to the first packet of sound
- back: from the end of the slow stretch to the first picture of 720 lines
--full takes the durations of the design (hours) and says every five minutes how it stands; an answer that the
browser does not give within a minute is left out. --json prints one object on the last line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

from playwright.async_api import Browser, WebSocket, async_playwright, expect

from scripts.bench.door import Door
from scripts.bench.link import Relay
from scripts.bench.profiles import Profile, profiles
from tests.browser.conftest import FLAGS, chromium_path
from tests.browser.hall import SESSION, Hall, level_moves
from tests.browser.person import Person, arrive
from tests.browser.speech import write_speech
from tests.world import BASRA, GRACE, LANGUAGES, SPEAKER, running_server

_WARM_UP = 10.0  # seconds after the tap that do not count for concealment
_GOOD = 720  # lines of a picture as good as before
_FALLEN = 10.0  # seconds after a link has become much slower that are judged by themselves
_LOOK = 0.2  # seconds between two readings
_SELDOM = 1.0  # the same where nothing is about to change, in runs of hours
_CLOSE = 90.0  # seconds after the tap, or around a step, in which it is looked at closely
_PATIENCE = 60.0  # seconds an answer of the browser may take
_TOLD = 300.0  # seconds between two words on how a long run stands

READ = """(async () => {
  const sum = { packets: 0, concealed: 0, silent: 0, samples: 0, energy: 0, frames: 0, freezes: 0, frozen: 0,
                height: 0, lost: 0, connections: window.connections().length, protocol: "", rtt: 0 };
  for (const connection of window.connections()) {
    const stats = await connection.getStats();
    stats.forEach((one) => {
      if (one.type === "inbound-rtp" && one.kind === "audio") {
        sum.packets += one.packetsReceived ?? 0;
        sum.concealed += one.concealedSamples ?? 0;
        sum.silent += one.silentConcealedSamples ?? 0;
        sum.samples += one.totalSamplesReceived ?? 0;
        sum.energy += one.totalAudioEnergy ?? 0;
        sum.lost += one.packetsLost ?? 0;
      }
      if (one.type === "inbound-rtp" && one.kind === "video") {
        sum.frames += one.framesDecoded ?? 0;
        sum.freezes += one.freezeCount ?? 0;
        sum.frozen += one.totalFreezesDuration ?? 0;
        sum.height = Math.max(sum.height, one.frameHeight ?? 0);
      }
      if (one.type === "candidate-pair" && one.nominated) {
        sum.rtt = one.currentRoundTripTime ?? 0;
        sum.protocol = stats.get(one.localCandidateId)?.protocol ?? "";
      }
    });
  }
  return sum;
})()"""


@dataclass
class Outcome:
    """Of one profile. Seconds are None for what never happened."""

    profile: str
    words: str
    first_sound_seconds: float | None = None
    concealed_percent: float | None = None
    freezes: int = 0
    frozen_seconds: float = 0.0
    kbits_mean: float = 0.0
    kbits_p95: float = 0.0
    megabytes_per_hour: float = 0.0
    fallen_percent: float | None = None
    recovery_seconds: float | None = None
    back_seconds: float | None = None
    reconnects: int = 0
    height: int = 0
    protocol: str = ""
    rungs: list[tuple[float, str, str]] = field(default_factory=list)
    pictures_per_second: list[float] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


def main() -> int:
    options = argparse.ArgumentParser(prog="scripts/bench_links", description=__doc__.splitlines()[0])
    options.add_argument("--only", default="", help="profiles to run, such as P1,P4")
    options.add_argument("--full", action="store_true", help="the long durations: hours")
    options.add_argument("--json", action="store_true", help="one JSON object on the last line")
    chosen = options.parse_args()
    known = profiles(full=chosen.full)
    wanted = [name.strip().upper() for name in chosen.only.split(",") if name.strip()]
    if strangers := set(wanted) - {profile.name for profile in known}:
        there = ", ".join(profile.name for profile in known)
        options.error(f"no such profile: {', '.join(sorted(strangers))}; there are {there}")
    taken = [profile for profile in known if not wanted or profile.name in wanted]
    outcomes = asyncio.run(run(taken, full=chosen.full))
    print(table(outcomes))
    if chosen.json:
        print(json.dumps({outcome.profile: asdict(outcome) for outcome in outcomes}))
    return 0


async def run(taken: list[Profile], *, full: bool) -> list[Outcome]:
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="majlis-links-") as folder:
        speech = write_speech(Path(folder) / "speech.wav")
        flags = [*FLAGS, f"--use-file-for-fake-audio-capture={speech}"]
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=chromium_path(), headless=True, args=flags
            )
            for profile in taken:
                outcome = await measure(browser, profile, Path(folder) / profile.name, full=full)
                judge(outcome, profile)
                outcomes.append(outcome)
                print(line(outcome), flush=True)
            await browser.close()
    return outcomes


async def measure(browser: Browser, profile: Profile, folder: Path, *, full: bool) -> Outcome:
    """A fresh server, a speaker on a good link, a listener on this one."""
    relay = Relay()
    await relay.start()
    folder.mkdir(parents=True)  # noqa: ASYNC240  # once, on a local disk
    config = folder / "majlis.toml"
    config.write_text(f"[media]\npublic_port = {relay.port}\n", encoding="utf-8")
    try:
        async with running_server(folder / "data", config=config) as server:
            hall = Hall(browser, server, relay)  # type: ignore[arg-type]  # it asks no more of a relay
            await hall.aim()
            speaker = await hall.come(SPEAKER, path=f"{SESSION}/room")
            await expect(speaker.page.locator(".check video")).to_be_visible(timeout=GRACE * 1000)
            await level_moves(speaker)
            await speaker.press("Join with camera and microphone")
            await speaker.until("(await sent()).frames > 10 && (await sent()).audio > 20")
            door = Door(("127.0.0.1", server.port))
            url = f"http://localhost:{door.port}"
            listener = await arrive(browser, BASRA, LANGUAGES[BASRA], url)
            await listener.sign_in(server.links[BASRA].replace(server.url, url))
            outcome = Outcome(profile.name, profile.words)
            relay.shape()
            profile.start(relay)
            if profile.whole:
                door.round_trip = 2 * relay.down.conditions.delay
            length = profile.full_seconds if full else profile.seconds
            await listen(relay, door, listener, profile, outcome, length)
            await asyncio.gather(*(person.context.close() for person in (listener, *hall.people.values())))
            await door.close()
            return outcome
    finally:
        relay.close()


async def listen(
    relay: Relay, door: Door, listener: Person, profile: Profile, outcome: Outcome, seconds: float
) -> None:
    tapped = time.monotonic()
    listener.page.on("websocket", lambda wire: _watch_rungs(wire, outcome, tapped))
    await listener.open(f"{SESSION}/room")
    await listener.press("Join the room")
    await expect(listener.page.locator(".room")).to_be_visible(timeout=GRACE * 1000)
    tapped = time.monotonic()
    for at, step in profile.steps:
        asyncio.get_running_loop().call_later(at, _take, step, relay, door if profile.whole else None)
    told = 0.0
    readings: list[tuple[float, dict[str, Any]]] = []
    sizes: list[tuple[float, int]] = []
    while (at := time.monotonic() - tapped) < seconds:
        try:
            readings.append((at, dict(await asyncio.wait_for(listener.page.evaluate(READ), _PATIENCE))))
            sizes.append((at, relay.down.bytes))
        except TimeoutError:
            print(f"{profile.name}: no answer at {at:.0f} s", flush=True)
        if at - told >= _TOLD:
            told = at
            summarise(outcome, profile, readings, sizes)
            print(f"{profile.name} after {at:.0f} s: {json.dumps(asdict(outcome))}", flush=True)
        close = at < _CLOSE or any(abs(at - step) < _CLOSE for step, _ in profile.steps)
        await asyncio.sleep(_LOOK if close else _SELDOM)
    summarise(outcome, profile, readings, sizes)


def _take(step: Callable[[Relay], None], relay: Relay, door: Door | None) -> None:
    """A change of the link; in an outage that takes the page along, of its way as well."""
    step(relay)
    if door is not None:
        (door.darken if relay.down.dark else door.lighten)()


def _watch_rungs(wire: WebSocket, outcome: Outcome, tapped: float) -> None:
    def look(payload: str | bytes) -> None:
        text = payload if isinstance(payload, str) else payload.decode("utf-8", "replace")
        if "RungChanged" in text and (found := re.search(r'"rung":\s*"(\w+)"', text)):
            reason = re.search(r'"reason":\s*"(\w+)"', text)
            outcome.rungs.append((round(time.monotonic() - tapped, 1), found[1], reason[1] if reason else ""))

    wire.on("framereceived", look)


def summarise(
    outcome: Outcome,
    profile: Profile,
    readings: list[tuple[float, dict[str, Any]]],
    sizes: list[tuple[float, int]],
) -> None:
    heard = [at for at, reading in readings if reading["energy"] > 0.001]
    outcome.first_sound_seconds = round(heard[0], 1) if heard else None
    counted = [reading for at, reading in readings if at >= _WARM_UP]
    end = counted[-1]
    outcome.concealed_percent = _concealed(counted)
    if profile.falls is not None:
        fallen = [reading for at, reading in readings if 0 <= at - profile.falls <= _FALLEN]
        outcome.fallen_percent = _concealed(fallen)
    if profile.heals is not None:
        outcome.back_seconds = _back(profile.heals, readings)
    outcome.freezes = end["freezes"]
    outcome.frozen_seconds = round(end["frozen"], 1)
    outcome.height = end["height"]
    outcome.protocol = end["protocol"]
    outcome.reconnects = max(0, max(reading["connections"] for _, reading in readings) - 1)
    rates = _rates([(at, size) for at, size in sizes if at >= _WARM_UP])
    outcome.kbits_mean = round(sum(rates) / len(rates), 1) if rates else 0.0
    outcome.kbits_p95 = round(quantiles(rates, n=20)[18], 1) if len(rates) > 1 else outcome.kbits_mean
    spent = [(at, size) for at, size in sizes if at >= _WARM_UP]
    hours = (spent[-1][0] - spent[0][0]) / 3600
    outcome.megabytes_per_hour = round((spent[-1][1] - spent[0][1]) / 1e6 / max(hours, 1e-9), 2)
    frames = _rates([(at, reading["frames"]) for at, reading in readings], per=5.0, scale=1.0)
    outcome.pictures_per_second = [round(max(0.0, rate), 1) for rate in frames]
    if profile.dark is not None:
        outcome.recovery_seconds = _recovery(profile.dark[1], readings)


def _concealed(readings: list[dict[str, Any]]) -> float | None:
    """Percent of what was played from the first of them to the last; None when that was nothing."""
    if not readings or (samples := readings[-1]["samples"] - readings[0]["samples"]) <= 0:
        return None
    audible: list[int] = [reading["concealed"] - reading["silent"] for reading in (readings[0], readings[-1])]
    return float(round(100 * max(0, audible[1] - audible[0]) / samples, 2))


def _rates(points: list[tuple[float, int]], per: float = 1.0, scale: float = 8 / 1000) -> list[float]:
    """Growth per second over stretches of `per` seconds."""
    out: list[float] = []
    if not points:
        return out
    at, value = points[0]
    for later, grown in points[1:]:
        if later - at >= per:
            out.append((grown - value) * scale / (later - at))
            at, value = later, grown
    return out


def _recovery(end: float, readings: list[tuple[float, dict[str, Any]]]) -> float | None:
    before = max((r["packets"] for at, r in readings if at <= end), default=0)
    stuck = [r["packets"] for at, r in readings if at <= end][-1:] or [before]
    for at, reading in readings:
        # A new connection counts from nothing.
        if at > end and (reading["packets"] > stuck[0] or 0 < reading["packets"] < stuck[0]):
            return round(at - end, 1)
    return None


def _back(healed: float, readings: list[tuple[float, dict[str, Any]]]) -> float | None:
    """Seconds to the first good picture; a height alone may be that of a picture from before the fall."""
    before = max((r["frames"] for at, r in readings if at <= healed), default=0)
    for at, reading in readings:
        if at > healed and reading["frames"] > before and reading["height"] >= _GOOD:
            return round(at - healed, 1)
    return None


def judge(outcome: Outcome, profile: Profile) -> None:
    """Note in `missed` which figures are not reached."""
    for name, (least, most) in (profile.goals or {}).items():
        value = getattr(outcome, name)
        if value is None:
            outcome.missed.append(f"{name}: never")
        elif most is not None and value > most:
            outcome.missed.append(f"{name} {value} > {most:g}")
        elif least is not None and value < least:
            outcome.missed.append(f"{name} {value} < {least:g}")


def line(outcome: Outcome) -> str:
    """One profile in words, printed as soon as it has been measured."""
    rungs = ", ".join(f"{rung} at {at:.0f} s" for at, rung, _ in outcome.rungs) or "none told"
    verdict = "; ".join(outcome.missed) or "reached"
    pictures = " ".join(f"{rate:g}" for rate in outcome.pictures_per_second)
    name = f"{outcome.profile} ({outcome.words})"
    return f"{name}: {verdict}. Rungs: {rungs}. Pictures a second, every 5 s: {pictures}"


def table(outcomes: list[Outcome]) -> str:
    def shown(value: float | None) -> str:
        return "—" if value is None else f"{value:g}"

    lines = [
        "| link | first sound, s | concealed, % | freezes (s) | kbit/s mean, p95 | back after, s | figures |",
        "|---|---|---|---|---|---|---|",
    ]
    for o in outcomes:
        lines.append(
            f"| {o.profile}: {o.words} | {shown(o.first_sound_seconds)} | {shown(o.concealed_percent)} "
            f"| {o.freezes} ({o.frozen_seconds:g}) | {o.kbits_mean:g}, {o.kbits_p95:g} "
            f"| {shown(o.recovery_seconds or o.back_seconds)} | {'; '.join(o.missed) or 'reached'} |"
        )
    lines.append(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}.")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
