"""The API behind all its middlewares; browsers call it with a cookie, programs with a token."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import ClientResponse, DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from msgspec.structs import replace
from sqlalchemy import select

from conference.agenda.api.operations import routes
from conference.agenda.clashes.keeping import CHECKERS, Checkers
from conference.agenda.editing import create_event
from conference.agenda.organizing.cloning import CLONED_ALONG
from conference.agenda.releasing.telling import TELLING, Telling
from conference.agenda.scope import resolve_scope
from conference.clock import ManualClock
from conference.people.access import access_middleware
from conference.people.accounts import create_account
from conference.people.api_tokens import TokenScope, make_token
from conference.people.bearing import bearer_middleware
from conference.people.grants import grant_role
from conference.people.permissions import Role
from conference.people.session_cookie import session_middleware
from conference.people.sessions import begin_session
from conference.people.tables import browser_session
from conference.people.tokens import token_hash
from conference.people.viewer import VIEWER
from conference.serving.compression import compression
from conference.serving.context import CLOCK, DATABASE, SETTINGS
from conference.serving.failures import failures
from conference.serving.preferences import zone_middleware
from conference.serving.protection import HEADER, protection_middleware
from conference.serving.routing import add_routes
from conference.serving.translation import language_middleware
from conference.settings import load_settings
from conference.storage.database import Database, Transaction
from tests.agenda.drafting.desk import EVENT as KARBALA
from tests.agenda.drafting.desk import Desk

SITE = "http://majlis.example"
EVENT = "/api/events/karbala"
ALL = frozenset(TokenScope)


class Answer(msgspec.Struct, frozen=True):
    status: int
    headers: Mapping[str, str]
    json: Any


class Caller:
    """Somebody who asks, with what proves who they are in *headers*."""

    def __init__(self, client: TestClient[Any, Any], headers: dict[str, str]) -> None:
        self.client = client
        self.headers = {"Accept-Language": "en", "Accept-Encoding": "identity"} | headers

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, **headers)

    async def act(self, name: str, **said: Any) -> Answer:
        return await self.ask("POST", f"{EVENT}/acts", {"act": name, **said})

    async def ask(self, method: str, path: str, said: Any = None, **headers: str) -> Answer:
        """*said* as JSON; bytes are sent as they are, as a file."""
        if isinstance(said, bytes):
            sent = self.headers | {"Content-Type": "application/octet-stream"} | headers
            return await read(await self.client.request(method, path, data=said, headers=sent))
        body = None if said is None else msgspec.json.encode(said)
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent = {"Content-Type": "application/json"} | sent
        return await read(await self.client.request(method, path, data=body, headers=sent))


async def read(response: ClientResponse) -> Answer:
    body = await response.read()
    return Answer(response.status, response.headers, msgspec.json.decode(body) if body else None)


class Api:
    """The running API of the event `karbala` (see `drafting.Desk`), which Zainab organizes."""

    def __init__(
        self, client: TestClient[Any, Any], database: Database, clock: ManualClock, desk: Desk
    ) -> None:
        self.client, self.database, self.clock, self.desk = client, database, clock, desk

    def anonymous(self) -> Caller:
        return Caller(self.client, {})

    async def browser(self, account_id: int) -> Caller:
        """With a session cookie and the form token that pages carry."""

        def begin(tx: Transaction) -> tuple[str, str]:
            token = begin_session(tx, account_id, now=self.clock.now(), life=timedelta(days=1))
            mine = browser_session.c.token_hash == token_hash(token)
            return token, tx.connection.execute(select(browser_session.c.form_token).where(mine)).scalar_one()

        cookie, form_token = await self.database.write(begin)
        return Caller(self.client, {"Cookie": f"majlis={cookie}", HEADER: form_token, "Origin": SITE})

    async def program(
        self, account_id: int, scopes: frozenset[TokenScope] = ALL, *, event_id: int | None = None
    ) -> Caller:
        token = await self.database.write(
            lambda tx: make_token(tx, account_id, "A script", scopes, event_id=event_id, now=self.clock.now())
        )
        return Caller(self.client, {"Authorization": f"Bearer {token}"})

    async def account(self, name: str, role: Role | None = None) -> int:
        def make(tx: Transaction) -> int:
            made = create_account(tx, f"{name}@example.org", name, now=self.clock.now()).id
            if role is not None:
                grant_role(tx, made, self.desk.event_id, role, now=self.clock.now())
            return made

        return await self.database.write(make)

    async def another_event(self, organizer: int) -> int:
        """One at `/basra`."""

        def make(tx: Transaction) -> int:
            event_id = create_event(tx, replace(KARBALA, slug="basra"), at=self.clock.now())
            grant_role(tx, organizer, event_id, Role.ORGANIZER, now=self.clock.now())
            return event_id

        return await self.database.write(make)


@asynccontextmanager
async def serving(database: Database, clock: ManualClock, folder: Path) -> AsyncIterator[Api]:
    def begin(tx: Transaction) -> Desk:
        desk = Desk(tx.connection)
        grant_role(tx, desk.zainab, desk.event_id, Role.ORGANIZER, now=clock.now())
        return desk

    desk = await database.write(begin)
    app = web.Application(
        middlewares=[
            compression,
            failures,
            session_middleware,
            bearer_middleware,
            language_middleware(lambda request: request[VIEWER].language),
            zone_middleware(lambda request: request[VIEWER].zone),
            protection_middleware,
            access_middleware(resolve_scope),
        ]
    )
    app[DATABASE], app[CLOCK] = database, clock
    app[CLONED_ALONG] = []  # live rooms are above the agenda
    app[SETTINGS] = load_settings(
        overrides={"server": {"public_url": SITE}, "storage": {"folder": str(folder)}}
    )
    app[CHECKERS] = Checkers(database, clock)
    app[TELLING] = Telling(database, clock)
    add_routes(app, routes())
    async with TestClient(TestServer(app), cookie_jar=DummyCookieJar()) as client:
        yield Api(client, database, clock, desk)
