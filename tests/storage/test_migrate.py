"""Migrations: what they build is what the code says, and a newer database is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect

from conference.errors import Unavailable
from conference.schema import metadata
from conference.storage.database import Database, Transaction
from conference.storage.migrate import migrate, migrations_config, newest_revision, revision_of


async def empty_database(folder: Path) -> Database:
    database = Database(f"sqlite:///{folder / 'majlis.sqlite3'}")
    await database.open()
    return database


async def test_migrations_and_tables_agree(tmp_path: Path) -> None:
    database = await empty_database(tmp_path)
    await database.write(lambda tx: migrate(tx, metadata))

    def differences(rows: Connection) -> list[object]:
        context = MigrationContext.configure(rows, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    assert await database.read(differences) == []
    assert await database.read(revision_of) == newest_revision()
    await database.close()


async def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    database = await empty_database(tmp_path)
    first = await database.write(lambda tx: migrate(tx, metadata))
    assert await database.write(lambda tx: migrate(tx, metadata)) == first
    await database.close()


async def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    database = await empty_database(tmp_path)
    # A table of the same name stands in the way of the first migration, half way through it.
    await database.write(lambda tx: tx.connection.exec_driver_sql("CREATE TABLE star (id INTEGER)"))
    with pytest.raises(Unavailable):
        await database.write(lambda tx: migrate(tx, metadata))
    tables = await database.read(lambda rows: inspect(rows).get_table_names())
    assert tables == ["star"]
    await database.close()


async def test_a_database_of_a_newer_majlis_is_refused(tmp_path: Path) -> None:
    database = await empty_database(tmp_path)
    await database.write(lambda tx: migrate(tx, metadata))
    await database.write(
        lambda tx: tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    )
    with pytest.raises(Unavailable) as refused:
        await database.write(lambda tx: migrate(tx, metadata))
    assert refused.value.code == "storage.newer"
    await database.close()


async def test_sessions_and_all_that_refers_to_them_survive_becoming_unscheduled(tmp_path: Path) -> None:
    """SQLite alters a table by copying it, and dropping the old one deletes what refers to it."""
    database = await empty_database(tmp_path)

    def before(tx: Transaction) -> None:
        command.upgrade(migrations_config(tx.connection, metadata), "0003")
        for statement in (
            "INSERT INTO account (id, public_id, email, name, created_at) VALUES (1, 'a', 'a@b', 'A', 0)",
            "INSERT INTO event (id, slug, title, zone, starts, ends, created_at, changed_at)"
            " VALUES (1, 'e', '{}', 'UTC', '2025-10-25', '2025-10-26', 0, 0)",
            "INSERT INTO session (id, event_id, code, guid, title, starts_at, minutes, created_at,"
            " changed_at) VALUES (7, 1, 'ABC123', 'g', '{}', 1234567, 30, 0, 0)",
            "INSERT INTO star (account_id, session_id, starred_at) VALUES (1, 7, 0)",
        ):
            tx.connection.exec_driver_sql(statement)

    def rows(rows: Connection) -> list[object]:
        return [
            tuple(rows.exec_driver_sql("SELECT id, starts_at, minutes FROM session").one()),
            tuple(rows.exec_driver_sql("SELECT account_id, session_id FROM star").one()),
        ]

    await database.write(before)
    await database.write(lambda tx: migrate(tx, metadata))
    assert await database.read(rows) == [(7, 1234567, 30), (1, 7)]
    await database.write(
        lambda tx: tx.connection.exec_driver_sql("UPDATE session SET starts_at = NULL, edition = 1")
    )
    await database.close()


async def test_every_migration_can_be_taken_back(tmp_path: Path) -> None:
    database = await empty_database(tmp_path)
    await database.write(lambda tx: migrate(tx, metadata))
    await database.write(lambda tx: command.downgrade(migrations_config(tx.connection, metadata), "0003"))
    await database.write(lambda tx: migrate(tx, metadata))
    assert await database.read(revision_of) == newest_revision()
    await database.close()
