"""Requests of programs: ``Authorization: Bearer …`` (RFC 6750), or ``Token …`` as pretalx's clients send it.

Such a request is its token's owner and nobody else: cookies do not count, so no page elsewhere can make a
browser send one, and no form token is asked for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from conference.errors import N_, NotAllowed, NotSignedIn
from conference.people.api_tokens import NOTED_EVERY, ApiToken, TokenScope, bearer_of, note_use
from conference.people.viewer import ANONYMOUS, VIEWER
from conference.serving.context import BY_TOKEN, CLOCK, DATABASE
from conference.serving.failures import API

API_TOKEN: web.RequestKey[ApiToken] = web.RequestKey("api_token", ApiToken)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def bearer_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """For `/api/` only: set `request[VIEWER]` to the token's owner. `NotSignedIn` for a bad token."""
    said = request.headers.get("Authorization")
    if said is not None and request.path.startswith(API):
        request[BY_TOKEN], request[VIEWER] = True, ANONYMOUS  # the cookie's person is out, whatever comes
        await _recognise(request, said)
    return await handler(request)


def require_scope(request: web.Request, scope: TokenScope) -> None:
    """`NotAllowed` for a request with a token that is not for this. A browser's session is for all."""
    token = request.get(API_TOKEN)
    if token is not None and scope not in token.scopes:
        raise NotAllowed(
            N_("This token is not for that: it lacks the scope “%(scope)s”."),
            code="api.scope",
            scope=scope.value,
        )


async def _recognise(request: web.Request, said: str) -> None:
    kind, _, secret = said.partition(" ")
    found, now = None, request.app[CLOCK].now()
    if kind.lower() in ("bearer", "token") and secret.strip():
        found = await request.app[DATABASE].read(lambda rows: bearer_of(rows, secret.strip()))
    if found is None:
        raise NotSignedIn(N_("This token is not good, or was taken back."), code="api.token")
    asked = request.headers.get("Accept-Language", "*").strip() != "*"
    # A program that says in which language it reads goes before the choice its owner made for pages.
    viewer = msgspec.structs.replace(found.viewer, language=None) if asked else found.viewer
    request[VIEWER], request[API_TOKEN] = viewer, found.token
    used, token_id = found.token.last_used_at, found.token.id
    if used is None or now - used > NOTED_EVERY:
        await request.app[DATABASE].write(lambda tx: note_use(tx, token_id, now=now))
