"""Events on this server: the list of one's own, making a new one, cloning one.

Whoever organizes an event may make another and becomes its organizer. Somebody who came by a personal link,
which opens one event only, gets a link for the new one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import Connection, select

from conference.agenda.checks import TITLE_LIMIT
from conference.agenda.drafts import EventDraft
from conference.agenda.editing import create_event
from conference.agenda.organizing import showing
from conference.agenda.organizing.cloning import CLONED_ALONG, CloneDraft, clone_event
from conference.agenda.organizing.event_form import days_in, zone_in
from conference.agenda.organizing.typed import Typed, read_typed
from conference.agenda.reading import all_events
from conference.agenda.rows import EventRow, Texts
from conference.errors import BadInput, Conflict
from conference.people.grants import grant_role
from conference.people.links import make_personal_link
from conference.people.permissions import Role
from conference.people.tables import grant
from conference.people.viewer import VIEWER
from conference.serving.context import DATABASE, SETTINGS
from conference.serving.pages import render
from conference.serving.translation import SUPPORTED
from conference.storage.database import Transaction


async def events_page(request: web.Request) -> web.StreamResponse:
    """``GET /events``: the events this person organizes."""
    viewer = request[VIEWER]

    def read(rows: Connection) -> list[EventRow]:
        organized = select(grant.c.event_id).where(
            grant.c.account_id == viewer.account_id, grant.c.role == Role.ORGANIZER.value
        )
        mine = set(rows.scalars(organized))
        if viewer.only_event_id is not None:
            mine &= {viewer.only_event_id}
        return [event for event in all_events(rows, only_public=False) if event.id in mine]

    events = await request.app[DATABASE].read(read)
    return render(request, "agenda/organizing/events.html", events=events)


async def new_event_page(request: web.Request) -> web.StreamResponse:
    """``GET /events/new``"""
    return _new_page(request, Typed.of(zone="Asia/Baghdad", is_public="closed"))


async def make_event(request: web.Request) -> web.StreamResponse:
    """``POST /events/new``"""
    typed, now, by = await read_typed(request), showing.now_of(request), showing.account_of(request)

    def make(tx: Transaction) -> tuple[str, str]:
        starts, ends = days_in(typed, now.date(), now.date())
        draft = EventDraft(
            slug=_slug(typed),
            title=typed.texts("title", limit=TITLE_LIMIT, needed=True),
            zone=zone_in(typed),
            starts=starts,
            ends=ends,
            is_public=typed["is_public"] == "public",
        )
        typed.check()
        event_id = create_event(tx, draft, at=now)
        grant_role(tx, by, event_id, Role.ORGANIZER, now=now)
        return draft.slug, _own_link(request, tx, event_id, draft.slug, now)

    try:
        slug, link = await request.app[DATABASE].write(make)
    except (BadInput, Conflict) as error:
        typed.refuse(error)
        return _new_page(request, typed)
    return _made(request, slug, link, typed.texts("title", limit=TITLE_LIMIT), [])


async def clone_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/clone``"""
    return await _clone_page(request, None)


async def clone(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/clone``"""
    typed, now, by = await read_typed(request), showing.now_of(request), showing.account_of(request)

    def make(tx: Transaction, event: EventRow) -> tuple[str, str, list[Texts]]:
        draft = CloneDraft(
            slug=_slug(typed),
            title=typed.texts("title", limit=TITLE_LIMIT, needed=True),
            starts=typed.day("starts") or event.starts,
            with_sessions=typed.truth("with_sessions"),
            with_dates=typed.truth("with_dates"),
        )
        typed.check()
        cloned = clone_event(tx, event, draft, request.app[CLONED_ALONG], by=by, at=now)
        return draft.slug, _own_link(request, tx, cloned.id, draft.slug, now), cloned.moved

    try:
        slug, link, moved = await showing.act(request, make)
    except (BadInput, Conflict) as error:
        typed.refuse(error)
        return await _clone_page(request, typed)
    return _made(request, slug, link, typed.texts("title", limit=TITLE_LIMIT), moved)


def _slug(typed: Typed) -> str:
    return typed.text("slug", limit=64, needed=True).lower()


def _own_link(request: web.Request, tx: Transaction, event_id: int, slug: str, now: datetime) -> str:
    """A personal link into the new event for a maker whose session counts in another alone; else "".

    It is shown to the very browser that made the event, so it tells nobody anything they could not do.
    """
    viewer = request[VIEWER]
    if viewer.only_event_id is None or viewer.account_id is None:
        return ""
    token = make_personal_link(tx, viewer.account_id, event_id, now=now, next_path=f"/{slug}/organize/")
    return f"{request.app[SETTINGS].public_url}/join/{token}"


def _made(request: web.Request, slug: str, link: str, title: Texts, moved: list[Texts]) -> web.StreamResponse:
    if not link and not moved:
        raise showing.done(request, f"/{slug}/organize/settings", "made")
    return render(request, "agenda/organizing/made.html", slug=slug, link=link, title_made=title, moved=moved)


def _new_page(request: web.Request, typed: Typed) -> web.StreamResponse:
    return showing.form_page(request, "new_event", typed, tongues=list(SUPPORTED))


async def _clone_page(request: web.Request, typed: Typed | None) -> web.StreamResponse:
    def read(rows: Connection, event: EventRow) -> dict[str, Any]:
        return {}

    values = await showing.with_event(request, read)
    event = values["event"]
    shown = typed or Typed.of(title=event.title, with_sessions=True)
    tongues = showing.tongues_of(event, event.title)
    return showing.form_page(request, "clone", shown, tongues=tongues, **values)
