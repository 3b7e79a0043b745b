"""Signing up for a session, and leaving again, by the buttons on its page."""

from __future__ import annotations

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from conference.agenda import reading
from conference.agenda.releasing import published
from conference.agenda.signing_up import leave, sign_up_for
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE, SETTINGS
from conference.serving.forms import read_form


class SignUpForm(msgspec.Struct):
    """`wanted`: whether the person wants a place from now on."""

    wanted: bool = False


async def sign_up(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/session/{session}/sign-up``: field ``wanted`` (yes or nothing)."""
    form, account = await read_form(request, SignUpForm), request[VIEWER].account_id
    slug, code = request.match_info["event"], request.match_info["session"]
    assert account is not None  # the route demands a role in the event
    public_url, at = request.app[SETTINGS].public_url, request.app[CLOCK].now()

    def find(rows: Connection) -> int:
        return published.session_by_code(rows, reading.event_by_slug(rows, slug), code).id

    session_id = await request.app[DATABASE].read(find)
    act = sign_up_for if form.wanted else leave
    await request.app[DATABASE].write(lambda tx: act(tx, session_id, account, public_url=public_url, at=at))
    return web.Response(status=303, headers={"Location": f"/{slug}/session/{code}#places"})
