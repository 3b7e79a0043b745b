"""The HTTPS edge: tickets for who is signed in, and the same commands with the same meaning."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

# The error pages are serving/failures.py's; here the errors themselves are looked at.
from aiohttp import web
from sqlalchemy import func, select

from conference.clock import ManualClock
from conference.errors import BadInput, MajlisError, NotAllowed, NotSignedIn, TooMany
from conference.live.tables import log_event
from conference.storage.database import Database
from tests.live.saying import Podium
from tests.live.seminar import MORNING, Seminar, Tab, new_id, running, tab


@pytest.fixture
async def refusals() -> list[MajlisError]:
    return []


@pytest.fixture
async def seminar(
    furnished: Database, clock: ManualClock, refusals: list[MajlisError]
) -> AsyncIterator[Seminar]:
    @web.middleware
    async def remember(request: web.Request, handler: object) -> web.StreamResponse:
        try:
            response: web.StreamResponse = await handler(request)  # type: ignore[operator]  # a handler
            return response
        except MajlisError as error:
            refusals.append(error)
            return web.Response(status=error.status)

    def more(app: web.Application) -> None:
        app.middlewares.append(remember)

    async with running(furnished, clock, Podium(furnished, clock).commands(), more=more) as seminar:
        yield seminar


def http(name: str = "ali") -> aiohttp.ClientSession:
    return aiohttp.ClientSession(cookies={"name": name}, cookie_jar=aiohttp.CookieJar(unsafe=True))


async def test_ticket_fetched_over_the_cookie_opens_a_socket(seminar: Seminar) -> None:
    async with http() as browser, browser.post(f"{seminar.url}/live/ticket") as response:
        assert response.headers["Cache-Control"] == "no-store"
        ticket = (await response.json())["ticket"]
    ali = Tab(seminar, "ali", MORNING)
    await ali.connect(ticket=ticket)
    assert (await ali.enter())["me"]["name"] == "Ali"
    await ali.sio.disconnect()


async def test_nobody_gets_no_ticket(seminar: Seminar, refusals: list[MajlisError]) -> None:
    async with aiohttp.ClientSession() as browser, browser.post(f"{seminar.url}/live/ticket") as response:
        assert response.status == 401
    assert isinstance(refusals[0], NotSignedIn)


async def test_command_by_https_and_by_socket_counts_once(seminar: Seminar, furnished: Database) -> None:
    client_id = new_id()
    body = {"session": MORNING, "client_id": client_id, "type": "Say", "text": "hello"}
    async with tab(seminar, "ali") as ali, http() as browser:
        first = await ali.command("Say", client_id, text="hello")
        for _ in range(2):
            async with browser.post(f"{seminar.url}/live/command", json=body) as response:
                assert await response.json() == first
    assert await furnished.read(lambda rows: rows.scalar(select(func.count()).select_from(log_event))) == 1


async def test_command_of_a_connection_is_not_taken_by_https(seminar: Seminar) -> None:
    body = {"session": MORNING, "client_id": new_id(), "type": "Wait"}
    async with http() as browser, browser.post(f"{seminar.url}/live/command", json=body) as response:
        assert (await response.json())["error"]["code"] == "live.unknown-command"


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [
        ("omar", b'{"session":"MORN01","client_id":"x","type":"Say"}', NotAllowed),
        ("ali", b'{"client_id":"x","type":"Say"}', BadInput),
        ("ali", b"[]", BadInput),
        ("ali", b"{", BadInput),
        ("ali", b"\xff", BadInput),
        ("ali", b'{"session":"' + b"x" * 20_000 + b'"}', BadInput),
    ],
)
async def test_request_that_cannot_be_right_is_refused(
    seminar: Seminar, refusals: list[MajlisError], name: str, body: bytes, kind: type[MajlisError]
) -> None:
    async with http(name) as browser, browser.post(f"{seminar.url}/live/command", data=body):
        assert [type(error) for error in refusals] == [kind]


async def test_commands_by_https_are_limited_too(seminar: Seminar, refusals: list[MajlisError]) -> None:
    async with http() as browser:

        async def fetch() -> int:
            async with browser.post(f"{seminar.url}/live/ticket") as response:
                return response.status

        statuses = await asyncio.gather(*(fetch() for _ in range(200)))
    assert set(statuses) == {200, 429}
    assert all(isinstance(error, TooMany) for error in refusals)
