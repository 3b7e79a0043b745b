"""Coming in: whether the door is open for this person, and who they are in there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from conference.agenda.reading import event_by_id
from conference.agenda.releasing.published import find_session
from conference.agenda.rows import SessionDetails
from conference.errors import N_, NotAllowed, NotFound
from conference.people.accounts import account_by_id
from conference.people.permissions import Capability, allowed
from conference.stage.decisions import decision_of
from conference.stage.doors import Decision, Phase, phase_at, refusal
from conference.stage.presence import Present
from conference.stage.standing import Place, role_of, standing_of


def phase_of(rows: Connection, place: Place, *, now: datetime) -> Phase:
    """The phase of the room by the published programme (what runs late included) and decisions."""
    one = find_session(rows, event_by_id(rows, place.event_id), place.code)
    return phase_of_session(one, decision_of(rows, place.session_id), now=now)


def phase_of_session(published: SessionDetails | None, decision: Decision, *, now: datetime) -> Phase:
    """As `phase_of`. A session that is not published opens for the public only when a chair says so."""
    if published is not None:
        return phase_at(now, published.starts_at, published.ends_at, decision)
    is_open = decision.opened_at is not None and decision.closed_at is None
    return Phase.OPEN if is_open else Phase.NOT_YET


def times_of(rows: Connection, place: Place) -> tuple[datetime, datetime, int | None] | None:
    """Start, end and hall of a session as published; None when it is not."""
    found = find_session(rows, event_by_id(rows, place.event_id), place.code)
    return (found.starts_at, found.ends_at, found.room.id if found.room else None) if found else None


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


def require_on_programme(rows: Connection, place: Place, account_id: int, *, now: datetime) -> None:
    """As `require_open_door` for what needs no open door: the session is published and takes place.

    Those who present or run it come before that as well.
    """
    published = find_session(rows, event_by_id(rows, place.event_id), place.code)
    if published is None and not allowed(rows, account_id, Capability.TAKE_FLOOR, place.scope, now=now):
        raise NotFound(N_("There is no such session in this event."), code="agenda.no-session")
    if published is not None and published.is_cancelled:
        raise NotAllowed(N_("This session was cancelled."), code="stage.cancelled")


def present(rows: Connection, place: Place, account_id: int) -> Present:
    """The person as the room's memory keeps them, fresh from the database."""
    person = account_by_id(rows, account_id)
    standing = standing_of(rows, place.session_id, account_id)
    return Present(
        account_id=account_id,
        public_id=person.public_id,
        name=person.name,
        role=role_of(rows, place, account_id),
        country=person.country or "",
        state=standing.state,
        stopped=standing.stopped,
    )
