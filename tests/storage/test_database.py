"""The database: units of work happen whole or not at all, and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    func,
    insert,
    select,
)

from conference.errors import Unavailable
from conference.storage.columns import Instant, Localized
from conference.storage.database import Database, Transaction
from conference.storage.sqlite import version_warning

own_metadata = MetaData()
note = Table(
    "note",
    own_metadata,
    Column("id", Integer, primary_key=True),
    Column("text", String, nullable=False),
    Column("at", Instant),
    Column("title", Localized),
    UniqueConstraint("text"),
)


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'folder' / 'notes.sqlite3'}")
    await database.open()
    await database.write(lambda tx: own_metadata.create_all(tx.connection))
    yield database
    await database.close()


def add(tx: Transaction, text: str) -> int:
    added = tx.connection.execute(insert(note).values(text=text)).inserted_primary_key
    assert added is not None
    return int(added[0])


def texts(rows: Connection) -> list[str]:
    return list(rows.scalars(select(note.c.text).order_by(note.c.id)))


async def test_write_returns_the_result_after_the_commit(notes: Database, tmp_path: Path) -> None:
    assert await notes.write(lambda tx: add(tx, "first")) == 1
    with sqlite3.connect(tmp_path / "folder" / "notes.sqlite3") as other_program:
        assert other_program.execute("SELECT text FROM note").fetchall() == [("first",)]


async def test_a_failing_unit_leaves_nothing_and_its_neighbours_untouched(notes: Database) -> None:
    def half(tx: Transaction) -> None:
        add(tx, "half")
        raise ValueError("changed my mind")

    results = await asyncio.gather(
        notes.write(lambda tx: add(tx, "before")),
        notes.write(half),
        notes.write(lambda tx: add(tx, "after")),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [int, ValueError, int]
    assert await notes.read(texts) == ["before", "after"]


async def test_waiting_writes_share_commits(notes: Database) -> None:
    def commits() -> int:
        return int(watching.execute("PRAGMA data_version").fetchone()[0])

    # One connection sees the number of the others' commits.
    watching = sqlite3.connect(str(notes.url.database))
    before = commits()
    queued = threading.Event()
    first = asyncio.create_task(notes.write(lambda tx: queued.wait(60)))
    others = [asyncio.create_task(notes.write(partial(add, text=f"note {n}"))) for n in range(64)]
    await asyncio.sleep(0)
    queued.set()
    await asyncio.gather(first, *others)
    assert commits() <= before + 2
    watching.close()
    told: list[int] = []

    def noticing(tx: Transaction, n: int) -> None:
        add(tx, f"later {n}")
        tx.after_commit(lambda: told.append(n))

    await asyncio.gather(*(notes.write(partial(noticing, n=n)) for n in range(64)))
    assert told == list(range(64))


async def test_listeners_hear_only_of_what_was_committed(notes: Database) -> None:
    told: list[str] = []

    def refused(tx: Transaction) -> None:
        add(tx, "refused")
        tx.after_commit(lambda: told.append("refused"))
        raise ValueError

    def kept(tx: Transaction) -> None:
        add(tx, "kept")
        tx.after_commit(lambda: told.append("kept"))

    await asyncio.gather(notes.write(refused), notes.write(kept), return_exceptions=True)
    assert told == ["kept"]


async def test_a_cancelled_caller_does_not_undo_its_unit(notes: Database) -> None:
    writing = asyncio.create_task(notes.write(lambda tx: add(tx, "kept")))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await notes.write(lambda tx: add(tx, "next"))
    assert await notes.read(texts) == ["kept", "next"]


async def test_readers_cannot_write(notes: Database) -> None:
    with pytest.raises(Unavailable):
        await notes.read(lambda rows: rows.execute(insert(note).values(text="sneaked in")))
    assert await notes.read(texts) == []


async def test_a_read_sees_one_state_throughout(notes: Database) -> None:
    await notes.write(lambda tx: add(tx, "one"))
    counted, written = threading.Event(), threading.Event()

    def count(rows: Connection) -> int:
        return int(rows.execute(select(func.count()).select_from(note)).scalar_one())

    def twice(rows: Connection) -> list[int]:
        before = count(rows)
        counted.set()
        assert written.wait(60)
        return [before, count(rows)]

    reading = asyncio.create_task(notes.read(twice))
    await asyncio.to_thread(counted.wait, 60)
    await notes.write(lambda tx: add(tx, "two"))
    written.set()
    assert await reading == [1, 1]
    assert await notes.read(count) == 2


async def test_a_full_disk_is_said_plainly_and_loses_nothing(notes: Database) -> None:
    await notes.write(lambda tx: add(tx, "before"))
    # SQLite answers exactly as on a full disk when its page limit is reached.
    await notes.write(lambda tx: tx.connection.exec_driver_sql("PRAGMA max_page_count=1"))
    with pytest.raises(Unavailable) as refused:
        await notes.write(lambda tx: add(tx, "x" * 500_000))
    assert refused.value.code == "storage.full"
    await notes.write(lambda tx: tx.connection.exec_driver_sql("PRAGMA max_page_count=1000000"))
    await notes.write(lambda tx: add(tx, "after"))
    assert await notes.read(texts) == ["before", "after"]


async def test_writing_uses_wal_with_full_synchronous(notes: Database) -> None:
    def pragmas(tx: Transaction) -> tuple[object, ...]:
        return tuple(
            tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        )

    assert await notes.write(pragmas) == ("wal", 2, 1)


def test_acknowledged_writes_survive_kill_minus_nine(tmp_path: Path) -> None:
    file = tmp_path / "killed.sqlite3"
    program = """
import asyncio, sys
from tests.storage.test_database import Database, add, own_metadata
async def main():
    database = Database(f"sqlite:///{sys.argv[1]}")
    await database.open()
    await database.write(lambda tx: own_metadata.create_all(tx.connection))
    async def client(name):
        for n in range(100000):
            await database.write(lambda tx: add(tx, f"{name}-{n}"))
            print(f"{name}-{n}", flush=True)
    await asyncio.gather(*(client(c) for c in "abcdef"))
asyncio.run(main())
"""
    root = Path(__file__).parent.parent.parent
    with subprocess.Popen(
        [sys.executable, "-c", program, str(file)], stdout=subprocess.PIPE, text=True, cwd=root
    ) as child:
        assert child.stdout
        acknowledged = [child.stdout.readline().strip() for _ in range(300)]
        os.kill(child.pid, signal.SIGKILL)
        acknowledged += [line.strip() for line in child.stdout if line.endswith("\n")]
    with sqlite3.connect(file) as reopened:
        kept = {text for (text,) in reopened.execute("SELECT text FROM note")}
        assert reopened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert set(acknowledged) <= kept


@given(
    st.integers(-(70 * 365 * 86_400_000_000), 230 * 365 * 86_400_000_000),
    st.integers(-14 * 60, 14 * 60),
)
def test_instant_keeps_every_microsecond_in_any_zone(microseconds: int, offset_minutes: int) -> None:
    epoch = datetime(1970, 1, 1, tzinfo=timezone(timedelta(minutes=offset_minutes)))
    moment = epoch + timedelta(microseconds=microseconds)
    column = Instant()
    stored = column.process_bind_param(moment, None)  # type: ignore[arg-type]
    assert column.process_result_value(stored, None) == moment  # type: ignore[arg-type]


def test_instant_refuses_a_moment_without_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        Instant().process_bind_param(datetime(2025, 10, 25, 9, 0, tzinfo=UTC).replace(tzinfo=None), None)  # type: ignore[arg-type]


async def test_localized_leaves_empty_languages_out(notes: Database) -> None:
    await notes.write(
        lambda tx: tx.connection.execute(
            insert(note).values(
                text="t", title={"ar": "مجلس", "en": ""}, at=datetime(2025, 10, 25, tzinfo=UTC)
            )
        )
    )
    assert await notes.read(lambda rows: rows.execute(select(note.c.title, note.c.at)).one()) == (
        {"ar": "مجلس"},
        datetime(2025, 10, 25, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("version", "warned"),
    [
        ((3, 40, 1), True),
        ((3, 44, 6), False),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
    ],
)
def test_version_warning_names_sqlite_with_the_checkpoint_race(
    version: tuple[int, int, int], warned: bool
) -> None:
    assert bool(version_warning(version)) == warned
