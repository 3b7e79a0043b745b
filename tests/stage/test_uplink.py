"""What is sent on a weak way up: thresholds, and patience before more is tried. The rule runs in Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.world import ROOT

SCRIPT = """
import { UplinkJudge } from MODULE;
const judge = new UplinkJudge();
console.log(JSON.stringify(JSON.parse(process.argv[2]).map((reading) => judge.judge(reading))));
"""
Reading = dict[str, Any]
GOOD: Reading = {"lossUp": 0, "uplinkKbit": 900}
LOSSY: Reading = {"lossUp": 9, "uplinkKbit": 900}


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("uplink")
    module, script = folder / "uplink.mjs", folder / "ask.mjs"
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    command = [str(esbuild), "web/src/media/uplink.ts", "--format=esm", f"--outfile={module}"]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    script.write_text(SCRIPT.replace("MODULE", json.dumps(module.as_uri())), encoding="utf-8")
    return script


def judged(script: Path, readings: list[Reading]) -> list[str]:
    """What a new judge says after each of *readings*."""
    node = shutil.which("node")
    assert node, "Node.js is needed"
    done = subprocess.run([node, str(script), json.dumps(readings)], check=True, capture_output=True)
    return list(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("reading", "level"),
    [
        ({"lossUp": 6, "uplinkKbit": 160}, "good"),
        ({"lossUp": 7, "uplinkKbit": 900}, "weak"),
        ({"lossUp": 0, "uplinkKbit": 159}, "weak"),
        ({"lossUp": 16, "uplinkKbit": 900}, "poor"),
        ({"lossUp": 0, "uplinkKbit": 47}, "poor"),
        ({"lossUp": 0, "uplinkKbit": None}, "good"),  # nothing is sent: nothing is known
    ],
)
def test_a_level_follows_from_losses_and_from_the_estimate(
    script: Path, reading: Reading, level: str
) -> None:
    assert judged(script, [reading] * 2)[-1] == level


def test_a_single_burst_of_losses_says_nothing(script: Path) -> None:
    assert set(judged(script, [LOSSY, GOOD, LOSSY, GOOD])) == {"good"}


def test_more_is_tried_after_ten_readings_without_losses(script: Path) -> None:
    levels = judged(script, [LOSSY] * 2 + [GOOD] * 10)
    assert levels[1:] == ["weak"] * 10 + ["good"]
