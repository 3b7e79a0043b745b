"""What is sent at most, from all that limits it, and the words for it. The rules run in Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.world import ROOT

SCRIPT = """
import { isIdle, sent, uplinkWords } from "./web/src/stage/sending";
import { linkWords } from "./web/src/stage/link_words";
const said = (carries) => (carries === "good" ? null : uplinkWords(carries));
const words = (facts) => linkWords({ ...facts, limited: null, sends: said(facts.sends) });
const acts = { sent, isIdle, words };
console.log(JSON.stringify(JSON.parse(process.argv[2]).map(([act, given]) => acts[act](given))));
"""
FREE = {"choice": "auto", "carries": "good", "cap": "free", "idle": False}
AWAY = {"hidden": True, "wanted": True, "sharesScreen": False, "silentFor": 60_000}
WELL = {
    "live": "online", "media": "connected", "weak": False, "rung": "full", "reason": "ok", "sends": "good",
    "choice": "auto", "cap": "free",
}  # fmt: skip


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    script = tmp_path_factory.mktemp("sending") / "ask.mjs"
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    command = [str(esbuild), "--bundle", "--format=esm", "--platform=node", f"--outfile={script}"]
    command += ["--loader=ts", '--banner:js=globalThis.document = { documentElement: { lang: "en" } };']
    subprocess.run(command, input=SCRIPT.encode(), check=True, capture_output=True, cwd=ROOT)
    return script


def answers(script: Path, *asked: tuple[str, dict[str, Any]]) -> list[Any]:
    node = shutil.which("node")
    assert node, "Node.js is needed"
    done = subprocess.run([node, str(script), json.dumps(asked)], check=True, capture_output=True)
    return list(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("given", "uplink"),
    [
        ({}, "good"),
        ({"choice": "small"}, "weak"),
        ({"choice": "voice"}, "poor"),
        ({"carries": "weak"}, "weak"),
        ({"carries": "poor", "choice": "small"}, "poor"),
        ({"cap": "warned"}, "good"),
        ({"cap": "saving"}, "poor"),
        ({"idle": True}, "weak"),
    ],
)
def test_the_least_that_anything_asks_for_is_sent(script: Path, given: dict[str, Any], uplink: str) -> None:
    assert answers(script, ("sent", FREE | given)) == [uplink]


def test_no_limit_lets_more_out_than_another_allows(script: Path) -> None:
    order = ["poor", "weak", "good"]
    alone = {"auto": "good", "small": "weak", "voice": "poor"}
    every = list(product(alone, order))
    found = answers(script, *[("sent", FREE | {"choice": c, "carries": u}) for c, u in every])
    assert found == [min(alone[choice], uplink, key=order.index) for choice, uplink in every]


@pytest.mark.parametrize(
    "given", [{"hidden": False}, {"wanted": False}, {"sharesScreen": True}, {"silentFor": 3_000}]
)
def test_in_the_background_less_is_sent_unless_one_speaks_or_shares(
    script: Path, given: dict[str, Any]
) -> None:
    assert answers(script, ("isIdle", AWAY), ("isIdle", AWAY | given)) == [True, False]


def test_people_are_told_when_their_picture_goes_out_small_or_not_at_all(script: Path) -> None:
    small, voice, fine = answers(script, *[("words", WELL | {"sends": s}) for s in ("weak", "poor", "good")])
    assert (small["quality"], voice["quality"], fine["quality"]) == ("weak", "weak", "good")
    assert "sent small" in small["long"]
    assert "voice is sent" in voice["long"]


def test_what_does_not_come_is_told_before_what_does_not_go(script: Path) -> None:
    both = WELL | {"sends": "weak", "rung": "lean", "reason": "link"}
    alone = WELL | {"rung": "lean", "reason": "link"}
    told, same = answers(script, ("words", both), ("words", alone))
    assert told == same
