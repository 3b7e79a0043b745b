"""Migrations: what they build is what the code says, and a newer database is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect

from conference.errors import Unavailable
from conference.schema import metadata
from conference.storage.database import Database
from conference.storage.migrate import migrate, newest_revision, revision_of


async def empty_database(folder: Path) -> Database:
    database = Database(f"sqlite+aiosqlite:///{folder / 'majlis.sqlite3'}")
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
