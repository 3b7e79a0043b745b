"""A small website of real middlewares and pages on a real port, for the tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, CookieJar, web

from conference.assets import built_folder, templates_folder
from conference.clock import ManualClock
from conference.serving.built import BuiltFiles
from conference.serving.compression import compression
from conference.serving.context import CLOCK
from conference.serving.failures import failures
from conference.serving.pages import PAGES, Pages
from conference.serving.preferences import choose_language, choose_theme, choose_zone, zone_middleware
from conference.serving.static import asset
from conference.serving.translation import language_middleware


def make_website(
    clock: ManualClock, *, account_language: str | None = None, **options: Any
) -> web.Application:
    """The serving layer alone: preferences, assets, failures, compression."""
    app = web.Application(
        middlewares=[
            compression,
            failures,
            language_middleware(lambda request: account_language),
            zone_middleware(lambda request: None),
        ],
        **options,
    )
    app[CLOCK] = clock
    app[PAGES] = Pages(templates_folder(), BuiltFiles(built_folder()))
    app.router.add_post("/language", choose_language)
    app.router.add_post("/zone", choose_zone)
    app.router.add_post("/theme", choose_theme)
    app.router.add_get("/assets/{file:.+}", asset)
    return app


@asynccontextmanager
async def visiting(app: web.Application) -> AsyncIterator[tuple[ClientSession, Callable[[str], str]]]:
    """Serve *app* on a free port; gives a client that keeps cookies and a way to make addresses."""
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with ClientSession(cookie_jar=CookieJar(unsafe=True), auto_decompress=True) as client:
            yield client, lambda path: f"http://127.0.0.1:{port}{path}"
    finally:
        await runner.cleanup()
