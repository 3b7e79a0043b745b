"""What everybody may read of releases, over real HTTP: older ones, the changes, the feed, the state; and the
organizers' page that makes them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import msgspec
import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer
from sqlalchemy import select, update

from conference.agenda.tables import room, session
from conference.app import compose
from conference.clock import ManualClock
from conference.people.accounts import create_account
from conference.people.grants import grant_role
from conference.people.permissions import Role
from conference.people.session_cookie import session_cookie
from conference.people.sessions import begin_session
from conference.people.tables import outbox
from conference.settings import load_settings
from conference.storage.database import Database, Transaction
from tests.agenda.releasing.town_hall import FIRST, HOUR, NOW, SECOND, START, Hall, town_hall

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = "http://majlis.example"


class Visit(msgspec.Struct):
    hall: Hall
    client: ClientSession

    async def get(self, path: str, lang: str = "en", **headers: str) -> tuple[int, str, Any]:
        answer = await self.client.get(f"/karbala{path}", cookies={"lang": lang}, headers=headers)
        return answer.status, await answer.text(), answer.headers

    async def page(self, path: str, lang: str = "en") -> str:
        status, text, _ = await self.get(path, lang)
        assert status == 200, (path, text[:500])
        return text

    async def post(self, path: str, page: str, **fields: str) -> tuple[int, str]:
        """Send a form of the page at *page*."""
        token = re.search(r'name="form_token" value="([^"]+)"', await self.page(page))
        assert token
        answer = await self.client.post(
            f"/karbala{path}", data={"form_token": token[1], **fields}, headers={"Origin": SITE},
            cookies={"lang": "en"},
        )  # fmt: skip
        return answer.status, await answer.text()


@pytest.fixture
async def visit(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Visit]:
    clock.current = NOW
    hall = await town_hall(database)
    overrides: dict[str, dict[str, Any]] = {
        "media": {"port": 0, "host": "127.0.0.1"},
        "storage": {"folder": str(tmp_path)},
        "server": {"public_url": SITE},
    }
    async with TestServer(compose(load_settings(overrides=overrides), clock, database)) as server:
        async with ClientSession(server.make_url("/"), cookie_jar=CookieJar(unsafe=True)) as client:
            yield Visit(hall, client)


async def sign_in_as_organizer(visit: Visit) -> None:
    def begin(tx: Transaction) -> str:
        layla = create_account(tx, "layla@example.org", "Layla", now=NOW)
        grant_role(tx, layla.id, visit.hall.event_id, Role.ORGANIZER, now=NOW)
        return begin_session(tx, layla.id, now=NOW, life=timedelta(days=1))

    token = await visit.hall.database.write(begin)
    visit.client.cookie_jar.update_cookies({session_cookie(True): token, session_cookie(False): token})


async def test_the_state_is_small_and_costs_nothing_while_nothing_happens(visit: Visit) -> None:
    status, text, headers = await visit.get("/schedule/state")
    assert (status, text) == (200, '{"r":1,"d":0}')
    status, text, _ = await visit.get("/schedule/state", **{"If-None-Match": headers["ETag"]})
    assert (status, text) == (304, "")
    await visit.hall.change(FIRST, minutes=45)
    await visit.hall.release()
    assert (await visit.get("/schedule/state", **{"If-None-Match": headers["ETag"]}))[1] == '{"r":2,"d":0}'


async def test_an_older_release_is_read_as_it_was(visit: Visit) -> None:
    await visit.hall.change(FIRST, title={"en": "Renamed", "ar": "اسم جديد"}, starts_at=START + HOUR)
    await visit.hall.release(name="two")
    old = await visit.page("/schedule/v/one/")
    assert "Opening" in old
    assert "It does not hold any more." in old
    assert "Renamed" in await visit.page("/schedule/v/two/")
    assert (await visit.get("/schedule/v/three/"))[0] == 404


@pytest.mark.parametrize(("lang", "words"), [("en", "At another time"), ("ar", "في وقت آخر")])
async def test_the_changes_are_told_in_words_between_any_two_releases(
    visit: Visit, lang: str, words: str
) -> None:
    await visit.hall.change(FIRST, starts_at=START + HOUR)
    await visit.hall.release(name="two", comment="Sorry for the move.")
    await visit.hall.change(SECOND, starts_at=None)
    await visit.hall.release(name="three")
    latest = await visit.page("/schedule/changes", lang)
    assert words not in latest
    both = await visit.page("/schedule/changes?from=three&to=one", lang)  # the earlier one comes first anyway
    assert words in both
    assert "10:00–11:00" in both
    assert "Sorry for the move." in both  # in the list of all releases
    assert (await visit.get("/schedule/changes?from=nothing"))[0] == 404


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "Hall B is called Forum now."), ("ar", "القاعة ب صار اسمها Forum.")]
)
async def test_a_room_under_another_name_is_told_too(visit: Visit, lang: str, words: str) -> None:
    name = {"en": "Forum"}
    await visit.hall.database.write(
        lambda tx: tx.connection.execute(update(room).where(room.c.slug == "b").values(name=name))
    )
    await visit.hall.release(name="two")
    plain = re.sub(r"<[^>]+>", "", await visit.page("/schedule/changes", lang))
    assert words in plain
    _, feed, _ = await visit.get(f"/schedule/feed.xml?lang={lang}")
    assert words in feed


async def test_the_feed_is_valid_and_says_what_changed(visit: Visit) -> None:
    await visit.hall.change(FIRST, starts_at=START + HOUR)
    await visit.hall.release(name="two & more")
    status, text, headers = await visit.get("/schedule/feed.xml?lang=en")
    assert (status, headers["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    feed = Xml.fromstring(text.encode())
    for required in ("id", "title", "updated", "author"):  # RFC 4287 §4.1.1
        assert feed.find(ATOM + required) is not None
    entries = feed.findall(ATOM + "entry")
    for entry in entries:  # §4.1.2
        assert all(entry.find(ATOM + required) is not None for required in ("id", "title", "updated", "link"))
    assert len({entry.findtext(ATOM + "id") for entry in entries}) == len(entries) == 2
    assert "Opening: Now on Saturday 25 October, 10:00–11:00" in (entries[0].findtext(ATOM + "content") or "")
    assert feed.findtext(ATOM + "updated") == entries[0].findtext(ATOM + "updated")
    links = {link.get("rel"): link.get("href") for link in feed.findall(ATOM + "link")}
    assert links["self"] == f"{SITE}/karbala/schedule/feed.xml?lang=en"


async def test_the_release_page_shows_what_changes_and_each_message_and_publishes(visit: Visit) -> None:
    await sign_in_as_organizer(visit)
    await visit.hall.change(FIRST, starts_at=START + HOUR)
    page = await visit.page("/organize/release")
    assert "1 session changes" in page
    assert "2 people get a message each" in page
    sara = re.search(r'\?person=([\w-]+)#told"[^>]*><bdi>Sara', page)
    assert sara
    assert "What changed for you: Karbala" in await visit.page(f"/organize/release?person={sara[1]}")
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    status, _ = await visit.post("/organize/release", "/organize/release", seen=seen[1], name="two")
    assert status == 200  # the page it leads to
    assert "Nothing has changed since the last release." in await visit.page("/organize/release")
    assert set(await visit.hall.mails()) == {"Sara", "Ali"}


async def test_nothing_is_published_that_the_organizer_has_not_seen(visit: Visit) -> None:
    await sign_in_as_organizer(visit)
    await visit.hall.change(FIRST, starts_at=START + HOUR)
    seen = re.search(r'name="seen" value="(\w+)"', await visit.page("/organize/release"))
    assert seen
    await visit.hall.change(SECOND, starts_at=START + HOUR)
    status, text = await visit.post(
        "/organize/release", "/organize/release", seen=seen[1], comment="My words stay."
    )
    assert status == 409
    assert "changed while you looked" in text
    assert "My words stay." in text
    assert await visit.hall.mails() == {}


async def test_a_held_message_is_changed_stopped_and_sent_at_once(visit: Visit) -> None:
    await sign_in_as_organizer(visit)
    await visit.hall.change(FIRST, starts_at=START + HOUR)
    await visit.hall.release()
    assert "2 messages can be read and changed" in await visit.page("/organize/outbox?state=to-read")
    mails = await visit.hall.mails()
    sara, ali = (f"/organize/outbox/{mails[name]['public_id']}" for name in ("Sara", "Ali"))
    await visit.post(sara, sara, subject="Dear Sara", text="We are sorry.")
    await visit.post(f"{ali}/stop", ali)
    states = await visit.hall.mails()
    assert (states["Sara"]["text"], states["Sara"]["edited_at"]) == ("We are sorry.", NOW)
    assert states["Ali"]["state"] == "stopped"
    await visit.post("/organize/outbox/send-all", "/organize/outbox")
    assert (await visit.hall.mails())["Sara"]["next_try_at"] == NOW
    status, text = await visit.post(ali, sara, subject="Too late", text="It was stopped.")
    assert (status, "no longer waiting" in text) == (409, True)
    unchanged = await visit.hall.database.read(
        lambda rows: rows.scalars(select(outbox.c.subject).where(outbox.c.subject == "Too late")).all()
    )
    assert unchanged == []


async def test_a_session_that_is_only_planned_is_not_there_for_the_public(visit: Visit) -> None:
    await visit.hall.change(SECOND, starts_at=None)
    assert (await visit.get(f"/session/{SECOND}"))[0] == 200  # still as released
    await visit.hall.release()
    assert (await visit.get(f"/session/{SECOND}"))[0] == 404
    kept = await visit.hall.database.read(
        lambda rows: rows.scalars(select(session.c.code).where(session.c.code == SECOND)).all()
    )
    assert kept == [SECOND]
