"""Reading sessions of the draft as `Planned`, and writing what an act changed. Nothing is decided here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Table, delete, exists, insert, select, update

from conference.agenda.drafting import acts
from conference.agenda.drafting.dividing import Identity
from conference.agenda.drafting.plan import Named, Plan
from conference.agenda.drafting.planned import COLUMNS, Change, Planned, Taking
from conference.agenda.rows import EventRow
from conference.agenda.slugs import free_code
from conference.agenda.tables import (
    SessionKind,
    SessionRole,
    SessionState,
    person,
    release,
    room,
    session,
    session_person,
    session_type,
    track,
)
from conference.storage.columns import metadata
from conference.storage.database import Transaction


class Stored(msgspec.Struct, frozen=True):
    """A session of the draft with what the server knows of it."""

    id: int
    edition: int
    changed_at: datetime
    planned: Planned


def stored_sessions(
    rows: Connection, event_id: int, codes: Collection[str] | None = None
) -> dict[str, Stored]:
    """The sessions of the event by code: those of *codes*, or all."""
    wanted = session.c.event_id == event_id
    return _stored(rows, wanted if codes is None else wanted & session.c.code.in_(codes))


def stored_in_room(rows: Connection, event_id: int, room_id: int) -> dict[str, Stored]:
    """The scheduled sessions of one room, by code."""
    here = (session.c.event_id == event_id) & (session.c.room_id == room_id)
    return _stored(rows, here & session.c.starts_at.is_not(None))


def plan_for(rows: Connection, event: EventRow, act: acts.OnSessions) -> tuple[Plan, dict[str, Stored]]:
    """What the rules need to know for *act*: the names, and the sessions it is about."""
    rooms = _named(rows, room, event.id)
    if isinstance(act, acts.Shift):
        known = stored_in_room(rows, event.id, rooms[act.room].id) if act.room in rooms else {}
    else:
        known = stored_sessions(rows, event.id, list(acts.seen_editions(act)))
    leaving = known if isinstance(act, acts.Delete | acts.Merge) else {}
    plan = Plan(
        event=event,
        rooms=rooms,
        tracks=_named(rows, track, event.id),
        types=_named(rows, session_type, event.id),
        people=_people(rows, event.id) if isinstance(act, acts.Fields) and act.people else {},
        sessions={code: one.planned for code, one in known.items()},
        kept=frozenset(code for code, one in leaving.items() if is_kept(rows, event.id, one.id)),
    )
    return plan, known


def is_kept(rows: Connection, event_id: int, session_id: int) -> bool:
    """Whether a session can no longer be deleted: released since it was made, or something refers to it."""
    made = select(session.c.created_at).where(session.c.id == session_id).scalar_subquery()
    released = select(exists().where(release.c.event_id == event_id, release.c.made_at >= made))
    return bool(rows.scalar(released)) or any(
        rows.scalar(select(exists().where(column == session_id))) for column in _referring()
    )


def _referring() -> list[ColumnElement[Any]]:
    """Every column of the product that refers to a session, but for its people (they go with it)."""
    return [
        key.parent
        for table in metadata.tables.values()
        if table is not session_person
        for key in table.foreign_keys
        if key.column is session.c.id
    ]


def new_names(rows: Connection) -> Callable[[], Identity]:
    """Makes codes that are free on this server, each only once, and guids."""
    given: set[str] = set()

    class Taken:
        def __contains__(self, code: object) -> bool:
            query = select(session.c.id).where(session.c.code == code)
            return code in given or rows.execute(query).first() is not None

    def name() -> Identity:
        guid = str(uuid4())
        code = free_code(f"session {guid}", Taken())
        given.add(code)
        return Identity(code, guid)

    return name


def write_changes(
    tx: Transaction, event_id: int, changes: Iterable[Change], known: Mapping[str, Stored], *, at: datetime
) -> None:
    """Store *changes* to the sessions *known*; each raises the edition of what it changes by one."""
    for change in changes:
        if change.before is None:
            assert change.after is not None
            _insert(tx, event_id, change.after, at=at)
        elif change.after is None:
            tx.connection.execute(delete(session).where(session.c.id == known[change.code].id))
        else:
            _update(tx, known[change.code].id, change.before, change.after, at=at)


def _insert(tx: Transaction, event_id: int, planned: Planned, *, at: datetime) -> None:
    values = {name: getattr(planned, name) for name in COLUMNS}
    values |= {"kind": planned.kind.value, "state": planned.state.value}
    values |= {"event_id": event_id, "created_at": at, "changed_at": at}
    key = tx.connection.execute(insert(session).values(values)).inserted_primary_key
    assert key is not None
    _set_parts(tx, int(key[0]), planned.parts)


def _update(tx: Transaction, session_id: int, before: Planned, after: Planned, *, at: datetime) -> None:
    values = {name: getattr(after, name) for name in COLUMNS if getattr(after, name) != getattr(before, name)}
    values = {name: value.value if name in ("kind", "state") else value for name, value in values.items()}
    values |= {"edition": session.c.edition + 1, "changed_at": at}
    tx.connection.execute(update(session).where(session.c.id == session_id).values(values))
    if before.parts != after.parts:
        tx.connection.execute(delete(session_person).where(session_person.c.session_id == session_id))
        _set_parts(tx, session_id, after.parts)


def _set_parts(tx: Transaction, session_id: int, parts: Iterable[Taking]) -> None:
    rows = [
        {"session_id": session_id, "person_id": part.person_id, "role": part.role.value, "position": position}
        for position, part in enumerate(parts)
    ]
    if rows:
        tx.connection.execute(insert(session_person), rows)


def _stored(rows: Connection, wanted: ColumnElement[bool]) -> dict[str, Stored]:
    query = select(
        session.c.id, session.c.edition, session.c.changed_at, *(session.c[name] for name in COLUMNS)
    )
    found = rows.execute(query.where(wanted).order_by(session.c.id)).all()
    if not found:
        return {}
    parts = _parts(rows, wanted)
    return {row.code: Stored(row.id, row.edition, row.changed_at, _planned(row, parts)) for row in found}


def _planned(row: Row[Any], parts: Mapping[int, tuple[Taking, ...]]) -> Planned:
    values: dict[str, Any] = dict(zip(COLUMNS, row[3:], strict=True))
    values |= {"kind": SessionKind(values["kind"]), "state": SessionState(values["state"])}
    return Planned(**values, parts=parts.get(row.id, ()))


def _parts(rows: Connection, wanted: ColumnElement[bool]) -> dict[int, tuple[Taking, ...]]:
    query = (
        select(session_person.c.session_id, session_person.c.person_id, session_person.c.role)
        .join(session, session.c.id == session_person.c.session_id)
        .where(wanted)
        .order_by(session_person.c.session_id, session_person.c.position)
    )
    parts: dict[int, list[Taking]] = defaultdict(list)
    for session_id, person_id, role in rows.execute(query):
        parts[session_id].append(Taking(person_id, SessionRole(role)))
    return {session_id: tuple(listed) for session_id, listed in parts.items()}


def _named(rows: Connection, table: Table, event_id: int) -> dict[str, Named]:
    columns = (table.c.slug, table.c.id, *([table.c.minutes] if "minutes" in table.c else []))
    query = select(*columns).where(table.c.event_id == event_id).order_by(table.c.position, table.c.id)
    return {row[0]: Named(*row[1:]) for row in rows.execute(query)}


def _people(rows: Connection, event_id: int) -> dict[str, Named]:
    query = select(person.c.code, person.c.id).where(person.c.event_id == event_id)
    return {code: Named(person_id) for code, person_id in rows.execute(query)}
