"""An organizer's browser on the real server: forms are found on the page and sent as they stand there."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar, FormData, web
from lxml import html

from conference.agenda.demo import DemoEvent, create_demo
from conference.app import compose
from conference.clock import ManualClock
from conference.people.accounts import create_account
from conference.people.grants import grant_role
from conference.people.permissions import Role
from conference.people.session_cookie import session_cookie
from conference.people.sessions import begin_session
from conference.schema import metadata
from conference.settings import load_settings
from conference.storage.database import Database, Transaction
from tests.conftest import OPENING
from tests.people.site import Page

KARBALA = "/karbala-2025"
DESK = f"{KARBALA}/organize"


def fields_of(page: Page, action: str) -> list[tuple[str, str]]:
    """What the form to *action* would send as it stands, repeated fields included."""
    document: Any = html.fromstring(page.text)
    for form in document.forms:
        if form.action == action:
            return [(name, value or "") for name, value in form.form_values()]
    raise AssertionError(f"no form to {action} on {page.path}: {page.words[:300]}")


class Desk:
    """One person's browser; `lang` is the language they read."""

    def __init__(self, client: ClientSession, port: int, account_id: int, lang: str) -> None:
        self.client, self.origin, self.account_id = client, f"http://127.0.0.1:{port}", account_id
        self.cookies = {"lang": lang}

    async def open(self, path: str) -> Page:
        return await self._read(await self.client.get(self.origin + path, cookies=self.cookies))

    async def press(self, page: Page, action: str, **typed: Any) -> Page:
        """Send the form to *action* that stands on *page* with what was typed; None leaves a field out."""
        fields = [(name, value) for name, value in fields_of(page, action) if name not in typed]
        for name, value in typed.items():
            fields += [
                (name, one) for one in (value if isinstance(value, list) else [value]) if one is not None
            ]
        return await self.send(action, FormData(fields))

    async def send(self, path: str, fields: dict[str, str] | FormData) -> Page:
        headers = {"Origin": self.origin}
        return await self._read(
            await self.client.post(self.origin + path, data=fields, headers=headers, cookies=self.cookies)
        )

    async def _read(self, response: ClientResponse) -> Page:
        return Page(response.status, response.url.raw_path_qs, await response.text(), response)


class Office(web.AppRunner):
    """The server with the demo conference, and the browsers of those who sign in."""

    demo: DemoEvent
    database: Database
    clock: ManualClock
    browsers: list[ClientSession]

    async def enter(
        self, name: str, role: Role | None = Role.ORGANIZER, lang: str = "en", only: int | None = None
    ) -> Desk:
        def begin(tx: Transaction) -> tuple[int, str]:
            now = self.clock.now()
            account = create_account(tx, f"{name.lower()}@example.org", name, lang, now=now)
            if role:
                grant_role(tx, account.id, self.demo.event.id, role, now=now)
            life = timedelta(days=1)
            return account.id, begin_session(tx, account.id, now=now, life=life, only_event_id=only)

        account_id, token = await self.database.write(begin)
        client = ClientSession(cookie_jar=CookieJar(unsafe=True))
        client.cookie_jar.update_cookies({session_cookie(False): token})
        self.browsers.append(client)
        return Desk(client, self.addresses[0][1], account_id, lang)


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoEvent]:
    """A database with the demo conference, made once: each test gets a copy of the file."""
    file = tmp_path_factory.mktemp("demo") / "majlis.sqlite3"

    async def make() -> DemoEvent:
        database = Database(f"sqlite+aiosqlite:///{file}")
        await database.open()
        await database.write(lambda tx: metadata.create_all(tx.connection))
        demo = await database.write(lambda tx: create_demo(tx, now=OPENING))
        await database.close()
        return demo

    return file, asyncio.run(make())


@pytest.fixture
async def office(
    demo_file: tuple[Path, DemoEvent], clock: ManualClock, tmp_path: Path
) -> AsyncIterator[Office]:
    file, demo = demo_file
    shutil.copy(file, tmp_path / "majlis.sqlite3")
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'majlis.sqlite3'}")
    await database.open()
    settings = load_settings(
        overrides={"media": {"port": 0, "host": "127.0.0.1"}, "storage": {"folder": str(tmp_path)}}
    )
    office = Office(compose(settings, clock, database), access_log=None)
    office.demo, office.database, office.clock, office.browsers = demo, database, clock, []
    await office.setup()
    await web.TCPSite(office, "127.0.0.1", 0).start()
    yield office
    for client in office.browsers:
        await client.close()
    await office.cleanup()
    await database.close()


@pytest.fixture
async def desk(office: Office) -> Desk:
    """Sara, who organizes and reads English."""
    return await office.enter("Sara")
