"""Importing in the browser: upload, see what will change, apply exactly that."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.organizing import showing
from conference.agenda.organizing.stash import Kept, forget, keep, kept_file
from conference.agenda.organizing.templates import TEMPLATE_TYPES, template_file
from conference.agenda.organizing.trying import copy_of, preview
from conference.agenda.organizing.typed import Typed, read_typed
from conference.agenda.organizing.uploaded import LARGEST, apply_seen, known_of, programme_of
from conference.agenda.reading import event_by_slug
from conference.agenda.rows import EventRow
from conference.agenda.sheets.columns import KINDS, Kind
from conference.agenda.sheets.rows import Known
from conference.errors import N_, BadInput, Conflict, NotFound
from conference.serving.context import DATABASE, SETTINGS
from conference.serving.forms import MISSING
from conference.serving.translation import language_of
from conference.serving.uploads import read_upload
from conference.storage.database import Transaction

SHOWN = 200  # changes of each kind on the page


async def import_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/import``"""
    return await _upload_page(request, Typed.of(keeps_event=True))


async def upload(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/import``: keeps the file and goes to its preview; nothing is changed."""
    sent = await read_upload(request, limit=LARGEST)
    typed = Typed({name: [value] for name, value in sent.fields.items()})
    kind: Kind | None = typed.choice("kind", {each: each for each in KINDS})
    try:
        if not sent.data:
            raise BadInput(MISSING, field="file")
        known = await request.app[DATABASE].read(lambda rows: _known(rows, request))
        name = sent.filename.rsplit("/", 1)[-1].rsplit("\\", 1)[-1] or "file"
        kept = Kept(known.event.id, name[-80:], kind, typed.truth("keeps_event"), sent.data)
        await asyncio.to_thread(
            programme_of, kept, known, _site(request)
        )  # refused at once when it cannot be read
        key = await asyncio.to_thread(keep, request.app[SETTINGS].folder, kept)
    except BadInput as error:
        typed.refuse(error, "file")
        return await _upload_page(request, typed)
    raise web.HTTPSeeOther(f"/{request.match_info['event']}/organize/import/{key}")


async def preview_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/import/{upload}``"""
    return await _preview_page(request, Typed())


async def apply(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/import/{upload}``: refused when the draft is not what the preview showed."""
    typed, key, site = await read_typed(request), request.match_info["upload"], _site(request)
    by, at, folder = showing.account_of(request), showing.now_of(request), request.app[SETTINGS].folder
    known = await request.app[DATABASE].read(lambda rows: _known(rows, request))
    kept = await asyncio.to_thread(kept_file, folder, key, known.event.id)
    programme = await asyncio.to_thread(programme_of, kept, known, site)

    def work(tx: Transaction, event: EventRow) -> None:
        apply_seen(tx, event, programme, typed["seen"], by=by, at=at)

    try:
        await showing.act(request, work)
    except (BadInput, Conflict) as error:
        typed.refuse(error, "")
        return await _preview_page(request, typed)
    await asyncio.to_thread(forget, folder, key)
    raise showing.done(request, "sessions", "imported")


async def template(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/import/template/{template}``: an empty table with headings and an example."""
    name = request.match_info["template"]
    kind, _, ending = name.partition(".")
    if kind not in (*KINDS, "programme") or ending not in TEMPLATE_TYPES:
        raise NotFound(N_("There is no page at this address."), code="page.not-found")
    body = await asyncio.to_thread(template_file, kind, ending, language_of(request))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=TEMPLATE_TYPES[ending], headers=headers)


def _site(request: web.Request) -> str:
    return request.app[SETTINGS].public_url


def _known(rows: Connection, request: web.Request) -> Known:
    return known_of(rows, event_by_slug(rows, request.match_info["event"]))


async def _upload_page(request: web.Request, typed: Typed) -> web.StreamResponse:
    values = await showing.with_event(request, lambda rows, event: {})
    return showing.form_page(request, "import", typed, largest=LARGEST >> 20, **values)


async def _preview_page(request: web.Request, typed: Typed) -> web.StreamResponse:
    key, at, folder = request.match_info["upload"], showing.now_of(request), request.app[SETTINGS].folder

    def read(rows: Connection) -> tuple[Known, Any]:
        known = _known(rows, request)
        return known, copy_of(rows, known.event.id)

    known, copy = await request.app[DATABASE].read(read)
    kept = await asyncio.to_thread(kept_file, folder, key, known.event.id)
    programme = await asyncio.to_thread(programme_of, kept, known, _site(request))
    try:
        seen = await asyncio.to_thread(preview, copy, programme, at=at)
    except (BadInput, Conflict) as error:
        typed.refuse(error, "file")
        return await _upload_page(request, typed)
    return showing.form_page(
        request,
        "import_preview",
        typed,
        event=known.event,
        seen=copy.digest,
        filename=kept.filename,
        upload=key,
        preview=seen,
        most=SHOWN,
    )
