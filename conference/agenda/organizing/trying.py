"""What an import would change, found by doing it to a copy of the event in memory.

So the preview is what will be done, exactly; and the draft's digest says whether it is still the same draft
when somebody presses the button.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Row, Table, create_engine, insert, select
from sqlalchemy.pool import StaticPool

from conference.agenda.drafting.stored_sessions import Stored, stored_sessions
from conference.agenda.drafts import Oddity, Programme
from conference.agenda.importing.apply import import_schedule
from conference.agenda.reading import event_by_id, rooms_of, tracks_of, types_of
from conference.agenda.rows import PersonRow, Texts
from conference.agenda.tables import (
    event,
    person,
    room,
    session,
    session_person,
    session_type,
    track,
)
from conference.storage.columns import metadata
from conference.storage.database import Transaction

Struct = TypeVar("Struct", bound=msgspec.Struct)

COPIED = (event, room, track, session_type, person, session, session_person)
# What says nothing to an organizer, or is shown by a name instead.
_HIDDEN = frozenset({"id", "event_id", "edition", "revision", "position", "changed_at", "account_id", "slug"})


class FieldChange(msgspec.Struct, frozen=True):
    """One field: `before` and `after` as Python values; texts are taken apart by `language`."""

    field: str
    before: Any
    after: Any
    language: str = ""


class ThingChange(msgspec.Struct, frozen=True):
    """What happens to one thing: new ones have every field in `fields` with `before` None."""

    name: Texts
    is_new: bool
    fields: list[FieldChange]


class Preview(msgspec.Struct, frozen=True):
    """By kind ("event", "sessions", "rooms", "tracks", "types", "people"): what changes, and how many do not.

    `absent` are the sessions of the event that the file does not mention: they stay.
    """

    changes: dict[str, list[ThingChange]]
    unchanged: dict[str, int]
    absent: list[Texts]
    warnings: list[Oddity]

    @property
    def is_empty(self) -> bool:
        return not any(self.changes.values())


class Copy(msgspec.Struct, frozen=True):
    """The event's rows by table, as they are."""

    rows: dict[str, list[dict[str, Any]]]

    @property
    def digest(self) -> str:
        """Changes when anything of the draft does."""
        plain = {
            name: [{k: str(v) for k, v in row.items()} for row in rows] for name, rows in self.rows.items()
        }
        return sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()


def copy_of(rows: Connection, event_id: int) -> Copy:
    """Everything of the event that an import can change."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in COPIED:
        if table is session_person:
            query = select(table).join(session).where(session.c.event_id == event_id)
        else:
            query = select(table).where((table.c.id if table is event else table.c.event_id) == event_id)
        listed = rows.execute(query.order_by(*table.primary_key.columns))
        found[table.name] = [_plain_row(row) for row in listed]
    return Copy(found)


def preview(copy: Copy, programme: Programme, *, at: datetime) -> Preview:
    """Import *programme* into a copy and tell the difference. `BadInput` for what the import would refuse."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            metadata.create_all(connection, tables=COPIED)
            for table in COPIED:
                if copy.rows[table.name]:
                    connection.execute(insert(table), copy.rows[table.name])
            event_id = copy.rows[event.name][0]["id"]
            before = _things(connection, event_id)
            import_schedule(Transaction(connection), programme, at=at)
            after = _things(connection, event_id)
    finally:
        engine.dispose()
    changes = {kind: _changes(before[kind], after[kind]) for kind in before}
    touched = {kind: sum(not change.is_new for change in listed) for kind, listed in changes.items()}
    named = {one.guid for one in programme.sessions}
    absent = [names for key, (names, fields) in before["sessions"].items() if fields["guid"] not in named]
    unchanged = {kind: len(before[kind]) - touched[kind] for kind in before}
    unchanged["sessions"] -= len(absent)
    return Preview(changes, unchanged, absent, programme.warnings)


Things = dict[str, dict[int, tuple[Texts, dict[str, Any]]]]


def _things(rows: Connection, event_id: int) -> Things:
    """Every thing by kind and id, with its name and its fields."""
    stored = event_by_id(rows, event_id)
    rooms, tracks, types = rooms_of(rows, event_id), tracks_of(rows, event_id), types_of(rows, event_id)
    listed = rows.execute(
        select(*_columns(person, PersonRow)).where(person.c.event_id == event_id)
    ).mappings()
    people = [PersonRow(**row) for row in listed]
    names = {one.id: one.name for one in people}
    places = {"room": rooms, "track": tracks, "type": types}
    found: Things = {"event": {event_id: (stored.title, _fields(stored))}}
    for kind, each in (("rooms", rooms), ("tracks", tracks), ("types", types), ("people", people)):
        found[kind] = {one.id: (one.name, _fields(one)) for one in each}
    found["sessions"] = {
        one.id: (one.planned.title, _session_fields(one, places, names))
        for one in stored_sessions(rows, event_id).values()
    }
    return found


def _session_fields(one: Stored, places: dict[str, Any], names: dict[int, Texts]) -> dict[str, Any]:
    fields = _fields(one.planned)
    for kind, rows in places.items():
        row_id = fields.pop(f"{kind}_id")
        fields[kind] = next((row.name for row in rows if row.id == row_id), None)
    parts = fields.pop("parts")
    fields["people"] = [(names[part.person_id], part.role.value) for part in parts if part.person_id in names]
    return fields


def _fields(struct: msgspec.Struct) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(struct).items() if name not in _HIDDEN}


def _changes(
    before: dict[int, tuple[Texts, dict[str, Any]]], after: dict[int, tuple[Texts, dict[str, Any]]]
) -> list[ThingChange]:
    changes = []
    for key, (name, fields) in after.items():
        old = before.get(key)
        found = [
            change
            for field, value in fields.items()
            for change in _field_changes(field, old[1][field] if old else None, value)
        ]
        if found or old is None:
            changes.append(ThingChange(name if any(name.values()) else {"": "?"}, old is None, found))
    return changes


def _field_changes(field: str, before: Any, after: Any) -> list[FieldChange]:
    if before == after or (before is None and after in ("", [], {}, False)):
        return []
    if field in ("title", "subtitle", "abstract", "description", "name", "biography", "venue"):
        old, new = before or {}, after or {}
        tags = dict.fromkeys([*old, *new])
        return [
            FieldChange(field, old.get(tag, ""), new.get(tag, ""), tag)
            for tag in tags
            if old.get(tag) != new.get(tag)
        ]
    return [FieldChange(field, before, after)]


def _columns(table: Table, struct: type[Struct]) -> list[Any]:
    return [table.c[name] for name in struct.__struct_fields__]


def _plain_row(row: Row[Any]) -> dict[str, Any]:
    values = dict(row._mapping)
    # Of accounts the copy knows nothing; the digest does not need them either.
    return {name: None if name == "account_id" else value for name, value in values.items()}
