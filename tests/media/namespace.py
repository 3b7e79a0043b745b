"""A network of a test's own: its file runs once more in a namespace with other addresses and no way out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

INSIDE = "MAJLIS_TEST_NAMESPACE" in os.environ
_MAKE = """
ip link set lo up && ip link add inner type veth peer name outer
for address in $1; do ip addr add "$address" dev inner; done
ip link set inner up && ip link set outer up
[ -z "$2" ] || ip route add default via "$2"
shift 2
exec "$@"
"""


def needs(*programs: str) -> list[pytest.MarkDecorator]:
    """Marks for a file that can only run where these are installed and namespaces can be made."""
    missing = [name for name in (*programs, "unshare", "ip") if shutil.which(name) is None]
    return [
        pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}"),
        pytest.mark.skipif(os.geteuid() != 0, reason="a network namespace needs root"),
    ]


outside = pytest.mark.skipif(INSIDE, reason="this is the inner run")
inside = pytest.mark.skipif(not INSIDE, reason="runs in the namespace that the other test makes")


def run_inside(file: str, *addresses: str, gateway: str = "") -> str:
    """What pytest says of the tests of *file* that are marked `inside`.

    `addresses` have prefix lengths; nothing answers at the *gateway*.
    """
    inner = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file]
    command = ["unshare", "--net", "sh", "-euc", _MAKE, "sh", " ".join(addresses), gateway, *inner]
    run = subprocess.run(
        command, env={**os.environ, "MAJLIS_TEST_NAMESPACE": "1"}, capture_output=True, text=True, timeout=600
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout
