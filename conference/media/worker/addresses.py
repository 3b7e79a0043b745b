"""Where a worker listens: a Unix socket in the data folder that only its owner can open."""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SUPERVISOR_LOCK = "supervisor.lock"
SERVER_LOCK = "server.lock"
_LONGEST = 100  # bytes; `sun_path` has 108 on Linux, 104 elsewhere


def socket_of(folder: Path, index: int) -> Path:
    return folder / f"worker-{index}.sock"


def locked(path: Path) -> int | None:
    """Hold the lock at *path* while the returned handle is open; None when another process has it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


@contextmanager
def short_name(path: Path) -> Iterator[str]:
    """A name for the kernel: a long path is reached through the open folder."""
    if len(os.fsencode(path)) <= _LONGEST:
        yield str(path)
        return
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{handle}/{path.name}"
    finally:
        os.close(handle)


def listening(path: Path) -> socket.socket:
    """A bound, listening socket with mode 0600. Raises OSError (EADDRINUSE) when somebody answers there."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with short_name(path) as name:
        _remove_dead(name)
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            before = os.umask(0o177)  # the process has but one thread at this point
            try:
                bound.bind(name)
            finally:
                os.umask(before)
            bound.listen(16)
        except OSError:
            bound.close()
            raise
    bound.setblocking(False)
    return bound


def _remove_dead(name: str) -> None:
    """A socket nobody listens on any more is what a killed worker leaves behind."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(name)
        except ConnectionRefusedError:
            os.unlink(name)
        except OSError:
            pass


async def connected(path: Path) -> socket.socket:
    """A socket connected to the worker. Raises OSError."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.setblocking(False)
    try:
        with short_name(path) as name:
            await asyncio.get_running_loop().sock_connect(sock, name)
    except BaseException:
        sock.close()
        raise
    return sock


def peer_pid(sock: socket.socket) -> int:
    """The process that listens at the other end, by the kernel's word; 0 where it does not tell."""
    with suppress(OSError, AttributeError):
        credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", credentials)[0])
    return 0
