"""The draft, the acts on it, and the log of edits."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.api.answering import (
    account_of,
    answer,
    event_id_of,
    paged,
    read_draft,
    read_json,
)
from conference.agenda.drafting import acts
from conference.agenda.drafting.edit_history import history_of
from conference.agenda.drafting.edit_log import ShownChange
from conference.agenda.drafting.performing import perform
from conference.agenda.drafting.whole_draft import DraftEvent, Step, draft_event, draft_of, steps_of
from conference.agenda.reading import all_events, event_by_id
from conference.errors import N_, BadInput
from conference.live.log import once
from conference.people.permissions import Role, Scope, roles_in
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE
from conference.storage.database import Transaction

_client_id = re.compile(r"[A-Za-z0-9_-]{1,36}")


class ActDone(msgspec.Struct, frozen=True, kw_only=True):
    """What an act did, and what undo and redo would take back now. `edit` is null when all was so already."""

    edit: int | None
    act: str
    undoes: int | None
    changes: list[ShownChange]
    undo: Step | None
    redo: Step | None


async def events(request: web.Request) -> web.Response:
    """``GET /api/events``: those the caller organizes."""
    account_id, now, only = account_of(request), request.app[CLOCK].now(), request[VIEWER].only_event_id

    def read(rows: Connection) -> list[DraftEvent]:
        listed = [one for one in all_events(rows, only_public=False) if only in (None, one.id)]
        return [
            draft_event(one)
            for one in listed
            if Role.ORGANIZER in roles_in(rows, account_id, Scope(one.id, None, one.is_public), now=now)
        ]

    return paged(request, await request.app[DATABASE].read(read))


async def draft(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/draft``"""
    reader = account_of(request)
    return answer(await read_draft(request, lambda rows, event: draft_of(rows, event, reader=reader)))


async def act(request: web.Request) -> web.Response:
    """``POST /api/events/{event}/acts``. With an ``Idempotency-Key`` a repeat gets the first one's answer."""
    said: acts.Act = await read_json(request, acts.Act)  # type: ignore[arg-type]  # mypy takes no union
    event_id, by = event_id_of(request), account_of(request)
    key, now = idempotency_key(request), request.app[CLOCK].now()

    def work(tx: Transaction) -> Any:
        def done() -> ActDone:
            return act_done(tx, event_id, said, by=by, at=now)

        return done() if key is None else once(tx, by, key, done, at=now).reply

    return answer(await request.app[DATABASE].write(work), headers={"Cache-Control": "no-store"})


async def edits(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/edits``: newest first."""
    return paged(request, await read_draft(request, lambda rows, event: history_of(rows, event.id)))


def act_done(tx: Transaction, event_id: int, act: acts.Act, *, by: int, at: datetime) -> ActDone:
    """Carry the act out and tell it all."""
    done = perform(tx, event_by_id(tx.connection, event_id), act, by=by, at=at)
    undo, redo = steps_of(tx.connection, event_id, by)
    return ActDone(
        edit=done.edit, act=done.act, undoes=done.undoes, changes=done.changes, undo=undo, redo=redo
    )


def idempotency_key(request: web.Request) -> str | None:
    """What a client names a request by, so that it may repeat it when the answer was lost."""
    said = request.headers.get("Idempotency-Key")
    if said is None:
        return None
    key = said.strip().strip('"')
    if not _client_id.fullmatch(key):
        raise BadInput(
            N_("An Idempotency-Key is 1 to 36 letters, digits, - or _."), code="api.idempotency-key"
        )
    return key
