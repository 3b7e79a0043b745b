"""Ending the meeting for everybody."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from conference.stage.decisions import decide, decision_of
from conference.stage.doors import Decision, Phase
from conference.stage.floor import Act, Floor
from conference.stage.standing import Place, move
from conference.stage.tables import floor
from conference.storage.database import Transaction


def close_room(tx: Transaction, place: Place, *, by: int, now: datetime) -> None:
    """Shut the doors and clear the floor: stage, invitations and raised hands."""
    if decision_of(tx.connection, place.session_id).closed_at is not None:
        return
    waiting = tx.connection.execute(
        select(floor.c.account_id).where(
            floor.c.session_id == place.session_id,
            floor.c.state.in_([Floor.ON_STAGE.value, Floor.INVITED.value, Floor.HAND_RAISED.value]),
        )
    )
    for account_id in waiting.scalars().all():
        move(tx, place, account_id, Act.SEND_BACK, by=by, now=now)
    decide(tx, place, Decision(closed_at=now), Phase.CLOSED, by=by, now=now)
