"""Asking for the floor, and no longer asking; the queue as moderators arrange it."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import update

from conference.errors import N_, Conflict
from conference.live import log
from conference.stage import hand_queue
from conference.stage.floor import Act, Floor
from conference.stage.hand_queue import Hand
from conference.stage.messages import HandsLowered
from conference.stage.rules import require_hands
from conference.stage.standing import (
    Place,
    Standing,
    account_of,
    first_hand,
    keep,
    move,
    raised_hands,
    standing_of,
    tell_next,
)
from conference.stage.tables import floor
from conference.storage.database import Transaction


def raise_hand(tx: Transaction, place: Place, account_id: int, *, now: datetime) -> Standing:
    """Put the person at the end of the queue; a hand that is up keeps its place.

    Raises `Conflict` where hands are not taken.
    """
    require_hands(tx.connection, place)
    return move(tx, place, account_id, Act.RAISE_HAND, by=account_id, now=now)


def lower_hand(tx: Transaction, place: Place, account_id: int, *, now: datetime) -> Standing:
    return move(tx, place, account_id, Act.LOWER_HAND, by=account_id, now=now)


def invite_next(tx: Transaction, place: Place, person: str, *, by: int, now: datetime) -> Standing:
    """Invite somebody whose hand is up; one whom another chair has just invited stays invited.

    `Conflict` when the hand is down by now: nobody is called to the stage who no longer asks for it.
    """
    account_id = account_of(tx.connection, person)
    state = standing_of(tx.connection, place.session_id, account_id).state
    if state not in (Floor.HAND_RAISED, Floor.INVITED):
        raise Conflict(N_("This hand is no longer raised."), code="stage.hand-down", field="person")
    return move(tx, place, account_id, Act.INVITE, by=by, now=now)


def move_hand(
    tx: Transaction, place: Place, person: str, before: str | None, *, by: int, now: datetime
) -> Standing:
    """Put the hand of *person* before that of *before*, or (None) last; `Conflict` when one is down."""
    account_id = account_of(tx.connection, person)
    other = account_of(tx.connection, before) if before is not None else None
    first = first_hand(tx.connection, place.session_id)
    standings = {one.account_id: one for one in raised_hands(tx.connection, place.session_id)}
    if account_id not in standings or (other is not None and other not in standings):
        raise Conflict(N_("This hand is no longer raised."), code="stage.hand-down", field="person")
    hands = [Hand(one.account_id, one.hand_order or 0) for one in standings.values()]
    for hand in hand_queue.moved(hands, account_id, other):
        after = msgspec.structs.replace(standings[hand.account_id], hand_order=hand.order)
        keep(tx, place, after, by=by, now=now)
    tell_next(tx, place, first, now=now)
    return standing_of(tx.connection, place.session_id, account_id)


def lower_all(tx: Transaction, place: Place, *, by: int, now: datetime) -> list[Standing]:
    """Every hand is down, told in one announcement however many there were; those who stand elsewhere now."""
    lowered = raised_hands(tx.connection, place.session_id)
    if lowered:
        theirs = (floor.c.session_id == place.session_id) & (floor.c.state == Floor.HAND_RAISED.value)
        down = {"state": Floor.AUDIENCE.value, "hand_raised_at": None, "hand_order": None}
        tx.connection.execute(update(floor).where(theirs).values(**down))
        log.append(tx, place.channel, HandsLowered(), actor=by, at=now)
    return [
        msgspec.structs.replace(one, state=Floor.AUDIENCE, hand_raised_at=None, hand_order=None)
        for one in lowered
    ]
