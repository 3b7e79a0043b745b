"""The people's pages behind all their middlewares, and a browser that uses the forms as they are."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from aiohttp import ClientResponse, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from lxml import html
from sqlalchemy import Connection, select

from conference.agenda.reading import event_by_id, people_of, schedule_of
from conference.agenda.scope import resolve_scope
from conference.assets import built_folder, templates_folder
from conference.clock import Clock
from conference.people import account_pages, organizer_pages, outbox_pages, pages
from conference.people.access import SCOPE, access_middleware, page_values
from conference.people.events import EVENTS, Events
from conference.people.permissions import Capability
from conference.people.session_cookie import REVOCATIONS, keep_session, session_middleware
from conference.people.sessions import Revocations
from conference.people.tables import outbox
from conference.people.tries import TRIES, sign_in_window
from conference.people.viewer import VIEWER
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

ANYONE, SIGNED_IN, ORGANIZE = Capability.ANYONE, Capability.SIGNED_IN, Capability.ORGANIZE
SEE_EVENT = Capability.SEE_EVENT
PERSON = "/{event}/organize/people/{person}"

ROUTES = [
    Route("GET", "/sign-in", pages.sign_in_page, ANYONE),
    Route("POST", "/sign-in", pages.request_link, ANYONE),
    Route("GET", "/sign-in/{token}", pages.magic_link_page, ANYONE),
    Route("POST", "/sign-in/{token}", pages.open_magic_link, ANYONE),
    Route("GET", "/join/{token}", pages.personal_link_page, ANYONE),
    Route("POST", "/join/{token}", pages.open_personal_link, ANYONE),
    Route("POST", "/sign-out", pages.sign_out, ANYONE),
    Route("GET", "/me", account_pages.account_page, SIGNED_IN),
    Route("POST", "/me", account_pages.change_account, SIGNED_IN),
    Route("POST", "/me/sessions/end", account_pages.end_one_session, SIGNED_IN),
    Route("POST", "/me/sessions/end-all", account_pages.sign_out_everywhere, SIGNED_IN),
    Route("GET", "/{event}/register", pages.register_page, SEE_EVENT),
    Route("POST", "/{event}/register", pages.register, SEE_EVENT),
    Route("GET", "/{event}/organize/people", organizer_pages.people_page, ORGANIZE),
    Route("POST", "/{event}/organize/people", organizer_pages.invite_person, ORGANIZE),
    Route("GET", PERSON, organizer_pages.person_page, ORGANIZE),
    Route("POST", f"{PERSON}/grant", organizer_pages.give_role, ORGANIZE),
    Route("POST", f"{PERSON}/revoke", organizer_pages.take_role, ORGANIZE),
    Route("POST", f"{PERSON}/link", organizer_pages.make_link, ORGANIZE),
    Route("POST", f"{PERSON}/take-links", organizer_pages.take_links, ORGANIZE),
    Route("POST", f"{PERSON}/ban", organizer_pages.ban, ORGANIZE),
    Route("POST", f"{PERSON}/unban", organizer_pages.unban, ORGANIZE),
    Route("GET", "/{event}/organize/outbox", outbox_pages.outbox_page, ORGANIZE),
    Route("GET", "/{event}/organize/outbox/{mail}", outbox_pages.mail_page, ORGANIZE),
    Route("POST", "/{event}/organize/outbox/again", outbox_pages.send_again, ORGANIZE),
]


async def who(request: web.Request) -> web.StreamResponse:
    """Tells a test who the server takes it for, and where."""
    scope = request[SCOPE]
    return web.json_response(
        {"name": request[VIEWER].name, "event": scope.event_id, "session": scope.session_id}
    )


PROBES = [
    Route("GET", "/", who, ANYONE),
    Route("GET", "/{event}/", who, SEE_EVENT),
    Route("GET", "/{event}/session/{session}/desk", who, Capability.MODERATE),
]


def agenda_events() -> Events:
    """The agenda's answers, as `app.py` hands them in."""

    def names(rows: Connection, event_id: int, without: int | None) -> list[str]:
        people = people_of(rows, event_id)
        return [name for person in people for name in person.name.values()]

    return Events(
        by_id=event_by_id,
        sessions=lambda rows, event_id: schedule_of(rows, event_by_id(rows, event_id)).sessions,
        names_on_programme=names,
    )


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
    app[EVENTS] = agenda_events()
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
