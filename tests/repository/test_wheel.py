"""`pip install .` gives a working `majlis` with everything inside, away from any checkout."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conference import __version__

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, **surroundings: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **surroundings}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder a wheel of this tree was installed into."""
    source = tmp_path_factory.mktemp("source")
    files = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=ROOT).split("\0")
    for file in filter(None, files):
        if (ROOT / file).is_file():
            (source / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / file, source / file)
    # As a checkout has them after set-up: nothing is fetched.
    (source / "node_modules").symlink_to(ROOT / "node_modules")
    wheels, target = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", wheels, source, cwd=source)
    (wheel,) = wheels.glob("majlis-*.whl")
    run(
        sys.executable,
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-index",
        "--target",
        target,
        wheel,
        cwd=wheels,
    )
    return target


def majlis(installed: Path, cwd: Path, *arguments: str) -> str:
    return run(sys.executable, installed / "bin" / "majlis", *arguments, cwd=cwd, PYTHONPATH=str(installed))


def test_the_installed_command_is_the_wheel_and_tells_its_version(installed: Path, tmp_path: Path) -> None:
    imported = run(
        sys.executable,
        "-c",
        "import conference; print(conference.__file__)",
        cwd=tmp_path,
        PYTHONPATH=str(installed),
    )
    assert Path(imported.strip()).is_relative_to(installed)
    assert majlis(installed, tmp_path, "--version").strip() == f"majlis {__version__}"


def test_the_wheel_holds_every_template_and_the_default_settings(installed: Path) -> None:
    assets = installed / "conference" / "assets"
    sources = ROOT / "web" / "templates"
    templates = {path.relative_to(sources) for path in sources.rglob("*") if path.is_file()}
    packed = assets / "templates"
    assert {path.relative_to(packed) for path in packed.rglob("*") if path.is_file()} == templates
    assert (assets / "default.toml").read_bytes() == (ROOT / "config" / "default.toml").read_bytes()


def test_the_wheel_holds_the_built_browser_code_and_the_translations(installed: Path) -> None:
    assets = installed / "conference" / "assets"
    manifest = json.loads((assets / "built" / "manifest.json").read_text(encoding="utf-8"))
    entries = [
        path for path in (ROOT / "web" / "src" / "entries").iterdir() if path.suffix in (".ts", ".tsx")
    ]
    styles = (ROOT / "web" / "styles" / "entries").glob("*.css")
    assert manifest.keys() == {
        *(f"{path.stem}.js" for path in entries),
        *(path.name for path in styles),
        *(f"locales/{name}{part}.json" for name in ("ar", "en") for part in ("", "-later", "-planner")),
    }
    for entry in manifest.values():
        for file in (entry["file"], *entry["imports"]):
            assert (assets / "built" / file).is_file()
    assert (assets / "locales" / "ar" / "LC_MESSAGES" / "majlis.mo").is_file()


def test_the_installed_command_makes_a_database_and_finds_it_sound(installed: Path, tmp_path: Path) -> None:
    majlis(installed, tmp_path, "migrate", "--data", "event")
    assert (tmp_path / "event" / "majlis.sqlite3").is_file()
    majlis(installed, tmp_path, "check", "--data", "event")
