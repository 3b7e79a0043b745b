"""The cookie of a browser session, and the middleware that turns it into a `Viewer`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from aiohttp import web

from conference.people.sessions import (
    Revocations,
    begin_session,
    end_session_by_id,
    session_of_token,
    touch_session,
)
from conference.people.viewer import ANONYMOUS, VIEWER
from conference.serving.addresses import client_address
from conference.serving.context import CLOCK, DATABASE, FORM_TOKEN, SETTINGS
from conference.serving.cookies import keep_secret_cookie
from conference.storage.database import Transaction

REVOCATIONS: web.AppKey[Revocations] = web.AppKey("revocations", Revocations)

_new_cookie: web.RequestKey[str] = web.RequestKey("new_session_cookie", str)  # "": take it away

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def session_cookie(is_https: bool) -> str:
    """The cookie's name. Browsers take `__Host-` only with Secure, so plain-http development goes without."""
    return "__Host-majlis" if is_https else "majlis"


@web.middleware
async def session_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Set `request[VIEWER]` and, for somebody signed in, `request[FORM_TOKEN]`."""
    request[VIEWER] = ANONYMOUS
    token = request.cookies.get(session_cookie(_is_https(request)), "")
    if token and not request.path.startswith("/assets/"):
        await _recognise(request, token)
    return await handler(request)


async def _recognise(request: web.Request, token: str) -> None:
    database, now = request.app[DATABASE], request.app[CLOCK].now()
    found = await database.read(lambda rows: session_of_token(rows, token, now))
    if found is None:
        request[_new_cookie] = ""
        return
    request[VIEWER] = found.viewer
    request[FORM_TOKEN] = found.form_token
    if found.is_stale:
        life = _life(request)
        fresh = await database.write(lambda tx: touch_session(tx, token, now=now, life=life))
        if fresh:
            request[_new_cookie] = fresh


async def keep_session(request: web.Request, response: web.StreamResponse) -> None:
    """For `app.on_response_prepare`: set, exchange or remove the cookie on whatever is answered."""
    if _new_cookie not in request:
        return
    is_https, token = _is_https(request), request[_new_cookie]
    age = int(_life(request).total_seconds()) if token else 0
    keep_secret_cookie(response, session_cookie(is_https), token, is_https=is_https, max_age=age)


def sign_in_browser(
    request: web.Request,
    tx: Transaction,
    account_id: int,
    *,
    only_event_id: int | None = None,
    personal_link_id: int | None = None,
) -> None:
    """End the request's session if it has one and begin another, its cookie set after the commit."""
    settings = request.app[SETTINGS]
    previous = request[VIEWER].session_id
    if previous is not None:
        end_session_by_id(tx, previous)
    token = begin_session(
        tx,
        account_id,
        now=request.app[CLOCK].now(),
        life=_life(request),
        browser=request.headers.get("User-Agent", "")[:500],
        address=client_address(request, settings.server.trusted_proxies),
        only_event_id=only_event_id,
        personal_link_id=personal_link_id,
    )
    tx.after_commit(lambda: _begun(request, token))


def _begun(request: web.Request, token: str) -> None:
    before = request[VIEWER]
    request[_new_cookie] = token
    if before.account_id is not None:
        request.app[REVOCATIONS].announce(before.account_id, before.session_id)


def forget_browser(request: web.Request) -> None:
    """Take the cookie away with the answer to this request."""
    request[_new_cookie] = ""


def _life(request: web.Request) -> timedelta:
    return timedelta(days=request.app[SETTINGS].people.session_days)


def _is_https(request: web.Request) -> bool:
    return request.app[SETTINGS].public_url.startswith("https:")
