"""Creating and changing what the agenda is made of. Every draft is checked first (`checks`).

One rule for texts on change: languages the draft does not mention stay; one it gives as "" goes.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select, update

from conference.agenda.checks import (
    as_utc,
    check_event,
    check_person,
    check_room,
    check_session,
    check_track,
    check_type,
)
from conference.agenda.drafts import (
    EventDraft,
    PartDraft,
    PersonDraft,
    RoomDraft,
    SessionDraft,
    TrackDraft,
    TypeDraft,
)
from conference.agenda.slugs import free_code, is_session_code
from conference.agenda.tables import (
    SessionRole,
    event,
    person,
    room,
    session,
    session_person,
    session_type,
    track,
)
from conference.errors import N_, Conflict
from conference.storage.columns import Localized
from conference.storage.database import Transaction

Outcome = Literal["created", "updated", "unchanged"]


class Session(msgspec.Struct, frozen=True):
    """A stored session's internal id and public code."""

    id: int
    code: str


def create_event(tx: Transaction, draft: EventDraft, *, at: datetime) -> int:
    """Store a new event and return its id; `Conflict` when the address is taken."""
    check_event(draft)
    taken = tx.connection.execute(select(event.c.id).where(event.c.slug == draft.slug)).first()
    if taken:
        raise Conflict(
            N_("There is already an event at “%(slug)s”."),
            code="agenda.slug-taken",
            field="slug",
            slug=draft.slug,
        )
    values = _known(_values(draft))
    values["is_public"] = draft.is_public is not False
    return _insert(tx, event, {**values, "created_at": at, "changed_at": at})


def change_event(tx: Transaction, event_id: int, draft: EventDraft, *, at: datetime) -> Outcome:
    check_event(draft)
    values = _known(_values(draft))
    if draft.prayer == {}:
        values["prayer"] = None
    return _change(tx, event, event_id, values, at=at)


def create_room(tx: Transaction, event_id: int, draft: RoomDraft) -> int:
    """Store a new room, last in order, and return its id."""
    check_room(draft)
    return _append(tx, room, event_id, _known(_values(draft)))


def change_room(tx: Transaction, room_id: int, draft: RoomDraft) -> Outcome:
    check_room(draft)
    return _change(tx, room, room_id, _filled(_known(_values(draft)), "guid", "capacity"))


def create_track(tx: Transaction, event_id: int, draft: TrackDraft) -> int:
    """Store a new track, last in order, and return its id."""
    check_track(draft)
    return _append(tx, track, event_id, _values(draft))


def change_track(tx: Transaction, track_id: int, draft: TrackDraft) -> Outcome:
    check_track(draft)
    return _change(tx, track, track_id, _filled(_values(draft), "colour"))


def create_type(tx: Transaction, event_id: int, draft: TypeDraft) -> int:
    """Store a new session type, last in order, and return its id."""
    check_type(draft)
    return _append(tx, session_type, event_id, _values(draft))


def change_type(tx: Transaction, type_id: int, draft: TypeDraft) -> Outcome:
    check_type(draft)
    return _change(tx, session_type, type_id, _values(draft))


def create_person(tx: Transaction, event_id: int, draft: PersonDraft) -> int:
    """Store somebody of the programme and return their id; a code is made when the draft has none."""
    check_person(draft)
    values = _known(_values(draft)) | {"external_id": draft.external_id}
    del values["key"]
    taken = _TakenCodes(tx.connection, person.c.event_id == event_id, person)
    if not values["code"] or values["code"] in taken:
        values["code"] = free_code(f"person {draft.guid or draft.key}", taken)
    return _insert(tx, person, {**values, "event_id": event_id})


def change_person(tx: Transaction, person_id: int, draft: PersonDraft) -> Outcome:
    """Change a person; their code, the address of their page, stays."""
    check_person(draft)
    values = _known(_values(draft))
    del values["key"], values["code"]
    return _change(tx, person, person_id, _filled(values, "guid", "external_id", "avatar", "url", "links"))


def create_session(
    tx: Transaction,
    event_id: int,
    draft: SessionDraft,
    *,
    at: datetime,
    room_id: int | None = None,
    track_id: int | None = None,
    type_id: int | None = None,
) -> Session:
    """Store a new session. Its code is the draft's when that is free on this server, else a new one."""
    check_session(draft)
    values = _session_values(draft, room_id, track_id, type_id)
    values["guid"] = values["guid"] or str(uuid.uuid4())
    seed = f"session {event_id} {draft.guid or values['guid']}"
    wanted = draft.code if is_session_code(draft.code) else free_code(seed, ())
    code = free_code(seed, _TakenCodes(tx.connection)) if wanted in _TakenCodes(tx.connection) else wanted
    values |= {"code": code, "source_code": draft.code if draft.code and draft.code != code else None}
    return Session(
        _insert(tx, session, {**values, "event_id": event_id, "created_at": at, "changed_at": at}), code
    )


def change_session(
    tx: Transaction,
    session_id: int,
    draft: SessionDraft,
    *,
    at: datetime,
    room_id: int | None = None,
    track_id: int | None = None,
    type_id: int | None = None,
) -> Outcome:
    """Change a session; its code and guid stay. Raises its edition when anything changed."""
    check_session(draft)
    values = _session_values(draft, room_id, track_id, type_id)
    del values["guid"]
    kept = ("external_id", "slug", "url", "origin_url", "feedback_url", "logo", "recording_url")
    return _change(tx, session, session_id, _filled(values, *kept), at=at)


def set_parts(
    tx: Transaction, session_id: int, parts: Sequence[PartDraft], person_ids: dict[str, int]
) -> bool:
    """Make *parts* the people of the session, in this order; whether that changed anything."""
    table = session_person
    query = (
        select(table.c.person_id, table.c.role)
        .where(table.c.session_id == session_id)
        .order_by(table.c.position)
    )
    stored = [(person_id, role) for person_id, role in tx.connection.execute(query)]
    roles = dict(reversed(stored))
    wanted: dict[tuple[int, str], None] = {}
    for part in parts:
        person_id = person_ids[part.person]
        role = part.role.value if part.role else roles.get(person_id, SessionRole.SPEAKER.value)
        wanted[person_id, role] = None
    if stored == list(wanted):
        return False
    tx.connection.execute(delete(table).where(table.c.session_id == session_id))
    rows = [
        {"session_id": session_id, "person_id": person_id, "role": role, "position": position}
        for position, (person_id, role) in enumerate(wanted)
    ]
    if rows:
        tx.connection.execute(insert(table), rows)
    tx.connection.execute(
        update(session).where(session.c.id == session_id).values(edition=session.c.edition + 1)
    )
    return True


class _TakenCodes:
    """Asks the database instead of loading every code of the server (of an event, for people)."""

    def __init__(
        self, rows: Connection, where: ColumnElement[bool] | None = None, of: Table = session
    ) -> None:
        self.rows, self.of = rows, of
        self.query = select(of.c.id) if where is None else select(of.c.id).where(where)

    def __contains__(self, code: object) -> bool:
        return self.rows.execute(self.query.where(self.of.c.code == code)).first() is not None


def _values(draft: msgspec.Struct) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in draft.__struct_fields__}


def _session_values(
    draft: SessionDraft, room_id: int | None, track_id: int | None, type_id: int | None
) -> dict[str, Any]:
    values = _values(draft)
    for name in ("room", "track", "type", "parts", "code"):
        del values[name]
    for name in ("notes", "is_cme", "capacity", "takes_sign_ups"):
        if values[name] is None:
            del values[name]
    if draft.capacity == 0:
        values["capacity"] = None
    starts_at = None if draft.starts_at is None else as_utc(draft.starts_at)
    values |= {"kind": draft.kind.value, "state": draft.state.value, "starts_at": starts_at}
    return {**values, "room_id": room_id, "track_id": track_id, "type_id": type_id}


def _known(values: dict[str, Any]) -> dict[str, Any]:
    """*values* without those that are None: "as stored"."""
    return {name: value for name, value in values.items() if value is not None}


def _filled(values: dict[str, Any], *names: str) -> dict[str, Any]:
    """*values* without those of *names* that are empty: an update that does not know them keeps them."""
    return {name: value for name, value in values.items() if value or name not in names}


def _insert(tx: Transaction, table: Table, values: dict[str, Any]) -> int:
    # As parameters: the statement is compiled once for a whole import, not anew for every row.
    inserted = tx.connection.execute(insert(table), values).inserted_primary_key
    assert inserted is not None
    return int(inserted[0])


def _append(tx: Transaction, table: Table, event_id: int, values: dict[str, Any]) -> int:
    last = select(func.coalesce(func.max(table.c.position), 0)).where(table.c.event_id == event_id)
    position = tx.connection.execute(last).scalar_one() + 1
    return _insert(tx, table, {**values, "event_id": event_id, "position": position})


def _change(
    tx: Transaction, table: Table, row_id: int, values: dict[str, Any], *, at: datetime | None = None
) -> Outcome:
    columns = [table.c[name] for name in values]
    old = tx.connection.execute(select(*columns).where(table.c.id == row_id)).mappings().one()
    changed: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(table.c[name].type, Localized):
            value = {lang: text for lang, text in {**old[name], **value}.items() if text}
        if value != old[name]:
            changed[name] = value
    if not changed:
        return "unchanged"
    if at is not None:
        changed["changed_at"] = at
    if table is session:
        changed["edition"] = session.c.edition + 1
    tx.connection.execute(update(table).where(table.c.id == row_id).values(changed))
    return "updated"
