"""Putting a person out of the room, and letting them back in."""

from __future__ import annotations

from datetime import datetime

from conference.errors import N_, NotAllowed
from conference.people.grants import ban_person, lift_ban
from conference.people.permissions import Capability, allowed
from conference.stage.floor import Act
from conference.stage.standing import Place, Standing, account_of, move
from conference.storage.database import Transaction


def remove_person(tx: Transaction, place: Place, person: str, *, by: int, now: datetime) -> Standing:
    """Take the person off the floor and ban them from this session until somebody lets them back in.

    Those who run the session cannot put one another out (`NotAllowed`): a stolen account of one of
    them must not be able to lock the others out.
    """
    account_id = account_of(tx.connection, person)
    if allowed(tx.connection, account_id, Capability.MODERATE, place.scope, now=now):
        raise NotAllowed(
            N_("Chairs, moderators and organizers cannot be removed from their session."),
            code="stage.runs-the-session",
            field="person",
        )
    standing = move(tx, place, account_id, Act.REMOVE, by=by, now=now)
    ban_person(tx, account_id, place.event_id, place.session_id, by=by, now=now)
    return standing


def readmit_person(tx: Transaction, place: Place, person: str, *, by: int, now: datetime) -> Standing:
    """Undo a removal: the person may come in again, as audience."""
    account_id = account_of(tx.connection, person)
    lift_ban(tx, account_id, place.event_id, place.session_id)
    return move(tx, place, account_id, Act.READMIT, by=by, now=now)
