"""The people's pages behind all their middlewares, and a browser that uses the forms as they are."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from aiohttp import ClientResponse, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from lxml import html
from sqlalchemy import select

from conference.agenda.naming import names_on_programme
from conference.agenda.reading import event_by_id, schedule_of
from conference.agenda.scope import resolve_scope
from conference.assets import built_folder, templates_folder
from conference.clock import Clock
from conference.people.access import SCOPE, access_middleware, page_values
from conference.people.events import EVENTS, Events
from conference.people.permissions import Capability
from conference.people.session_cookie import REVOCATIONS, keep_session, session_middleware
from conference.people.sessions import Revocations
from conference.people.tables import outbox
from conference.people.tries import TRIES, sign_in_window
from conference.people.viewer import VIEWER
from conference.routes import ROUTES as REAL_ROUTES
from conference.serving.built import BuiltFiles
from conference.serving.context import CLOCK, DATABASE, PAGE_VALUES, SETTINGS, PageValues
from conference.serving.failures import failures
from conference.serving.headers import header_signal
from conference.serving.pages import PAGES, Pages
from conference.serving.preferences import zone_middleware
from conference.serving.protection import keep_visit, protection_middleware
from conference.serving.routing import Route, add_routes
from conference.serving.translation import language_middleware
from conference.settings import Settings, load_settings
from conference.storage.database import Database

PUBLIC_URL = "http://majlis.example"

# The rows of the real table, so that what is tested here is what the server demands.
ROUTES = [route for route in REAL_ROUTES if route.handler.__module__.startswith("conference.people.")]


async def who(request: web.Request) -> web.StreamResponse:
    """Tells a test who the server takes it for, and where."""
    scope = request[SCOPE]
    return web.json_response(
        {"name": request[VIEWER].name, "event": scope.event_id, "session": scope.session_id}
    )


PROBES = [
    Route("GET", "/", who, Capability.ANYONE),
    Route("GET", "/{event}/", who, Capability.SEE_EVENT),
    Route("GET", "/{event}/session/{session}/desk", who, Capability.MODERATE),
]


def settings_for(**sections: dict[str, Any]) -> Settings:
    """The default settings with a public address, changed by section."""
    server = {"public_url": PUBLIC_URL} | sections.pop("server", {})
    return load_settings(overrides={"server": server, **sections})


def compose(database: Database, clock: Clock, settings: Settings) -> web.Application:
    """An application of these pages alone, built like the real one."""
    app = web.Application(
        middlewares=[
            failures,
            session_middleware,
            language_middleware(lambda request: request[VIEWER].language),
            zone_middleware(lambda request: request[VIEWER].zone),
            protection_middleware,
            access_middleware(resolve_scope),
        ]
    )
    app[DATABASE] = database
    app[CLOCK] = clock
    app[SETTINGS] = settings
    app[PAGES] = Pages(templates_folder(), BuiltFiles(built_folder()))
    values: list[PageValues] = [page_values]
    app[PAGE_VALUES] = values
    app[EVENTS] = Events(
        by_id=event_by_id,
        sessions=lambda rows, event_id: schedule_of(rows, event_by_id(rows, event_id)).sessions,
        names_on_programme=names_on_programme,
    )
    app[REVOCATIONS] = Revocations()
    app[TRIES] = sign_in_window(settings.people, clock)
    app.on_response_prepare.extend([keep_session, keep_visit, header_signal(settings.public_url)])
    add_routes(app, ROUTES + PROBES)
    return app


class Page(msgspec.Struct):
    """An answer, read."""

    status: int
    path: str
    text: str
    response: ClientResponse

    @property
    def words(self) -> str:
        """What a person reads in the main part, white space collapsed."""
        main = self._document.xpath("//main")
        return re.sub(r"\s+", " ", main[0].text_content() if main else self.text).strip()

    def form(self, action: str) -> dict[str, str]:
        """The fields of the form that goes to *action*, with the values they carry."""
        for form in self._document.forms:
            if form.action == action:
                return {name: value or "" for name, value in form.form_values()}
        raise AssertionError(f"no form to {action} on {self.path}: {self.words[:300]}")

    def error_at(self, field: str) -> str:
        """The error beside a field, or nothing."""
        found = self._document.xpath(f"//*[@id='{field}-error']")
        return str(found[0].text_content()).strip() if found else ""

    @property
    def _document(self) -> Any:
        return html.fromstring(self.text)


class Browser:
    """Keeps cookies, sends Origin like a browser, follows redirects."""

    def __init__(
        self, app: web.Application, *, origin: str = PUBLIC_URL, server: TestServer | None = None
    ) -> None:
        self.server = server or TestServer(app)
        self.client = TestClient(self.server, cookie_jar=CookieJar(unsafe=True))
        self.headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}

    async def open(self, path: str, **headers: str) -> Page:
        await self.client.start_server()
        return await self._read(await self.client.get(path, headers={"Accept-Language": "en"} | headers))

    async def press(self, page: Page, action: str, **typed: str) -> Page:
        """Send the form to *action* that stands on *page*, with what was typed into it."""
        return await self.send(action, page.form(action) | typed)

    async def send(self, path: str, fields: dict[str, str], **headers: str) -> Page:
        return await self._read(await self.client.post(path, data=fields, headers=self.headers | headers))

    async def enter(self, link: str) -> Page:
        """Open a link from a mail and press its button."""
        path = link.removeprefix(PUBLIC_URL)
        return await self.press(await self.open(path), path)

    async def name(self) -> str:
        """Whom the server takes this browser for; empty when signed out."""
        response = await self.client.get("/")
        return str((await response.json())["name"])

    def cookie(self, name: str = "majlis") -> str:
        """The value of a cookie, or nothing."""
        return next((cookie.value for cookie in self.client.session.cookie_jar if cookie.key == name), "")

    async def _read(self, response: ClientResponse) -> Page:
        return Page(response.status, response.url.raw_path, await response.text(), response)


async def mailed_link(database: Database, recipient: str) -> str:
    """The link in the last mail to *recipient*."""
    query = select(outbox.c.text).where(outbox.c.recipient == recipient).order_by(outbox.c.id.desc()).limit(1)
    text = await database.read(lambda rows: rows.scalar(query)) or ""
    found = re.search(r"http\S+/(?:sign-in|join)/\S+", text)
    assert found, f"no link in: {text}"
    return found[0]
