"""Real Chromium in front of the small world: one page with the chat of the morning session."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from tests.browser.conftest import FLAGS, chromium_path
from tests.live.seminar import GRACE, MORNING

ROOT = Path(__file__).parents[2]
PHONE, DESK = {"width": 360, "height": 740}, {"width": 900, "height": 800}


def bundle(folder: Path) -> Path:
    """The page's script and styles, built from the product's own sources."""
    styles = [f"web/styles/entries/{name}.css" for name in ("site", "room", "room-later")]
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    options = ["--bundle", "--format=esm", "--jsx=automatic", "--jsx-import-source=preact", "--target=es2022"]
    subprocess.run(
        [
            str(esbuild),
            "tests/chat/page/room.tsx",
            *styles,
            *options,
            "--entry-names=[name]-[ext]",
            f"--outdir={folder}",
        ],
        check=True,
        capture_output=True,
        cwd=ROOT,
    )
    return folder


def serve_page(folder: Path) -> Any:
    """Adds `/room/{name}?lang=` and what it needs to an application."""

    async def page(request: web.Request) -> web.Response:
        name, lang = request.match_info["name"], request.query.get("lang", "en")
        styles = "".join(
            f'<link rel="stylesheet" href="/built/{one}-css.css">' for one in ("site", "room", "room-later")
        )
        html = f"""<!doctype html><html lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Chat</title>
<meta name="event-zone" content="Asia/Baghdad">
<meta name="texts" content="/locales/{lang}.json">
<meta name="later-texts" content="/locales/{lang}-later.json">
{styles}
<body class="in-room" data-session="{MORNING}" data-account="{name}-public-id" data-people="Zainab,Ali,Sara">
<main id="main" class="page"></main><script type="module" src="/built/room-js.js"></script></body></html>"""
        response = web.Response(text=html, content_type="text/html")
        response.set_cookie("name", name)
        return response

    def add(app: web.Application) -> None:
        app.router.add_get("/room/{name}", page)
        app.router.add_static("/built", folder)
        app.router.add_static("/locales", ROOT / "conference" / "assets" / "locales")

    return add


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        await browser.close()


async def open_page(browser: Browser, url: str, name: str, *, lang: str = "en", **options: Any) -> Page:
    """*name*'s page, once it is in the room; any error in it is kept in `errors`."""
    context = await browser.new_context(viewport=options.pop("viewport", PHONE), **options)
    page = await context.new_page()
    page.set_default_timeout(GRACE * 1000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.__dict__["errors"] = errors
    await page.goto(f"{url}/room/{name}?lang={lang}")
    await page.wait_for_selector("body[data-state=online]")
    return page
