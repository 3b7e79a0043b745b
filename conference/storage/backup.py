"""A consistent copy of a running database, and the checks that say whether one is sound."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from conference.errors import N_, BadInput, Unavailable


def backup_database(source: Path, target: Path) -> int:
    """Copy the SQLite file *source* to *target* while it is in use; returns the bytes written.

    SQLite's online backup reads one consistent state. The copy is made beside *target*, checked,
    flushed and then renamed, so an interrupted backup never replaces a good one. It is written
    without a WAL, so the one file is the whole backup.
    """
    if not source.is_file():
        raise BadInput(N_("There is no database at %(file)s."), code="backup.no-database", file=source)
    if target.is_dir():
        raise BadInput(N_("%(file)s is a folder; name a file."), code="backup.folder", file=target)
    partial = target.with_name(target.name + ".partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        reading = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
        writing = sqlite3.connect(partial)
        try:
            reading.backup(writing, pages=2048)
            writing.execute("PRAGMA journal_mode=DELETE")
            found = _problems(writing)
        finally:
            writing.close()
            reading.close()
        if found:
            raise Unavailable(
                N_("The copy is not sound: %(problem)s"), code="backup.damaged", problem=found[0]
            )
        _flush(partial)
        os.replace(partial, target)
        _flush(target.parent)
    except (OSError, sqlite3.Error) as error:
        partial.unlink(missing_ok=True)
        raise Unavailable(N_("The backup failed: %(reason)s"), code="backup.failed", reason=error) from error
    return target.stat().st_size


def database_problems(file: Path) -> list[str]:
    """What is wrong with the SQLite *file*: damaged pages, rows that point nowhere. Empty: sound."""
    if not file.is_file():
        return [f"there is no database at {file}"]
    try:
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        try:
            return _problems(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        return [f"{file} cannot be read: {error}"]


def _problems(connection: sqlite3.Connection) -> list[str]:
    found = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    found += [
        f"a row of {table} (row id {row}) points to a missing row of {parent}"
        for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check")
    ]
    return found


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
