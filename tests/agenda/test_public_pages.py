"""Public pages are made once for all who would be shown the same, and for nobody else."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import update

from conference.agenda import pages
from conference.agenda.demo import DemoEvent, create_demo
from conference.agenda.releasing.releasing import release_draft
from conference.agenda.tables import session
from conference.app import compose
from conference.clock import ManualClock
from conference.serving.pages import Page, compose_page
from conference.settings import load_settings
from conference.storage.database import Database, Transaction

Client = TestClient[web.Request, web.Application]
PAGE = "/karbala-2025/schedule?day=2025-10-25"


@pytest.fixture
async def demo(database: Database, clock: ManualClock) -> DemoEvent:
    return await database.write(lambda tx: create_demo(tx, now=clock.now()))


@pytest.fixture
async def server(
    database: Database, clock: ManualClock, demo: DemoEvent, tmp_path: Path
) -> AsyncIterator[TestServer]:
    settings = load_settings(
        overrides={"media": {"port": 0, "host": "127.0.0.1"}, "storage": {"folder": str(tmp_path)}}
    )
    server = TestServer(compose(settings, clock, database))
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of pages that were really made."""
    found: list[str] = []

    def counting(request: web.Request, *values: object, **named: object) -> Page:
        found.append(request.rel_url.raw_path_qs)
        return compose_page(request, *values, **named)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(pages, "compose_page", counting)
    return found


@asynccontextmanager
async def visitor(server: TestServer) -> AsyncIterator[Client]:
    client = TestClient(server, cookie_jar=CookieJar(unsafe=True))
    try:
        yield client
    finally:
        await client.session.close()


async def token_of(client: Client, path: str = PAGE, lang: str = "en") -> str:
    async with client.get(path, headers={"Accept-Language": lang}) as answer:
        assert answer.status == 200
        tokens = set(re.findall(r'name="form_token" value="([^"]+)"', await answer.text()))
    assert len(tokens) == 1
    return str(tokens.pop())


async def test_many_readers_get_one_page_each_with_a_token_of_their_own(
    server: TestServer, made: list[str]
) -> None:
    async with visitor(server) as one, visitor(server) as other:
        tokens = [await token_of(one), await token_of(other)]
        assert tokens[0] != tokens[1]
        assert made == [PAGE]
        for client, token, status in ((one, tokens[0], 303), (other, tokens[1], 303), (one, tokens[1], 403)):
            form = {"form_token": token, "language": "ar", "next": PAGE}
            async with client.post("/language", data=form, allow_redirects=False) as answer:
                assert answer.status == status


async def test_language_filter_and_minute_have_pages_of_their_own(
    server: TestServer, made: list[str], clock: ManualClock
) -> None:
    async with visitor(server) as client:
        await token_of(client)
        await token_of(client, lang="ar")
        await token_of(client, f"{PAGE}&room=main")
        # What is no filter may be anything, so nothing is kept of it.
        for _ in range(2):
            await token_of(client, f"{PAGE}&unknown=1")
        assert len(made) == 5
        clock.advance(timedelta(minutes=1))
        await token_of(client)
        assert len(made) == 6


async def test_a_release_shows_at_once(
    server: TestServer, database: Database, demo: DemoEvent, clock: ManualClock
) -> None:
    def rename(tx: Transaction) -> None:
        tx.connection.execute(
            update(session).where(session.c.code == "OPEN25").values(title={"en": "Renamed just now"})
        )

    async with visitor(server) as client:

        async def shown() -> bool:
            async with client.get(PAGE, headers={"Accept-Language": "en"}) as answer:
                return "Renamed just now" in await answer.text()

        assert not await shown()
        await database.write(rename)
        assert not await shown()
        await database.write(
            lambda tx: release_draft(tx, demo.event_id, by=None, at=clock.now(), sender=None)
        )
        assert await shown()
