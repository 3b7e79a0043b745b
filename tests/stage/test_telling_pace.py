"""When a page tells what is on its screen while that changes. The rule runs in Node.js, in virtual time."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from tests.world import ROOT

Moments = list[tuple[int, str]]  # milliseconds, and how the screen is from then on

SOON, PAUSE = 50, 300
CLOCK = """
let now = 0;
let timers = [];
Object.defineProperty(globalThis, "performance", { value: { now: () => now } });
globalThis.setTimeout = (act, wait) => {
  const timer = { at: now + wait, act };
  timers.push(timer);
  return timer;
};
globalThis.clearTimeout = (gone) => { timers = timers.filter((timer) => timer !== gone); };
globalThis.until = (end) => {
  for (;;) {
    const next = timers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
    if (!next) break;
    clearTimeout(next);
    now = next.at;
    next.act();
  }
  now = end;
};
"""
SCRIPT = """
import { TellingPace } from "./web/src/stage/telling_pace";
const story = (moments) => {
  let [shown, known] = ["", ""];
  const told = [];
  const pace = new TellingPace(() => {
    if (shown === known) return false;
    known = shown;
    told.push([performance.now() - start, shown]);
    return true;
  });
  const start = performance.now();
  for (const [at, state] of moments) {
    until(start + at);
    shown = state;
    pace.changed();
  }
  until(performance.now() + 10_000);
  return told;
};
console.log(JSON.stringify(JSON.parse(process.argv[2]).map(story)));
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    script = tmp_path_factory.mktemp("pace") / "ask.mjs"
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    command = [str(esbuild), "--bundle", "--format=esm", "--platform=node", f"--outfile={script}"]
    command += ["--loader=ts", f"--banner:js={CLOCK}"]
    subprocess.run(command, input=SCRIPT.encode(), check=True, capture_output=True, cwd=ROOT)
    return script


def told(script: Path, *stories: Moments) -> list[Moments]:
    node = shutil.which("node")
    assert node, "Node.js is needed"
    done = subprocess.run([node, str(script), json.dumps(stories)], check=True, capture_output=True)
    return [[(at, state) for at, state in story] for story in json.loads(done.stdout)]


def test_a_change_after_a_calm_is_told_soon_with_what_belongs_to_it(script: Path) -> None:
    (said,) = told(script, [(0, "one tile"), (16, "two tiles"), (33, "three tiles"), (5_000, "none")])
    assert said == [(SOON, "three tiles"), (5_000 + SOON, "none")]


def test_a_window_that_is_dragged_larger_sends_few_messages_and_the_last_size(script: Path) -> None:
    dragged = [(16 * frame, f"{640 + frame} px") for frame in range(125)]  # two seconds of it
    (said,) = told(script, dragged)
    assert [at for at, _ in said] == [SOON + PAUSE * number for number in range(8)]
    assert said[-1][1] == "764 px"


def test_what_is_as_it_was_is_not_told_and_takes_no_time_from_what_is_not(script: Path) -> None:
    (said,) = told(script, [(0, "a"), (1_000, "b"), (1_020, "a"), (1_100, "b")])
    assert said == [(SOON, "a"), (1_100 + SOON, "b")]


def test_whatever_happens_the_end_is_told_and_messages_keep_their_distance(script: Path) -> None:
    dice = random.Random(5)
    stories: list[Moments] = []
    for _ in range(300):
        at, moments = 0, []
        for _ in range(dice.randint(1, 30)):
            at += dice.choice((0, 1, 16, 49, 51, 150, 299, 301, 900))
            moments.append((at, dice.choice("abc")))
        stories.append(moments)
    for moments, said in zip(stories, told(script, *stories), strict=True):
        last_at, last = moments[-1]
        assert said[-1][1] == last, moments
        assert said[-1][0] <= last_at + PAUSE, moments
        assert all(later - sooner >= PAUSE for (sooner, _), (later, _) in pairwise(said)), moments
        assert all(one != other for (_, one), (_, other) in pairwise(said)), moments
