"""The addresses other programs fetch, and the programme on paper."""

from __future__ import annotations

from collections.abc import AsyncIterator

import icalendar
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import update

from conference.agenda.demo import create_demo
from conference.agenda.export_pages import (
    PRESS,
    export,
    programme_pdf,
    schedule_ics,
    session_ics,
    speaker_ics,
)
from conference.agenda.exporting.printing.typesetting import Press
from conference.agenda.kept import KEPT, Kept
from conference.agenda.releasing.published import latest_release
from conference.agenda.releasing.releasing import release_draft
from conference.agenda.tables import session
from conference.clock import ManualClock
from conference.serving.context import DATABASE, SETTINGS
from conference.settings import load_settings
from conference.storage.database import Database, Transaction

Client = TestClient[web.Request, web.Application]
PAGES = {
    "/karbala-2025/schedule/export/schedule.json": "application/json",
    "/karbala-2025/schedule/export/schedule.xml": "application/vnd.c3voc.schedule+xml",
    "/karbala-2025/schedule/export/schedule.xcal": "application/xcal+xml",
    "/karbala-2025/schedule/export/schedule.csv": "text/csv",
    "/karbala-2025/schedule.ics": "text/calendar",
    "/karbala-2025/schedule/v/first/export/schedule.json": "application/json",
    "/karbala-2025/session/OPEN25.ics": "text/calendar",
}


@pytest.fixture
async def client(database: Database, clock: ManualClock) -> AsyncIterator[Client]:
    def demo(tx: Transaction) -> None:
        event = create_demo(tx, now=clock.now()).event
        released = latest_release(tx.connection, event.id)
        if released is None or released.name != "first":
            tx.connection.execute(update(session).values(minutes=session.c.minutes + 1))
            release_draft(tx, event.id, name="first", by=None, at=clock.now(), sender=None)

    await database.write(demo)
    app = web.Application()
    app[DATABASE] = database
    app[SETTINGS] = load_settings(overrides={"server": {"public_url": "https://majlis.example.org"}})
    app[KEPT], app[PRESS] = Kept(), Press()
    app.router.add_get("/{event}/schedule/export/schedule.{format}", export)
    app.router.add_get("/{event}/schedule/v/{version}/export/schedule.{format}", export)
    app.router.add_get("/{event}/schedule.ics", schedule_ics)
    app.router.add_get("/{event}/schedule/programme.pdf", programme_pdf)
    app.router.add_get("/{event}/session/{session}.ics", session_ics)
    app.router.add_get("/{event}/speaker/{person}.ics", speaker_ics)
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


@pytest.mark.parametrize("path", [path for path in PAGES if "/session/" not in path])
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


async def test_what_does_not_exist_is_not_exported(client: Client) -> None:
    for path in (
        "schedule/export/schedule.exe",
        "schedule/v/second/export/schedule.json",
        "session/NOSUCH.ics",
        "speaker/NOSUCH.ics",
    ):
        async with client.get(f"/karbala-2025/{path}") as response:
            assert response.status != 200, path


async def test_a_speakers_calendar_holds_what_they_take_part_in(client: Client) -> None:
    async with client.get("/karbala-2025/schedule/export/schedule.json") as response:
        days = (await response.json())["schedule"]["conference"]["days"]
    held = [one for day in days for room in day["rooms"].values() for one in room]
    code = held[1]["persons"][0]["code"]
    theirs = {one["code"] for one in held if code in [person["code"] for person in one["persons"]]}
    async with client.get(f"/karbala-2025/speaker/{code}.ics") as response:
        calendar = icalendar.Calendar.from_ical(await response.text())
    assert {str(entry["uid"]).split("@")[0].rsplit("-", 1)[1] for entry in calendar.walk("VEVENT")} == theirs


async def test_the_programme_is_printed_in_arabic(client: Client) -> None:
    async with client.get("/karbala-2025/schedule/programme.pdf?lang=ar") as response:
        body = await response.read()
    assert (response.status, response.content_type) == (200, "application/pdf")
    assert body.startswith(b"%PDF-1.")
    assert b"NotoNaskhArabic" in body  # the Arabic letters came with it, whatever the machine has
