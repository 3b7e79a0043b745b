"""The check before every handler."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from conference.agenda.scope import resolve_scope
from conference.clock import ManualClock
from conference.errors import MajlisError
from conference.people.access import access_middleware
from conference.people.permissions import Capability
from conference.people.viewer import ANONYMOUS, VIEWER
from conference.serving.context import CLOCK, DATABASE
from conference.serving.routing import Route, add_routes
from conference.storage.database import Database
from tests.people.site import ROUTES


async def reached(request: web.Request) -> web.Response:
    return web.Response(text="reached")


@web.middleware
async def as_nobody(request: web.Request, handler: object) -> web.StreamResponse:
    request[VIEWER] = ANONYMOUS
    try:
        return await handler(request)  # type: ignore[operator,no-any-return]  # aiohttp's handler
    except MajlisError as error:
        return web.Response(status=error.status, text=error.code)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/listed", 200),
        ("/forgotten", 404),  # registered past the list: refused, not open
        ("/socket", 200),
        ("/never", 404),
        ("/karbala/listed", 200),
        ("/rounds/listed", 200),  # ANYONE means anyone
        ("/never/listed", 404),
        ("/karbala/session/OPENIN/desk", 401),
        ("/rounds/session/CASES1/desk", 404),
        ("/karbala/session/CASES1/desk", 404),  # a session of another event
    ],
)
async def test_only_what_is_listed_is_open(
    congress: Database, clock: ManualClock, path: str, status: int
) -> None:
    app = web.Application(middlewares=[as_nobody, access_middleware(resolve_scope, unlisted=["/socket"])])
    app[DATABASE] = congress
    app[CLOCK] = clock
    add_routes(
        app,
        [
            Route("GET", "/listed", reached, Capability.ANYONE),
            Route("GET", "/{event}/listed", reached, Capability.ANYONE),
            Route("GET", "/{event}/session/{session}/desk", reached, Capability.MODERATE),
        ],
    )
    app.router.add_get("/forgotten", reached)
    app.router.add_get("/socket", reached)
    async with TestClient(TestServer(app)) as client:
        assert (await client.get(path)).status == status


def test_every_page_about_an_event_demands_at_least_to_see_it() -> None:
    """A page under `/{event}/` that anyone may open would tell outsiders of closed events."""
    open_ones = [
        route.path for route in ROUTES if "{event}" in route.path and route.capability == Capability.ANYONE
    ]
    assert open_ones == []


def test_every_organizer_page_demands_an_organizer() -> None:
    demands = {route.capability for route in ROUTES if "/organize/" in route.path}
    assert demands == {Capability.ORGANIZE}
