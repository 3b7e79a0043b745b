"""Rooms, tracks and session types: how each of the three lists is read from a form and stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, select, update

from conference.agenda.checks import LONGEST_SESSION, TEXT_LIMIT, TITLE_LIMIT
from conference.agenda.drafts import RoomDraft, TrackDraft, TypeDraft
from conference.agenda.editing import (
    change_room,
    change_track,
    change_type,
    create_room,
    create_track,
    create_type,
)
from conference.agenda.languages import text_in
from conference.agenda.organizing.typed import Typed
from conference.agenda.reading import rooms_of, tracks_of, types_of
from conference.agenda.rows import EventRow, Texts
from conference.agenda.slugs import free_slug, slug_of
from conference.agenda.tables import room, session_type, track
from conference.errors import N_, NotFound
from conference.storage.database import Transaction

MOST_PEOPLE = 1_000_000


class Kind(msgspec.Struct, frozen=True):
    """One of the lists: where it is kept, how it is read from a form and stored."""

    name: str
    prefix: str  # of slugs made for names that are not Latin
    table: Table
    rows: Callable[[Connection, int], Sequence[Any]]
    draft: Callable[[Typed, str, Texts], Any]
    typed: Callable[[Any], Typed]
    create: Callable[[Transaction, int, Any], int]
    change: Callable[[Transaction, int, Any], object]


def _room_draft(typed: Typed, slug: str, name: Texts) -> RoomDraft:
    return RoomDraft(
        slug=slug,
        name=name,
        description=typed.texts("description", limit=TEXT_LIMIT, lines=True),
        capacity=typed.number("capacity", least=0, most=MOST_PEOPLE),
    )


def _track_draft(typed: Typed, slug: str, name: Texts) -> TrackDraft:
    return TrackDraft(slug=slug, name=name, colour="" if typed.truth("colour_none") else typed["colour"])


def _type_draft(typed: Typed, slug: str, name: Texts) -> TypeDraft:
    minutes = typed.number("minutes", least=1, most=LONGEST_SESSION, needed=True)
    return TypeDraft(slug=slug, name=name, minutes=minutes or 1)


def _change_room(tx: Transaction, room_id: int, draft: RoomDraft) -> None:
    change_room(tx, room_id, draft)  # keeps a capacity that a file does not mention; a form always does
    tx.connection.execute(update(room).where(room.c.id == room_id).values(capacity=draft.capacity))


def _change_track(tx: Transaction, track_id: int, draft: TrackDraft) -> None:
    change_track(tx, track_id, draft)
    tx.connection.execute(update(track).where(track.c.id == track_id).values(colour=draft.colour))


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "rooms",
            "room",
            room,
            rooms_of,
            _room_draft,
            lambda row: Typed.of(name=row.name, description=row.description, capacity=row.capacity),
            create_room,
            _change_room,
        ),
        Kind(
            "tracks",
            "track",
            track,
            tracks_of,
            _track_draft,
            lambda row: Typed.of(name=row.name, colour=row.colour, colour_none=not row.colour),
            create_track,
            _change_track,
        ),
        Kind(
            "types",
            "type",
            session_type,
            types_of,
            _type_draft,
            lambda row: Typed.of(name=row.name, minutes=row.minutes),
            create_type,
            change_type,
        ),
    )
}


def add_entry(tx: Transaction, event: EventRow, kind: Kind, typed: Typed) -> str:
    """Store a new entry, last of its list, as *typed* says; returns its slug, made from its name.

    Raises the first mistake, all of which are noted in *typed*.
    """
    name = typed.texts("name", limit=TITLE_LIMIT, needed=True)
    taken = set(tx.connection.scalars(select(kind.table.c.slug).where(kind.table.c.event_id == event.id)))
    slug = free_slug(slug_of(text_in(name, "en"), prefix=kind.prefix), taken)
    draft = kind.draft(typed, slug, name)
    typed.check()
    kind.create(tx, event.id, draft)
    return slug


def draft_typed(kind: Kind, typed: Typed, slug: str) -> Any:
    """The entry *slug* as *typed* says it; raises the first mistake."""
    draft = kind.draft(typed, slug, typed.texts("name", limit=TITLE_LIMIT, needed=True))
    typed.check()
    return draft


def entry_of(rows: Connection, event: EventRow, kind: Kind, slug: str) -> Any:
    """The row of this slug, or `NotFound`."""
    found = next((row for row in kind.rows(rows, event.id) if row.slug == slug), None)
    if found is None:
        raise NotFound(N_("This was deleted meanwhile."), code="agenda.no-row")
    return found
