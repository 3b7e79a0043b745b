"""The organizers' pages of keys for machines: which sessions have some, and those of one session."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Meta
from sqlalchemy import Connection

from conference.agenda.reading import event_by_slug, schedule_of, session_by_code
from conference.agenda.rows import EventRow, SessionDetails
from conference.errors import BadInput
from conference.people.pages import blank, field_errors, typed_in
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE, SETTINGS
from conference.serving.forms import read_form
from conference.serving.pages import render
from conference.stage.ingest_keys import IngestKey, Life, Purpose, keys_of, make_key, revoke_key
from conference.stage.whip import MACHINES
from conference.storage.database import Transaction

ACTS = {Purpose.PUBLISH: "whip", Purpose.PLAY: "whep"}  # the last part of a machine's address


class KeyForm(msgspec.Struct):
    label: Annotated[str, Meta(min_length=1, max_length=80)]
    life: Life
    purpose: Purpose = Purpose.PUBLISH


class Made(msgspec.Struct, frozen=True):
    """A key that was just made: the only moment its token is known."""

    key: IngestKey
    token: str
    address: str


async def sessions_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/organize/machines`: every session, with how many keys are good."""
    now = request.app[CLOCK].now()

    def read(rows: Connection) -> dict[str, Any]:
        event = event_by_slug(rows, request.match_info["event"])
        sessions = [one for one in schedule_of(rows, event).sessions if not one.is_break]
        good = {one.id: sum(key.is_good(now) for key in keys_of(rows, one.id)) for one in sessions}
        return {"event": event, "sessions": sessions, "good": good}

    return render(request, "stage/machines.html", **await request.app[DATABASE].read(read))


async def keys_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/organize/machines/{session}`."""
    return await _keys_page(request)


async def make(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/machines/{session}`: the new key, shown this once."""
    now = request.app[CLOCK].now()

    def work(tx: Transaction, form: KeyForm) -> tuple[IngestKey, str]:
        _, session = _look_up(tx.connection, request)
        by = request[VIEWER].account_id
        return make_key(tx, session.id, form.label, form.purpose, form.life, by=by, now=now)

    try:
        form = await read_form(request, KeyForm)
        key, token = await request.app[DATABASE].write(lambda tx: work(tx, form))
    except BadInput as error:
        return await _keys_page(request, error=error)
    return await _keys_page(request, made=(key, token))


async def revoke(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/machines/{session}/{key}/revoke`: whoever used it is cut off at once."""
    now, names = request.app[CLOCK].now(), request.match_info

    def work(tx: Transaction) -> IngestKey:
        _, session = _look_up(tx.connection, request)
        return revoke_key(tx, session.id, names["key"], now=now)

    key = await request.app[DATABASE].write(work)
    await request.app[MACHINES].revoked(key.id)
    raise web.HTTPSeeOther(f"/{names['event']}/organize/machines/{names['session']}")


def _look_up(rows: Connection, request: web.Request) -> tuple[EventRow, SessionDetails]:
    event = event_by_slug(rows, request.match_info["event"])
    return event, session_by_code(rows, event.id, request.match_info["session"])


async def _keys_page(
    request: web.Request, *, error: BadInput | None = None, made: tuple[IngestKey, str] | None = None
) -> web.StreamResponse:
    def read(rows: Connection) -> tuple[EventRow, SessionDetails, list[IngestKey]]:
        event, session = _look_up(rows, request)
        return event, session, keys_of(rows, session.id)

    event, session, keys = await request.app[DATABASE].read(read)
    now = request.app[CLOCK].now()
    base = f"{request.app[SETTINGS].public_url}/{event.slug}/session/{session.code}"
    return render(
        request,
        "stage/machine_keys.html",
        status=error.status if error else 200,
        event=event,
        session=session,
        keys=[key for key in keys if key.is_good(now)],
        gone=[key for key in keys if not key.is_good(now)][:20],
        made=Made(made[0], made[1], f"{base}/{ACTS[made[0].purpose]}") if made else None,
        errors=field_errors(request, error),
        typed=await typed_in(request, error) if error else blank(),
    )
