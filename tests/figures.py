"""Measurements of a run, kept for the reader in test-results/figures.json; no verdict hangs on them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tests.world import ROOT

FIGURES = ROOT / "test-results" / "figures.json"


def note_figure(name: str, value: float | Sequence[float]) -> None:
    """Keep one measurement; a later one of the same name replaces it."""
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    known[name] = value
    FIGURES.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
