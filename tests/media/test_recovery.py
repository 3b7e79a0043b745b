"""When a connection is tried again: the code of the browser, in virtual time, over a path that fails."""

from __future__ import annotations

import json
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.world import ROOT

SCRIPT = """
import { Recovery } from MODULE;
import { pass, time } from CLOCK;
const CUTS = GIVEN, CHECKS = 15000;

/** A peer connection as Chromium's: it checks for 15 s, then it is failed. `signal` says how asking fares. */
async function cut({ seconds, signal, noticed }) {
  const begin = time(), back = begin + seconds * 1000;
  const done = [], asked = [];
  const link = { wanted: true, connection: { connectionState: "connected" } };
  const check = (connection) => {
    const found = Math.max(time() + 100, back + 50);
    const change = (state) => () => {
      if (link.connection !== connection || connection.connectionState !== "connecting") return;
      connection.connectionState = state;
      recovery.changed();
    };
    connection.connectionState = "connecting";
    if (found < time() + CHECKS) setTimeout(change("connected"), found - time());
    else setTimeout(change("failed"), CHECKS);
  };
  const ask = async (what) => {
    asked.push([what, time() - begin]);
    const code = { up: "", refuses: "stage.full", down: time() < back ? "live.offline" : "" }[signal];
    if (code) throw Object.assign(new Error(code), { code });
  };
  link.restart = async () => { await ask("restart"); check(link.connection); };
  link.rebuild = async () => { await ask("rebuild"); check(link.connection = {}); };
  const recovery = new Recovery(link, () => {
    if (link.connection.connectionState === "connected" && time() > begin) done.push(time() - begin);
  }, () => undefined);
  setTimeout(() => { link.connection.connectionState = "failed"; recovery.changed(); }, noticed * 1000);
  if (signal === "down") setTimeout(() => recovery.nudge(), seconds * 1000);
  await pass(back + 60000);
  recovery.close();
  return { after: done.length ? done[0] / 1000 - seconds : null, asked };
}

const told = [];
for (const one of CUTS) told.push(await cut(one));
console.log(JSON.stringify(told));
"""


@pytest.fixture(scope="module")
def tell(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("recovery")
    module = folder / "recovery.mjs"
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    command = [str(esbuild), "web/src/media/recovery.ts", "--bundle", "--format=esm", f"--outfile={module}"]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    node = shutil.which("node")
    assert node, "Node.js is needed"

    def tell(*cuts: dict[str, Any]) -> list[dict[str, Any]]:
        clock = (Path(__file__).parent / "virtual_time.mjs").as_uri()
        script = SCRIPT.replace("MODULE", json.dumps(module.as_uri())).replace("CLOCK", json.dumps(clock))
        whole = script.replace("GIVEN", json.dumps(cuts))
        ran = subprocess.run(
            [node, "--input-type=module", "-e", whole], check=True, capture_output=True, text=True
        )
        told: list[dict[str, Any]] = json.loads(ran.stdout)
        return told

    return tell


def test_a_path_that_was_cut_is_found_again_within_two_seconds_however_long_that_took(tell: Any) -> None:
    """The live channel is there all the time, and so nothing tells when the path is back."""
    lengths = [8 + 0.7 * n for n in range(100)] + [600.3, 1200.0]
    told = tell(*({"seconds": length, "signal": "up", "noticed": 6} for length in lengths))
    for length, cut in zip(lengths, told, strict=True):
        assert 0 < cut["after"] <= 2.2, length
        assert len(cut["asked"]) <= 4 + length / 15, "a try takes as long as its checks"
    assert [what for what, _ in told[-1]["asked"]][:3] == ["restart", "rebuild", "rebuild"]


def test_the_return_of_the_live_channel_ends_every_pause(tell: Any) -> None:
    for cut in tell(*({"seconds": length, "signal": "down", "noticed": 6} for length in (9, 31.7, 1200))):
        assert 0 < cut["after"] <= 0.2
        assert {what for what, _ in cut["asked"]} == {"restart"}, "the old connection is not given up unasked"


def test_who_is_refused_asks_ever_more_seldom(tell: Any) -> None:
    (cut,) = tell({"seconds": 8, "signal": "refuses", "noticed": 6})
    times = [at for what, at in cut["asked"] if what == "rebuild"]
    pauses = [later - at for at, later in pairwise(times)]
    assert pauses[:3] == [1000, 2000, 4000]
    assert set(pauses[3:]) == {8000}
