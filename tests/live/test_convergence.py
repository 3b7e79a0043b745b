"""The browser's rule for following a channel, itself (in Node.js), against a network that does anything."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]


class Browser:
    """The built `follower.ts` in a Node.js process, one schedule a line."""

    def __init__(self, script: Path) -> None:
        node = shutil.which("node")
        assert node, "Node.js is needed"
        self.process = subprocess.Popen(
            [node, str(Path(__file__).parent / "follow.mjs"), str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def applied(self, **schedule: Any) -> list[int]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(schedule) + "\n")
        self.process.stdin.flush()
        result: list[int] = json.loads(self.process.stdout.readline())["applied"]
        return result

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    out = tmp_path_factory.mktemp("follower") / "follower.mjs"
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    subprocess.run(
        [str(esbuild), "web/src/live/follower.ts", "--format=esm", f"--outfile={out}"],
        check=True,
        capture_output=True,
        cwd=ROOT,
    )
    browser = Browser(out)
    yield browser
    browser.close()


@st.composite
def schedules(draw: st.DrawFn) -> dict[str, Any]:
    """Events lost, doubled and out of order, before and after a snapshot taken anywhere in between."""
    head = draw(st.integers(0, 25))
    start = draw(st.integers(0, head))
    delivered = draw(st.lists(st.integers(1, max(head, 1)), max_size=60)) if head else []
    steps: list[list[Any]] = [["event", seq] for seq in delivered]
    steps.insert(draw(st.integers(0, len(steps))), ["enter"])
    return {"start": start, "head": head, "steps": steps}


@settings(max_examples=400, deadline=None)
@given(schedule=schedules())
def test_every_event_after_the_snapshot_is_applied_once_and_in_order(
    browser: Browser, schedule: dict[str, Any]
) -> None:
    assert browser.applied(**schedule) == list(range(schedule["start"] + 1, schedule["head"] + 1))
