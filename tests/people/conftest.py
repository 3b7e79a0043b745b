"""Every test here has the congress in its database and may open browsers on its site."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from conference.clock import ManualClock
from conference.storage.database import Database
from tests.people.congress import furnish
from tests.people.site import Browser, compose, settings_for

OpenBrowser = Callable[..., Browser]


@pytest.fixture
async def congress(database: Database, clock: ManualClock) -> Database:
    """The database, furnished."""
    await database.write(lambda tx: furnish(tx, clock.now()))
    return database


@pytest.fixture
def settings_changed() -> dict[str, dict[str, Any]]:
    """Settings that differ for the tests of one module; override it there."""
    return {"mail": {"host": "relay.example"}}


@pytest.fixture
async def site(
    congress: Database, clock: ManualClock, settings_changed: dict[str, dict[str, Any]]
) -> web.Application:
    """The application. A relay is configured but nobody sends: mails stay in the outbox."""
    return compose(congress, clock, settings_for(**settings_changed))


@pytest.fixture
async def open_browser(site: web.Application) -> AsyncIterator[OpenBrowser]:
    """Makes browsers; all of them meet the same application."""
    opened: list[Browser] = []
    shared: list[Any] = []

    def make() -> Browser:
        browser = Browser(site, server=shared[0] if shared else None)
        shared.append(browser.server)
        opened.append(browser)
        return browser

    yield make
    for browser in opened:
        await browser.client.session.close()
    if shared:
        await shared[0].close()


@pytest.fixture
async def browser(open_browser: OpenBrowser) -> Browser:
    """One browser, signed out."""
    return open_browser()
