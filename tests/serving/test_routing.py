"""Routes: each with its demand, and HEAD wherever there is GET."""

from __future__ import annotations

from enum import StrEnum

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from conference.serving.routing import DEMANDS, Route, add_routes


class Demand(StrEnum):
    ANYONE = "anyone"
    ORGANIZE = "organize"


async def page(_request: web.Request) -> web.Response:
    return web.Response(text="the whole page")


def website() -> web.Application:
    app = web.Application()
    add_routes(
        app,
        [
            Route("GET", "/{event}/", page, Demand.ANYONE, name="home"),
            Route("POST", "/{event}/change", page, Demand.ORGANIZE),
        ],
    )
    return app


def test_every_route_is_remembered_with_its_demand() -> None:
    assert website()[DEMANDS] == {
        ("GET", "/{event}/"): Demand.ANYONE,
        ("HEAD", "/{event}/"): Demand.ANYONE,
        ("POST", "/{event}/change"): Demand.ORGANIZE,
    }


async def test_head_answers_as_get_without_the_body() -> None:
    async with TestServer(website()) as server, ClientSession() as client:
        full = await client.get(server.make_url("/karbala/"))
        head = await client.head(server.make_url("/karbala/"))
        assert (head.status, await head.read()) == (200, b"")
        assert head.headers["Content-Length"] == full.headers["Content-Length"]
        assert (await client.head(server.make_url("/karbala/change"))).status == 405
