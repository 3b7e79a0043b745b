"""Backups are consistent copies of a database in use, and damage is found."""

from __future__ import annotations

import asyncio
import sqlite3
from functools import partial
from pathlib import Path

import pytest

from conference.errors import BadInput, Unavailable
from conference.storage.backup import backup_database, database_problems
from conference.storage.database import Database, Transaction
from tests.storage.test_database import add, own_metadata


async def test_backup_while_writing_is_a_consistent_copy(tmp_path: Path) -> None:
    file, copy = tmp_path / "live.sqlite3", tmp_path / "copies" / "copy.sqlite3"
    database = Database(f"sqlite:///{file}")
    await database.open()
    await database.write(lambda tx: own_metadata.create_all(tx.connection))

    under_way = asyncio.Event()

    def pair(tx: Transaction, n: int) -> None:
        add(tx, f"left {n}")
        add(tx, f"right {n}")

    async def pairs() -> None:
        for n in range(200):
            await database.write(partial(pair, n=n))
            if n == 20:
                under_way.set()

    writing = asyncio.create_task(pairs())
    await under_way.wait()
    size = await asyncio.to_thread(backup_database, file, copy)
    await writing
    await database.close()

    assert size == copy.stat().st_size
    assert database_problems(copy) == []
    with sqlite3.connect(copy) as opened:
        sides = [text.split()[0] for (text,) in opened.execute("SELECT text FROM note")]
    opened.close()
    assert len(sides) >= 20
    assert sides.count("left") == sides.count("right")
    assert [path.name for path in copy.parent.iterdir()] == ["copy.sqlite3"]


def test_backup_refuses_what_is_not_there_and_keeps_the_old_copy(tmp_path: Path) -> None:
    old = tmp_path / "old.sqlite3"
    old.write_bytes(b"an older backup")
    with pytest.raises(BadInput):
        backup_database(tmp_path / "missing.sqlite3", old)
    (tmp_path / "noise.sqlite3").write_bytes(b"this is not a database" * 1000)
    with pytest.raises(Unavailable):
        backup_database(tmp_path / "noise.sqlite3", old)
    assert old.read_bytes() == b"an older backup"


def test_problems_names_a_row_that_points_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "broken.sqlite3"
    opened = sqlite3.connect(file)
    opened.executescript(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
        "CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent(id));"
        "INSERT INTO child VALUES (7, 99);"
    )
    opened.close()
    assert database_problems(file) == ["a row of child (row id 7) points to a missing row of parent"]


def test_problems_finds_a_damaged_file(tmp_path: Path) -> None:
    file = tmp_path / "damaged.sqlite3"
    opened = sqlite3.connect(file)
    opened.execute("CREATE TABLE filled (text TEXT)")
    opened.executemany("INSERT INTO filled VALUES (?)", [("x" * 500,)] * 500)
    opened.commit()
    opened.close()
    content = bytearray(file.read_bytes())
    content[8192:20480] = b"\xff" * (20480 - 8192)
    file.write_bytes(content)
    assert database_problems(file)
