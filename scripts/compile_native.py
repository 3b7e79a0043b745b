"""Compiles the inner loop of forwarding (conference/media/native), where this machine has a C compiler.

    python -m scripts.compile_native

Needs the standard library alone, and no header files but the compiler's own. Without a compiler, or when it
fails, Majlis forwards in Python: the same packets for about twice the processor time.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "conference" / "media" / "native"
SOURCES = tuple(
    FOLDER / f"{name}.{kind}"
    for name in ("fanout", "feedback", "receive", "stun", "intake", "watch")
    for kind in "ch"
)
LIBRARY = FOLDER / "fanout.so"
_FLAGS = (
    "-O2",
    "-ffp-contract=off",
    "-Wall",
    "-Wextra",
    "-fPIC",
    "-shared",
    "-pthread",
    "-fstack-protector-strong",
    "-Wl,-z,relro,-z,now",
)


def compile_native(target: Path = LIBRARY) -> str:
    """Empty when it is there now, else why not, in one line."""
    if sys.platform != "linux":
        return "it is written for Linux"
    compiler = next(filter(None, map(shutil.which, (os.environ.get("CC", ""), "cc", "gcc", "clang"))), None)
    if compiler is None:
        return "this machine has no C compiler"
    fresh = target.with_suffix(".new")
    sources = [str(file) for file in SOURCES if file.suffix == ".c"]
    done = subprocess.run(
        [compiler, *_FLAGS, "-o", str(fresh), *sources], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        fresh.unlink(missing_ok=True)
        return (done.stderr.strip() or "the C compiler failed").splitlines()[0]
    fresh.replace(target)
    return ""


if __name__ == "__main__":
    if reason := compile_native():
        sys.exit(f"Not compiled: {reason}.")
