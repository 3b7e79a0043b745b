"""Undo and redo: an edit is taken back by another one, unless something in it was changed since."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from conference.agenda.drafting import acts
from conference.agenda.drafting.edit_log import Done, commit
from conference.agenda.drafting.edit_stack import REDO, UNDO, Entry, redoable, undoable
from conference.agenda.drafting.planned import Change, Logged, taken_back
from conference.agenda.drafting.shown_session import Names
from conference.agenda.drafting.stored_sessions import Stored, is_kept, stored_sessions
from conference.agenda.rows import EventRow
from conference.agenda.tables import edit
from conference.errors import N_, Conflict, NotFound
from conference.storage.database import Transaction

MOST_STEPS = 500  # of one's own latest edits are looked at for the next undo or redo


def take_back(
    tx: Transaction, event: EventRow, act: acts.Undo | acts.Redo, *, by: int | None, at: datetime
) -> Done:
    """Take an edit back. `NotFound` for none such, `Conflict` when it was, or when it can no longer be."""
    rows = tx.connection
    wanted = act.edit
    if wanted is None:
        own = own_entries(rows, event.id, by)
        last = undoable(own) if isinstance(act, acts.Undo) else redoable(own)
        if last is None:
            raise NotFound(N_("There is nothing of yours to take back."), code="agenda.nothing-to-undo")
        wanted = last.id
    row = rows.execute(select(edit).where(edit.c.id == wanted, edit.c.event_id == event.id)).first()
    if row is None:
        raise NotFound(N_("There is no such edit in this event."), code="agenda.no-edit")
    if rows.execute(select(edit.c.id).where(edit.c.undoes == wanted)).first() is not None:
        raise Conflict(N_("This edit was taken back already."), code="agenda.undone")
    logged = msgspec.convert(row.changes, list[Logged])
    known = stored_sessions(rows, event.id, [entry.code for entry in logged])
    changes = _backwards(rows, event.id, logged, known)
    name = REDO if row.act == UNDO else UNDO
    return commit(tx, event.id, name, changes, known, by=by, at=at, undoes=wanted)


def own_entries(rows: Connection, event_id: int, by: int | None) -> list[Entry]:
    """One person's latest edits that nobody else took back, oldest first."""
    theirs = (edit.c.event_id == event_id) & edit.c.by.is_not_distinct_from(by)
    query = select(edit.c.id, edit.c.act, edit.c.undoes).where(theirs)
    mine = [Entry(*row) for row in rows.execute(query.order_by(edit.c.id.desc()).limit(MOST_STEPS))]
    others = select(edit.c.undoes).where(
        edit.c.event_id == event_id,
        edit.c.by.is_distinct_from(by),
        edit.c.id > (mine[-1].id if mine else 0),
        edit.c.undoes.is_not(None),
    )
    taken = set(rows.execute(others).scalars())
    return [entry for entry in reversed(mine) if entry.id not in taken]


def _backwards(
    rows: Connection, event_id: int, logged: list[Logged], known: dict[str, Stored]
) -> list[Change]:
    found = {
        entry.code: taken_back(entry, known[entry.code].planned if entry.code in known else None)
        for entry in logged
    }
    changed_since = [code for code, change in found.items() if change is None]
    if changed_since:
        raise Conflict(
            N_("Something in this edit was changed since, so it cannot simply be taken back."),
            code="agenda.changed-since",
            details={"sessions": changed_since},
        )
    changes = [change for change in found.values() if change is not None]
    names = Names.of(rows, event_id, [change.after for change in changes])
    if not all(change.after is None or names.know(change.after) for change in changes):
        raise Conflict(
            N_("A room, track, type or person of this edit is no longer there."), code="agenda.gone"
        )
    for change in changes:
        if change.after is None and is_kept(rows, event_id, known[change.code].id):
            raise Conflict(
                N_("This session was released already, or people have to do with it. Cancel it instead."),
                code="agenda.kept",
            )
    return changes
