"""The event's own settings, and its logo."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.clashes.prayer import METHODS
from conference.agenda.organizing import showing
from conference.agenda.organizing.event_form import (
    event_draft,
    plan_rules,
    rules_of,
    store_event,
    typed_event,
)
from conference.agenda.organizing.logo import LARGEST, find_logo, keep_logo, set_logo
from conference.agenda.organizing.typed import Typed, read_typed
from conference.agenda.rows import EventRow
from conference.errors import N_, BadInput, Conflict, NotFound
from conference.serving.accent import accent_samples
from conference.serving.context import SETTINGS
from conference.serving.uploads import read_upload
from conference.storage.database import Transaction


async def settings_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/settings``"""
    return await _page(request, None)


async def save_settings(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/settings``; with `preview`, only to see the colour."""
    typed = await read_typed(request)
    if typed["preview"]:
        return await _page(request, typed)

    def save(tx: Transaction, event: EventRow) -> None:
        draft, rules = event_draft(typed, event), plan_rules(typed)
        typed.check()
        showing.check_seen(typed, [event, rules_of(tx.connection, event.id)])
        store_event(tx, event.id, draft, rules, at=showing.now_of(request))

    try:
        await showing.change(request, save)
    except (BadInput, Conflict) as error:
        typed.refuse(error)
        return await _page(request, typed)
    raise showing.done(request, "settings")


async def save_logo(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/logo``: a file, or with `remove` none any more."""
    upload = await read_upload(request, limit=LARGEST)
    typed, folder = Typed(), request.app[SETTINGS].folder
    try:
        name = "" if upload.fields.get("remove") else await keep_logo(folder, upload.data)
    except BadInput as error:
        typed.refuse(error, "file")
        return await _page(request, typed, is_stored=True)
    await showing.change(request, lambda tx, event: set_logo(tx, event, name, at=showing.now_of(request)))
    raise showing.done(request, "settings#logo")


async def logo(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/logo/{logo}``: a picture uploaded for this event; its name changes with its content."""
    found = find_logo(request.app[SETTINGS].folder, request.match_info["logo"])
    if found is None:
        raise NotFound(N_("There is no page at this address."), code="page.not-found")
    path, content_type = found
    headers = {"Content-Type": content_type, "Cache-Control": "private, max-age=604800, immutable"}
    return web.FileResponse(path, headers=headers)


async def _page(request: web.Request, typed: Typed | None, *, is_stored: bool = False) -> web.StreamResponse:
    def read(rows: Connection, event: EventRow) -> dict[str, Any]:
        return {"rules": rules_of(rows, event.id)}

    values = await showing.with_event(request, read)
    event, rules = values["event"], values["rules"]
    stored = typed_event(event, rules)
    shown = stored if typed is None or is_stored else typed
    if is_stored and typed is not None:
        shown.errors |= typed.errors
    return showing.form_page(
        request,
        "event",
        shown,
        tongues=showing.tongues_of(event, event.title, event.venue, event.description),
        theirs=showing.theirs_of(shown, stored, [event, rules]),
        seen=showing.seen_of([event, rules]),
        methods=list(METHODS),
        samples=(samples := accent_samples("" if shown.truth("accent_none") else shown["accent"])),
        page_styles="".join(sample.styles for sample in samples),
        largest=LARGEST // 1024,
        **values,
    )
