"""Text is small on the wire, and nothing is sent twice."""

from __future__ import annotations

import gzip

import brotli
import pytest
from aiohttp import ClientSession, web

from conference.clock import ManualClock
from conference.serving.compression import best_encoding
from tests.serving.website import make_website, visiting

LONG = "مجلس majlis " * 200


def website(clock: ManualClock) -> web.Application:
    app = make_website(clock)

    async def page(request: web.Request) -> web.StreamResponse:
        cached = {"Cache-Control": "private, no-cache", "Vary": "Cookie"}
        return web.Response(text=request.query.get("text", LONG), headers=cached)

    async def personal(request: web.Request) -> web.StreamResponse:
        return web.Response(text=LONG, headers={"Cache-Control": "no-store"})

    async def picture(request: web.Request) -> web.StreamResponse:
        return web.Response(body=LONG.encode(), content_type="image/png")

    app.router.add_get("/page", page)
    app.router.add_get("/personal", personal)
    app.router.add_get("/picture", picture)
    return app


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", None), ("", None)],
)
def test_the_best_accepted_encoding_is_used(accepted: str, encoding: str | None) -> None:
    assert best_encoding(accepted) == encoding


async def raw(address: str, accepted: str) -> tuple[bytes, str | None, str]:
    async with ClientSession(auto_decompress=False) as client:
        answer = await client.get(address, headers={"Accept-Encoding": accepted})
        return await answer.read(), answer.headers.get("Content-Encoding"), answer.headers.get("Vary", "")


async def test_text_travels_compressed_and_says_so(clock: ManualClock) -> None:
    async with visiting(website(clock)) as (_client, at):
        body, encoding, vary = await raw(at("/page"), "br")
        assert (encoding, vary) == ("br", "Cookie, Accept-Encoding")
        assert len(body) < 150
        assert brotli.decompress(body).decode() == LONG
        body, encoding, _ = await raw(at("/page"), "gzip")
        assert encoding == "gzip"
        assert gzip.decompress(body).decode() == LONG


async def test_what_would_not_gain_is_left_alone(clock: ManualClock) -> None:
    async with visiting(website(clock)) as (_client, at):
        assert await raw(at("/page?text=short"), "br") == (b"short", None, "Cookie")
        body, encoding, _ = await raw(at("/picture"), "br")
        assert (body, encoding) == (LONG.encode(), None)


async def test_an_unchanged_page_is_not_sent_again(clock: ManualClock) -> None:
    async with visiting(website(clock)) as (client, at):
        first = await client.get(at("/page"))
        again = await client.get(at("/page"), headers={"If-None-Match": first.headers["ETag"]})
        other = await client.get(
            at("/page?text=" + "x" * 600), headers={"If-None-Match": first.headers["ETag"]}
        )
    assert (again.status, await again.read()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert other.status == 200


async def test_a_personal_page_has_no_tag(clock: ManualClock) -> None:
    async with visiting(website(clock)) as (client, at):
        assert "ETag" not in (await client.get(at("/personal"))).headers
