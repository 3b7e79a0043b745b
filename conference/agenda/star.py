"""Personal stars: what an attendee marks to see. Both acts may be repeated without harm."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from conference.agenda.tables import star
from conference.storage.database import Transaction


def star_session(tx: Transaction, account_id: int, session_id: int, *, at: datetime) -> None:
    """Mark the session; the first moment counts when it was marked before."""
    theirs = (star.c.account_id == account_id) & (star.c.session_id == session_id)
    if tx.connection.execute(select(star.c.session_id).where(theirs)).first() is None:
        row = {"account_id": account_id, "session_id": session_id, "starred_at": at}
        tx.connection.execute(insert(star).values(row))


def unstar_session(tx: Transaction, account_id: int, session_id: int) -> None:
    """Remove the mark, if there is one."""
    tx.connection.execute(
        delete(star).where(star.c.account_id == account_id, star.c.session_id == session_id)
    )
