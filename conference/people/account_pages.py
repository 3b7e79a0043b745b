"""`/me`: one's name, language and zone, and the browsers one is signed in with."""

from __future__ import annotations

from zoneinfo import available_timezones

import msgspec
from aiohttp import web

from conference.errors import N_, BadInput, NotAllowed
from conference.people import sessions
from conference.people.accounts import account_by_id, change_profile
from conference.people.countries import country_choices, is_country
from conference.people.events import EVENTS
from conference.people.grants import events_of
from conference.people.names import protected_names, refuse_borrowed_name
from conference.people.pages import Name, field_errors, typed_in
from conference.people.session_cookie import REVOCATIONS, forget_browser
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE
from conference.serving.forms import read_form
from conference.serving.pages import render
from conference.serving.translation import SUPPORTED, language_of
from conference.storage.database import Transaction


class ProfileForm(msgspec.Struct):
    name: Name
    language: str = ""
    zone: str = ""
    country: str = ""  # empty: not shared


class SessionForm(msgspec.Struct):
    session: str


async def account_page(request: web.Request) -> web.StreamResponse:
    """`GET /me`."""
    viewer = request[VIEWER]
    account = await request.app[DATABASE].read(lambda rows: account_by_id(rows, _account_id(request)))
    typed = {"name": viewer.name, "language": viewer.language or "", "zone": viewer.zone or ""}
    typed["country"] = account.country or ""
    return await _account_page(request, typed=typed)


async def change_account(request: web.Request) -> web.StreamResponse:
    """`POST /me`: name, language, zone, shared country."""
    account_id = _account_id(request)
    try:
        form = await read_form(request, ProfileForm)
        await request.app[DATABASE].write(lambda tx: _change(request, tx, account_id, form))
    except BadInput as error:
        return await _account_page(request, typed=await typed_in(request, error), error=error)
    raise web.HTTPSeeOther("/me?saved=1")


async def end_one_session(request: web.Request) -> web.StreamResponse:
    """`POST /me/sessions/end`: one of one's own."""
    account_id, form = _account_id(request), await read_form(request, SessionForm)

    def end(tx: Transaction) -> int | None:
        _must_own_account(request, tx)
        return sessions.end_session(tx, account_id, form.session)

    ended = await request.app[DATABASE].write(end)
    if ended is not None:
        request.app[REVOCATIONS].announce(account_id, ended)
    raise web.HTTPSeeOther("/me")


async def sign_out_everywhere(request: web.Request) -> web.StreamResponse:
    """`POST /me/sessions/end-all`."""
    account_id = _account_id(request)

    def end(tx: Transaction) -> None:
        _must_own_account(request, tx)
        sessions.end_all_sessions(tx, account_id)

    await request.app[DATABASE].write(end)
    request.app[REVOCATIONS].announce(account_id)
    forget_browser(request)
    raise web.HTTPSeeOther("/sign-in")


def _change(request: web.Request, tx: Transaction, account_id: int, form: ProfileForm) -> None:
    _must_own_account(request, tx)
    if form.language and form.language not in SUPPORTED:
        raise BadInput(N_("Please choose one of the offered values."), field="language")
    if form.zone and form.zone not in available_timezones():
        raise BadInput(N_("Please write the zone like “Asia/Baghdad”."), field="zone")
    if form.country and not is_country(form.country):
        raise BadInput(N_("Please choose one of the offered values."), field="country")
    if form.name != request[VIEWER].name:
        mine = events_of(tx.connection, account_id)
        refuse_borrowed_name(
            form.name, protected_names(tx.connection, request.app[EVENTS], mine, without=account_id)
        )
    change_profile(
        tx,
        account_id,
        name=form.name,
        language=form.language or None,
        zone=form.zone or None,
        country=form.country or None,
    )


def _must_own_account(request: web.Request, tx: Transaction) -> None:
    """A personal link opens one event; whoever holds it must not reshape an account used in others."""
    viewer = request[VIEWER]
    if viewer.only_event_id is None or viewer.account_id is None:
        return
    if events_of(tx.connection, viewer.account_id) - {viewer.only_event_id}:
        raise NotAllowed(
            N_("To change this, sign in with a link sent to your e-mail address."), code="people.narrow"
        )


async def _account_page(
    request: web.Request, *, typed: dict[str, str], error: BadInput | None = None
) -> web.StreamResponse:
    account_id, now = _account_id(request), request.app[CLOCK].now()
    listed = await request.app[DATABASE].read(lambda rows: sessions.sessions_of(rows, account_id, now))
    return render(
        request,
        "people/account.html",
        status=error.status if error else 200,
        typed=typed,
        countries=country_choices(language_of(request)),
        errors=field_errors(request, error),
        sessions=listed,
        saved=error is None and "saved" in request.query,
    )


def _account_id(request: web.Request) -> int:
    account_id = request[VIEWER].account_id
    assert account_id is not None, "the route demands SIGNED_IN"
    return account_id
