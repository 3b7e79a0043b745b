"""Every operation of the API in one table: what is served, what it demands, and what its document says.

`routes` makes routes of it, `document` the OpenAPI document; neither can say what the other does not.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from conference.agenda import clash_api
from conference.agenda.api import draft_answers, list_answers, session_answers
from conference.agenda.api.answering import Page
from conference.agenda.api.document import document
from conference.agenda.drafting import acts
from conference.agenda.drafting.edit_history import PastEdit
from conference.agenda.drafting.shown_session import DraftSession, DraftSessionDetails
from conference.agenda.drafting.whole_draft import Draft, DraftEvent, DraftRoom, DraftTrack, DraftType
from conference.people.api_tokens import TokenScope
from conference.people.bearing import require_scope
from conference.people.permissions import Capability
from conference.serving.routing import Handler, Route

EVENT = "/api/events/{event}"
READ, WRITE, RELEASE = TokenScope.READ, TokenScope.WRITE, TokenScope.RELEASE


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """`gives` and `takes` are the types of the bodies, None for none; `query`: filters in the address."""

    method: str
    path: str
    handler: Handler
    summary: str
    gives: Any = None
    takes: Any = None
    status: int = HTTPStatus.OK
    scope: TokenScope = READ
    capability: Capability = Capability.ORGANIZE
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()

    @property
    def is_paged(self) -> bool:
        return getattr(self.gives, "__origin__", None) is Page


def _get(path: str, handler: Handler, gives: Any, summary: str, *query: str) -> Operation:
    return Operation(method="GET", path=path, handler=handler, gives=gives, summary=summary, query=query)


def _post(path: str, handler: Handler, takes: Any, gives: Any, summary: str, **more: Any) -> Operation:
    more = {"scope": WRITE, **more}
    return Operation(
        method="POST", path=path, handler=handler, takes=takes, gives=gives, summary=summary, **more
    )


_one = f"{EVENT}/sessions/{{session}}"
_sessions = session_answers

OPERATIONS = [
    Operation(
        method="GET",
        path="/api/events",
        handler=draft_answers.events,
        gives=Page[DraftEvent],
        summary="The events you organize.",
        capability=Capability.SIGNED_IN,
    ),
    _get(EVENT, draft_answers.event, DraftEvent, "One event."),
    _get(f"{EVENT}/draft", draft_answers.draft, Draft, "The whole draft: everything a planner shows."),
    _post(
        f"{EVENT}/acts",
        draft_answers.act,
        acts.Act,
        draft_answers.ActDone,
        "Do something to the draft, or undo or redo it. Repeating an Idempotency-Key gives the first answer.",
        headers=("Idempotency-Key",),
    ),
    _get(f"{EVENT}/edits", draft_answers.edits, Page[PastEdit], "The log of edits, newest first."),
    _get(
        f"{EVENT}/sessions",
        _sessions.listed,
        Page[DraftSession],
        "Sessions of the draft, by start, those without a time last.",
        *_sessions.FILTERS,
    ),
    _post(
        f"{EVENT}/sessions", _sessions.create, acts.Fields, DraftSessionDetails, "A new session.", status=201
    ),
    _get(
        _one, _sessions.one, DraftSessionDetails, "One session with everything; its ETag names its edition."
    ),
    Operation(
        method="PATCH",
        path=_one,
        handler=_sessions.change,
        takes=acts.Fields,
        gives=DraftSessionDetails,
        summary="Change a session; 412 with both versions when its ETag is of an older edition.",
        scope=WRITE,
        headers=("If-Match",),
    ),
    Operation(
        method="DELETE",
        path=_one,
        handler=_sessions.remove,
        status=204,
        summary="Delete a session that was never released and nobody has to do with.",
        scope=WRITE,
        headers=("If-Match",),
    ),
    _get(f"{EVENT}/rooms", list_answers.rooms, Page[DraftRoom], "The rooms, in the programme's order."),
    _get(f"{EVENT}/tracks", list_answers.tracks, Page[DraftTrack], "The tracks."),
    _get(
        f"{EVENT}/types", list_answers.types, Page[DraftType], "The session types with their usual lengths."
    ),
    _get(f"{EVENT}/people", list_answers.people, Page[list_answers.Person], "Everybody of the programme."),
    _get(
        f"{EVENT}/releases", list_answers.releases, Page[list_answers.Release], "The releases, newest first."
    ),
    _post(
        f"{EVENT}/releases",
        list_answers.release,
        list_answers.ReleaseIn,
        list_answers.ReleaseMade,
        "Release the draft.",
        status=201,
        scope=RELEASE,
    ),
    _get(f"{EVENT}/clashes", clash_api.clashes, clash_api.ClashesOut, "What is wrong with the draft."),
    _post(
        f"{EVENT}/clashes/preview",
        clash_api.preview,
        clash_api.PreviewIn,
        clash_api.PreviewOut,
        "What a move would mend and break; changes nothing.",
        scope=READ,
    ),
    _get(
        f"{EVENT}/clashes/{{clash}}/suggestions",
        clash_api.suggestions,
        clash_api.SuggestionsOut,
        "Moves that solve a clash, best first.",
    ),
]


def routes() -> list[Route]:
    """The routes of the API, and of its document."""
    described = msgspec.json.encode(document(OPERATIONS))

    async def openapi(_request: web.Request) -> web.Response:
        return web.Response(
            body=described, content_type="application/json", headers={"Cache-Control": "no-cache"}
        )

    made = [Route(one.method, one.path, _within(one), one.capability) for one in OPERATIONS]
    return [*made, Route("GET", "/api/openapi.json", openapi, Capability.ANYONE)]


def _within(operation: Operation) -> Handler:
    """The operation's handler, for tokens of its scope."""

    async def handle(request: web.Request) -> web.StreamResponse:
        require_scope(request, operation.scope)
        return await operation.handler(request)

    return handle
