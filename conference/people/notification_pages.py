"""`/{event}/notifications`: one's own notifications as a page, and for open pages without a socket."""

from __future__ import annotations

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from conference.people.access import SCOPE
from conference.people.events import EVENTS, EventFacts
from conference.people.notice_words import Shown
from conference.people.notifications import AT_ONCE, newest
from conference.people.notifying import read_upto, unread_of
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE
from conference.serving.forms import read_form
from conference.serving.pages import render
from conference.serving.translation import language_of

FRESH = 3  # to be said in a sentence; more than that are a number


class New(msgspec.Struct, frozen=True):
    """How many are unread, and the newest of these, the last one first."""

    unread: int
    notifications: list[Shown]


class ReadForm(msgspec.Struct):
    upto: str


async def notifications_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/notifications`; ``?before=``: those older than that one."""
    account_id, event_id = _whose(request)
    before, now, lang = request.query.get("before") or None, request.app[CLOCK].now(), language_of(request)

    def read(rows: Connection) -> tuple[EventFacts, list[Shown]]:
        event = request.app[EVENTS].by_id(rows, event_id)
        return event, newest(rows, account_id, event_id, lang, now=now, before=before)

    event, listed = await request.app[DATABASE].read(read)
    return render(
        request,
        "people/notifications.html",
        event=event,
        notifications=listed,
        older=listed[-1].id if len(listed) == AT_ONCE else None,
        unread=before is None and any(one.unread for one in listed),
    )


async def new_notifications(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/notifications/new`: asked when the number in `schedule/state` has grown."""
    account_id, event_id = _whose(request)
    now, lang = request.app[CLOCK].now(), language_of(request)

    def read(rows: Connection) -> New:
        listed = newest(rows, account_id, event_id, lang, now=now)
        fresh = [one for one in listed if one.unread][:FRESH]
        return New(unread_of(rows, account_id, event_id), fresh)

    body = msgspec.json.encode(await request.app[DATABASE].read(read))
    return web.Response(body=body, content_type="application/json", headers={"Cache-Control": "no-store"})


async def read_notifications(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/notifications/read`: that one and the older ones have been seen."""
    account_id, event_id = _whose(request)
    form, now = await read_form(request, ReadForm), request.app[CLOCK].now()
    await request.app[DATABASE].write(lambda tx: read_upto(tx, account_id, event_id, form.upto, at=now))
    raise web.HTTPSeeOther(f"/{request.match_info['event']}/notifications")


def _whose(request: web.Request) -> tuple[int, int]:
    account_id, event_id = request[VIEWER].account_id, request[SCOPE].event_id
    assert account_id is not None, "the route demands SIGNED_IN"
    assert event_id is not None, "the route names an event"
    return account_id, event_id
