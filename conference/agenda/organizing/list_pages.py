"""Rooms, tracks and session types: one kind of page for each list, and one for each entry.

``/{event}/organize/{list}`` with `list` one of rooms, tracks, types; an entry's address ends in its slug.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from aiohttp import web
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
from conference.agenda.organizing import showing
from conference.agenda.organizing.arranging import Step, delete_unused, move, uses
from conference.agenda.organizing.typed import Typed, read_typed
from conference.agenda.reading import rooms_of, tracks_of, types_of
from conference.agenda.rows import EventRow, RoomRow, Texts, TrackRow, TypeRow
from conference.agenda.slugs import free_slug, slug_of
from conference.agenda.tables import room, session_type, track
from conference.errors import N_, BadInput, Conflict, NotFound
from conference.storage.database import Transaction

MOST_PEOPLE = 1_000_000
Draft = RoomDraft | TrackDraft | TypeDraft
Row = RoomRow | TrackRow | TypeRow


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


async def list_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/{list}``"""
    return await _list_page(request, Typed.of(colour_none=True, minutes=30))


async def add(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/{list}``"""
    kind, typed = _kind(request), await read_typed(request)

    def create(tx: Transaction, event: EventRow) -> None:
        name = typed.texts("name", limit=TITLE_LIMIT, needed=True)
        taken = set(tx.connection.scalars(select(kind.table.c.slug).where(_of(kind.table, event))))
        slug = free_slug(slug_of(text_in(name, "en"), prefix=kind.prefix), taken)
        draft = kind.draft(typed, slug, name)
        typed.check()
        kind.create(tx, event.id, draft)

    try:
        await showing.change(request, create)
    except BadInput as error:
        typed.refuse(error)
        return await _list_page(request, typed)
    raise showing.done(request, kind.name, "added")


async def entry_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/{list}/{entry}``"""
    return await _entry_page(request, None)


async def change(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/{list}/{entry}``"""
    kind, typed = _kind(request), await read_typed(request)

    def work(tx: Transaction, event: EventRow) -> None:
        row = _entry(request, kind, tx.connection, event)
        name = typed.texts("name", limit=TITLE_LIMIT, needed=True)
        draft = kind.draft(typed, row.slug, name)
        typed.check()
        showing.check_seen(typed, row)
        kind.change(tx, row.id, draft)

    try:
        await showing.change(request, work)
    except (BadInput, Conflict) as error:
        typed.refuse(error)
        return await _entry_page(request, typed)
    raise showing.done(request, kind.name)


async def reorder(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/{list}/{entry}/move`` with `step` "up" or "down"."""
    kind, typed = _kind(request), await read_typed(request)
    step: Step | None = typed.choice("step", {"up": -1, "down": 1}, needed=True)

    def work(tx: Transaction, event: EventRow) -> None:
        entry = _entry(request, kind, tx.connection, event)
        typed.check()
        assert step is not None
        move(tx, kind.table, event.id, entry.id, step)

    await showing.change(request, work)
    raise web.HTTPSeeOther(
        f"/{request.match_info['event']}/organize/{kind.name}#{request.match_info['entry']}"
    )


async def remove(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/{list}/{entry}/delete``"""
    kind = _kind(request)

    def work(tx: Transaction, event: EventRow) -> None:
        delete_unused(tx, kind.table, event.id, _entry(request, kind, tx.connection, event).id)

    try:
        await showing.change(request, work)
    except Conflict as error:
        typed = Typed()
        typed.refuse(error)
        return await _entry_page(request, typed, is_stored=True)
    raise showing.done(request, kind.name, "deleted")


async def _list_page(request: web.Request, typed: Typed) -> web.StreamResponse:
    kind = _kind(request)

    def read(rows: Connection, event: EventRow) -> dict[str, Any]:
        return {"rows": kind.rows(rows, event.id), "uses": uses(rows, kind.table, event.id)}

    values = await showing.with_event(request, read)
    tongues = showing.tongues_of(values["event"])
    return showing.form_page(request, "list", typed, tongues=tongues, list=kind.name, **values)


async def _entry_page(
    request: web.Request, typed: Typed | None, *, is_stored: bool = False
) -> web.StreamResponse:
    """The entry's form as *typed*, or as stored when nothing was (or only the deletion failed)."""
    kind = _kind(request)

    def read(rows: Connection, event: EventRow) -> dict[str, Any]:
        row = _entry(request, kind, rows, event)
        return {"row": row, "used": uses(rows, kind.table, event.id).get(row.id, 0)}

    values = await showing.with_event(request, read)
    stored = kind.typed(values["row"])
    shown = stored if typed is None or is_stored else typed
    if is_stored and typed is not None:
        shown.errors |= typed.errors
    return showing.form_page(
        request,
        "list_entry",
        shown,
        tongues=showing.tongues_of(values["event"], values["row"].name),
        theirs=showing.theirs_of(shown, stored, values["row"]),
        seen=showing.seen_of(values["row"]),
        list=kind.name,
        **values,
    )


def _kind(request: web.Request) -> Kind:
    return KINDS[request.match_info["list"]]


def _entry(request: web.Request, kind: Kind, rows: Connection, event: EventRow) -> Any:
    slug = request.match_info["entry"]
    found = next((row for row in kind.rows(rows, event.id) if row.slug == slug), None)
    if found is None:
        raise NotFound(N_("This was deleted meanwhile."), code="agenda.no-row")
    return found


def _of(table: Table, event: EventRow) -> Any:
    return table.c.event_id == event.id
