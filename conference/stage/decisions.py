"""What chairs decided about the doors, as the database has it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from conference.live import log
from conference.stage.doors import Decision, Phase
from conference.stage.messages import RoomChanged
from conference.stage.standing import Place
from conference.stage.tables import stage_room
from conference.storage.database import Transaction


def decision_of(rows: Connection, session_id: int) -> Decision:
    found = rows.execute(
        select(stage_room.c.opened_at, stage_room.c.closed_at).where(stage_room.c.session_id == session_id)
    ).one_or_none()
    return Decision(opened_at=found.opened_at, closed_at=found.closed_at) if found else Decision()


def decide(
    tx: Transaction, place: Place, decision: Decision, phase: Phase, *, by: int, now: datetime
) -> None:
    """Store *decision* and tell the room that it is now in *phase*."""
    tx.connection.execute(delete(stage_room).where(stage_room.c.session_id == place.session_id))
    tx.connection.execute(
        insert(stage_room).values(
            session_id=place.session_id,
            opened_at=decision.opened_at,
            closed_at=decision.closed_at,
            decided_by=by,
        )
    )
    log.append(tx, place.channel, RoomChanged(phase=phase), actor=by, at=now)
