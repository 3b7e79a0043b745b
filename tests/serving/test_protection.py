"""Requests forged by other sites are refused; forms of our own pages work."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import BaseTestServer, TestServer

from conference.errors import MajlisError
from conference.serving.context import FORM_TOKEN, SETTINGS
from conference.serving.protection import keep_visit, origin_of, protection_middleware
from conference.settings import load_settings

OURS = "https://majlis.example"


@web.middleware
async def telling(request: web.Request, handler: object) -> web.StreamResponse:
    """The code of a refusal as text, so that tests need no templates."""
    try:
        return await handler(request)  # type: ignore[operator,no-any-return]  # aiohttp's handler
    except MajlisError as error:
        return web.Response(status=error.status, text=error.code)


async def page(request: web.Request) -> web.Response:
    return web.Response(text=request[FORM_TOKEN], content_type="text/html")


async def act(request: web.Request) -> web.Response:
    form = await request.post()
    return web.Response(text=f"done {form.get('what', '')}")


class Site:
    """A form page and its action, and a visitor who has the page open."""

    def __init__(self, server: BaseTestServer, client: ClientSession) -> None:
        self.server = server
        self.client = client
        self.token = ""
        self.cookie = ""

    async def open(self) -> None:
        answer = await self.client.get(self.server.make_url("/"))
        self.token = await answer.text()
        self.cookie = answer.headers.get("Set-Cookie", "").partition(";")[0] or self.cookie

    async def send(
        self, token: str | None, *, header: str | None = None, method: str = "POST", **headers: str
    ) -> str:
        """What comes back for a request with this form token."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if header is not None:
            sent["X-Form-Token"] = header
        fields = {"what": "it"} | ({} if token is None else {"form_token": token})
        answer = await self.client.request(
            method, self.server.make_url("/act"), data=fields, headers={"Cookie": self.cookie} | sent
        )
        return await answer.text()


def application(public_url: str) -> web.Application:
    app = web.Application(middlewares=[telling, protection_middleware])
    app[SETTINGS] = load_settings(overrides={"server": {"public_url": public_url}})
    app.on_response_prepare.append(keep_visit)
    app.router.add_get("/", page)
    app.router.add_route("*", "/act", act)
    return app


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with (
        TestServer(application(OURS)) as server,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as client,
    ):
        site = Site(server, client)
        await site.open()
        yield site


async def test_a_form_of_our_page_works(site: Site) -> None:
    assert await site.send(site.token, Origin=OURS, Sec_Fetch_Site="same-origin") == "done it"


async def test_an_old_browser_without_origin_works_by_its_token(site: Site) -> None:
    assert await site.send(site.token) == "done it"


async def test_a_script_sends_the_token_as_a_header(site: Site) -> None:
    assert await site.send(None, header=site.token, Origin=OURS) == "done it"


@pytest.mark.parametrize("token", [None, "", "wrong", "ل" * 32, "0" * 32])
async def test_without_the_right_token_nothing_happens(site: Site, token: str | None) -> None:
    assert await site.send(token, Origin=OURS) == "form.stale"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://majlis.example.evil.example",
        "https://sub.majlis.example",
        "http://majlis.example",
        "https://majlis.example:8443",
        "null",
        "",
    ],
)
async def test_other_origins_are_refused_even_with_the_token(site: Site, origin: str) -> None:
    assert await site.send(site.token, Origin=origin) == "form.foreign"


@pytest.mark.parametrize("told", ["cross-site", "same-site", "surprise"])
async def test_what_the_browser_says_of_itself_counts(site: Site, told: str) -> None:
    assert await site.send(site.token, Sec_Fetch_Site=told) == "form.foreign"


async def test_the_host_header_makes_no_origin_ours(site: Site) -> None:
    assert await site.send(site.token, Origin="http://evil.example", Host="evil.example") == "form.foreign"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_every_method_that_may_change_something_is_checked(site: Site, method: str) -> None:
    assert await site.send(None, method=method, Origin=OURS) == "form.stale"


async def test_the_token_of_one_visitor_is_not_that_of_another(site: Site) -> None:
    first, mine = site.token, site.cookie
    site.cookie = ""
    site.client.cookie_jar.clear()
    await site.open()
    assert site.token != first
    assert site.cookie != mine
    assert await site.send(first, Origin=OURS) == "form.stale"


async def test_the_page_does_not_show_the_cookie(site: Site) -> None:
    name, _, value = site.cookie.partition("=")
    assert (name, len(value)) == ("__Host-majlis-visit", 32)
    assert value not in site.token


async def test_a_planted_cookie_of_another_form_is_replaced(site: Site) -> None:
    answer = await site.client.get(
        site.server.make_url("/"), headers={"Cookie": "__Host-majlis-visit=<script>"}
    )
    assert "__Host-majlis-visit=" in answer.headers["Set-Cookie"]
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "HttpOnly" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("host", "expected"), [("192.168.1.5:8000", "done it"), ("elsewhere", "form.foreign")]
)
async def test_tried_out_without_a_public_address_the_address_typed_is_ours(host: str, expected: str) -> None:
    async with (
        TestServer(application("")) as server,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as client,
    ):
        site = Site(server, client)
        await site.open()
        sent = await site.send(site.token, Origin="http://192.168.1.5:8000", Host=host)
    assert sent == expected


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Majlis.Example/", "https://majlis.example"),
        ("https://majlis.example:443", "https://majlis.example"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000/x", "http://[::1]:8000"),
    ],
)
def test_an_origin_is_written_as_browsers_do(url: str, origin: str) -> None:
    assert origin_of(url) == origin
