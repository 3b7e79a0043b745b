"""Real Chromium in front of the small world: one page with the questions of the morning session."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from tests.browser.conftest import chromium_path
from tests.live.seminar import GRACE, MORNING

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESK = {"width": 360, "height": 740}, {"width": 900, "height": 900}


def bundle(folder: Path) -> Path:
    """The page's script and style, built from the product's own sources."""
    styles = [f"web/styles/entries/{name}.css" for name in ("site", "room", "room-later", "hall")]
    entries = ["tests/questions/page/room.ts", "tests/questions/page/hall.ts", *styles]
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    options = ["--bundle", "--format=esm", "--jsx=automatic", "--jsx-import-source=preact", "--target=es2022"]
    subprocess.run(
        [str(esbuild), *entries, *options, "--entry-names=[name]-[ext]", f"--outdir={folder}"],
        check=True,
        capture_output=True,
        cwd=ROOT,
    )
    return folder


def serve_page(folder: Path) -> Any:
    """Adds `/{view}/{name}?lang=` and what it needs to an application; views: room, projector, speaker."""

    async def page(request: web.Request) -> web.Response:
        name, view = request.match_info["name"], request.match_info["view"]
        lang = request.query.get("lang", "en")
        script = styles = "room" if view == "room" else "hall"
        html = f"""<!doctype html><html lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Questions</title>
<meta name="texts" content="/locales/{lang}.json">
<meta name="later-texts" content="/locales/{lang}-later.json">
<meta name="later-styles" content="/built/room-later-css.css"><meta name="event-zone" content="Asia/Baghdad">
<link rel="stylesheet" href="/built/site-css.css"><link rel="stylesheet" href="/built/{styles}-css.css">
<body data-session="{MORNING}" data-account="{name}-public-id" data-view="{view}">
<main id="questions" class="page"></main>
<script type="module" src="/built/{script}-js.js"></script></body></html>"""
        response = web.Response(text=html, content_type="text/html")
        response.set_cookie("name", name)
        return response

    def add(app: web.Application) -> None:
        app.router.add_get("/{view:room|projector|speaker}/{name}", page)
        app.router.add_static("/built", folder)
        app.router.add_static("/locales", ROOT / "conference" / "assets" / "locales")

    return add


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        await browser.close()


async def open_page(
    browser: Browser, url: str, name: str, *, view: str = "room", lang: str = "en", **options: Any
) -> Page:
    """*name*'s page, once it is in the room; any error in it fails the test at the end (`page_errors`)."""
    context = await browser.new_context(viewport=options.pop("viewport", PHONE), **options)
    page = await context.new_page()
    page.set_default_timeout(GRACE * 1000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.__dict__["errors"] = errors
    await page.goto(f"{url}/{view}/{name}?lang={lang}")
    await page.wait_for_selector("body[data-state=online]")
    return page


async def stays(page: Page, expression: str, seconds: float = 0.6) -> None:
    """Fails as soon as *expression* is false within *seconds*."""
    for _ in range(int(seconds / 0.1)):
        assert await page.evaluate(expression)
        await asyncio.sleep(0.1)
