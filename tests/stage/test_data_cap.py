"""A limit of one's own: a warning, then the small sound, and it is never passed. The rule runs in Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.world import ROOT

MB = 1_000_000
LEVELS = ["free", "warned", "saving", "reached"]
SCRIPT = """
import { capLevel, DataRate, dataUse } from MODULE;
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const { call, args } = JSON.parse(line);
  const acts = {
    visit: ({ cap, rates, seconds }) => {
      const meter = new DataRate();
      let [used, level, wanted] = [0, "free", 0];
      const levels = [];
      for (let at = 0; at <= seconds; at += 2) {
        level = capLevel(used, cap, meter.note(at * 1000, used) ?? 0, level);
        if (levels.at(-1) !== level) levels.push(level);
        if (level === "reached") break;
        used += 2 * (level === "saving" ? rates[1] : rates[0]);
      }
      return { used, levels };
    },
    level: (given) => capLevel(...given),
    rate: (readings) => {
      const meter = new DataRate();
      return readings.map(([at, total]) => meter.note(at, total)).at(-1);
    },
    use: (given) => dataUse(...given),
  };
  console.log(JSON.stringify(acts[call](args)));
}
"""


class Rule:
    """`data_cap.ts` in a Node.js process, one question a line."""

    def __init__(self, folder: Path) -> None:
        module, script = folder / "data_cap.mjs", folder / "ask.mjs"
        esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
        command = [str(esbuild), "web/src/stage/data_cap.ts", "--format=esm", f"--outfile={module}"]
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        script.write_text(SCRIPT.replace("MODULE", json.dumps(module.as_uri())), encoding="utf-8")
        node = shutil.which("node")
        assert node, "Node.js is needed"
        self.process = subprocess.Popen(
            [node, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, call: str, args: Any) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"call": call, "args": args}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def rule(tmp_path_factory: pytest.TempPathFactory) -> Any:
    rule = Rule(tmp_path_factory.mktemp("cap"))
    yield rule
    rule.close()


def test_without_a_limit_nothing_is_near(rule: Rule) -> None:
    assert rule.ask("level", [10_000 * MB, None, 1_000_000, "free"]) == "free"


def test_a_level_is_left_by_a_higher_limit_only(rule: Rule) -> None:
    assert rule.ask("level", [9 * MB, 10 * MB, 0, "free"]) == "saving"
    assert rule.ask("level", [9 * MB, 10 * MB, 0, "reached"]) == "reached"
    assert rule.ask("level", [9 * MB, 30 * MB, 0, "free"]) == "free"


@given(
    cap=st.integers(2, 500).map(lambda size: size * MB),
    share=st.floats(0.002, 0.02),
    saver=st.floats(0.01, 0.5),
)
@settings(max_examples=60, deadline=None)
def test_the_limit_holds_and_is_announced(rule: Rule, cap: int, share: float, saver: float) -> None:
    """Whatever an hour costs: a warning comes first, then the small sound, and the limit is never passed."""
    rate = cap * share / 2  # at most a hundredth of the limit each second
    visit = rule.ask("visit", {"cap": cap, "rates": [rate, rate * saver], "seconds": 1_000_000})
    assert visit["levels"] == LEVELS
    assert visit["used"] <= cap


def test_the_rate_is_that_of_the_last_minute(rule: Rule) -> None:
    steady = [[second * 1000, second * 5_000] for second in range(0, 31, 2)]
    assert rule.ask("rate", steady[:3]) is None  # not known yet
    assert rule.ask("rate", steady) == pytest.approx(5_000)
    quiet = [[(30 + second) * 1000, 150_000 + second * 100] for second in range(2, 121, 2)]
    assert rule.ask("rate", steady + quiet) == pytest.approx(100)


def test_the_forecast_is_what_was_used_and_what_is_left_at_this_rate(rule: Rule) -> None:
    assert rule.ask("use", [3 * MB, 5_000, 1_800]) == {"used": 3 * MB, "perHour": 18 * MB, "atEnd": 12 * MB}
    assert rule.ask("use", [3 * MB, 5_000, -60])["atEnd"] == 3 * MB
    assert rule.ask("use", [3 * MB, None, 60]) == {"used": 3 * MB, "perHour": None, "atEnd": None}
