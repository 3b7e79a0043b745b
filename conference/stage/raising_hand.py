"""Asking for the floor, and no longer asking."""

from __future__ import annotations

from datetime import datetime

from conference.stage.floor import Act
from conference.stage.standing import Place, Standing, move
from conference.storage.database import Transaction


def raise_hand(tx: Transaction, place: Place, account_id: int, *, now: datetime) -> Standing:
    """Put the person at the end of the queue; a hand that is up keeps its place."""
    return move(tx, place, account_id, Act.RAISE_HAND, by=account_id, now=now)


def lower_hand(tx: Transaction, place: Place, account_id: int, *, now: datetime) -> Standing:
    return move(tx, place, account_id, Act.LOWER_HAND, by=account_id, now=now)
