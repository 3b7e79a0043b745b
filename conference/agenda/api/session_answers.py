"""Sessions of the draft one by one, for programs: each with an ETag that changes must name (RFC 9110 §13)."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import msgspec
from aiohttp import web
from msgspec import UNSET

from conference.agenda.api.answering import (
    account_of,
    answer,
    event_id_of,
    paged,
    read_draft,
    read_json,
)
from conference.agenda.api.draft_answers import act_done
from conference.agenda.api.preconditions import PreconditionFailed, PreconditionRequired
from conference.agenda.drafting import acts
from conference.agenda.drafting.shown_session import DraftSession, DraftSessionDetails
from conference.agenda.drafting.whole_draft import draft_of, draft_session
from conference.errors import N_, Conflict
from conference.serving.context import CLOCK, DATABASE
from conference.storage.database import Transaction

_tag = re.compile(r'"(?P<edition>\d{1,9})\.[0-9a-f]{12}"')
FILTERS = ("room", "track", "type", "kind", "state", "scheduled", "person")


async def listed(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/sessions``"""
    whole = await read_draft(request, lambda rows, event: draft_of(rows, event, reader=None))
    wanted = {name: request.query[name] for name in FILTERS if request.query.get(name)}
    return paged(request, [one for one in whole.sessions if _fits(one, wanted)])


async def one(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/sessions/{session}``"""
    code = request.match_info["session"]
    found = await read_draft(request, lambda rows, event: draft_session(rows, event.id, code))
    headers = {"ETag": etag(found), "Cache-Control": "private, max-age=0, must-revalidate"}
    if etag(found) in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    return answer(found, headers=headers)


async def create(request: web.Request) -> web.Response:
    """``POST /api/events/{event}/sessions``"""
    said = await read_json(request, acts.Fields)
    changed = await _perform(request, acts.Create(**_said(said)))
    assert changed is not None
    place = f"{request.rel_url.path.rstrip('/')}/{changed.code}"
    return answer(
        changed,
        status=201,
        headers={"Location": place, "ETag": etag(changed), "Cache-Control": "no-store"},
    )


async def change(request: web.Request) -> web.Response:
    """``PATCH /api/events/{event}/sessions/{session}``"""
    said, code = await read_json(request, acts.Fields), request.match_info["session"]
    edition = await _edition(request, code)
    changed = await _perform(request, acts.Edit(session=code, edition=edition, **_said(said)))
    assert changed is not None
    return answer(changed, headers={"ETag": etag(changed), "Cache-Control": "no-store"})


async def remove(request: web.Request) -> web.Response:
    """``DELETE /api/events/{event}/sessions/{session}``"""
    code = request.match_info["session"]
    await _perform(request, acts.Delete(session=code, edition=await _edition(request, code)))
    return web.Response(status=204)


def etag(session: DraftSessionDetails) -> str:
    """The edition, and a digest of all that is told: a person's new name is no edition."""
    return f'"{session.edition}.{sha256(msgspec.json.encode(session)).hexdigest()[:12]}"'


async def _perform(
    request: web.Request, act: acts.Create | acts.Edit | acts.Delete
) -> DraftSessionDetails | None:
    event_id, by, now = event_id_of(request), account_of(request), request.app[CLOCK].now()

    def work(tx: Transaction) -> DraftSessionDetails | None:
        done = act_done(tx, event_id, act, by=by, at=now)
        if isinstance(act, acts.Delete):
            return None
        code = done.changes[0].code if isinstance(act, acts.Create) else act.session
        return draft_session(tx.connection, event_id, code)

    try:
        return await request.app[DATABASE].write(work)
    except Conflict as error:
        if error.code != "agenda.stale":
            raise
        raise PreconditionFailed(error.message, code=error.code, details=error.details) from error


async def _edition(request: web.Request, code: str) -> int:
    """The edition the caller saw; ``*`` is whatever there is."""
    said = request.headers.get("If-Match", "").strip()
    if said == "*":
        found = await read_draft(request, lambda rows, event: draft_session(rows, event.id, code))
        return found.edition
    tag = _tag.fullmatch(said)
    if tag is None:
        raise PreconditionRequired(
            N_("Send the session's ETag as If-Match, so that nobody's change is lost."), code="api.if-match"
        )
    return int(tag["edition"])


def _said(fields: acts.Fields) -> dict[str, Any]:
    named = {name: getattr(fields, name) for name in fields.__struct_fields__}
    return {name: value for name, value in named.items() if value is not UNSET}


def _fits(session: DraftSession, wanted: dict[str, str]) -> bool:
    facts = {
        "room": session.room,
        "track": session.track,
        "type": session.type,
        "kind": session.kind.value,
        "state": session.state.value,
        "scheduled": "true" if session.starts_at else "false",
    }
    person = wanted.get("person")
    return all(facts[name] == value for name, value in wanted.items() if name != "person") and (
        person is None or any(part.code == person for part in session.people)
    )
