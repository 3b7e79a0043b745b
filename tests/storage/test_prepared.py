"""Statements compiled once: the same effect as SQLAlchemy's own, and the same errors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from conference.storage.columns import Instant
from conference.storage.database import Database, Transaction
from conference.storage.prepared import Prepared

own_metadata = MetaData()
note = Table(
    "note", own_metadata,
    Column("id", Integer, primary_key=True), Column("text", String), Column("at", Instant),
)  # fmt: skip
add = Prepared(insert(note).values({name: bindparam(name) for name in ("id", "text", "at")}))
after = Prepared(
    select(note.c.text)
    .where(note.c.at > bindparam("at"), note.c.text != "hidden")
    .order_by(note.c.id)
    .limit(2)
)
NOON = datetime(2025, 10, 25, 12, tzinfo=UTC)


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'notes.sqlite3'}")
    await database.open()
    await database.write(lambda tx: own_metadata.create_all(tx.connection))
    yield database
    await database.close()


async def test_values_are_converted_and_constants_kept(notes: Database) -> None:
    def fill(tx: Transaction) -> None:
        for number, text in enumerate(("early", "hidden", "one", "two", "three")):
            add.run(tx.connection, id=number, text=text, at=NOON.replace(minute=number))

    await notes.write(fill)
    assert await notes.read(lambda rows: after.rows(rows, at=NOON)) == [("one",), ("two",)]

    def at(rows: Connection) -> object:
        return rows.execute(select(note.c.at).where(note.c.id == 1)).scalar()

    assert await notes.read(at) == NOON.replace(minute=1)


async def test_fault_is_the_same_as_of_any_statement_and_undoes_its_unit(notes: Database) -> None:
    def twice(tx: Transaction) -> None:
        add.run(tx.connection, id=1, text="x", at=NOON)
        add.run(tx.connection, id=1, text="y", at=NOON)

    with pytest.raises(IntegrityError):
        await notes.write(twice)
    assert await notes.read(lambda rows: after.rows(rows, at=NOON.replace(hour=1))) == []


async def test_forgotten_value_is_an_error_of_ours(notes: Database) -> None:
    with pytest.raises(KeyError):
        await notes.read(lambda rows: after.rows(rows))
