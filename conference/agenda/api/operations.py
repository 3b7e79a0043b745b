"""Every operation of the API in one table: what is served, what it demands, and what its document says.

`routes` makes routes of it, `document` the OpenAPI document; neither can say what the other does not.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from conference.agenda import clash_api
from conference.agenda.api import (
    draft_answers,
    event_answers,
    hours_answers,
    import_answers,
    late_answers,
    people_answers,
    release_answers,
    session_answers,
)
from conference.agenda.api.answering import Page
from conference.agenda.api.document import document
from conference.agenda.api.entry_answers import ROOMS, TRACKS, TYPES, Entries
from conference.agenda.drafting import acts
from conference.agenda.drafting.edit_history import PastEdit
from conference.agenda.drafting.shown_session import DraftSession, DraftSessionDetails
from conference.agenda.drafting.whole_draft import Draft, DraftEvent
from conference.agenda.organizing.hours import Closure
from conference.agenda.releasing.saying_late import Late
from conference.people.api_tokens import TokenScope
from conference.people.bearing import require_scope
from conference.people.permissions import Capability
from conference.serving.routing import Handler, Route

EVENT = "/api/events/{event}"
READ, WRITE, RELEASE = TokenScope.READ, TokenScope.WRITE, TokenScope.RELEASE


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """`gives` and `takes` are the types of the bodies, None for none; with `takes_file` the body is a file;
    `query`: filters in the address."""

    method: str
    path: str
    handler: Handler
    summary: str
    gives: Any = None
    takes: Any = None
    takes_file: bool = False
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


def _change(
    method: str, path: str, handler: Handler, takes: Any, gives: Any, summary: str, **more: Any
) -> Operation:
    """A change of what an ETag names."""
    more = {"scope": WRITE, "headers": ("If-Match",), **more}
    return Operation(
        method=method, path=path, handler=handler, takes=takes, gives=gives, summary=summary, **more
    )


def _deletion(path: str, handler: Handler, summary: str) -> Operation:
    return _change("DELETE", path, handler, None, None, summary, status=HTTPStatus.NO_CONTENT)


def _entries(entries: Entries, one: str, listed: str) -> list[Operation]:
    """What can be done with one of the three lists."""
    path = f"{EVENT}/{entries.kind.name}"
    entry = f"{path}/{{{entries.parameter}}}"
    takes, gives = entries.takes, entries.gives
    return [
        _get(path, entries.listed, entries.part, listed),
        _post(path, entries.create, takes, gives, f"A new {one}.", status=201),
        _get(entry, entries.one, gives, f"One {one}."),
        _change("PATCH", entry, entries.change, takes, gives, f"Change a {one}, or its place in the list."),
        _deletion(entry, entries.remove, f"Delete a {one} that no session refers to."),
    ]


_one = f"{EVENT}/sessions/{{session}}"
_person = f"{EVENT}/people/{{person}}"
_closure = f"{EVENT}/closures/{{closure}}"
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
    Operation(
        method="POST",
        path="/api/events",
        handler=event_answers.make,
        takes=event_answers.NewEvent,
        gives=event_answers.EventSettings,
        summary="A new event, which you organize.",
        status=201,
        scope=WRITE,
        capability=Capability.MAKE_EVENT,
    ),
    _get(EVENT, event_answers.event, event_answers.EventSettings, "One event with its settings."),
    _change(
        "PATCH",
        EVENT,
        event_answers.change,
        event_answers.EventFields,
        event_answers.EventSettings,
        "Change its settings.",
    ),
    Operation(
        method="PUT",
        path=f"{EVENT}/logo",
        handler=event_answers.put_logo,
        takes_file=True,
        gives=event_answers.EventSettings,
        summary="Its logo: PNG, JPEG or WebP, as the body.",
        scope=WRITE,
    ),
    Operation(
        method="DELETE",
        path=f"{EVENT}/logo",
        handler=event_answers.remove_logo,
        gives=event_answers.EventSettings,
        summary="No logo any more.",
        scope=WRITE,
    ),
    _post(
        f"{EVENT}/clone",
        event_answers.clone,
        event_answers.CloneIn,
        event_answers.Cloned,
        "A new event from this one.",
        status=201,
    ),
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
    _change(
        "PATCH",
        _one,
        _sessions.change,
        acts.Fields,
        DraftSessionDetails,
        "Change a session; 412 with both versions when its ETag is of an older edition.",
    ),
    _deletion(_one, _sessions.remove, "Delete a session that was never released and nobody has to do with."),
    *_entries(ROOMS, "room", "The rooms, in the programme's order."),
    *_entries(TRACKS, "track", "The tracks."),
    *_entries(TYPES, "session type", "The session types with their usual lengths."),
    _get(
        f"{EVENT}/rooms/{{room}}/late", late_answers.late, late_answers.LateNow, "How late a room is running."
    ),
    _post(
        f"{EVENT}/rooms/{{room}}/late",
        late_answers.say_late,
        late_answers.LateIn,
        Late,
        "The rest of a room's day is later, at once for everybody; null minutes: back on time.",
    ),
    _get(
        f"{EVENT}/people", people_answers.listed, Page[people_answers.Person], "Everybody of the programme."
    ),
    _post(
        f"{EVENT}/people",
        people_answers.create,
        people_answers.PersonFields,
        people_answers.Person,
        "Somebody new.",
        status=201,
    ),
    _get(_person, people_answers.one, people_answers.Person, "One person, with when they can."),
    _change(
        "PATCH",
        _person,
        people_answers.change,
        people_answers.PersonFields,
        people_answers.Person,
        "Change a person.",
    ),
    _deletion(_person, people_answers.remove, "Delete somebody who takes part in nothing."),
    _get(f"{EVENT}/openings", hours_answers.openings, hours_answers.Openings, "The opening hours."),
    _change(
        "PUT",
        f"{EVENT}/openings",
        hours_answers.set_openings,
        hours_answers.OpeningsIn,
        hours_answers.Openings,
        "All opening hours from now on.",
    ),
    _get(
        f"{EVENT}/closures",
        hours_answers.closures,
        Page[Closure],
        "Public holidays and announced shutdowns.",
    ),
    _post(
        f"{EVENT}/closures",
        hours_answers.add_closure,
        hours_answers.ClosureFields,
        Closure,
        "A new one.",
        status=201,
    ),
    _get(_closure, hours_answers.closure, Closure, "One of them."),
    _change(
        "PATCH", _closure, hours_answers.edit_closure, hours_answers.ClosureFields, Closure, "Change one."
    ),
    _deletion(_closure, hours_answers.remove_closure, "Delete one."),
    Operation(
        method="POST",
        path=f"{EVENT}/imports",
        handler=import_answers.bring,
        takes_file=True,
        gives=import_answers.Imported,
        summary="A file (CSV, XLSX, frab, pretalx) as the body: what it would change; `apply` does it.",
        scope=WRITE,
        query=import_answers.QUERY,
    ),
    _get(
        f"{EVENT}/releases",
        release_answers.releases,
        Page[release_answers.Release],
        "The releases, newest first.",
    ),
    _post(
        f"{EVENT}/releases",
        release_answers.release,
        release_answers.ReleaseIn,
        release_answers.ReleaseMade,
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
