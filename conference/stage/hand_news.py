"""What somebody who asked for the floor is told, wherever they are: they are next, or invited."""

from __future__ import annotations

from datetime import datetime

from conference.people.notifying import Kind, Notice, notify
from conference.storage.database import Transaction


def tell_hand_next(
    tx: Transaction, event_id: int, session: str, account_id: int, *, raised_at: datetime, at: datetime
) -> None:
    """Once for each time the hand was raised, however often the queue is moved about."""
    once = f"hand-next:{session}:{raised_at.isoformat()}"
    notify(tx, account_id, event_id, Notice(kind=Kind.HAND_NEXT, session=session, once=once), at=at)


def tell_invited(tx: Transaction, event_id: int, session: str, account_id: int, *, at: datetime) -> None:
    """The floor is theirs if they want it."""
    notify(tx, account_id, event_id, Notice(kind=Kind.INVITED, session=session), at=at)
