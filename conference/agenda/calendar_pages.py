"""The calendar of one person's own agenda: its secret address (make, renew, revoke) and what stands there."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import Connection

from conference.agenda import pages
from conference.agenda.calendar_keys import make_calendar_key, owner_of, revoke_calendar_key
from conference.agenda.export_pages import calendar_answer
from conference.agenda.exporting.calendar import export_ics
from conference.agenda.exporting.public import Edition
from conference.agenda.reading import event_by_id, event_by_slug, starred_codes
from conference.agenda.releasing import published
from conference.errors import N_, NotFound
from conference.people.permissions import Capability, Scope, allowed
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE, SETTINGS
from conference.serving.translation import translate


async def make(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/schedule/mine/calendar``: a new address, shown this once; the old one ends."""
    account, now = _account(request), request.app[CLOCK].now()
    slug = request.match_info["event"]
    token = await request.app[DATABASE].write(
        lambda tx: make_calendar_key(tx, account, event_by_slug(tx.connection, slug).id, at=now)
    )
    address = f"{request.app[SETTINGS].public_url}/calendar/{token}.ics"
    return await pages.my_agenda(request, calendar_address=address)


async def revoke(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/schedule/mine/calendar/revoke``"""
    account, slug = _account(request), request.match_info["event"]
    await request.app[DATABASE].write(
        lambda tx: revoke_calendar_key(tx, account, event_by_slug(tx.connection, slug).id)
    )
    raise web.HTTPSeeOther(f"/{slug}/schedule/mine")


async def personal_ics(request: web.Request) -> web.StreamResponse:
    """``/calendar/{key}.ics``: the sessions its owner has starred, cancelled ones included.

    The same answer for an address that never was, that was revoked, and whose owner may not see the event.
    """
    key, site = request.match_info["key"], request.app[SETTINGS].public_url

    def read(rows: Connection) -> tuple[Edition, frozenset[str]]:
        owner = owner_of(rows, key)
        if owner is None:
            raise _nothing()
        event = event_by_id(rows, owner.event_id)
        scope = Scope(event_id=event.id, is_public=event.is_public)
        if not allowed(rows, owner.account_id, Capability.SEE_EVENT, scope):
            raise _nothing()
        edition = Edition(schedule=published.schedule_of(rows, event), site=site)
        return edition, starred_codes(rows, owner.account_id, event.id)

    edition, stars = await request.app[DATABASE].read(read)
    title = f"{edition.name(edition.event.title)} · {translate(edition.names, N_('My agenda'))}"
    body = export_ics(edition, stars, title=title, address=f"{edition.address}/schedule/mine")
    return calendar_answer(body, f"{edition.event.slug}-mine")


def _account(request: web.Request) -> int:
    account = request[VIEWER].account_id
    assert account is not None  # the route demands STAR
    return account


def _nothing() -> NotFound:
    return NotFound(N_("There is no calendar at this address, or not any more."), code="agenda.no-calendar")
