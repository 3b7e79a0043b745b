"""Rooms, tracks and session types as a list: their order, and deleting what nothing uses."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection, Table, delete, func, select, update

from conference.agenda.tables import room, session, session_type, track
from conference.errors import N_, Conflict, NotFound
from conference.storage.database import Transaction

Step = Literal[-1, 1]

#: The session's column that refers to a row of each list.
REFERENCES = {room: session.c.room_id, track: session.c.track_id, session_type: session.c.type_id}


def move(tx: Transaction, table: Table, event_id: int, row_id: int, step: Step) -> None:
    """Put the row one place up (-1) or down (1); at the end of the list nothing happens."""
    ids = _ids(tx, table, event_id, row_id)
    put(tx, table, event_id, row_id, ids.index(row_id) + step)


def put(tx: Transaction, table: Table, event_id: int, row_id: int, place: int) -> None:
    """Put the row at *place* of its list, 0 being the first; beyond the end it is the last.

    Positions are numbered anew from 1: imported lists may have equal ones.
    """
    ids = _ids(tx, table, event_id, row_id)
    ids.remove(row_id)
    ids.insert(max(0, place), row_id)
    for position, each in enumerate(ids, 1):
        tx.connection.execute(update(table).where(table.c.id == each).values(position=position))


def _ids(tx: Transaction, table: Table, event_id: int, row_id: int) -> list[int]:
    """The list in its order; `NotFound` when the row is not in it."""
    query = select(table.c.id).where(table.c.event_id == event_id).order_by(table.c.position, table.c.id)
    ids = list(tx.connection.scalars(query))
    if row_id not in ids:
        raise _unknown()
    return ids


def uses(rows: Connection, table: Table, event_id: int) -> dict[int, int]:
    """How many sessions (cancelled ones too) refer to each row of the list, by its id."""
    reference = REFERENCES[table]
    query = (
        select(reference, func.count())
        .where(session.c.event_id == event_id, reference.is_not(None))
        .group_by(reference)
    )
    return {row_id: count for row_id, count in rows.execute(query)}


def delete_unused(tx: Transaction, table: Table, event_id: int, row_id: int) -> None:
    """Delete the row; `Conflict` while a session refers to it."""
    if uses(tx.connection, table, event_id).get(row_id):
        raise Conflict(
            N_("Sessions still use this. Give them another one first, then it can be deleted."),
            code="agenda.in-use",
        )
    mine = (table.c.event_id == event_id) & (table.c.id == row_id)
    if not tx.connection.execute(delete(table).where(mine)).rowcount:
        raise _unknown()


def _unknown() -> NotFound:
    return NotFound(N_("This was deleted meanwhile."), code="agenda.no-row")
