"""Rooms, tracks and session types: one kind of page for each list, and one for each entry.

``/{event}/organize/{list}`` with `list` one of rooms, tracks, types; an entry's address ends in its slug.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.organizing import showing
from conference.agenda.organizing.arranging import Step, delete_unused, move, uses
from conference.agenda.organizing.lists import KINDS, Kind, add_entry, draft_typed, entry_of
from conference.agenda.organizing.typed import Typed, read_typed
from conference.agenda.rows import EventRow
from conference.errors import BadInput, Conflict
from conference.storage.database import Transaction


async def list_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/{list}``"""
    return await _list_page(request, Typed.of(colour_none=True, minutes=30))


async def add(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/{list}``"""
    kind, typed = _kind(request), await read_typed(request)

    try:
        await showing.change(request, lambda tx, event: add_entry(tx, event, kind, typed))
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
        draft = draft_typed(kind, typed, row.slug)
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
    return entry_of(rows, event, kind, request.match_info["entry"])
