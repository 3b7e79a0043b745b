"""The three addresses other programs fetch."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from conference.agenda.demo import create_demo
from conference.agenda.export_pages import schedule_ics, schedule_json, schedule_xml
from conference.clock import ManualClock
from conference.serving.context import DATABASE, SETTINGS
from conference.settings import load_settings
from conference.storage.database import Database

Client = TestClient[web.Request, web.Application]
PAGES = {
    "/karbala-2025/schedule/export/schedule.json": "application/json",
    "/karbala-2025/schedule/export/schedule.xml": "application/vnd.c3voc.schedule+xml",
    "/karbala-2025/schedule.ics": "text/calendar",
}


@pytest.fixture
async def client(database: Database, clock: ManualClock) -> AsyncIterator[Client]:
    await database.write(lambda tx: create_demo(tx, now=clock.now()))
    app = web.Application()
    app[DATABASE] = database
    app[SETTINGS] = load_settings(overrides={"server": {"public_url": "https://majlis.example.org"}})
    app.router.add_get("/{event}/schedule/export/schedule.json", schedule_json)
    app.router.add_get("/{event}/schedule/export/schedule.xml", schedule_xml)
    app.router.add_get("/{event}/schedule.ics", schedule_ics)
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.mark.parametrize("path", PAGES)
async def test_a_schedule_is_served_as_what_it_is(client: Client, path: str) -> None:
    async with client.get(path) as response:
        assert response.status == 200
        assert response.content_type == PAGES[path]
        assert response.charset == "utf-8"
        body = await response.text()
        assert "https://majlis.example.org/karbala-2025/session/OPEN25" in body.replace("\r\n ", "")


@pytest.mark.parametrize("path", PAGES)
async def test_a_program_that_has_it_already_fetches_nothing(client: Client, path: str) -> None:
    async with client.get(path) as first:
        tag = first.headers["ETag"]
    async with client.get(path, headers={"If-None-Match": tag}) as second:
        assert (second.status, await second.read()) == (304, b"")
    async with client.get(path, headers={"If-None-Match": '"old"'}) as third:
        assert third.status == 200


async def test_the_language_can_be_asked_for(client: Client) -> None:
    for language, title in (("ar", "محاضرة في عشرة ميغابايت"), ("en", "A lecture in ten megabytes")):
        async with client.get(f"/karbala-2025/schedule/export/schedule.xml?lang={language}") as response:
            assert title in await response.text()
