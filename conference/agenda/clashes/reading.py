"""The draft as a `Plan`: a fixed number of queries, however large the event."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import time
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, String, Table, cast, func, select

from conference.agenda.clashes.plan import (
    Closure,
    Opening,
    Plan,
    PlannedPart,
    PlannedPerson,
    PlannedRoom,
    PlannedSession,
    PlannedType,
    PrayerPlace,
    minute_of,
)
from conference.agenda.rows import EventRow
from conference.agenda.tables import (
    SessionKind,
    SessionRole,
    SessionState,
    SignUpState,
    availability,
    closure,
    edit,
    opening,
    person,
    room,
    session,
    session_person,
    session_type,
    sign_up,
    star,
    track,
)


def newest_edit(rows: Connection, event_id: int) -> int:
    """The id of the draft's last edit; 0 when there was none."""
    found = rows.execute(select(func.max(edit.c.id)).where(edit.c.event_id == event_id)).scalar()
    return found or 0


def plan_of(rows: Connection, event: EventRow) -> Plan:
    """The whole draft with everything the rules ask for (twelve queries)."""
    frame = frame_of(rows, event)
    return msgspec.structs.replace(
        frame, sessions=planned_sessions(rows, event.id), stars=stars_of(rows, event.id)
    )


def frame_of(rows: Connection, event: EventRow) -> Plan:
    """What sessions are placed in (rooms, people, hours …) without the sessions and their stars."""
    return Plan(
        zone=event.zone,
        day_start_hour=event.day_start_hour,
        timeslot=event.timeslot_minutes,
        changeover=event.changeover_minutes,
        walking=event.walking_minutes,
        first_day=event.starts,
        last_day=event.ends,
        rooms=_rooms(rows, event.id),
        people=_people(rows, event.id),
        tracks={row.id: row.name for row in rows.execute(_of(track, event.id))},
        types=_types(rows, event.id),
        openings=_openings(rows, event.id),
        closures=_closures(rows, event.id),
        prayer=_prayer(event),
    )


def edited_since(rows: Connection, event_id: int, last: int) -> list[set[str]]:
    """For each edit after *last*, the codes of the sessions it changed, made or deleted."""
    query = select(edit.c.changes).where(edit.c.event_id == event_id, edit.c.id > last)
    return [{change["code"] for change in changes} for changes in rows.execute(query).scalars()]


def planned_sessions(
    rows: Connection, event_id: int, codes: Collection[str] | None = None
) -> tuple[PlannedSession, ...]:
    """Every session and break that is not cancelled, in the order they were made; of *codes* only, when given
    (three queries)."""
    named = session.c.event_id == event_id
    if codes is not None:
        named &= session.c.code.in_(codes)
    parts: dict[int, list[PlannedPart]] = defaultdict(list)
    table = session_person
    query = (
        select(table.c.session_id, table.c.person_id, table.c.role)
        .join(session, session.c.id == table.c.session_id)
        .where(named)
        .order_by(table.c.session_id, table.c.position)
    )
    roles = {role.value: role for role in SessionRole}
    for session_id, person_id, role in rows.execute(query):
        parts[session_id].append(PlannedPart(person_id, roles[role]))
    taken = _sign_ups(rows, named)
    wanted = named & (session.c.state != SessionState.CANCELLED.value)
    columns = (
        session.c.id,
        session.c.code,
        session.c.title,
        session.c.starts_at,
        session.c.minutes,
        session.c.room_id,
        session.c.track_id,
        session.c.type_id,
        session.c.kind,
        session.c.edition,
    )
    return tuple(
        PlannedSession(
            code=code,
            title=title,
            starts=None if starts_at is None else minute_of(starts_at),
            minutes=minutes,
            room=room_id,
            track=track_id,
            type=type_id,
            is_break=kind == SessionKind.BREAK.value,
            parts=tuple(parts.get(key, ())),
            sign_ups=taken.get(key, 0),
            edition=edition,
        )
        for key, code, title, starts_at, minutes, room_id, track_id, type_id, kind, edition in rows.execute(
            select(*columns).where(wanted).order_by(session.c.id)
        )
    )


def stars_of(rows: Connection, event_id: int, numbers: dict[str, int] | None = None) -> dict[str, int]:
    """Who starred each session, by code: a bit for each account that starred anything here (one query).

    *numbers* (account → bit) is added to; hand the same one in again and the bits mean the same people.
    """
    numbers = {} if numbers is None else numbers
    listed = func.aggregate_strings(cast(star.c.account_id, String), ",")
    query = (
        select(session.c.code, listed)
        .join(star, star.c.session_id == session.c.id)
        .where(session.c.event_id == event_id)
        .group_by(session.c.id)
    )
    return {
        code: _bits([numbers.setdefault(key, len(numbers)) for key in accounts.split(",")])
        for code, accounts in rows.execute(query)
    }


def _bits(numbers: Sequence[int]) -> int:
    # In bytes: arithmetic on the whole number for each of its bits would cost its length each time.
    found = bytearray(max(numbers) // 8 + 1)
    for number in numbers:
        found[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(found, "little")


def _of(table: Table, event_id: int) -> Select[Any]:
    return select(table).where(table.c.event_id == event_id).order_by(table.c.id)


def _rooms(rows: Connection, event_id: int) -> dict[int, PlannedRoom]:
    query = _of(room, event_id).order_by(None).order_by(room.c.position, room.c.id)
    return {
        row.id: PlannedRoom(id=row.id, slug=row.slug, name=row.name, capacity=row.capacity)
        for row in rows.execute(query)
    }


def _people(rows: Connection, event_id: int) -> dict[int, PlannedPerson]:
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    query = select(availability).join(person).where(person.c.event_id == event_id).order_by(availability.c.id)
    for row in rows.execute(query):
        spans[row.person_id].append((minute_of(row.starts_at), minute_of(row.ends_at)))
    columns = (person.c.id, person.c.code, person.c.name, person.c.zone, person.c.is_remote)
    return {
        key: PlannedPerson(
            id=key, code=code, name=name, zone=zone, is_remote=is_remote, available=tuple(spans.get(key, ()))
        )
        for key, code, name, zone, is_remote in rows.execute(
            select(*columns).where(person.c.event_id == event_id)
        )
    }


def _types(rows: Connection, event_id: int) -> dict[int, PlannedType]:
    return {
        row.id: PlannedType(id=row.id, name=row.name, minutes=row.minutes)
        for row in rows.execute(_of(session_type, event_id))
    }


def _openings(rows: Connection, event_id: int) -> tuple[Opening, ...]:
    return tuple(
        Opening(room=row.room_id, day=row.day, opens=_minutes(row.opens), closes=_minutes(row.closes))
        for row in rows.execute(_of(opening, event_id))
    )


def _closures(rows: Connection, event_id: int) -> tuple[Closure, ...]:
    return tuple(
        Closure(kind=row.kind, name=row.name, span=(minute_of(row.starts_at), minute_of(row.ends_at)))
        for row in rows.execute(_of(closure, event_id))
    )


def _prayer(event: EventRow) -> PrayerPlace | None:
    # The column is JSON: what is not a place (an older form of it) is no place.
    with contextlib.suppress(msgspec.ValidationError):
        return msgspec.convert(event.prayer, PrayerPlace, strict=False) if event.prayer else None
    return None


def _sign_ups(rows: Connection, named: ColumnElement[bool]) -> dict[int, int]:
    query = (
        select(sign_up.c.session_id, func.count())
        .join(session, session.c.id == sign_up.c.session_id)
        .where(named, sign_up.c.state == SignUpState.TAKEN.value)
        .group_by(sign_up.c.session_id)
    )
    return {session_id: count for session_id, count in rows.execute(query)}


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute
