"""Letting people in: before the programme says so, or again after the room was closed."""

from __future__ import annotations

from datetime import datetime

from conference.stage.decisions import decide, decision_of
from conference.stage.doors import Decision, Phase
from conference.stage.standing import Place
from conference.storage.database import Transaction


def open_room(tx: Transaction, place: Place, *, by: int, now: datetime) -> None:
    """Open the doors now. A room that a chair has opened stays as it is."""
    decision = decision_of(tx.connection, place.session_id)
    if decision.opened_at is not None and decision.closed_at is None:
        return
    decide(tx, place, Decision(opened_at=now), Phase.OPEN, by=by, now=now)
