"""Importing for programs: first only what would change; with the digest of that answer, exactly that."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.api.answering import account_of, answer, read_draft, write_event
from conference.agenda.drafts import Programme
from conference.agenda.organizing.stash import Kept
from conference.agenda.organizing.trying import Copy, Preview, ThingChange, copy_of, preview
from conference.agenda.organizing.uploaded import LARGEST, apply_seen, known_of, programme_of
from conference.agenda.rows import EventRow, Texts
from conference.agenda.sheets.columns import KINDS
from conference.agenda.sheets.rows import Known
from conference.errors import N_, BadInput
from conference.serving.context import CLOCK, SETTINGS

QUERY = ("filename", "kind", "keep_event", "apply")


class ImportField(msgspec.Struct, frozen=True):
    """One field that changes; texts by `language`."""

    field: str
    language: str
    before: Any
    after: Any


class ImportChange(msgspec.Struct, frozen=True):
    """What happens to one thing."""

    name: Texts
    is_new: bool
    fields: list[ImportField]


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What the import changes, by "event", "sessions", "rooms", "tracks", "types" and "people". `absent`:
    sessions the file does not mention, which stay. Sent again with `?apply={digest}`, it is done."""

    digest: str
    applied: bool
    changes: dict[str, list[ImportChange]]
    unchanged: dict[str, int]
    absent: list[Texts]
    warnings: list[str]


async def bring(request: web.Request) -> web.Response:
    """``POST /api/events/{event}/imports``: the file is the body."""
    data, at = await _body(request), request.app[CLOCK].now()

    def read(rows: Connection, event: EventRow) -> tuple[Known, Copy]:
        return known_of(rows, event), copy_of(rows, event.id)

    known, copy = await read_draft(request, read)
    kept = _kept(request, known.event.id, data)
    site = request.app[SETTINGS].public_url
    programme = await asyncio.to_thread(programme_of, kept, known, site)
    seen = await asyncio.to_thread(preview, copy, programme, at=at)
    digest, by = request.query.get("apply", ""), account_of(request)
    if digest:
        again = await asyncio.to_thread(programme_of, kept, known, site)  # the preview may have used it up

        await write_event(request, lambda tx, event: apply_seen(tx, event, again, digest, by=by, at=at))
    told = _told(copy.digest, programme, seen, applied=bool(digest))
    return answer(told, headers={"Cache-Control": "no-store"})


def _kept(request: web.Request, event_id: int, data: bytes) -> Kept:
    kind = request.query.get("kind", "")
    if kind and kind not in KINDS:
        raise BadInput(N_("Please choose one of the offered values."), field="kind", code="form.not-offered")
    name = request.query.get("filename", "")[-80:] or "file"
    keeps = request.query.get("keep_event", "true") != "false"
    return Kept(event_id, name, next((each for each in KINDS if each == kind), None), keeps, data)


async def _body(request: web.Request) -> bytes:
    """Part by part: the general limit on bodies is smaller than a schedule."""
    parts, length = [], 0
    async for part in request.content.iter_chunked(64 * 1024):
        parts.append(part)
        length += len(part)
        if length > LARGEST:
            raise BadInput(
                N_("The file is larger than %(limit)d MB."), code="upload.size", limit=LARGEST >> 20
            )
    if not length:
        raise BadInput(N_("The file is empty."), code="upload.empty")
    return b"".join(parts)


def _told(digest: str, programme: Programme, seen: Preview, *, applied: bool) -> Imported:
    return Imported(
        digest=digest,
        applied=applied,
        changes={kind: [_change(one) for one in listed] for kind, listed in seen.changes.items()},
        unchanged=seen.unchanged,
        absent=seen.absent,
        warnings=[str(one) for one in programme.warnings],
    )


def _change(one: ThingChange) -> ImportChange:
    fields = [ImportField(each.field, each.language, each.before, each.after) for each in one.fields]
    return ImportChange(one.name, one.is_new, fields)
