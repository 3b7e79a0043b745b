"""Alembic's environment: run by `conference.storage.migrate` on a connection it hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from conference.storage.columns import Instant, Localized


def plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column types as what they are in the database: a migration must outlive the code."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(item, Localized):
        return "sa.JSON()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=True,  # SQLite alters a table by copying it
    compare_type=True,
    render_item=plain_type,
    transaction_per_migration=False,
)
context.run_migrations()
