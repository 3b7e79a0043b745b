"""Somebody at the other end of the wire: requests with a session's cookie and form token, a live socket."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from io import BytesIO
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp
import msgspec
import socketio
from sqlalchemy import select

from conference.clock import Clock
from conference.people.sessions import begin_session
from conference.people.tables import browser_session
from conference.people.tokens import token_hash
from conference.storage.database import Database, Transaction
from tests.flows.town import id_of
from tests.world import GRACE

_numbers = itertools.count(1)


def new_client_id() -> str:
    """As browsers make them (the version does not matter to the server)."""
    return str(uuid.UUID(int=(next(_numbers) << 64) | uuid.uuid4().int >> 64))


class Answer(msgspec.Struct, frozen=True):
    status: int
    headers: dict[str, str]
    text: str


class HasUrl(Protocol):
    """Where requests go: the town in this process, or a server of its own."""

    @property
    def url(self) -> str: ...


class Visitor(msgspec.Struct, frozen=True):
    """One browser: its cookies, and the `form_token` that belongs to them."""

    site: HasUrl
    cookies: dict[str, str]
    form_token: str

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.send("GET", path, headers=headers)

    async def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        """A form as a page of ours sends it, with its token."""
        filled = {"form_token": self.form_token, **(form or {})}
        return await self.send("POST", path, form=filled, headers=headers)

    async def send(
        self,
        method: str,
        path: str,
        *,
        form: dict[str, str] | None = None,
        body: bytes | BytesIO | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        sent = {"Accept": "text/html", "Accept-Language": "en"}
        sent |= {"Origin": self.site.url} if method == "POST" else {}
        jar = aiohttp.DummyCookieJar()
        async with (
            aiohttp.ClientSession(cookie_jar=jar, cookies=self.cookies) as http,
            http.request(
                method, self.site.url + path, data=form if body is None else body,
                headers=sent | (headers or {}), cookies=self.cookies, allow_redirects=False,
            ) as answer,
        ):  # fmt: skip
            text = (await answer.read()).decode(errors="replace")
            return Answer(answer.status, {key.lower(): value for key, value in answer.headers.items()}, text)

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[LiveSocket]:
        """A live connection that has shown its ticket and entered no room yet."""
        issued = await self.send(
            "POST", "/live/ticket", headers={"X-Form-Token": self.form_token, "Accept": "application/json"}
        )
        assert issued.status == 200, issued.text
        socket = LiveSocket(self.site)
        await socket.connect(msgspec.json.decode(issued.text)["ticket"])
        try:
            yield socket
        finally:
            await socket.sio.disconnect()


async def stranger_at(site: HasUrl, path: str) -> Visitor:
    """A fresh browser at a page with a form; its form token belongs to the visit's cookie."""
    page = await Visitor(site, {}, "").get(path)
    return Visitor(site, _cookie(page), _form_token(page))


async def sign_in_by_link(site: HasUrl, link: str) -> Visitor:
    """A personal link: its page, its one button, and the session that follows."""
    path = urlsplit(link).path
    entered = await (await stranger_at(site, path)).post(path)
    assert entered.status == 303, entered.text[:300]
    visitor = Visitor(site, _cookie(entered), "")
    return Visitor(site, visitor.cookies, _form_token(await visitor.get(entered.headers["location"])))


def _cookie(answer: Answer) -> dict[str, str]:
    name, value = answer.headers["set-cookie"].split(";")[0].split("=", 1)
    return {name: value}


def _form_token(page: Answer) -> str:
    return page.text.split('name="form_token" value="')[1].split('"')[0]


class LiveSocket:
    """python-socketio's own client, noting everything it is told."""

    def __init__(self, site: HasUrl) -> None:
        self.site = site
        self.sio = socketio.AsyncClient(reconnection=False)
        self.told: list[dict[str, Any]] = []
        self.closed: list[dict[str, Any]] = []
        for name in ("event", "ephemeral"):
            self.sio.on(name, self.told.append)
        self.sio.on("closed", self.closed.append)

    async def connect(self, ticket: str) -> None:
        await self.sio.connect(
            self.site.url, headers={"Origin": self.site.url}, auth={"ticket": ticket},
            transports=["websocket"], socketio_path="/live/socket",
        )  # fmt: skip

    async def enter(self, session: str, *, seconds: float = GRACE) -> dict[str, Any]:
        return dict(await self.sio.call("enter", {"session": session, "last": {}}, timeout=seconds))

    async def command(
        self, kind: str, client_id: str = "", *, seconds: float = GRACE, **body: Any
    ) -> dict[str, Any]:
        message = {"client_id": client_id or new_client_id(), "type": kind, **body}
        return dict(await self.sio.call("command", message, timeout=seconds))


class Site:
    """The town's running server."""

    def __init__(self, url: str, database: Database, clock: Clock, mail: str) -> None:
        self.url = url
        self.database = database
        self.clock = clock
        self.mail = mail  # the public id of one in the outbox

    async def stranger(self) -> Visitor:
        """A browser nobody has signed in at."""
        return await stranger_at(self, "/sign-in")

    async def sign_in(self, name: str, *, life: timedelta = timedelta(days=1)) -> Visitor:
        """A fresh browser session of *name*, as the sign-in pages begin it; *life* may be over already."""

        def begin(tx: Transaction) -> tuple[str, str]:
            token = begin_session(tx, id_of(name), now=self.clock.now(), life=life)
            mine = browser_session.c.token_hash == token_hash(token)
            return token, tx.connection.execute(select(browser_session.c.form_token).where(mine)).scalar_one()

        cookie, form_token = await self.database.write(begin)
        if life > timedelta():
            return Visitor(self, {"majlis": cookie}, form_token)
        stranger = await self.stranger()
        return Visitor(self, {**stranger.cookies, "majlis": cookie}, stranger.form_token)
