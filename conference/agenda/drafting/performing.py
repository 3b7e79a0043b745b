"""Carrying out an act: read what it is about, refuse what is stale, apply the rules, write and tell."""

from __future__ import annotations

from datetime import datetime

from conference.agenda.drafting import acts
from conference.agenda.drafting.edit_log import Done, commit
from conference.agenda.drafting.plan import Plan, check_change
from conference.agenda.drafting.scheduling import changes_of, shifted
from conference.agenda.drafting.staleness import stale
from conference.agenda.drafting.stored_sessions import new_names, plan_for, stored_in_room
from conference.agenda.drafting.undoing import take_back
from conference.agenda.rows import EventRow
from conference.storage.database import Transaction


def perform(tx: Transaction, event: EventRow, act: acts.Act, *, by: int | None, at: datetime) -> Done:
    """Carry *act* out for the account *by*.

    `BadInput` with the field, `NotFound` for no such session or edit, `Conflict` when an edition is stale
    (code "agenda.stale", both versions in its details) or the act cannot be done or undone as things are.
    """
    if isinstance(act, acts.Undo | acts.Redo):
        return take_back(tx, event, act, by=by, at=at)
    plan, known = plan_for(tx.connection, event, act)
    naming = new_names(tx.connection)
    seen = acts.seen_editions(act)
    outdated = [code for code, edition in seen.items() if code in known and known[code].edition != edition]
    if outdated:
        refusal = stale(tx.connection, plan, act, known[outdated[0]], naming)
        if refusal is not None:
            raise refusal
        return Done(edit=None, act=acts.name_of(act))
    changes = changes_of(act, plan, naming)
    return commit(tx, event.id, acts.name_of(act), changes, known, by=by, at=at)


def shift_room(
    tx: Transaction,
    event: EventRow,
    room_id: int,
    *,
    from_at: datetime,
    until_at: datetime,
    minutes: int,
    by: int | None,
    at: datetime,
    act: str = "late",
) -> Done:
    """A room runs late: as the act `acts.Shift` with `stretch`, for whoever may say so (the caller asks)."""
    known = stored_in_room(tx.connection, event.id, room_id)
    plan = Plan(event=event, rooms={}, tracks={}, types={}, people={}, sessions={})
    changes = shifted(
        (one.planned for one in known.values()),
        room_id,
        from_at=from_at,
        until_at=until_at,
        minutes=minutes,
        stretch=True,
    )
    checked = [check_change(plan, change) for change in changes if change.before != change.after]
    return commit(tx, event.id, act, checked, known, by=by, at=at)
