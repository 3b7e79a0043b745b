"""Going on stage and leaving it again, by one's own will."""

from __future__ import annotations

from datetime import datetime

from conference.errors import N_, NotAllowed
from conference.people.permissions import Capability, allowed
from conference.stage.floor import Act, Floor
from conference.stage.standing import Place, Standing, move, standing_of
from conference.storage.database import Transaction


def take_floor(tx: Transaction, place: Place, account_id: int, *, now: datetime) -> Standing:
    """Accept an invitation; presenters of the session need none.

    Raises `NotAllowed` for others who were not invited, `Conflict` when removed.
    """
    before = standing_of(tx.connection, place.session_id, account_id)
    if allowed(tx.connection, account_id, Capability.TAKE_FLOOR, place.scope):
        return move(tx, place, account_id, Act.TAKE_FLOOR, by=account_id, now=now)
    if before.state is Floor.AUDIENCE:
        raise NotAllowed(
            N_("The invitation to the floor is no longer open. You can raise your hand."),
            code="stage.not-invited",
        )
    return move(tx, place, account_id, Act.ACCEPT, by=account_id, now=now)


def decline_floor(tx: Transaction, place: Place, account_id: int, *, now: datetime) -> Standing:
    return move(tx, place, account_id, Act.DECLINE, by=account_id, now=now)


def leave_floor(tx: Transaction, place: Place, account_id: int, *, now: datetime) -> Standing:
    return move(tx, place, account_id, Act.LEAVE_FLOOR, by=account_id, now=now)
