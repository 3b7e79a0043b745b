"""A session of the draft as the API, the planner and the organizers' channel show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, select

from conference.agenda.drafting.planned import Planned
from conference.agenda.drafting.stored_sessions import Stored
from conference.agenda.rows import Texts
from conference.agenda.tables import SessionKind, SessionRole, SessionState, person, room, session_type, track

FEW = 200


class DraftPart(msgspec.Struct, frozen=True):
    """Somebody's part in a session."""

    code: str
    name: Texts
    role: SessionRole


class DraftSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session without its long texts. `room`, `track`, `type` are slugs."""

    code: str
    kind: SessionKind
    state: SessionState
    title: Texts
    subtitle: Texts
    language: str | None
    room: str | None
    track: str | None
    type: str | None
    starts_at: datetime | None
    minutes: int
    do_not_record: bool
    is_cme: bool
    capacity: int | None
    takes_sign_ups: bool
    people: list[DraftPart]
    edition: int


class DraftSessionDetails(DraftSession, frozen=True, kw_only=True):
    """A session with everything an organizer can write; `notes` are for organizers only."""

    abstract: Texts
    description: Texts
    notes: str
    changed_at: datetime


class Names(msgspec.Struct, frozen=True):
    """What the internal ids in `Planned` are called in addresses; people with their names."""

    rooms: Mapping[int, str]
    tracks: Mapping[int, str]
    types: Mapping[int, str]
    people: Mapping[int, tuple[str, Texts]]

    @classmethod
    def of(cls, rows: Connection, event_id: int, about: Iterable[Planned | None] | None = None) -> Names:
        """Those of an event, in four queries; of its people only who is in *about*, when that is given."""
        query = select(person.c.id, person.c.code, person.c.name).where(person.c.event_id == event_id)
        wanted = {part.person_id for one in about or () if one is not None for part in one.parts}
        if about is not None and len(wanted) <= FEW:  # an event may have thousands, a move is of two
            query = query.where(person.c.id.in_(wanted))
        return cls(
            _slugs(rows, room, event_id),
            _slugs(rows, track, event_id),
            _slugs(rows, session_type, event_id),
            {one.id: (one.code, one.name) for one in rows.execute(query)},
        )

    def know(self, planned: Planned) -> bool:
        """Whether all that *planned* refers to is still there."""
        return (
            (planned.room_id is None or planned.room_id in self.rooms)
            and (planned.track_id is None or planned.track_id in self.tracks)
            and (planned.type_id is None or planned.type_id in self.types)
            and all(part.person_id in self.people for part in planned.parts)
        )


def shown(planned: Planned, edition: int, names: Names) -> DraftSession:
    """*planned* as lists show it."""
    return DraftSession(**_facts(planned, edition, names))


def shown_whole(one: Stored, names: Names) -> DraftSessionDetails:
    """A stored session with everything."""
    return DraftSessionDetails(
        **_facts(one.planned, one.edition, names),
        abstract=one.planned.abstract,
        description=one.planned.description,
        notes=one.planned.notes,
        changed_at=one.changed_at,
    )


def _facts(planned: Planned, edition: int, names: Names) -> dict[str, Any]:
    same = ("code", "kind", "state", "title", "subtitle", "language", "starts_at", "minutes", "do_not_record")
    facts: dict[str, Any] = {name: getattr(planned, name) for name in same}
    known = (part for part in planned.parts if part.person_id in names.people)
    people = [DraftPart(*names.people[part.person_id], part.role) for part in known]
    return facts | {
        "is_cme": planned.is_cme,
        "capacity": planned.capacity,
        "takes_sign_ups": planned.takes_sign_ups,
        "room": None if planned.room_id is None else names.rooms.get(planned.room_id),
        "track": None if planned.track_id is None else names.tracks.get(planned.track_id),
        "type": None if planned.type_id is None else names.types.get(planned.type_id),
        "people": people,
        "edition": edition,
    }


def _slugs(rows: Connection, table: Table, event_id: int) -> dict[int, str]:
    query = select(table.c.id, table.c.slug).where(table.c.event_id == event_id)
    return {row_id: slug for row_id, slug in rows.execute(query)}
