"""Set-up says in one line what stands in the way and what to do, and does nothing twice."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.running import advice_on

ROOT = Path(__file__).parents[2]


def script(folder: Path, name: str, **surroundings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [folder / "scripts" / name], env=surroundings, capture_output=True, text=True, check=False, cwd="/"
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what set-up needs, with no environment yet."""
    for folder in ("scripts", "requirements"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder for PATH with the shell's own tools and no Python."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("bash", "dirname", "id"):
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


@pytest.mark.parametrize("name", ["setup", "demo", "test"])
def test_without_python_one_line_says_what_to_install(checkout: Path, programs: Path, name: str) -> None:
    done = script(checkout, name, PATH=str(programs))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Python 3.11 or newer and found no Python 3" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr


def test_an_old_python_is_named(checkout: Path, programs: Path) -> None:
    old = programs / "python3"
    old.write_text(
        '#!/bin/bash\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n', encoding="utf-8"
    )
    old.chmod(0o755)
    done = script(checkout, "setup", PATH=str(programs))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "found Python 3.9.2." in done.stderr


@pytest.mark.slow
def test_without_a_network_one_line_says_so_and_keeps_the_details(checkout: Path) -> None:
    done = script(checkout, "setup", PATH=os.environ["PATH"], PIP_INDEX_URL="http://127.0.0.1:9/simple")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "The package index does not answer. Check the network" in done.stderr
    assert "pip" in (checkout / ".venv" / "setup.log").read_text(encoding="utf-8")


# What the programs really said, shortened.
@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("error: [Errno 2] No such file or directory: 'x86_64-linux-gnu-gcc'", "C compiler is missing"),
        ("error: [Errno 2] No such file or directory: 'x86_64-linux-gnu-g++'", "C compiler is missing"),
        ("error: command 'gcc' failed: No such file or directory", "C compiler is missing"),
        ("  581 | fatal error: srtp2/srtp.h: No such file or directory", "headers it needs are missing"),
        ("connection broken by 'NewConnectionError(... [Errno 111] Connection refused')", "does not answer"),
        ("Failed to establish a new connection: [Errno -2] Name or service not known", "does not answer"),
        ("npm error code ECONNREFUSED", "does not answer"),
        ("npm error code UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "does not trust"),
        ("npm error code EINTEGRITY", "not the one in the lock file"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "not the one in the lock",
        ),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("npm error code ENOSPC", "disk is full"),
        ("ERROR: No matching distribution found for aiohttp==3.14.5", "no release of a locked package"),
        ("npm error code EACCES", "belongs to another user"),
    ],
)
def test_what_a_program_said_becomes_advice(output: str, advice: str) -> None:
    told = advice_on(f"Collecting things\n{output}\nnote: something else")
    assert told is not None
    assert advice in told


def test_a_failure_nobody_thought_of_gets_no_invented_advice() -> None:
    assert advice_on("SyntaxError: invalid syntax") is None
