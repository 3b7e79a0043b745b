"""Security headers stand on every answer."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from conference.serving.context import STYLE_HASH
from conference.serving.headers import content_policy, header_signal

HTTPS, HTTP = "https://majlis.example", "http://localhost:8000"
STYLE = b64encode(sha256(b"p{}").digest()).decode()


async def page(request: web.Request) -> web.Response:
    request[STYLE_HASH] = STYLE
    return web.Response(text="<style>p{}</style>", content_type="text/html")


async def kept(request: web.Request) -> web.Response:
    return web.Response(text="…", headers={"Cache-Control": "public, max-age=31536000, immutable"})


async def elsewhere(request: web.Request) -> web.Response:
    raise web.HTTPSeeOther("/")


async def streamed(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"...")
    return response


async def broken(request: web.Request) -> web.Response:
    raise RuntimeError("broken")


async def headers_of(path: str, public_url: str = HTTPS) -> dict[str, str]:
    """The headers of a real answer."""
    app = web.Application()
    app.on_response_prepare.append(header_signal(public_url))
    for name, handler in (("page", page), ("kept", kept), ("elsewhere", elsewhere), ("streamed", streamed)):
        app.router.add_get(f"/{name}", handler)
    async with TestServer(app) as server, ClientSession() as client:
        async with client.get(server.make_url(path), allow_redirects=False) as answer:
            return dict(answer.headers)


@pytest.mark.parametrize("path", ["/page", "/kept", "/elsewhere", "/streamed", "/not-there"])
async def test_every_answer_carries_them(path: str) -> None:
    headers = await headers_of(path)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "camera=(self), microphone=(self), display-capture=(self)" in headers["Permissions-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; ")
    assert headers["Server"] == "majlis"


async def test_the_one_style_sheet_of_a_page_is_allowed_by_its_hash() -> None:
    assert f"; style-src 'self' 'sha256-{STYLE}'; " in (await headers_of("/page"))["Content-Security-Policy"]
    assert "; style-src 'self'; " in (await headers_of("/kept"))["Content-Security-Policy"]


async def test_what_did_not_ask_to_be_kept_is_not_kept() -> None:
    assert (await headers_of("/page"))["Cache-Control"] == "no-store"
    assert (await headers_of("/kept"))["Cache-Control"] == "public, max-age=31536000, immutable"


async def test_plain_http_promises_no_https() -> None:
    assert "Strict-Transport-Security" not in await headers_of("/page", HTTP)


@pytest.mark.parametrize(("url", "socket"), [(HTTPS, "wss://majlis.example"), (HTTP, "ws://localhost:8000")])
def test_the_policy_allows_ourselves_and_nothing_unsafe(url: str, socket: str) -> None:
    policy = dict(part.split(" ", 1) for part in content_policy(url, STYLE).split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": f"'self' 'sha256-{STYLE}'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob: mediastream:",
        "connect-src": f"'self' {socket}",
        "font-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
