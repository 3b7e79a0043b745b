"""Stopping what a person on stage sends, whatever their browser goes on sending."""

from __future__ import annotations

from datetime import datetime

import msgspec

from conference.stage.floor import Source, require_on_stage
from conference.stage.standing import Place, Standing, account_of, keep, standing_of
from conference.storage.database import Transaction


def stop_source(
    tx: Transaction, place: Place, person: str, source: Source, *, by: int, now: datetime
) -> Standing:
    """Nobody hears or sees *source* of the person until it is allowed again.

    Raises `Conflict` when the person is not on stage.
    """
    before = standing_of(tx.connection, place.session_id, account_of(tx.connection, person))
    require_on_stage(before.state)
    return _with(tx, place, before, before.stopped | {source}, by=by, now=now)


def allow_source(
    tx: Transaction, place: Place, person: str, source: Source, *, by: int, now: datetime
) -> Standing:
    """Lift a stop. Whether to speak again is up to the person."""
    before = standing_of(tx.connection, place.session_id, account_of(tx.connection, person))
    return _with(tx, place, before, before.stopped - {source}, by=by, now=now)


def _with(
    tx: Transaction, place: Place, before: Standing, stopped: frozenset[Source], *, by: int, now: datetime
) -> Standing:
    if stopped == before.stopped:
        return before
    after = msgspec.structs.replace(before, stopped=stopped)
    keep(tx, place, after, by=by, now=now)
    return after
