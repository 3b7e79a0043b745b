"""Draws how the sending side behaves behind modelled links, for a person to judge.

    scripts/simulate_links                      all profiles
    scripts/simulate_links P1 collapse          these
        --into DIR    where the pictures go (default: build/links)
        --seed N      another course of chance
        --svg         no browser: SVG instead of PNG

Everything runs in virtual time (see `link_model.py`); a profile of a minute takes about a second. Profiles
are files in tests/data/links, one phase of the link per line: when it begins (s), down and up (kbit/s),
delay one way (ms), loss (%), bursts of loss (ms), jitter (ms), queue at the bottleneck (bytes).
"""

from __future__ import annotations

import argparse
import csv
import math
from pathlib import Path

from scripts.link_model import Simulation
from scripts.modelled_link import Phase
from scripts.modelled_viewer import Run

ROOT = Path(__file__).resolve().parents[1]
PROFILES = ROOT / "tests" / "data" / "links"
WIDTH, LEFT, RIGHT = 1280, 70, 20
_RATES = (20, 15_000)  # kbit/s, the ends of the logarithmic axis
_COLOURS = {"capacity": "#bbb", "estimate": "#0b62c4", "sent": "#2a9d3f", "acked": "#b06ad4"}
_LAYER_COLOURS = {-1: "#fff", 0: "#cfe8ff", 1: "#7fb8f0", 2: "#2f7fd0"}
_SOUND_COLOURS = {"full": "#cdeccd", "lean": "#ffe08a", "saver": "#ffb070", "none": "#fff"}


def read_profile(path: Path) -> tuple[list[Phase], float]:
    """The phases of a file and how long it runs: the last line has only a time."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row and not row[0].startswith("#")]
    phases: list[Phase] = []
    for row in rows[:-1]:
        start, down, up, delay, loss, burst, jitter = map(float, row[:7])
        phases.append(Phase(start, down, up, delay, loss, burst, jitter, int(row[7])))
    return phases, float(rows[-1][0])


class Chart:
    """SVG, piece by piece. Times are seconds, mapped onto the width."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.parts: list[str] = []

    def x(self, at: float) -> float:
        return LEFT + at / self.seconds * (WIDTH - LEFT - RIGHT)

    def text(self, x: float, y: float, words: str, *, size: int = 12, anchor: str = "start") -> None:
        style = f'font-size="{size}" text-anchor="{anchor}"'
        self.parts.append(f'<text x="{x:.0f}" y="{y:.0f}" {style} fill="#222">{words}</text>')

    def line(self, points: list[tuple[float, float]], colour: str, width: float = 1.6) -> None:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>')

    def box(self, x: float, y: float, width: float, height: float, fill: str, stroke: str = "none") -> None:
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0.5, width):.1f}" height="{height:.1f}" '
            f'fill="{fill}" stroke="{stroke}"/>'
        )

    def strip(self, y: float, height: float, label: str, values: list[tuple[float, str]]) -> None:
        """Coloured stretches from each time to the next."""
        self.text(LEFT - 6, y + height - 5, label, anchor="end")
        ends = [*[at for at, _ in values[1:]], self.seconds][: len(values)]
        for (at, colour), end in zip(values, ends, strict=True):
            self.box(self.x(at), y, self.x(end) - self.x(at), height, colour)
        self.box(LEFT, y, WIDTH - LEFT - RIGHT, height, "none", "#ccc")

    def svg(self, height: int) -> str:
        body = "".join(self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
            f'font-family="sans-serif"><rect width="100%" height="100%" fill="white"/>{body}</svg>'
        )


def draw(name: str, run: Run, seconds: float) -> str:
    chart = Chart(seconds)
    chart.text(LEFT, 22, f"{name}: {summary(run, seconds)}", size=14)
    _draw_rates(chart, run, 40, 300)
    _draw_queue(chart, run, 365, 110)
    samples = run.samples
    chart.strip(500, 22, "picture", [(s.at, _LAYER_COLOURS[s.layer]) for s in samples])
    chart.strip(526, 22, "sound", [(s.at, _SOUND_COLOURS[s.sound]) for s in samples])
    chart.strip(552, 18, "concealed", [])
    for at in run.ear.concealed:
        chart.box(chart.x(at), 552, 0.01 / seconds * WIDTH, 18, "#d33")
    chart.strip(574, 18, "frozen", [])
    for at in run.eye.freezes(0, seconds):
        chart.box(chart.x(at), 574, 2, 18, "#d33")
    chart.strip(596, 18, "probes", [])
    before = 0
    for s in samples:
        if s.probes > before:
            chart.box(chart.x(s.at), 596, 2, min(18.0, 3 + (s.probes - before) / 1000), "#777")
        before = s.probes
    for second in range(0, int(seconds) + 1, 10):
        chart.text(chart.x(second), 632, f"{second} s", anchor="middle")
    return chart.svg(645)


def _draw_rates(chart: Chart, run: Run, top: float, height: float) -> None:
    low, high = (math.log(rate) for rate in _RATES)

    def y(rate: float) -> float:
        value = math.log(min(max(rate / 1000, _RATES[0]), _RATES[1]))
        return top + height - (value - low) / (high - low) * height

    for rate in (32, 64, 128, 256, 512, 1000, 2000, 5000, 10_000):
        chart.line([(LEFT, y(rate * 1000)), (WIDTH - RIGHT, y(rate * 1000))], "#eee", 1)
        chart.text(LEFT - 6, y(rate * 1000) + 4, f"{rate}", anchor="end")
    for name in ("capacity", "sent", "acked", "estimate"):
        points = [(chart.x(s.at), y(getattr(s, name))) for s in run.samples]
        chart.line(points, _COLOURS[name], 3 if name in ("capacity", "estimate") else 1)
    for place, (name, colour) in enumerate(_COLOURS.items()):
        chart.box(LEFT + 10 + place * 120, top + 6, 14, 6, colour)
        chart.text(LEFT + 28 + place * 120, top + 14, f"{name} kbit/s")


def _draw_queue(chart: Chart, run: Run, top: float, height: float) -> None:
    def y(value: float, most: float) -> float:
        return top + height - min(value / most, 1.0) * height

    chart.box(LEFT, top, WIDTH - LEFT - RIGHT, height, "none", "#ccc")
    chart.text(LEFT - 6, top + 10, "2 s", anchor="end")
    chart.text(LEFT - 6, top + height, "0", anchor="end")
    queues = [(chart.x(s.at), y(s.queue if s.queue < 1e6 else 2.0, 2.0)) for s in run.samples]
    chart.line(queues, "#c33")
    chart.line([(chart.x(s.at), y(s.loss, 0.5)) for s in run.samples], "#e90", 1)
    chart.text(LEFT + 10, top + 14, "red: queue at the bottleneck; orange: loss, full height 50 %")


def summary(run: Run, seconds: float) -> str:
    minutes = seconds / 60
    freezes = len(run.eye.freezes(2, seconds)) / minutes
    return (
        f"{run.ear.share(2, seconds):.1%} concealed, {freezes:.1f} freezes/min, "
        f"{sum(s.layer == 2 for s in run.samples) / len(run.samples):.0%} of the time 720p, "
        f"{run.samples[-1].probes / 1000:.0f} kB of probes"
    )


def to_png(pictures: dict[Path, str]) -> None:
    """Rendered by the browser that the tests use."""
    import shutil  # only where pictures are wanted

    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = shutil.which("chromium") or "/usr/bin/chromium"
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": WIDTH, "height": 645})
        for file, svg in pictures.items():
            page.set_content(f"<body style='margin:0'>{svg}</body>")
            page.screenshot(path=str(file))
        browser.close()


def main() -> None:
    known = {path.stem: path for path in sorted(PROFILES.glob("*.csv"))}
    parser = argparse.ArgumentParser(description="Draw the sending side behind modelled links.")
    parser.add_argument("names", nargs="*", choices=[*known, []])
    parser.add_argument("--into", type=Path, default=ROOT / "build" / "links")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--svg", action="store_true")
    arguments = parser.parse_args()
    arguments.into.mkdir(parents=True, exist_ok=True)
    pictures: dict[Path, str] = {}
    for name in arguments.names or known:
        phases, seconds = read_profile(known[name])
        run = Simulation(phases, arguments.seed, buffer=1.0, voice_nack=True).run(seconds)
        print(f"{name:16} {summary(run, seconds)}")
        pictures[arguments.into / f"{name}.png"] = draw(name, run, seconds)
    if arguments.svg:
        for file, svg in pictures.items():
            file.with_suffix(".svg").write_text(svg, encoding="utf-8")
    else:
        to_png(pictures)
    print(f"drawn into {arguments.into}")


if __name__ == "__main__":
    main()
