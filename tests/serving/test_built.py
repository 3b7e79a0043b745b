"""The built browser files: what the manifest names has to be there."""

from __future__ import annotations

import json
from pathlib import Path

from conference.serving.built import BuiltFiles


def build(folder: Path) -> None:
    entries = {
        "site.css": {"file": "site-1.css", "imports": [], "bytes": 10},
        "room.js": {"file": "room-1.js", "imports": ["chunks/live-1.js"], "bytes": 20},
    }
    (folder / "chunks").mkdir()
    for file in ("site-1.css", "room-1.js", "chunks/live-1.js"):
        (folder / file).write_text("built", encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps(entries), encoding="utf-8")


def test_a_whole_build_has_no_problems(tmp_path: Path) -> None:
    build(tmp_path)
    assert BuiltFiles(tmp_path).problems() == []


def test_missing_files_are_named_chunks_included(tmp_path: Path) -> None:
    build(tmp_path)
    (tmp_path / "site-1.css").unlink()
    (tmp_path / "chunks" / "live-1.js").unlink()
    problems = BuiltFiles(tmp_path).problems()
    assert [problem.rpartition("/")[2] for problem in problems] == ["live-1.js", "site-1.css"]


def test_no_build_and_a_broken_manifest_are_told(tmp_path: Path) -> None:
    assert "not built" in BuiltFiles(tmp_path).problems()[0]
    (tmp_path / "manifest.json").write_text("{half a mani", encoding="utf-8")
    assert "not built" in BuiltFiles(tmp_path).problems()[0]
