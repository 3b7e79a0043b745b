"""Measurements of a run, kept for the reader in test-results/figures.json; no verdict hangs on them."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Sequence

from tests.world import ROOT

FIGURES = ROOT / "test-results" / "figures.json"


def note_figure(name: str, value: float | Sequence[float]) -> None:
    """Keep one measurement; a later one of the same name replaces it.

    Several test processes keep theirs in the one file: each waits until the one before it has written.
    """
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    with FIGURES.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        known = json.loads(file.read() or "{}")
        known[name] = value
        file.truncate(0)
        file.write(json.dumps(known, indent=1, ensure_ascii=False) + "\n")
