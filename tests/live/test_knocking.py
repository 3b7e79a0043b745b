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
const CASES = GIVEN, SLOTS = 6, ENDS = 131000;
let back, answer, asked, open, most, given, sockets, tried, trying;

/**
 * A browser over a dead link: six connections at a time, each tried again after 1, 3, 7 … s and given up
 * after two minutes; an aborted request leaves its connection behind.
 */
globalThis.performance = { now: time };
globalThis.location = { href: "https://majlis.example/room" };
globalThis.WebSocket = class {
  constructor({ href }) {
    sockets.push(href);
    trying = Math.max(trying, ++tried);
    let at = time();
    for (let pause = 1000; at < back; pause *= 2) at += pause;
    this.timer = answer === "answered" ? setTimeout(() => this.onopen(), at + 200 - time()) : 0;
  }
  close() {
    tried--;
    clearTimeout(this.timer);
  }
};
globalThis.fetch = (path, { credentials, signal }) => new Promise((got, failed) => {
  asked.push([path, credentials]);
  signal.addEventListener("abort", () => failed(new Error("aborted")));
  if (answer === "refused") return setTimeout(() => failed(new Error("refused")), 100);
  const begin = () => {
    if (open[credentials] === SLOTS) return given[credentials].push(begin);
    most[credentials] = Math.max(most[credentials], ++open[credentials]);
    let at = time();
    for (let pause = 1000; at < back; pause *= 2) at += pause;
    const found = at < time() + ENDS;
    setTimeout(() => {
      open[credentials]--;
      given[credentials].shift()?.();
      if (found) got({});
      else failed(new Error("timed out"));
    }, found ? at + 200 - time() : ENDS);
  };
  begin();
});
const { knock } = await import(MODULE);

const told = [];
for (const [seconds, how, stopAt] of CASES) {
  const begin = time();
  [back, answer, asked] = [begin + (seconds ?? Infinity) * 1000, how, []];
  [open, most] = [{ omit: 0, "same-origin": 0 }, { omit: 0, "same-origin": 0 }];
  given = { omit: [], "same-origin": [] };
  [sockets, tried, trying] = [[], 0, 0];
  const heard = [];
  const stop = knock("/healthz", "/live/socket/", (how) => heard.push([how, (time() - begin) / 1000]));
  if (stopAt !== null) setTimeout(stop, stopAt * 1000);
  await pass(begin + (seconds ?? 1200) * 1000 + 300000);
  told.push({ heard, asked: asked.length, most: most["same-origin"], sockets, tried, trying });
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

    def tell(*cases: tuple[float | None, str, float | None]) -> Any:
        whole = script.replace("GIVEN", json.dumps(cases))
        ran = subprocess.run(
            [node, "--input-type=module", "-e", whole], check=True, capture_output=True, text=True
        )
        return json.loads(ran.stdout)

    return tell


def lateness(tell: Any, lengths: list[float]) -> list[float]:
    late = []
    for length, case in zip(lengths, tell(*((at, "answered", None) for at in lengths)), strict=True):
        ((how, at),) = case["heard"]
        assert how == "answered"
        assert case["most"] == 0, "no old connection is left for the ticket"
        assert set(case["sockets"]) <= {"wss://majlis.example/live/socket/"}
        assert len(case["sockets"]) <= 6, "after a dozen browsers hold all sockets back"
        assert case["trying"] <= 1
        assert case["tried"] == 0, "none is left in the way of the one that is wanted"
        late.append(at - length)
    return sorted(late)


def test_a_link_that_is_back_within_a_minute_is_noticed_at_once(tell: Any) -> None:
    late = lateness(tell, [0.23 * n for n in range(1, 260)])
    assert late[len(late) // 2] < 1.0
    assert late[-1] < 3.3, "TCP tries again after 1, 3 and 7 s, every 5 s another connection is begun"


def test_a_link_that_is_back_later_is_noticed_soon(tell: Any) -> None:
    """However long it was away: TCP's pauses alone would be a minute."""
    late = lateness(tell, [200 + 1.7 * n for n in range(60)] + [1200.0, 1207.0])
    assert late[len(late) // 2] < 3.5
    assert late[-1] < 15


def test_a_refusal_is_told_at_once_and_nothing_after_the_end(tell: Any) -> None:
    refused, stopped = tell((0.0, "refused", None), (19.0, "answered", 10.5))
    assert refused["heard"] == [["refused", 0.1]]
    assert refused["asked"] == 1
    assert stopped["heard"] == []
    assert stopped["asked"] == 2
