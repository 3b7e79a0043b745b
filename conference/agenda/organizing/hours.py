"""When rooms are open, and when nothing should be held: opening hours by day, closures by moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from conference.agenda.rows import EventRow, Texts
from conference.agenda.tables import ClosureKind, closure, opening
from conference.errors import N_, NotFound
from conference.storage.database import Transaction

PARTS_OF_A_DAY = 2  # hours may have one gap; the form has a line for each part


class Hours(msgspec.Struct, frozen=True):
    """From `opens` to `closes` on the event's clocks; a `closes` not after `opens` is on the next day."""

    day: date
    opens: time
    closes: time


class Closure(msgspec.Struct, frozen=True, kw_only=True):
    """A holiday or an announced shutdown."""

    id: int
    kind: ClosureKind
    name: Texts
    starts_at: datetime
    ends_at: datetime


class ClosureDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A closure before it is stored."""

    kind: ClosureKind
    name: Texts
    starts_at: datetime
    ends_at: datetime


def hours_of(rows: Connection, event_id: int, room_id: int | None) -> list[Hours]:
    """The opening hours of one room alone, or (None) those for all rooms, in order."""
    mine = (opening.c.event_id == event_id) & opening.c.room_id.is_not_distinct_from(room_id)
    query = select(opening.c.day, opening.c.opens, opening.c.closes).where(mine)
    return [Hours(*row) for row in rows.execute(query.order_by(opening.c.day, opening.c.opens))]


def rooms_with_hours(rows: Connection, event_id: int) -> set[int]:
    """The rooms that have hours of their own."""
    query = select(opening.c.room_id).where(opening.c.event_id == event_id, opening.c.room_id.is_not(None))
    return set(rows.scalars(query))


def set_hours(tx: Transaction, event_id: int, room_id: int | None, hours: Sequence[Hours]) -> None:
    """Make *hours* all the opening hours of the room (None: those for all rooms)."""
    mine = (opening.c.event_id == event_id) & opening.c.room_id.is_not_distinct_from(room_id)
    tx.connection.execute(delete(opening).where(mine))
    kept = sorted(set(hours), key=lambda one: (one.day, one.opens, one.closes))
    if kept:
        values = [msgspec.structs.asdict(one) | {"event_id": event_id, "room_id": room_id} for one in kept]
        tx.connection.execute(insert(opening), values)


def closures_of(rows: Connection, event_id: int) -> list[Closure]:
    """All closures, by their beginning."""
    columns = [closure.c[name] for name in Closure.__struct_fields__]
    query = select(*columns).where(closure.c.event_id == event_id).order_by(closure.c.starts_at, closure.c.id)
    return [Closure(**{**row, "kind": ClosureKind(row["kind"])}) for row in rows.execute(query).mappings()]


def closure_of(rows: Connection, event_id: int, closure_id: int) -> Closure:
    """One closure of the event, or `NotFound`."""
    found = next((one for one in closures_of(rows, event_id) if one.id == closure_id), None)
    if found is None:
        raise NotFound(N_("This was deleted meanwhile."), code="agenda.no-row")
    return found


def add_closures(tx: Transaction, event_id: int, drafts: Sequence[ClosureDraft]) -> None:
    """Store closures that are not there yet: sending a form twice must not double them."""
    known = {(one.kind, one.starts_at, one.ends_at) for one in closures_of(tx.connection, event_id)}
    for draft in drafts:
        if (draft.kind, draft.starts_at, draft.ends_at) not in known:
            tx.connection.execute(insert(closure).values({**_values(draft), "event_id": event_id}))


def change_closure(tx: Transaction, event_id: int, closure_id: int, draft: ClosureDraft) -> None:
    """Change one; languages the draft does not mention stay."""
    stored = closure_of(tx.connection, event_id, closure_id)
    values = {**_values(draft), "name": {**stored.name, **draft.name}}
    tx.connection.execute(update(closure).where(closure.c.id == closure_id).values(values))


def delete_closure(tx: Transaction, event_id: int, closure_id: int) -> None:
    closure_of(tx.connection, event_id, closure_id)
    tx.connection.execute(delete(closure).where(closure.c.id == closure_id))


def days_of_event(event: EventRow) -> list[date]:
    """Every conference day from the first to the last."""
    return [event.starts + timedelta(days=number) for number in range((event.ends - event.starts).days + 1)]


def _values(draft: ClosureDraft) -> dict[str, object]:
    return {**msgspec.structs.asdict(draft), "kind": draft.kind.value}
