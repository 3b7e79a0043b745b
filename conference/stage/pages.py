"""The room's page: the door and the room in one, and every reason not to be let in, in words.

Rights are asked here rather than by the route, so that whoever may see the event is told what is
missing (sign in, register, wait) on the session's own page instead of a bare refusal.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.reading import event_by_slug, session_by_code
from conference.agenda.releasing.published import find_session
from conference.agenda.rows import EventRow, SessionDetails
from conference.errors import N_, MajlisError, NotAllowed, NotFound, NotSignedIn
from conference.people.permissions import Capability, allowed, require
from conference.people.viewer import VIEWER, Viewer
from conference.serving.context import CLOCK, DATABASE, FORM_TOKEN, SETTINGS
from conference.serving.pages import render
from conference.serving.translation import direction, explain, language_of
from conference.stage.decisions import decision_of
from conference.stage.doors import Phase, doors_open_at, refusal
from conference.stage.entering import phase_of_session
from conference.stage.rooms import Rooms
from conference.stage.standing import Place

ROOMS: web.AppKey[Rooms] = web.AppKey("rooms", Rooms)


class Refused(msgspec.Struct, frozen=True):
    code: str
    message: str


class Door(msgspec.Struct, frozen=True):
    """The door as one person finds it; `web/src/stage/wire.ts` reads it."""

    phase: Phase
    refusal: Refused | None
    full: bool
    here: int
    doors_open_at: datetime
    now: datetime


class Visitor(msgspec.Struct, frozen=True):
    """What the page knows of the session and of who is looking; `missing` is a right they lack."""

    event: EventRow
    session: SessionDetails
    phase: Phase
    presents: bool
    moderates: bool
    missing: MajlisError | None
    shut: MajlisError | None
    place: Place


async def room_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/session/{session}/room`"""
    visitor = await visitor_of(request)
    values: dict[str, Any] = {"event": visitor.event, "session": visitor.session}
    if visitor.missing is not None:
        status = visitor.missing.status
        return render(request, "stage/not_admitted.html", status=status, error=visitor.missing, **values)
    return render(request, "stage/room.html", room=_page_data(request, visitor), **values)


async def door_state(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/session/{session}/room/state`: asked now and then by a page that waits outside."""
    visitor = await visitor_of(request)
    if visitor.missing is not None:
        raise visitor.missing
    body = msgspec.json.encode(_door(request, visitor))
    return web.Response(body=body, content_type="application/json", headers={"Cache-Control": "no-store"})


async def visitor_of(request: web.Request) -> Visitor:
    """Who is looking at which session, and what they lack."""
    match, viewer, now = request.match_info, request[VIEWER], request.app[CLOCK].now()
    return await request.app[DATABASE].read(
        lambda rows: _look_up(rows, match["event"], match["session"], viewer, now)
    )


def _look_up(rows: Connection, slug: str, code: str, viewer: Viewer, now: datetime) -> Visitor:
    event = event_by_slug(rows, slug)
    published = find_session(rows, event, code)
    # What is not released is there for those who run it only; the right is looked at below.
    session = published or session_by_code(rows, event.id, code)
    if session.is_break:
        raise NotFound(N_("A break has no live room."), code="stage.break")
    place = Place(event_id=event.id, session_id=session.id, code=code, is_public=event.is_public)
    may = {
        capability: allowed(rows, viewer.account_id, capability, place.scope, now=now)
        for capability in (Capability.TAKE_FLOOR, Capability.MODERATE)
    }
    phase = phase_of_session(published, decision_of(rows, session.id), now=now)
    presents, moderates = may[Capability.TAKE_FLOOR], may[Capability.MODERATE]
    if published is None and not (presents or moderates):
        raise NotFound(N_("There is no such session in this event."), code="agenda.no-session")
    missing: MajlisError | None = None
    try:
        require(rows, viewer.account_id, Capability.ENTER_ROOM, place.scope, now=now)
        if session.is_cancelled:
            raise NotAllowed(N_("This session was cancelled."), code="stage.cancelled")
    except (NotSignedIn, NotAllowed) as error:
        missing = error
    shut = refusal(phase, presents=presents, moderates=moderates)
    return Visitor(event, session, phase, presents, moderates, missing, shut, place)


def _door(request: web.Request, visitor: Visitor) -> Door:
    here = request.app[ROOMS].here(visitor.session.code)
    shut = visitor.shut
    return Door(
        phase=visitor.phase,
        refusal=Refused(shut.code, explain(language_of(request), shut)) if shut else None,
        full=shut is None and not visitor.presents and here >= request.app[SETTINGS].media.max_viewers,
        here=here,
        doors_open_at=doors_open_at(visitor.session.starts_at),
        now=request.app[CLOCK].now(),
    )


def _page_data(request: web.Request, visitor: Visitor) -> dict[str, Any]:
    """What the browser code starts from: `RoomPage` in `web/src/stage/wire.ts`."""
    session, viewer = visitor.session, request[VIEWER]
    language, title = in_language(session.title, language_of(request))
    address = f"/{visitor.event.slug}/session/{session.code}"
    return {
        "session": session.code,
        "account": viewer.public_id,
        "name": viewer.name,
        "title": title,
        "title_language": language,
        "title_direction": direction(language),
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "moderates": visitor.moderates,
        "presents": visitor.presents,
        "session_url": address,
        "state_url": f"{address}/room/state",
        "check_url": f"{address}/room/check",
        "form_token": request.get(FORM_TOKEN, ""),
        "door": _door(request, visitor),
    }


def in_language(texts: dict[str, str], wanted: str) -> tuple[str, str]:
    """The text in the reader's language, else in the first there is, with its language."""
    found = wanted if texts.get(wanted) else next((name for name, text in texts.items() if text), wanted)
    return found, texts.get(found, "")
