"""Bring a database to the newest schema; at every start and by `majlis migrate`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData

from conference.errors import N_, Unavailable
from conference.storage.database import Transaction


def migrations_config(connection: Connection | None = None, metadata: MetaData | None = None) -> Config:
    """Alembic's configuration with our folder and, when given, the connection to work on."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata
    return config


def newest_revision() -> str | None:
    """The revision this program's code was written for."""
    return ScriptDirectory.from_config(migrations_config()).get_current_head()


def revision_of(rows: Connection) -> str | None:
    """The revision the database is at; nothing for an empty one."""
    return MigrationContext.configure(rows).get_current_revision()


def migrate(tx: Transaction, metadata: MetaData) -> str | None:
    """Apply what is missing, all or nothing, as one unit of work; returns the revision reached.

    Raises `Unavailable` when the database was written by a newer Majlis.
    """
    connection = tx.connection
    config = migrations_config(connection, metadata)
    current = revision_of(connection)
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise Unavailable(
            N_("This database was written by a newer Majlis (revision %(revision)s). Install that version."),
            code="storage.newer",
            revision=current,
        )
    if current != newest_revision():
        command.upgrade(config, "head")
    return revision_of(connection)
