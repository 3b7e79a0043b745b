"""The inner loop of forwarding is compiled where there is a compiler, and missing it stops nothing."""

import shutil
from pathlib import Path

import pytest

from conference.media import compiled
from scripts import compile_native


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler on this machine")
def test_a_compiler_makes_a_library_that_loads(tmp_path: Path) -> None:
    assert compile_native.compile_native(tmp_path / "fanout.so") == ""
    assert compiled.load(tmp_path / "fanout.so") is not None
    assert [file.name for file in tmp_path.iterdir()] == ["fanout.so"]


def test_without_a_compiler_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    assert compile_native.compile_native(tmp_path / "fanout.so") == "this machine has no C compiler"
    assert not (tmp_path / "fanout.so").exists()


def test_a_compiler_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = tmp_path / "cc"
    compiler.write_text("#!/bin/sh\necho 'fatal error: no disk' >&2\nexit 1\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.delenv("CC", raising=False)
    before = tmp_path / "fanout.so"
    before.write_bytes(b"an older one")
    assert compile_native.compile_native(before) == "fatal error: no disk"
    assert before.read_bytes() == b"an older one"
