"""One row per route: method, path, handler and the capability it demands.

`routes.py` lists them all; a route that is not in the list does not exist, and one without a
capability cannot be written.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum

import msgspec
from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Route(msgspec.Struct, frozen=True):
    """`path` in aiohttp's syntax; `{event}` and `{session}` in it give the scope of the check.

    `capability` is a member of `conference.people.permissions.Capability` (this module knows
    only that it is a string).
    """

    method: str
    path: str
    handler: Handler
    capability: StrEnum
    name: str | None = None
    # The handler judges a bearer token by itself; cookies mean nothing to it, so neither do forged requests.
    bearer: bool = False
    # A form with a file: the handler reads it by `uploads.read_upload`, which looks at the form token.
    takes_files: bool = False


def add_routes(app: web.Application, routes: list[Route]) -> None:
    """Register *routes* and remember what each demands."""
    demands: dict[tuple[str, str], StrEnum] = app.setdefault(DEMANDS, {})
    bearing: set[tuple[str, str]] = app.setdefault(BEARING, set())
    taking: set[tuple[str, str]] = app.setdefault(TAKING_FILES, set())
    for route in routes:
        # HEAD is GET without its body (RFC 9110 §9.3.2): link checkers and proxies ask so.
        for method in ("GET", "HEAD") if route.method == "GET" else (route.method,):
            name = None if method == "HEAD" else route.name
            added = app.router.add_route(method, route.path, route.handler, name=name)
            resource = added.resource
            assert resource is not None
            demands[method, resource.canonical] = route.capability
            if route.bearer:
                bearing.add((method, resource.canonical))
            if route.takes_files:
                taking.add((method, resource.canonical))


def takes_bearer(request: web.Request) -> bool:
    """Whether the matched route answers to a token instead of a cookie."""
    resource = request.match_info.route.resource
    return resource is not None and (request.method, resource.canonical) in request.app.get(BEARING, ())


def takes_files(request: web.Request) -> bool:
    """Whether the matched route reads a form with a file by itself."""
    resource = request.match_info.route.resource
    return resource is not None and (request.method, resource.canonical) in request.app.get(TAKING_FILES, ())


DEMANDS: web.AppKey[dict[tuple[str, str], StrEnum]] = web.AppKey("demands", dict)
BEARING: web.AppKey[set[tuple[str, str]]] = web.AppKey("bearing", set)
TAKING_FILES: web.AppKey[set[tuple[str, str]]] = web.AppKey("taking_files", set)
