"""What SQLite needs to be told: durability, one writer among all processes, and its known faults."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from conference.errors import N_, Unavailable

if sys.platform != "win32":
    import fcntl

BUSY_SECONDS = 10.0  # that a writer waits for another one
_LOOK_AGAIN = 0.002

# SQLite before these has a WAL checkpoint race (fixed 3.51.3, 3.50.7, 3.44.6); writing and checkpointing
# one at a time avoids it, but whoever runs the server should know.
_fixed_versions = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


def prepare_sqlite(engine: Engine, *, writing: bool) -> None:
    """Set every new connection of *engine* up: WAL, FULL, IMMEDIATE, foreign keys."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # pysqlite must not open transactions of its own
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}")
        if writing:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
        else:
            cursor.execute("PRAGMA query_only=ON")
            cursor.execute("PRAGMA wal_autocheckpoint=0")  # only writers checkpoint
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


class WriteLock:
    """One writer among all processes that serve one SQLite file, held from BEGIN until after COMMIT.

    SQLite's own lock would do for correctness, but whoever waits for that sleeps longer and longer; and the
    checkpoint that follows a commit is under this one too, so that no two connections of ours ever write or
    checkpoint in the same instant. The system lets go of it when a process dies.
    """

    def __init__(self, database_file: str | None) -> None:
        self._handle: int | None = None
        if sys.platform != "win32" and database_file:  # there, only one process serves
            path = Path(f"{database_file}-writer")
            self._handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)

    def __enter__(self) -> None:
        if sys.platform == "win32" or self._handle is None:
            return
        until = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Unavailable(
                        N_("The server could not save this just now. Please try again."), code="storage.busy"
                    ) from None
                time.sleep(_LOOK_AGAIN)

    def __exit__(self, *_: object) -> None:
        if sys.platform != "win32" and self._handle is not None:
            fcntl.flock(self._handle, fcntl.LOCK_UN)

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def version_warning(version: tuple[int, int, int]) -> str | None:
    """A sentence about SQLite's WAL checkpoint race when *version* has it, else nothing."""
    if version >= _fixed_versions[0]:
        return None
    if any(version[:2] == fixed[:2] and version >= fixed for fixed in _fixed_versions[1:]):
        return None
    shown = ".".join(map(str, version))
    return (
        f"SQLite {shown} is older than 3.51.3 (3.50.7, 3.44.6) and has a WAL checkpoint race; "
        "Majlis writes and checkpoints one at a time, which avoids it. "
        "Do not write to the database with other programs."
    )
