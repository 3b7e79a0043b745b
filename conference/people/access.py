"""The check before every handler: what the matched route demands, in the scope its address names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from conference.errors import NotFound
from conference.people.permissions import HIDDEN, NOWHERE, Capability, Role, Scope, require, roles_in
from conference.people.viewer import ANONYMOUS, VIEWER
from conference.serving.context import CLOCK, DATABASE
from conference.serving.routing import DEMANDS, takes_bearer

SCOPE: web.RequestKey[Scope] = web.RequestKey("scope", Scope)
# The viewer's roles in that scope: to shape what a page offers, never to decide what is done.
ROLES: web.RequestKey[frozenset[Role]] = web.RequestKey("roles", frozenset)

ResolveScope = Callable[[Connection, Mapping[str, str]], Scope]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def access_middleware(
    resolve_scope: ResolveScope, *, unlisted: Sequence[str] = ()
) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Set `request[SCOPE]` and let through only whom the route's capability allows.

    *resolve_scope* turns `{event}` and `{session}` of the path into a `Scope`, raising `NotFound`.
    A matched route without a demand is refused: forgetting one must not open anything. *unlisted* are
    the few canonical paths of parts that check for themselves (static files, the live socket).
    """

    @web.middleware
    async def checking(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[SCOPE], request[ROLES] = NOWHERE, frozenset()
        resource = request.match_info.route.resource
        if resource is None:  # nothing matched: aiohttp's own 404 or 405
            return await handler(request)
        demand = request.app[DEMANDS].get((request.method, resource.canonical))
        if demand is None:
            if resource.canonical in unlisted:
                return await handler(request)
            raise NotFound(HIDDEN)
        if takes_bearer(request):
            # Asked by its handler, with one answer for every wrong token, so that nobody learns by it which
            # events and sessions there are.
            return await handler(request)
        capability = Capability(demand)
        names = {key: value for key, value in request.match_info.items() if key in ("event", "session")}
        if capability is Capability.ANYONE and not names:
            return await handler(request)
        now = request.app[CLOCK].now()

        def check(rows: Connection) -> Scope:
            scope = _scope(rows, names, resolve_scope)
            _narrow(request, scope)
            require(rows, request[VIEWER].account_id, capability, scope, now=now)
            request[ROLES] = roles_in(rows, request[VIEWER].account_id, scope, now=now)
            return scope

        request[SCOPE] = await request.app[DATABASE].read(check)
        return await handler(request)

    return checking


def page_values(request: web.Request) -> dict[str, Any]:
    """For `PAGE_VALUES`: what every template knows of the person in front of it."""
    return {
        "viewer": request.get(VIEWER, ANONYMOUS),
        "may_organize": Role.ORGANIZER in request.get(ROLES, frozenset()),
    }


def _scope(rows: Connection, names: Mapping[str, str], resolve_scope: ResolveScope) -> Scope:
    if not names:
        return NOWHERE
    try:
        return resolve_scope(rows, names)
    except NotFound as error:
        # The words of "no such event" and of "closed to you" must be the same.
        raise NotFound(HIDDEN) from error


def _narrow(request: web.Request, scope: Scope) -> None:
    """A session that came from a personal link counts in the link's own event only."""
    only = request[VIEWER].only_event_id
    if only is not None and scope.event_id not in (None, only):
        request[VIEWER] = ANONYMOUS
