"""Coming in: whether the door is open for this person, and who they are in there."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from conference.agenda.tables import session
from conference.people.permissions import Capability, allowed
from conference.stage.decisions import decision_of
from conference.stage.doors import Phase, phase_at, refusal
from conference.stage.presence import Present
from conference.stage.standing import Place, person_named, role_of, standing_of


def phase_of(rows: Connection, place: Place, *, now: datetime) -> Phase:
    """The phase of the room by programme and decisions."""
    starts, minutes = rows.execute(
        select(session.c.starts_at, session.c.minutes).where(session.c.id == place.session_id)
    ).one()
    if starts is None:
        return Phase.NOT_YET  # taken out of the programme again: nobody knows when
    ends = starts + timedelta(minutes=minutes)
    return phase_at(now, starts, ends, decision_of(rows, place.session_id))


def require_open_door(rows: Connection, place: Place, account_id: int, *, now: datetime) -> None:
    """Raise why this person cannot come in now (`Conflict`): not yet, closed, over.

    Whether they may at all (`Capability.ENTER_ROOM`, bans) is asked before this.
    """
    refused = refusal(
        phase_of(rows, place, now=now),
        presents=allowed(rows, account_id, Capability.TAKE_FLOOR, place.scope, now=now),
        moderates=allowed(rows, account_id, Capability.MODERATE, place.scope, now=now),
    )
    if refused is not None:
        raise refused


def present(rows: Connection, place: Place, account_id: int) -> Present:
    """The person as the room's memory keeps them, fresh from the database."""
    public_id, name = person_named(rows, account_id)
    standing = standing_of(rows, place.session_id, account_id)
    return Present(
        account_id=account_id,
        public_id=public_id,
        name=name,
        role=role_of(rows, place, account_id),
        state=standing.state,
        stopped=standing.stopped,
    )
