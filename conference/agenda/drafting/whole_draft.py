"""The whole draft in one answer, as the planner and programs read it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TypeVar

import msgspec
from sqlalchemy import Connection, select

from conference.agenda.drafting.edit_stack import Entry, redoable, undoable
from conference.agenda.drafting.shown_session import (
    DraftSession,
    DraftSessionDetails,
    Names,
    shown,
    shown_whole,
)
from conference.agenda.drafting.stored_sessions import Stored, stored_sessions
from conference.agenda.drafting.undoing import own_entries
from conference.agenda.reading import rooms_of, tracks_of, types_of
from conference.agenda.rows import EventRow, Texts
from conference.agenda.tables import ClosureKind, closure, opening
from conference.errors import N_, NotFound
from conference.live.channels import event_desk_channel
from conference.live.log import head

Narrow = TypeVar("Narrow", bound=msgspec.Struct)


class DraftEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The event as a plan needs it; days and hours are on the clock of `zone`."""

    slug: str
    title: Texts
    zone: str
    language: str
    languages: list[str]
    starts: date
    ends: date
    day_start_hour: int
    timeslot_minutes: int
    changeover_minutes: int
    walking_minutes: int


class DraftRoom(msgspec.Struct, frozen=True):
    slug: str
    name: Texts
    capacity: int | None


class DraftTrack(msgspec.Struct, frozen=True):
    slug: str
    name: Texts
    colour: str


class DraftType(msgspec.Struct, frozen=True):
    slug: str
    name: Texts
    minutes: int


class Opening(msgspec.Struct, frozen=True):
    """When a room (None: every room) is open on a day; `closes` not after `opens` is on the next day."""

    room: str | None
    day: date
    opens: time
    closes: time


class Closure(msgspec.Struct, frozen=True):
    """A public holiday or an announced shutdown of the network."""

    kind: ClosureKind
    name: Texts
    starts_at: datetime
    ends_at: datetime


class Step(msgspec.Struct, frozen=True):
    """The edit that undo or redo would take back."""

    edit: int
    act: str


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a planner shows. What happens to it from `head` on is told in the live channel `channel`;
    `undo` and `redo` are the reader's own."""

    event: DraftEvent
    rooms: list[DraftRoom]
    tracks: list[DraftTrack]
    types: list[DraftType]
    openings: list[Opening]
    closures: list[Closure]
    sessions: list[DraftSession]
    channel: str
    head: int
    undo: Step | None
    redo: Step | None


def draft_of(rows: Connection, event: EventRow, *, reader: int | None) -> Draft:
    """The draft for the account *reader*; sessions by start and room, those without a time last."""
    names = Names.of(rows, event.id)
    channel = event_desk_channel(event.id)
    undo, redo = steps_of(rows, event.id, reader)
    rooms = rooms_of(rows, event.id)
    order = {room.id: place for place, room in enumerate(rooms)}
    listed = sorted(stored_sessions(rows, event.id).values(), key=lambda one: _place(one, order))
    return Draft(
        event=draft_event(event),
        rooms=[narrowed(each, DraftRoom) for each in rooms],
        tracks=[narrowed(each, DraftTrack) for each in tracks_of(rows, event.id)],
        types=[narrowed(each, DraftType) for each in types_of(rows, event.id)],
        openings=_openings(rows, event.id, names),
        closures=_closures(rows, event.id),
        sessions=[shown(one.planned, one.edition, names) for one in listed],
        channel=channel,
        head=head(rows, channel),
        undo=undo,
        redo=redo,
    )


def draft_event(event: EventRow) -> DraftEvent:
    """The event as a plan needs it."""
    return narrowed(event, DraftEvent)


def draft_session(rows: Connection, event_id: int, code: str) -> DraftSessionDetails:
    """One session of the draft with everything, scheduled or not; `NotFound` for any other code."""
    found = stored_sessions(rows, event_id, [code])
    if code not in found:
        raise NotFound(N_("There is no such session in this event."), code="agenda.no-session")
    return shown_whole(found[code], Names.of(rows, event_id, [found[code].planned]))


def steps_of(rows: Connection, event_id: int, reader: int | None) -> tuple[Step | None, Step | None]:
    """What the reader's next undo and redo would take back."""
    own = own_entries(rows, event_id, reader)
    return _step(undoable(own)), _step(redoable(own))


def _step(entry: Entry | None) -> Step | None:
    return None if entry is None else Step(entry.id, entry.act)


def _place(one: Stored, order: dict[int, int]) -> tuple[bool, float, int, str]:
    starts_at, room_id = one.planned.starts_at, one.planned.room_id
    room = -1 if room_id is None else order.get(room_id, -1)
    return starts_at is None, starts_at.timestamp() if starts_at else 0, room, one.planned.code


def narrowed(row: msgspec.Struct, struct: type[Narrow]) -> Narrow:
    """*row* with the fields of *struct* only."""
    return struct(**{name: getattr(row, name) for name in struct.__struct_fields__})


def _openings(rows: Connection, event_id: int, names: Names) -> list[Opening]:
    query = select(opening).where(opening.c.event_id == event_id).order_by(opening.c.day, opening.c.opens)
    return [
        Opening(None if row.room_id is None else names.rooms.get(row.room_id), row.day, row.opens, row.closes)
        for row in rows.execute(query)
    ]


def _closures(rows: Connection, event_id: int) -> list[Closure]:
    query = select(closure).where(closure.c.event_id == event_id).order_by(closure.c.starts_at)
    return [
        Closure(ClosureKind(row.kind), row.name, row.starts_at, row.ends_at) for row in rows.execute(query)
    ]
