"""Alembic's environment: run by `conference.storage.migrate` on a connection it hands over."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=True,  # SQLite alters a table by copying it
    compare_type=True,
    transaction_per_migration=False,
)
context.run_migrations()
