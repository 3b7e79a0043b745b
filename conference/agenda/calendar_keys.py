"""The secret address of somebody's own calendar: made, renewed, revoked; only its hash is kept.

Whoever has the address reads the stars of one person in one event and nothing else; a new one ends the old.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, insert, select

from conference.agenda.tables import calendar_key
from conference.people.tokens import new_token, token_hash
from conference.storage.database import Transaction


class CalendarOwner(msgspec.Struct, frozen=True):
    """Whose stars, in which event."""

    account_id: int
    event_id: int


def make_calendar_key(tx: Transaction, account_id: int, event_id: int, *, at: datetime) -> str:
    """The secret part of a new address; the one before stops working."""
    revoke_calendar_key(tx, account_id, event_id)
    token = new_token()
    values = {"account_id": account_id, "event_id": event_id, "digest": token_hash(token), "created_at": at}
    tx.connection.execute(insert(calendar_key).values(values))
    return token


def revoke_calendar_key(tx: Transaction, account_id: int, event_id: int) -> None:
    """End the address, if there is one."""
    table = calendar_key
    tx.connection.execute(delete(table).where(table.c.account_id == account_id, table.c.event_id == event_id))


def calendar_key_made_at(rows: Connection, account_id: int, event_id: int) -> datetime | None:
    """Since when this person has an address in this event; None without one."""
    table = calendar_key
    query = select(table.c.created_at).where(table.c.account_id == account_id, table.c.event_id == event_id)
    found: datetime | None = rows.execute(query).scalar()
    return found


def owner_of(rows: Connection, token: str) -> CalendarOwner | None:
    """Whose address it is; None for one that never was or is no more."""
    table = calendar_key
    query = select(table.c.account_id, table.c.event_id).where(table.c.digest == token_hash(token))
    found = rows.execute(query).first()
    return CalendarOwner(*found) if found else None
