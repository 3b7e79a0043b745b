"""The agenda's pages over real HTTP: the demo conference, as an attendee reads it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import icalendar
import msgspec
import pytest
from aiohttp import ClientSession, CookieJar, web

from conference.agenda.demo import DemoEvent, create_demo
from conference.agenda.reading import schedule_of
from conference.app import compose
from conference.clock import ManualClock
from conference.people.accounts import create_account
from conference.people.grants import grant_role
from conference.people.permissions import Role
from conference.people.session_cookie import session_cookie
from conference.people.sessions import begin_session
from conference.settings import load_settings
from conference.storage.database import Database, Transaction

EVENT = "/karbala-2025"
FIRST_ROUND_TRIP = 14_000  # bytes a new connection may send before it hears back


class Visit(msgspec.Struct):
    """One visitor of a running server."""

    client: ClientSession
    port: int
    demo: DemoEvent
    clock: ManualClock
    database: Database

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def page(self, path: str, lang: str = "en", zone: str = "") -> str:
        cookies = {"lang": lang} | ({"zone": zone} if zone else {})
        answer = await self.client.get(self.address(path), cookies=cookies)
        assert answer.status == 200, (path, answer.status)
        return await answer.text()

    async def status(self, path: str) -> int:
        return (await self.client.get(self.address(path))).status

    async def sign_in(self, role: Role | None = Role.ATTENDEE) -> None:
        def begin(tx: Transaction) -> str:
            now = self.clock.now()
            account = create_account(tx, "sara@example.org", "Sara", now=now)
            if role:
                grant_role(tx, account.id, self.demo.event.id, role, now=now)
            return begin_session(tx, account.id, now=now, life=timedelta(days=1))

        token = await self.database.write(begin)
        self.client.cookie_jar.update_cookies({session_cookie(False): token})

    async def star(self, code: str, starred: str, *, script: bool = False) -> tuple[int, str]:
        """Press the star of a session as its page's form does; status and text of the answer."""
        token = re.search(r'name="form_token" value="([^"]+)"', await self.page(f"{EVENT}/session/{code}"))
        assert token
        form = {"form_token": token[1], "starred": starred, "next": f"{EVENT}/schedule/mine"}
        headers = {"Accept": "application/json" if script else "text/html", "Origin": self.address("")}
        answer = await self.client.post(
            self.address(f"{EVENT}/session/{code}/star"), data=form, headers=headers, cookies={"lang": "en"}
        )
        return answer.status, await answer.text()


@pytest.fixture
async def visit(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Visit]:
    demo = await database.write(lambda tx: create_demo(tx, now=clock.now()))
    runner = web.AppRunner(
        compose(
            load_settings(
                overrides={
                    "media": {"port": 0, "host": "127.0.0.1"},
                    "storage": {"folder": str(tmp_path)},
                }
            ),
            clock,
            database,
        )
    )
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
        yield Visit(client, runner.addresses[0][1], demo, clock, database)
    await runner.cleanup()


def text_of(html: str) -> str:
    """The words of a page as they are read, without markup, separated by single spaces."""
    body = re.sub(r"<(style|script)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body)).strip()


async def wire_bytes(port: int, path: str, lang: str) -> int:
    """The size of a first answer to a new visitor, headers included, as it travels."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Language: {lang}\r\n"
    writer.write(f"{head}Accept-Encoding: gzip, deflate, br\r\nConnection: close\r\n\r\n".encode())
    whole = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert whole.startswith(b"HTTP/1.1 200")
    assert b"Content-Encoding: br" in whole
    return len(whole)


@pytest.mark.parametrize("lang", ["ar", "en"])
@pytest.mark.parametrize("path", ["/schedule", "/schedule?day=all", "/", "/schedule/now"])
async def test_a_first_page_with_its_styles_fits_into_one_round_trip(
    visit: Visit, path: str, lang: str
) -> None:
    assert await wire_bytes(visit.port, EVENT + path, lang) <= FIRST_ROUND_TRIP


@pytest.mark.parametrize("lang", ["ar", "en"])
async def test_no_page_leads_nowhere(visit: Visit, lang: str) -> None:
    """Follow every link of this site from the start page on; each page has one heading of the first level."""
    await visit.sign_in()
    waiting, seen = ["/"], {"/"}
    while waiting:
        path = waiting.pop()
        answer = await visit.client.get(visit.address(path), cookies={"lang": lang})
        assert answer.status == 200, path
        if answer.content_type != "text/html":
            continue
        html = await answer.text()
        assert len(re.findall(r"<h1\b", html)) == 1, path
        assert f'<html lang="{lang}"' in html
        links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"#]*)"', html)}
        waiting += sorted(link for link in links - seen if not link.startswith("/sign-in"))
        seen |= links
    assert sum(path.startswith(f"{EVENT}/session/") for path in seen) >= 40
    assert any(path.startswith(f"{EVENT}/speaker/") for path in seen)


async def test_every_session_of_the_day_stands_in_its_schedule(visit: Visit) -> None:
    schedule = await visit.database.read(lambda rows: schedule_of(rows, visit.demo.event))
    html = await visit.page(f"{EVENT}/schedule?day=all")
    codes = re.findall(r'<li id="s([0-9A-Z]{6})"', html)
    assert sorted(codes) == sorted(one.code for one in schedule.sessions)
    for one in schedule.sessions:
        assert f"#s{one.code}{{grid-area:" in html


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2025-10-20T06:00", "Starts in 5 days"),
        ("2025-10-25T06:05", "Now"),
        ("2025-12-01T06:00", "This conference has ended."),
    ],
)
async def test_the_events_page_says_what_counts_at_that_moment(visit: Visit, moment: str, words: str) -> None:
    visit.clock.current = datetime.fromisoformat(f"{moment}+00:00")
    assert words in text_of(await visit.page(f"{EVENT}/"))


async def test_during_the_event_its_page_offers_to_join_what_is_on(visit: Visit) -> None:
    html = await visit.page(f"{EVENT}/")
    assert f'href="{EVENT}/session/{visit.demo.session_code}/room"' in html


async def test_shortly_before_a_session_the_events_page_lets_people_in(visit: Visit) -> None:
    room = f'href="{EVENT}/session/{visit.demo.session_code}/room"'
    for minutes, offered in ((16, False), (15, True)):
        visit.clock.current = visit.demo.opening.starts_at - timedelta(minutes=minutes)
        assert (room in await visit.page(f"{EVENT}/")) is offered


@pytest.mark.parametrize(
    ("minutes", "words", "offers_room"),
    [
        (-1440, "Starts in 24 hr", False),
        (-16, "Starts in 16 min", False),
        (-15, "Starts in 15 min", True),
        (0, "Live now until", True),
        (100_000, "This session has ended.", False),
    ],
)
async def test_a_session_says_where_it_stands_and_has_one_main_button(
    visit: Visit, minutes: int, words: str, offers_room: bool
) -> None:
    visit.clock.current = visit.demo.opening.starts_at + timedelta(minutes=minutes)
    await visit.sign_in()
    html = await visit.page(f"{EVENT}/session/{visit.demo.session_code}")
    assert words in text_of(html)
    assert ("Enter the room" in html) is offers_room
    main = html.split("<main")[1].split("</main>")[0]
    buttons = re.findall(r'class="button( [^"]*)?"', main)
    main_buttons = [one for one in buttons if "soft" not in one and "quiet" not in one]
    assert main_buttons == [" button-wide"] * offers_room


async def test_who_has_no_part_in_the_event_is_asked_to_register_first(visit: Visit) -> None:
    await visit.sign_in(role=None)
    html = await visit.page(f"{EVENT}/session/{visit.demo.session_code}")
    assert "Enter the room" not in html
    assert f'class="button button-wide" href="{EVENT}/register"' in html


@pytest.mark.parametrize(
    ("zone", "beside"),
    [
        ("Europe/London", "07:00 in London"),
        ("America/New_York", "02:00 in New York"),
        ("Pacific/Honolulu", "Friday 20:00 in Honolulu"),
        ("Asia/Baghdad", None),
    ],
)
async def test_a_session_shows_its_time_on_both_clocks(visit: Visit, zone: str, beside: str | None) -> None:
    html = await visit.page(f"{EVENT}/session/{visit.demo.session_code}", zone=zone)
    text = text_of(html)
    assert "09:00–" in text
    assert re.findall(r'<span class="there">([^<]*)</span>', html) == ([beside] if beside else [])


async def test_filters_leave_what_was_asked_for_and_the_breaks(visit: Visit) -> None:
    schedule = await visit.database.read(lambda rows: schedule_of(rows, visit.demo.event))
    track = schedule.tracks[0]
    html = await visit.page(f"{EVENT}/schedule?day=all&track={track.slug}")
    shown = set(re.findall(r'<li id="s([0-9A-Z]{6})"', html))
    wanted = {one.code for one in schedule.sessions if one.track and one.track.slug == track.slug}
    breaks = {one.code for one in schedule.sessions if one.is_break}
    assert wanted
    assert wanted <= shown <= wanted | breaks


async def test_a_filter_that_fits_nothing_says_so_and_leads_back(visit: Visit) -> None:
    html = await visit.page(f"{EVENT}/schedule?room=no-such-room")
    assert "Nothing on this day fits your filter" in html
    assert "Show everything on this day" in html


@pytest.mark.parametrize("day", ["", "2031-01-01", "x" * 5000, "'", "%00", "2025-13-45"])
async def test_a_day_that_is_none_shows_today(visit: Visit, day: str) -> None:
    html = await visit.page(f"{EVENT}/schedule?day={day}")
    assert re.search(r'day=2025-10-25" aria-current="page"', html)


@pytest.mark.parametrize(
    "path",
    ["/nothing/", "/nothing/schedule", f"{EVENT}/session/NOSUCH", f"{EVENT}/speaker/NOSUCH", f"{EVENT}/x"],
)
async def test_what_is_not_there_is_a_calm_404(visit: Visit, path: str) -> None:
    answer = await visit.client.get(visit.address(path))
    assert answer.status == 404
    assert 'class="page page-narrow"' in await answer.text()


async def test_a_star_is_kept_and_listed(visit: Visit) -> None:
    await visit.sign_in()
    code = visit.demo.session_code
    status, text = await visit.star(code, "yes")
    assert status == 200  # the page it came from
    assert f"{EVENT}/session/{code}" in text
    assert await visit.star(code, "yes", script=True) == (200, '{"starred": true}')
    status, text = await visit.star(code, "")
    assert "Nothing here yet" in text


async def test_a_star_needs_an_account(visit: Visit) -> None:
    status, text = await visit.star(visit.demo.session_code, "yes", script=True)
    assert (status, json.loads(text)["error"]["code"]) == (401, "not-signed-in")


async def test_an_unchanged_schedule_costs_a_visitor_a_few_hundred_bytes(visit: Visit) -> None:
    await visit.page(f"{EVENT}/schedule")  # brings the styles
    first = await visit.client.get(visit.address(f"{EVENT}/schedule"))
    again = await visit.client.get(
        visit.address(f"{EVENT}/schedule"), headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status, await again.read()) == (304, b"")


async def test_the_programme_goes_out_in_three_formats(visit: Visit) -> None:
    found = {}
    for path in ("schedule/export/schedule.json", "schedule/export/schedule.xml", "schedule.ics"):
        answer = await visit.client.get(visit.address(f"{EVENT}/{path}"))
        assert answer.status == 200
        found[path] = (answer.content_type, await answer.read())
    kind, body = found["schedule/export/schedule.json"]
    assert kind == "application/json"
    assert len(json.loads(body)["schedule"]["conference"]["days"]) == 3
    kind, body = found["schedule/export/schedule.xml"]
    assert kind == "application/vnd.c3voc.schedule+xml"
    assert len(ElementTree.fromstring(body).findall("day")) == 3
    kind, body = found["schedule.ics"]
    assert kind == "text/calendar"
    assert len(icalendar.Calendar.from_ical(body).walk("VEVENT")) >= 40


@pytest.mark.parametrize(("role", "status"), [(None, 403), (Role.ATTENDEE, 403), (Role.ORGANIZER, 200)])
async def test_the_organizers_page_is_for_organizers(visit: Visit, role: Role | None, status: int) -> None:
    await visit.sign_in(role)
    assert await visit.status(f"{EVENT}/organize/") == status
