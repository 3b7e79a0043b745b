"""The whole composed server over the seminar's database, visited by one person after another."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer

from conference.app import compose
from conference.clock import ManualClock
from conference.people.grants import grant_role
from conference.people.links import make_personal_link
from conference.people.permissions import Role
from conference.settings import load_settings
from conference.storage.database import Database
from tests.live.seminar import account_id

ROOM = "/karbala/session/MORN01/room"
ORIGIN = "http://majlis.example"


class Site:
    def __init__(self, server: TestServer, database: Database, clock: ManualClock) -> None:
        self.server = server
        self.database = database
        self.clock = clock

    async def get(self, path: str, name: str | None = None, **headers: str) -> tuple[int, str]:
        """*path* as *name* sees it in English, or somebody who is not signed in."""
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
            if name is not None:
                await self._sign_in(client, name)
            asked = {"Accept-Language": "en", "Cookie": "lang=en", **headers}
            async with client.get(self.server.make_url(path), headers=asked) as answer:
                return answer.status, (await answer.read()).decode("utf-8", "replace")

    async def post(self, path: str, name: str, body: bytes | dict[str, Any]) -> tuple[int, Any]:
        """*path* asked by the page's script of *name*: the form token in a header, JSON or bytes as body."""
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
            await self._sign_in(client, name)
            async with client.get(self.server.make_url(ROOM)) as page:
                data = re.search(r'id="room-data"[^>]*>(.*?)</script>', await page.text(), re.DOTALL)
            assert data
            token = json.loads(data[1])["form_token"]
            sent = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers = {"X-Form-Token": token, "Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
            async with client.post(self.server.make_url(path), data=sent, headers=headers) as answer:
                return answer.status, await answer.json() if answer.status == 200 else None

    async def make_organizer(self, name: str) -> None:
        now = self.clock.now()
        await self.database.write(lambda tx: grant_role(tx, account_id(name), 1, Role.ORGANIZER, now=now))

    async def _sign_in(self, client: ClientSession, name: str) -> None:
        token = await self.database.write(
            lambda tx: make_personal_link(tx, account_id(name), 1, now=self.clock.now())
        )
        address = self.server.make_url(f"/join/{token}")
        async with client.get(address) as page:
            form_token = re.search(r'name="form_token" value="([^"]+)"', await page.text())
        assert form_token
        async with client.post(
            address,
            data={"form_token": form_token[1]},
            headers={"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"},
            allow_redirects=False,
        ) as answer:
            assert answer.status in (302, 303), await answer.text()


@asynccontextmanager
async def opened_site(database: Database, clock: ManualClock) -> AsyncIterator[Site]:
    """A server whose rooms hold one viewer."""
    settings = load_settings(
        overrides={
            "server": {"public_url": ORIGIN},
            "media": {"host": "127.0.0.1", "port": 0, "max_viewers": 1},
        }
    )
    server = TestServer(compose(settings, clock, database))
    await server.start_server()
    yield Site(server, database, clock)
    await server.close()
