"""Releases for everybody: an older one as it was, what changed between any two, the feed, and the state that
open pages ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.grouping import by_time, days_of
from conference.agenda.reading import event_by_slug
from conference.agenda.releasing import published
from conference.agenda.releasing.change_feed import Entry, feed_of
from conference.agenda.releasing.change_log import Change, Renamed, changes_between, grouped, renamed_rooms
from conference.agenda.releasing.change_words import GROUPS, Voice, renaming, sentences
from conference.agenda.releasing.published import ReleaseRow
from conference.agenda.rows import EventRow, SessionDetails
from conference.agenda.track_colours import track_styles
from conference.errors import N_, NotFound
from conference.people.notifying import newest_of, unread_of
from conference.people.permissions import Capability, Scope, allowed
from conference.people.viewer import VIEWER
from conference.serving.context import DATABASE, SETTINGS
from conference.serving.pages import render
from conference.serving.translation import SUPPORTED, language_of

FEED_TYPE = "application/atom+xml"
FEED_LENGTH = 20  # releases


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which programme is shown (release and delay), and for who is signed in how many notifications are new
    and which came last; as short as can be."""

    r: int
    d: int
    n: int | None = None
    m: str = ""


async def schedule_state(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/schedule/state``: asked every 20 s by open pages, answered in under 100 bytes."""
    slug, account_id = request.match_info["event"], request[VIEWER].account_id

    def read(rows: Connection) -> State:
        event_id = event_by_slug(rows, slug).id
        found = published.state_of(rows, event_id)
        if account_id is None:
            return State(found.release, found.delay)
        unread, last = unread_of(rows, account_id, event_id), newest_of(rows, account_id, event_id)
        return State(found.release, found.delay, unread, last)

    found = await request.app[DATABASE].read(read)
    tag = f'"{found.r}-{found.d}"' if found.n is None else f'"{found.r}-{found.d}-{found.n}-{found.m}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    return web.Response(body=msgspec.json.encode(found), content_type="application/json", headers=headers)


async def old_release(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/schedule/v/{version}/``: a release as it was made, to read."""

    def read(rows: Connection, event: EventRow) -> dict[str, Any]:
        one = published.release_by_name(rows, event.id, request.match_info["version"])
        whole = published.released_schedule(rows, event, one)
        latest = published.latest_release(rows, event.id)
        return {
            "event": whole.event,
            "release": one,
            "is_latest": latest is not None and latest.id == one.id,
            "days": [(day, by_time(day.sessions)) for day in days_of(whole.event, whole.sessions)],
            "page_styles": track_styles(whole.tracks),
        }

    return await _page(request, "agenda/release.html", read)


async def changes(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/schedule/changes?from=&to=``: two releases by name; the last two when not said."""
    lang = language_of(request)

    def read(rows: Connection, event: EventRow) -> dict[str, Any]:
        every = published.releases_of(rows, event.id)
        older, newer = _chosen(every, request.query.get("from", ""), request.query.get("to", ""))
        found, rooms = _between(rows, event, older, newer)
        voice = Voice(lang, event.zone, as_html=True)
        return {
            "event": event,
            "releases": every,
            "older": older,
            "newer": newer,
            "groups": [(kind, GROUPS[kind], group) for kind, group in grouped(found).items()],
            "count": len(found),
            "rooms": [renaming(one, voice) for one in rooms],
            "say": lambda change: sentences(change, voice),
            "held": {one.code for one in published.schedule_of(rows, event).sessions},
        }

    return await _page(request, "agenda/changes.html", read)


async def feed(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/schedule/feed.xml``: the releases (Atom, RFC 4287); ``?lang=ar`` or ``en``."""
    slug, asked = request.match_info["event"], request.query.get("lang", "")
    site = request.app[SETTINGS].public_url

    def read(rows: Connection) -> bytes:
        event = published.schedule_of(rows, event_by_slug(rows, slug)).event
        lang = asked if asked in SUPPORTED else event.language if event.language in SUPPORTED else "en"
        every = published.releases_of(rows, event.id)[: FEED_LENGTH + 1]
        entries = []
        for newer, older in zip(every, [*every[1:], None], strict=True):
            found, rooms = _between(rows, event, older, newer)
            entries.append(Entry(newer, found, is_first=older is None, rooms=rooms))
        return feed_of(event, entries[:FEED_LENGTH], site=site, lang=lang)

    body = await request.app[DATABASE].read(read)
    headers = {"Cache-Control": "no-cache"}
    return web.Response(body=body, content_type=FEED_TYPE, charset="utf-8", headers=headers)


def _chosen(every: list[ReleaseRow], older: str, newer: str) -> tuple[ReleaseRow | None, ReleaseRow | None]:
    """The two releases by name, the earlier one first; left out: the last one, and the one before it."""
    by_name = {one.name: one for one in every}
    if (older and older not in by_name) or (newer and newer not in by_name):
        raise NotFound(N_("This event has no such release."), code="agenda.no-release")
    if not every:
        return None, None
    last = by_name[newer] if newer else every[0]
    before = [one for one in every if one.number < last.number]
    first = by_name[older] if older else (before[0] if before else None)
    if first is not None and first.number > last.number:
        first, last = last, first
    return first, last


def _between(
    rows: Connection, event: EventRow, older: ReleaseRow | None, newer: ReleaseRow | None
) -> tuple[list[Change[SessionDetails]], list[Renamed]]:
    """What differs between two releases as they were made; nothing before the first."""
    if older is None or newer is None:
        return [], []
    before = published.released_schedule(rows, event, older)
    after = published.released_schedule(rows, event, newer)
    return changes_between(before.sessions, after.sessions), renamed_rooms(before.rooms, after.rooms)


async def _page(
    request: web.Request, template: str, read: Callable[[Connection, EventRow], dict[str, Any]]
) -> web.StreamResponse:
    slug, viewer = request.match_info["event"], request[VIEWER]

    def all_of_it(rows: Connection) -> dict[str, Any]:
        event = event_by_slug(rows, slug)
        scope = Scope(event_id=event.id, is_public=event.is_public)
        organizes = allowed(rows, viewer.account_id, Capability.ORGANIZE, scope)
        return {"may_organize": organizes} | read(rows, event)

    values = await request.app[DATABASE].read(all_of_it)
    return render(request, template, cacheable=not viewer.signed_in, **values)
