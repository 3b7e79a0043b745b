"""What somebody who asked for the floor is told, wherever they are: they are next, or invited."""

from __future__ import annotations

from datetime import datetime

from conference.people.notifying import Kind, Notice, notify, withdraw
from conference.storage.database import Transaction


def tell_hand_next(
    tx: Transaction, event_id: int, session: str, account_id: int, *, raised_at: datetime, at: datetime
) -> None:
    """Once for each time the hand was raised, however often the queue is moved about."""
    once = f"hand-next:{session}:{raised_at.isoformat()}"
    notice = Notice(kind=Kind.HAND_NEXT, session=session, about=_turn(session, account_id), once=once)
    notify(tx, account_id, event_id, notice, at=at)


def tell_invited(tx: Transaction, event_id: int, session: str, account_id: int, *, at: datetime) -> None:
    """The floor is theirs if they want it; that they were next, or invited before, is no news any more."""
    about = _turn(session, account_id)
    withdraw(tx, event_id, about, at=at)
    notify(tx, account_id, event_id, Notice(kind=Kind.INVITED, session=session, about=about), at=at)


def _turn(session: str, account_id: int) -> str:
    return f"turn:{session}:{account_id}"
