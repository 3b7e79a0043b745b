"""How soon a page notices that its link is back when nothing tells it, in virtual time, in Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.world import ROOT

SCRIPT = """
import { pass, time } from CLOCK;
const CASES = GIVEN;
let back, answer, open, most, opened;

/** As TCP opens connections over a dead link: tried again after 1, 3, 7 … s, or refused at once. */
globalThis.WebSocket = class {
  constructor() {
    opened++;
    most = Math.max(most, ++open);
    let at = time();
    if (answer !== "refused") for (let pause = 1000; at < back; pause *= 2) at += pause;
    if (at < Infinity)
      setTimeout(() => (answer === "refused" ? this.onerror?.() : this.onopen?.()), at + ROUND_TRIP - time());
  }
  close() { open--; }
};
const { knock } = await import(MODULE);

const told = [];
for (const [seconds, given, stopAt] of CASES) {
  const begin = time();
  [back, answer, open, most, opened] = [begin + (seconds ?? Infinity) * 1000, given, 0, 0, 0];
  const heard = [];
  const stop = knock("ws://localhost", (how) => heard.push([how, (time() - begin) / 1000]));
  if (stopAt !== null) setTimeout(stop, stopAt * 1000);
  await pass(begin + 120000);
  told.push({ heard, open, most, opened });
}
console.log(JSON.stringify(told));
"""


@pytest.fixture(scope="module")
def tell(tmp_path_factory: pytest.TempPathFactory) -> Any:
    module = tmp_path_factory.mktemp("knocking") / "knocking.mjs"
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    command = [str(esbuild), "web/src/live/knocking.ts", "--format=esm", f"--outfile={module}"]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    node = shutil.which("node")
    assert node, "Node.js is needed"
    clock = Path(__file__).parents[1] / "media" / "virtual_time.mjs"
    script = SCRIPT.replace("MODULE", json.dumps(module.as_uri())).replace(
        "CLOCK", json.dumps(clock.as_uri())
    )

    def tell(cases: list[tuple[float | None, str, float | None]], round_trip: float) -> Any:
        whole = script.replace("GIVEN", json.dumps(cases)).replace("ROUND_TRIP", str(round_trip * 1000))
        ran = subprocess.run(
            [node, "--input-type=module", "-e", whole], check=True, capture_output=True, text=True
        )
        return json.loads(ran.stdout)

    return tell


def test_a_link_that_is_back_is_noticed_at_once_most_of_the_time_and_always_soon(tell: Any) -> None:
    lengths = [0.13 * n for n in range(1, 380)]
    late = []
    for length, case in zip(lengths, tell([(at, "answered", None) for at in lengths], 0.2), strict=True):
        ((how, at),) = case["heard"]
        assert how == "answered"
        assert (case["open"], case["most"]) == (0, 1), "browsers open one socket to a host at a time"
        late.append(at - length)
    late.sort()
    assert late[len(late) // 2] < 1.0
    assert late[-1] < 4.5, "when TCP's pauses are as long as the longest patience lets them be"


def test_on_the_slowest_links_somebody_is_heard_as_well(tell: Any) -> None:
    ((case,),) = [tell([(0.0, "answered", None)], 5.0)]
    ((how, at),) = case["heard"]
    assert how == "answered"
    assert at < 25


def test_a_refusal_ends_it_and_silence_a_minute_later(tell: Any) -> None:
    refused, silent, stopped = tell(
        [(0.0, "refused", None), (None, "answered", None), (9.0, "answered", 5.0)], 0.1
    )
    assert refused["heard"] == [["refused", 0.1]]
    ((how, at),) = silent["heard"]
    assert how == "silence"
    assert 55 < at < 70
    assert stopped["heard"] == []
    assert (refused["open"], silent["open"], stopped["open"]) == (0, 0, 0)
