"""Running a poll: open, close, open again, show and hide the results, take it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import update

from conference.errors import N_, Conflict
from conference.polls.life import OPEN, SHOWN, Stage, Step, after
from conference.polls.reading import how_many_answered, poll_by_public_id
from conference.polls.tables import PollRow, poll
from conference.polls.telling import Desk, announce
from conference.storage.database import Transaction


class Stepped(msgspec.Struct, frozen=True):
    """The acknowledgement: where the poll is now."""

    stage: Stage
    version: int


def take_step(tx: Transaction, desk: Desk, public_id: str, step: Step, *, now: datetime) -> PollRow:
    """The poll after *step*; the room and the desk are told. `Conflict` when the step does not fit it."""
    row = poll_by_public_id(tx.connection, desk.session_id, public_id)
    stage = after(row.stage, step, row.results)
    if stage is row.stage:
        return row
    if stage is Stage.DRAFT and how_many_answered(tx.connection, row.id):
        raise Conflict(N_("Somebody has answered already. Close the poll instead."), code="polls.answered")
    changes: dict[str, Any] = {"stage": stage, "version": row.version + 1}
    if stage in OPEN and row.stage not in OPEN:
        changes |= {"opened_at": now, "closed_at": None}
    if row.stage in OPEN and stage not in OPEN:
        changes["closed_at"] = now
    if stage in SHOWN:
        changes["shown_at"] = now
    if stage is Stage.DRAFT:
        changes |= {"opened_at": None, "closed_at": None, "shown_at": None}
    tx.connection.execute(update(poll).where(poll.c.id == row.id).values(changes))
    return announce(tx, desk, public_id, was=row.stage, now=now)
