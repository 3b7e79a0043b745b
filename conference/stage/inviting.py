"""Bringing a person to the floor and back, by a chair, moderator or organizer."""

from __future__ import annotations

from datetime import datetime

from conference.errors import N_, NotFound
from conference.people.permissions import Capability, allowed
from conference.stage.floor import Act
from conference.stage.standing import Place, Standing, account_of, move
from conference.storage.database import Transaction


def invite(tx: Transaction, place: Place, person: str, *, by: int, now: datetime) -> Standing:
    """Invite anybody who may be in the room; raises `NotFound` for others, `Conflict` for the removed."""
    account_id = account_of(tx.connection, person)
    if not allowed(tx.connection, account_id, Capability.ENTER_ROOM, place.scope):
        raise NotFound(N_("This person is not in the room."), code="stage.not-here", field="person")
    return move(tx, place, account_id, Act.INVITE, by=by, now=now)


def send_to_audience(tx: Transaction, place: Place, person: str, *, by: int, now: datetime) -> Standing:
    """Take the floor, an invitation or a raised hand back."""
    account_id = account_of(tx.connection, person)
    return move(tx, place, account_id, Act.SEND_BACK, by=by, now=now)
