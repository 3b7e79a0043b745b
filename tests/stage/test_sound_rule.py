"""A microphone that is on and sends nothing is opened anew, then its connection. The rule runs in Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.world import ROOT

SCRIPT = """
import { SoundRule } from "./web/src/stage/sound_rule";
const story = (looks) => {
  const rule = new SoundRule();
  return looks.map((sending) => [rule.look(sending), rule.troubled]);
};
console.log(JSON.stringify(story(JSON.parse(process.argv[2]))));
"""


@dataclass
class Talk:
    """What a page sees of its microphone: looks every two seconds."""

    script: Path
    packets: int = 0
    looks: list[dict[str, object]] = field(default_factory=list)

    def goes(self, looks: int, *, on: bool = True, connected: bool = True, rate: int = 0) -> Talk:
        """For so many looks, with `rate` packets between two of them."""
        for _ in range(looks):
            self.packets += rate
            self.looks.append({"on": on, "connected": connected, "packets": self.packets})
        return self

    def begins_anew(self) -> Talk:
        """Another connection, which counts from nothing."""
        self.packets = 0
        return self

    def said(self) -> tuple[dict[int, str], bool]:
        """The remedies by the number of the look, and whether it is troubled at the end."""
        node = shutil.which("node")
        assert node, "Node.js is needed"
        done = subprocess.run(
            [node, str(self.script), json.dumps(self.looks)], check=True, capture_output=True
        )
        found = json.loads(done.stdout)
        return {number: remedy for number, (remedy, _) in enumerate(found) if remedy}, found[-1][1]


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    script = tmp_path_factory.mktemp("sound") / "ask.mjs"
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    command = [
        str(esbuild),
        "--bundle",
        "--format=esm",
        "--platform=node",
        f"--outfile={script}",
        "--loader=ts",
    ]
    subprocess.run(command, input=SCRIPT.encode(), check=True, capture_output=True, cwd=ROOT)
    return script


@pytest.fixture
def talk(script: Path) -> Talk:
    return Talk(script)


def test_nothing_is_done_while_packets_go_out_however_few(talk: Talk) -> None:
    assert talk.goes(30, rate=100).goes(30, rate=1).said() == ({}, False)


def test_after_ten_silent_seconds_the_device_is_opened_anew_then_the_connection(talk: Talk) -> None:
    remedies, troubled = talk.goes(5, rate=100).goes(10).said()
    assert remedies == {9: "device", 14: "connection"}
    assert troubled


def test_when_both_were_in_vain_it_is_tried_again_every_minute_or_so(talk: Talk) -> None:
    remedies, _ = talk.goes(5, rate=100).goes(10).begins_anew().goes(70).said()
    assert remedies == {
        9: "device",
        14: "connection",
        44: "device",
        49: "connection",
        79: "device",
        84: "connection",
    }


def test_it_is_over_with_the_first_packet(talk: Talk) -> None:
    remedies, troubled = talk.goes(5, rate=100).goes(6).goes(1, rate=3).goes(4).said()
    assert remedies == {9: "device"}
    assert not troubled


def test_a_new_connection_that_sends_nothing_is_no_cure(talk: Talk) -> None:
    _, troubled = talk.goes(5, rate=100).goes(10).begins_anew().goes(3, connected=False).goes(2).said()
    assert troubled


def test_who_is_muted_or_being_reconnected_is_left_alone(talk: Talk) -> None:
    muted, troubled = talk.goes(5, rate=100).goes(40, on=False).goes(40, connected=False).said()
    assert (muted, troubled) == ({}, False)


def test_who_mutes_themselves_in_trouble_begins_anew(talk: Talk) -> None:
    remedies, _ = talk.goes(5, rate=100).goes(6).goes(1, on=False).goes(5).said()
    assert remedies == {9: "device", 16: "device"}
