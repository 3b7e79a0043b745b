"""The data meter of a session on one device: over tabs, visits and reloads. It runs in Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.world import ROOT

MB = 1_000_000
# What a page has: storage, a server's clock, and the files it has loaded (resource timing).
PAGE = """
globalThis.document = { documentElement: { lang: "en" } };
globalThis.window = globalThis;
const kept = new Map();
let full = false;
const write = (key, value) => { if (full) throw new Error("full"); kept.set(key, String(value)); };
Object.defineProperty(globalThis, "localStorage", { value: {
  getItem: (key) => kept.get(key) ?? null, setItem: write, removeItem: (key) => kept.delete(key),
} });
globalThis.PerformanceObserver = class {
  constructor(tell) { this.tell = tell; }
  observe({ type }) { if (type === "resource") this.tell({ getEntries: () => [{ transferSize: 50_000 }] }); }
};
"""
SCRIPT = """
import { DataMeter } from "./web/src/stage/data_meter";
const silent = { heard: { messages: 0, bytes: 0 }, said: { messages: 0, bytes: 0 } };
const open = () => new DataMeter("OPEN25", Date.now() + 3_600_000, () => silent);
const seen = (meter) => ({ used: meter.use.value.used, cap: meter.cap.value, level: meter.level.value });
const stories = STORIES;
console.log(JSON.stringify(stories[process.argv[2]]()));
"""
STORIES = """{
  tabs: () => {
    const [one, other] = [open(), open()];
    one.media(1e6, 0); other.media(2e6, 0); one.media(4e6, 0); other.media(2e6, 5e5); one.tick();
    return [seen(one), seen(other)];
  },
  limit: () => {
    const [one, other] = [open(), open()];
    one.media(8e6, 0);
    other.setCap(9e6); one.tick();
    const near = [seen(one), seen(other)];
    one.setCap(50e6); other.tick();
    return [...near, seen(one), seen(other), seen(open())];
  },
  again: () => {
    const first = open();
    first.media(3e6, 0); first.mediaClosed(); first.close();
    const second = open();
    second.media(1e6, 0);
    return [seen(first), seen(second)];
  },
  nothing_kept: () => {
    const meter = open();
    meter.setCap(9e6); meter.media(1e6, 0);
    full = true;
    meter.media(8.9e6, 0);
    return [seen(meter)];
  },
}"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    script = tmp_path_factory.mktemp("meter") / "ask.mjs"
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    command = [str(esbuild), "--bundle", "--format=esm", "--platform=node", f"--outfile={script}"]
    command += ["--loader=ts", f"--banner:js={PAGE}"]
    text = SCRIPT.replace("STORIES", STORIES)
    subprocess.run(command, input=text.encode(), check=True, capture_output=True, cwd=ROOT)
    return script


def told(script: Path, story: str) -> list[dict[str, Any]]:
    """What each meter shows at the end of *story*."""
    node = shutil.which("node")
    assert node, "Node.js is needed"
    done = subprocess.run([node, str(script), story], check=True, capture_output=True)
    return list(json.loads(done.stdout))


def test_tabs_of_one_session_are_counted_together(script: Path) -> None:
    one, other = told(script, "tabs")
    page = one["used"] - 6.5 * MB
    assert 100_000 < page < 120_000, "the files of two tabs"
    assert other["used"] == pytest.approx(6.5 * MB + page)


def test_a_limit_set_in_one_tab_holds_in_the_others_and_after_a_reload(script: Path) -> None:
    near, beside, raised, freed, reloaded = told(script, "limit")
    assert near["cap"] == beside["cap"] == 9 * MB
    assert near["level"] == beside["level"] == "saving"
    assert [one["cap"] for one in (raised, freed, reloaded)] == [50 * MB] * 3
    assert [one["level"] for one in (raised, freed, reloaded)] == ["free"] * 3


def test_who_leaves_and_goes_in_again_pays_for_the_page_once(script: Path) -> None:
    first, second = told(script, "again")
    assert second["used"] - first["used"] == pytest.approx(1 * MB, abs=2)


def test_where_nothing_can_be_kept_any_more_the_limit_still_holds(script: Path) -> None:
    (meter,) = told(script, "nothing_kept")
    assert meter["used"] > 8.9 * MB
    assert meter["level"] == "reached"
