"""Reading the agenda: each function a fixed, small number of queries however large the event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, select

from conference.agenda.rows import (
    EventRow,
    FullSchedule,
    Part,
    PersonRow,
    RoomRow,
    Schedule,
    SessionDetails,
    SessionRow,
    TrackRow,
    TypeRow,
    UnscheduledRow,
)
from conference.agenda.tables import (
    SessionKind,
    SessionRole,
    SessionState,
    event,
    person,
    room,
    session,
    session_person,
    session_type,
    star,
    track,
)
from conference.errors import N_, NotFound
from conference.people.permissions import HIDDEN

Row = TypeVar("Row", bound=msgspec.Struct)
_ROLES = {role.value: role for role in SessionRole}
_NEVER = datetime.max.replace(tzinfo=UTC)

Listed = TypeVar("Listed", SessionRow, SessionDetails, UnscheduledRow)


def all_events(rows: Connection, *, only_public: bool = True) -> list[EventRow]:
    """Events, the next or latest first; closed ones only when asked for."""
    query = select(*_columns(event, EventRow)).order_by(event.c.starts.desc(), event.c.slug)
    return _structs(rows, query.where(event.c.is_public) if only_public else query, EventRow)


def event_by_slug(rows: Connection, slug: str) -> EventRow:
    """`NotFound` when there is no such event. Permission to see it is checked elsewhere."""
    found = _structs(rows, select(*_columns(event, EventRow)).where(event.c.slug == slug), EventRow)
    if not found:
        raise NotFound(HIDDEN)  # in the very words an outsider of a closed event gets
    return found[0]


def event_by_id(rows: Connection, event_id: int) -> EventRow:
    """The event with this internal id, for example the one a session row names."""
    found = _structs(rows, select(*_columns(event, EventRow)).where(event.c.id == event_id), EventRow)
    if not found:
        raise NotFound(HIDDEN)  # in the very words an outsider of a closed event gets
    return found[0]


def rooms_of(rows: Connection, event_id: int) -> list[RoomRow]:
    return _listed(rows, room, RoomRow, event_id)


def tracks_of(rows: Connection, event_id: int) -> list[TrackRow]:
    return _listed(rows, track, TrackRow, event_id)


def types_of(rows: Connection, event_id: int) -> list[TypeRow]:
    return _listed(rows, session_type, TypeRow, event_id)


def schedule_of(rows: Connection, event: EventRow) -> Schedule:
    """All that is scheduled, in six queries. Filter and group it with `grouping`."""
    rooms, tracks, types = rooms_of(rows, event.id), tracks_of(rows, event.id), types_of(rows, event.id)
    sessions = _sessions(rows, SessionRow, _scheduled(event.id), rooms, tracks, types)
    return Schedule(event=event, rooms=rooms, tracks=tracks, types=types, sessions=sessions)


def full_schedule_of(rows: Connection, event: EventRow) -> FullSchedule:
    """As `schedule_of`, with every text and link of every session, for exports."""
    rooms, tracks, types = rooms_of(rows, event.id), tracks_of(rows, event.id), types_of(rows, event.id)
    sessions = _sessions(rows, SessionDetails, _scheduled(event.id), rooms, tracks, types)
    return FullSchedule(event=event, rooms=rooms, tracks=tracks, types=types, sessions=sessions)


def unscheduled_of(rows: Connection, event_id: int) -> list[UnscheduledRow]:
    """The sessions without a time, in the order they were made."""
    wanted = (session.c.event_id == event_id) & session.c.starts_at.is_(None)
    listed = rooms_of(rows, event_id), tracks_of(rows, event_id), types_of(rows, event_id)
    return _sessions(rows, UnscheduledRow, wanted, *listed)


def session_by_code(rows: Connection, event_id: int, code: str) -> SessionDetails:
    """One scheduled session of this event; `NotFound` also when the code is another event's."""
    wanted = _scheduled(event_id) & (session.c.code == code)
    found = _sessions(
        rows,
        SessionDetails,
        wanted,
        rooms_of(rows, event_id),
        tracks_of(rows, event_id),
        types_of(rows, event_id),
    )
    if not found:
        raise NotFound(N_("There is no such session in this event."), code="agenda.no-session")
    return found[0]


def people_of(rows: Connection, event_id: int) -> list[PersonRow]:
    """Everyone named in a scheduled session of the event, in the order they first appear in it."""
    query = (
        select(*_columns(person, PersonRow))
        .join(session_person, session_person.c.person_id == person.c.id)
        .join(session, session.c.id == session_person.c.session_id)
        .where(person.c.event_id == event_id, session.c.starts_at.is_not(None))
        .order_by(session.c.starts_at, session.c.id, session_person.c.position)
    )
    seen: dict[int, PersonRow] = {}
    for found in _structs(rows, query, PersonRow):
        seen.setdefault(found.id, found)
    return list(seen.values())


def person_by_code(rows: Connection, event_id: int, code: str) -> PersonRow:
    query = select(*_columns(person, PersonRow)).where(person.c.event_id == event_id, person.c.code == code)
    found = _structs(rows, query, PersonRow)
    if not found:
        raise NotFound(N_("There is no such person in this event's programme."), code="agenda.no-person")
    return found[0]


def sessions_of_person(rows: Connection, event_id: int, person_id: int) -> list[SessionRow]:
    """The scheduled sessions a person takes part in, in any role, by start."""
    theirs = select(session_person.c.session_id).where(session_person.c.person_id == person_id)
    wanted = _scheduled(event_id) & session.c.id.in_(theirs)
    return _sessions(
        rows,
        SessionRow,
        wanted,
        rooms_of(rows, event_id),
        tracks_of(rows, event_id),
        types_of(rows, event_id),
    )


def starred_codes(rows: Connection, account_id: int | None, event_id: int) -> frozenset[str]:
    """The codes of the sessions this account has starred; nothing for nobody."""
    if account_id is None:
        return frozenset()
    query = (
        select(session.c.code)
        .join(star, star.c.session_id == session.c.id)
        .where(star.c.account_id == account_id, session.c.event_id == event_id)
    )
    return frozenset(rows.execute(query).scalars())


def _scheduled(event_id: int) -> ColumnElement[bool]:
    return (session.c.event_id == event_id) & session.c.starts_at.is_not(None)


def _columns(table: Table, struct: type[msgspec.Struct]) -> list[ColumnElement[Any]]:
    """The table's columns the struct has a field for, named as the struct names them."""
    return [table.c[name] for name in struct.__struct_fields__ if name in table.c]


def _structs(rows: Connection, query: Any, struct: type[Row]) -> list[Row]:
    return [struct(**row) for row in rows.execute(query).mappings()]


def _listed(rows: Connection, table: Table, struct: type[Row], event_id: int) -> list[Row]:
    query = select(*_columns(table, struct)).where(table.c.event_id == event_id)
    return _structs(rows, query.order_by(table.c.position, table.c.id), struct)


def _sessions(
    rows: Connection,
    struct: type[Listed],
    wanted: ColumnElement[bool],
    rooms: Sequence[RoomRow],
    tracks: Sequence[TrackRow],
    types: Sequence[TypeRow],
) -> list[Listed]:
    references = [session.c.room_id, session.c.track_id, session.c.type_id]
    query = (
        select(*_columns(session, struct), *references)
        .where(wanted)
        .order_by(session.c.starts_at, session.c.id)
    )
    found = rows.execute(query).mappings().all()
    parts = _parts(rows, wanted) if found else {}
    room_by_id, track_by_id, type_by_id = _by_id(rooms), _by_id(tracks), _by_id(types)
    sessions = []
    for row in found:
        values = dict(row)
        values["room"] = room_by_id.get(values.pop("room_id"))
        values["track"] = track_by_id.get(values.pop("track_id"))
        values["type"] = type_by_id.get(values.pop("type_id"))
        values["kind"], values["state"] = SessionKind(values["kind"]), SessionState(values["state"])
        sessions.append(struct(**values, parts=parts.get(row["id"], [])))
    return sorted(sessions, key=_by_start)


def _by_start(one: SessionRow | UnscheduledRow) -> tuple[datetime, int]:
    """By start and then by room; what has no start stays in its order."""
    if isinstance(one, UnscheduledRow):
        return _NEVER, 0
    return one.starts_at, one.room.position if one.room else -1


def _parts(rows: Connection, wanted: ColumnElement[bool]) -> dict[int, list[Part]]:
    """Who takes part in the *wanted* sessions; each person is read once, however many sessions they have."""
    table = session_person
    query = (
        select(table.c.session_id, table.c.person_id, table.c.role)
        .join(session, session.c.id == table.c.session_id)
        .where(wanted)
    )
    theirs = person.c.id.in_(query.with_only_columns(table.c.person_id))
    people = {
        one.id: one for one in _structs(rows, select(*_columns(person, PersonRow)).where(theirs), PersonRow)
    }
    parts: dict[int, list[Part]] = defaultdict(list)
    for session_id, person_id, role in rows.execute(query.order_by(table.c.session_id, table.c.position)):
        parts[session_id].append(Part(people[person_id], _ROLES[role]))
    return parts


def _by_id(listed: Iterable[Any]) -> dict[int | None, Any]:
    return {one.id: one for one in listed}
