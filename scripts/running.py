"""Runs an installing program; its failure becomes one line that says what to do about it."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
LOG = ENVIRONMENT / "setup.log"
NEARLY_FULL = 50_000_000  # bytes
MACHINE_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

_DISK = "The disk is full. Free about 1 GB and start again."
_HASH = (
    "A downloaded package is not the one in the lock file; nothing of it was installed. Start again; "
    "if it happens again, the mirror or proxy in use changes packages."
)
_COMPILER = (
    "A package has to be compiled here and the C compiler is missing. Install it and start again: "
    "sudo apt-get install build-essential python3-dev pkg-config libssl-dev libffi-dev libsrtp2-dev"
)
_HEADERS = (
    "A package has to be compiled here and headers it needs are missing. Install them and start again: "
    "sudo apt-get install python3-dev pkg-config libssl-dev libffi-dev libsrtp2-dev"
)
_NETWORK = (
    "The package index does not answer. Check the network (or proxy) and start again; "
    "what was already downloaded is kept."
)
_CERTIFICATE = (
    "The package index shows a certificate this machine does not trust. "
    "Check the clock, the proxy and the ca-certificates package."
)
_MIRROR = (
    "The package index in use has no release of a locked package for this Python and machine. "
    "Check which index or mirror pip is set to (pip config list)."
)
_OWNER = "Some file of this checkout belongs to another user. Make it yours (chown -R) and start again."

# First match wins: a full disk makes everything after it fail in other words.
_ADVICE = (
    (r"No space left on device|ENOSPC|\[Errno 28\]", _DISK),
    (r"DO NOT MATCH THE HASHES|EINTEGRITY", _HASH),
    (r"(cc|clang|\+\+)['\"]? failed: No such file|unable to execute '\S*(cc|\+\+)'", _COMPILER),
    (
        r"No such file or directory: '\S*(cc|clang|\+\+)'|[Uu]nknown [Cc]ompiler|no acceptable C compiler",
        _COMPILER,
    ),
    (r"fatal error: \S+\.h: No such file", _HEADERS),
    (r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|Max retries", _NETWORK),
    (r"Failed to establish a new connection|[Nn]ame resolution|Network is unreachable", _NETWORK),
    (r"EAI_AGAIN|ENOTFOUND|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|Connection refused", _NETWORK),
    (r"Name or service not known|[Nn]o address associated with hostname", _NETWORK),
    (r"CERTIFICATE_VERIFY_FAILED|UNABLE_TO_(GET|VERIFY)|SELF_SIGNED_CERT", _CERTIFICATE),
    (r"No matching distribution found", _MIRROR),
    (r"Permission denied|EACCES|\[Errno 13\]", _OWNER),
)


class CannotPrepare(Exception):
    """One line for the person: what stands in the way and what to do."""


def run(command: list[str], *, node: Path | None = None, extra: dict[str, str] | None = None) -> None:
    """Run *command* in the checkout; a failure becomes one line, its output goes to the log."""
    surroundings = {**os.environ, **(extra or {}), "PYTHONUTF8": "1", "NO_COLOR": "1"}
    if node is not None:
        # Node.js trusts its own list only; where a proxy signs, its certificate stands in the machine's.
        if MACHINE_CERTIFICATES.is_file():
            surroundings.setdefault("NODE_EXTRA_CA_CERTS", str(MACHINE_CERTIFICATES))
        surroundings["PATH"] = f"{node.parent}{os.pathsep}{surroundings.get('PATH', os.defpath)}"
    with subprocess.Popen(
        command, cwd=ROOT, env=surroundings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
    ) as running:  # fmt: skip
        assert running.stdout is not None
        said = list(_shown(running.stdout))
    if running.returncode == 0:
        return
    last = next((line.strip() for line in reversed(said) if line.strip()), "no output")
    reason = advice_on("".join(said)) or f"{Path(command[0]).name} failed: {last}"
    if shutil.disk_usage(ROOT).free < NEARLY_FULL:  # not every program says that this was why
        reason = _DISK
    if not ENVIRONMENT.is_dir():  # a wheel is being built: pip shows what is printed
        raise CannotPrepare(f"{''.join(said)}\n{reason}")
    LOG.write_text(f"$ {shlex.join(command)}\n{''.join(said)}", encoding="utf-8")
    raise CannotPrepare(f"{reason} (Details: .venv/{LOG.name})")


def _shown(lines: Iterable[str]) -> Iterator[str]:
    """The lines as they come; at a terminal the newest also shows, in place, that something is going on."""
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns - 4
    for line in lines:
        yield line
        if terminal and line.strip():
            print(f"\r\033[K  {line.strip()[:width]}", end="", flush=True)
    if terminal:
        print("\r\033[K", end="", flush=True)


def advice_on(output: str) -> str | None:
    """What to do about a failure that said *output*; None for a failure nobody thought of."""
    return next((advice for pattern, advice in _ADVICE if re.search(pattern, output)), None)
