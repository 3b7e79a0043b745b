"""The questions of a session beside its live room: read before and after it, searched, taken as files."""

from __future__ import annotations

import hashlib

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.reading import event_by_slug
from conference.agenda.releasing.published import find_session
from conference.agenda.scope import resolve_scope
from conference.errors import N_, NotFound
from conference.live.channels import desk_channel, person_channel, session_channel
from conference.live.commands import Caller
from conference.people.permissions import TABLE, Capability, Scope, roles_in
from conference.people.viewer import VIEWER
from conference.questions import exporting
from conference.questions.messages import SearchQuestions
from conference.questions.searching import search
from conference.questions.snapshot import own_votes, snapshot
from conference.serving.context import CLOCK, DATABASE
from conference.serving.spreadsheet_text import MEDIA_TYPE
from conference.serving.translation import language_of


async def questions_now(request: web.Request) -> web.StreamResponse:
    """``/{event}/session/{session}/questions.json``: `{questions, question_votes}` as in the live snapshot.

    With ``?q=`` what holds every word instead (`snapshot.Found`). Asked for by members of the event, before
    the doors open and after the end as well; an unchanged answer costs an empty 304.
    """
    words = request.query.get("q")

    def read(rows: Connection) -> object:
        caller = caller_on_page(rows, request)
        if words is not None:
            return search(rows, caller, SearchQuestions(text=words[:400]))
        return {"questions": snapshot(rows, caller), "question_votes": own_votes(rows, caller)}

    body = msgspec.json.encode(await request.app[DATABASE].read(read))
    tag = hashlib.sha256(body).hexdigest()[:22]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache"}
    if any(known.value == tag for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type="application/json", headers=headers)


async def export(request: web.Request) -> web.StreamResponse:
    """``/{event}/session/{session}/questions/export.{csv|json}``, for moderators: a file to keep."""
    code, form, now = request.match_info["session"], request.match_info["form"], request.app[CLOCK].now()

    def read(rows: Connection) -> bytes:
        event = event_by_slug(rows, request.match_info["event"])
        scope = resolve_scope(rows, request.match_info)
        listed = exporting.rows_to_export(rows, scope.session_id or 0)
        if form == "csv":
            return exporting.export_csv(listed, event.zone)
        return exporting.export_json(rows, scope.session_id or 0, code, listed, at=now)

    body = await request.app[DATABASE].read(read)
    return web.Response(
        body=body,
        content_type=MEDIA_TYPE if form == "csv" else "application/json",
        charset="utf-8" if form == "csv" else None,
        headers={
            "Content-Disposition": f'attachment; filename="questions-{code}.{form}"',
            "Cache-Control": "no-store",
        },
    )


def caller_on_page(rows: Connection, request: web.Request) -> Caller:
    """Who is looking at a page of a session, as in its live room; `NotFound` for a session that is not
    published, unless one presents or runs it."""
    viewer, now = request[VIEWER], request.app[CLOCK].now()
    slug, code = request.match_info["event"], request.match_info["session"]
    event = event_by_slug(rows, slug)
    scope: Scope = resolve_scope(rows, {"event": slug, "session": code})
    roles = roles_in(rows, viewer.account_id, scope, now=now)
    if find_session(rows, event, code) is None and not roles & TABLE[Capability.TAKE_FLOOR]:
        raise NotFound(N_("There is no such session in this event."), code="agenda.no-session")
    assert viewer.account_id is not None  # the route demands ENTER_ROOM
    channels = [session_channel(code), person_channel(viewer.public_id)]
    if roles & TABLE[Capability.MODERATE]:
        channels.append(desk_channel(code))
    return Caller(
        account_id=viewer.account_id, public_id=viewer.public_id, name=viewer.name,
        language=language_of(request),
        connection_id="", scope=scope, session_code=code, roles=frozenset(role.value for role in roles),
        channels=tuple(channels),
    )  # fmt: skip
