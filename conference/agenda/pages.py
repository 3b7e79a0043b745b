"""The agenda for reading: every page works without JavaScript, in both languages, on two clocks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from aiohttp import web
from msgspec import structs
from sqlalchemy import Connection

from conference.agenda import reading
from conference.agenda.calendar_keys import calendar_key_made_at
from conference.agenda.grid import Grid, grid_of, grid_styles
from conference.agenda.grouping import (
    Day,
    by_time,
    conference_day,
    days_of,
    filtered,
    languages_of,
    now_and_next,
)
from conference.agenda.mine import clashing
from conference.agenda.presenting import chosen_days, next_standing, overview, standing
from conference.agenda.public_pages import is_shared, shared_page
from conference.agenda.releasing import published
from conference.agenda.rows import EventRow, FullSchedule, SessionDetails, SessionRow
from conference.agenda.signing_up import places_of
from conference.agenda.star import star_session, unstar_session
from conference.agenda.track_colours import track_styles
from conference.people.permissions import Capability, Scope, allowed
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE, FORM_TOKEN, SETTINGS
from conference.serving.failures import prefers_json
from conference.serving.forms import read_form
from conference.serving.pages import Page, compose_page, page_answer, render
from conference.serving.preferences import own_path


class ShownDay(msgspec.Struct, frozen=True):
    """A day as the schedule page shows it: by time for phones, on `grid` for wide screens."""

    day: Day[SessionDetails]
    grid: Grid
    times: list[tuple[datetime, list[SessionRow]]]

    @property
    def name(self) -> str:
        return f"d{self.day.index}"


SessionPart = Callable[[Connection, web.Request, SessionDetails], dict[str, Any]]
# What domains above this one show on a session's page: values for its template, read with the rest.
SESSION_PARTS: web.AppKey[list[SessionPart]] = web.AppKey("session_parts", list)


class Mine(msgspec.Struct, frozen=True):
    """What depends on who is looking."""

    starred: frozenset[str]
    organizes: bool
    enters: bool


async def start(request: web.Request) -> web.StreamResponse:
    """``/``: the configured event, or the only public one; else the list of events."""
    events = await request.app[DATABASE].read(reading.all_events)
    wanted = request.app[SETTINGS].agenda.default_event
    chosen = [one for one in events if one.slug == wanted] or (events if len(events) == 1 else [])
    if chosen:
        return await _home(request, chosen[0].slug)
    return render(request, "agenda/events.html", cacheable=_anonymous(request), events=events)


async def event_home(request: web.Request) -> web.StreamResponse:
    """``/{event}/``"""
    return await _home(request, request.match_info["event"])


async def _home(request: web.Request, slug: str) -> web.StreamResponse:
    def read(_rows: Connection, whole: FullSchedule) -> dict[str, Any]:
        people = published.people_of(whole)
        return {"schedule": whole, "people": people, "seen": overview(whole, _now(request))}

    return await _page(request, "agenda/home.html", read, slug=slug, shared=True)


async def schedule(request: web.Request) -> web.StreamResponse:
    """``/{event}/schedule`` with ``?day=``, ``?track=``, ``?room=``, ``?language=``."""
    filters = {name: request.query.get(name, "")[:64] for name in ("track", "room", "language")}

    def read(rows: Connection, whole: FullSchedule) -> dict[str, Any]:
        sessions = filtered(whole, **filters)
        every = days_of(whole.event, whole.sessions)
        days = chosen_days(whole.event, every, request.query.get("day", ""), _now(request))
        shown = [_shown(whole, day, sessions) for day in days]
        return {
            "schedule": whole,
            "every_day": every,
            "shown": shown,
            "filters": filters,
            "languages": languages_of(whole.sessions),
            "is_filtered": any(filters.values()),
            "page_styles": _grid_styles(shown, _now(request)),
            "late": published.late_rooms(rows, whole, _now(request)),
            "release": published.latest_release(rows, whole.event.id),
            "programme_state": _followed(rows, whole.event, _now(request)),
        }

    return await _page(request, "agenda/schedule.html", read, shared=True)


async def schedule_now(request: web.Request) -> web.StreamResponse:
    """``/{event}/schedule/now``: each room, what runs and what comes."""

    def read(rows: Connection, whole: FullSchedule) -> dict[str, Any]:
        at = _now(request)
        # Breaks are said once, above the rooms; beside each room stands what it will hold.
        held = structs.replace(whole, sessions=[one for one in whole.sessions if not one.is_break])
        return {
            "rooms": now_and_next(held, at),
            "seen": overview(whole, at),
            "schedule": whole,
            "late": published.late_rooms(rows, whole, at),
            "programme_state": _followed(rows, whole.event, at),
        }

    return await _page(request, "agenda/now.html", read, shared=True)


async def schedule_mine(request: web.Request) -> web.StreamResponse:
    """``/{event}/schedule/mine``: what this person starred."""
    return await my_agenda(request)


async def my_agenda(request: web.Request, *, calendar_address: str = "") -> web.StreamResponse:
    """What this person starred, what of it is on at the same time, and their calendar; *calendar_address* is
    shown when it was just made."""
    account = request[VIEWER].account_id

    def read(rows: Connection, whole: FullSchedule) -> dict[str, Any]:
        event = whole.event
        sessions = filtered(whole, codes=reading.starred_codes(rows, account, event.id))
        return {
            "schedule": whole,
            "days": [(day, by_time(day.sessions)) for day in days_of(event, sessions)],
            "clashes": clashing(sessions),
            "calendar_address": calendar_address,
            "path": f"/{event.slug}/schedule/mine",  # also where it was answered to a form
            "calendar_since": account and calendar_key_made_at(rows, account, event.id),
        }

    return await _page(request, "agenda/mine.html", read)


async def session_page(request: web.Request) -> web.StreamResponse:
    """``/{event}/session/{session}``"""
    code = request.match_info["session"]

    def read(rows: Connection, whole: FullSchedule) -> dict[str, Any]:
        found = published.session_by_code(rows, whole.event, code)
        places = places_of(rows, found.id, request[VIEWER].account_id, at=_now(request))
        values = {"session": found, "changes": next_standing(found, _now(request)), "places": places}
        for part in request.app.get(SESSION_PARTS, []):
            values |= part(rows, request, found)
        return values

    return await _page(request, "agenda/session.html", read)


async def speakers(request: web.Request) -> web.StreamResponse:
    """``/{event}/speakers``"""

    def read(_rows: Connection, whole: FullSchedule) -> dict[str, Any]:
        people = published.people_of(whole)
        parts: dict[str, list[SessionRow]] = {person.code: [] for person in people}
        for one in whole.sessions:
            for part in one.parts:
                parts[part.person.code].append(one)
        return {"people": people, "parts": parts}

    return await _page(request, "agenda/speakers.html", read)


async def speaker(request: web.Request) -> web.StreamResponse:
    """``/{event}/speaker/{person}``"""

    def read(_rows: Connection, whole: FullSchedule) -> dict[str, Any]:
        person = published.person_by_code(whole, request.match_info["person"])
        return {"person": person, "sessions": published.sessions_of_person(whole, person.id)}

    return await _page(request, "agenda/speaker.html", read)


class StarForm(msgspec.Struct):
    """`starred`: whether the session shall be in the agenda from now on."""

    starred: bool = False
    next: str = ""


async def star(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/session/{session}/star``: field ``starred`` (yes or nothing)."""
    form, account = await read_form(request, StarForm), request[VIEWER].account_id
    slug, code = request.match_info["event"], request.match_info["session"]
    assert account is not None  # the route demands STAR

    def find(rows: Connection) -> int:
        return published.session_by_code(rows, reading.event_by_slug(rows, slug), code).id

    session_id = await request.app[DATABASE].read(find)
    if form.starred:
        await request.app[DATABASE].write(lambda tx: star_session(tx, account, session_id, at=_now(request)))
    else:
        await request.app[DATABASE].write(lambda tx: unstar_session(tx, account, session_id))
    if prefers_json(request):
        return web.json_response({"starred": form.starred})
    back = own_path(form.next) if form.next else f"/{slug}/session/{code}"
    return web.Response(status=303, headers={"Location": back})


async def _page(
    request: web.Request,
    template: str,
    read: Callable[[Connection, FullSchedule], dict[str, Any]],
    *,
    slug: str | None = None,
    shared: bool = False,
) -> web.StreamResponse:
    """A page of one event: what *read* makes of its published programme, and what is the reader's own.

    *shared*: readers who are not signed in may be given the page that was made for another of them.
    """
    slug = slug or request.match_info["event"]

    def all_of_it(rows: Connection) -> dict[str, Any]:
        whole = published.schedule_of(rows, reading.event_by_slug(rows, slug))
        mine = _mine(request, rows, whole.event)
        found = {"page_styles": ""} | read(rows, whole)
        found["page_styles"] += track_styles(whole.tracks)
        return {"event": whole.event, "mine": mine, "may_organize": mine.organizes} | found

    async def compose(form_token: str) -> Page:
        values = await request.app[DATABASE].read(all_of_it)
        at = _now(request)
        values |= {"standing": lambda one: standing(one, at).value, "form_token": form_token}
        # A thousand sessions take a while; in a thread, the live rooms do not wait for it.
        return await asyncio.to_thread(compose_page, request, template, **values)

    if shared and is_shared(request):
        return await shared_page(request, slug, compose)
    return page_answer(request, await compose(request[FORM_TOKEN]), cacheable=_anonymous(request))


def _followed(rows: Connection, event: EventRow, at: datetime) -> str:
    """What open pages compare with `schedule/state`; "" on days without sessions: nothing moves then."""
    if not event.starts <= conference_day(event, at) <= event.ends:
        return ""
    state = published.state_of(rows, event.id)
    return f"{state.release}-{state.delay}"


def _mine(request: web.Request, rows: Connection, event: EventRow) -> Mine:
    account = request[VIEWER].account_id
    scope = Scope(event_id=event.id, is_public=event.is_public)
    return Mine(
        starred=reading.starred_codes(rows, account, event.id),
        organizes=allowed(rows, account, Capability.ORGANIZE, scope),
        enters=allowed(rows, account, Capability.ENTER_ROOM, scope),
    )


def _shown(whole: FullSchedule, day: Day[SessionDetails], sessions: list[SessionRow]) -> ShownDay:
    codes = {one.code for one in sessions}
    kept = [one for one in day.sessions if one.code in codes]
    if all(one.is_break for one in kept):
        kept = []  # a filter that leaves only the pauses leaves nothing
    return ShownDay(day, grid_of(whole.rooms, kept), by_time(kept))


def _grid_styles(shown: list[ShownDay], at: datetime) -> str:
    grids = "".join(grid_styles(one.grid, one.name, at) for one in shown if one.times)
    return f"@media (min-width:64rem){{{grids}}}"


def _now(request: web.Request) -> datetime:
    return request.app[CLOCK].now()


def _anonymous(request: web.Request) -> bool:
    return not request[VIEWER].signed_in
