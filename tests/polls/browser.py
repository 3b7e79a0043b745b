"""Real Chromium in front of the small world: one page with the polls of the morning session, or its wall."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, Page

from tests.live.seminar import GRACE, MORNING

ROOT = Path(__file__).parents[2]
STYLES = ("site", "room", "room-later", "hall")
PHONE, DESK = {"width": 360, "height": 740}, {"width": 900, "height": 900}


def bundle(folder: Path) -> Path:
    """The page's script and styles, built from the product's own sources."""
    styles = [f"web/styles/entries/{name}.css" for name in STYLES]
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    options = ["--bundle", "--format=esm", "--jsx=automatic", "--jsx-import-source=preact", "--target=es2022"]
    subprocess.run(
        [str(esbuild), "tests/polls/page/room.tsx", *styles, *options, "--entry-names=[name]-[ext]",
         f"--outdir={folder}"],
        check=True, capture_output=True, cwd=ROOT,
    )  # fmt: skip
    return folder


def serve_page(folder: Path) -> Any:
    """Adds `/room/{name}?lang=&wall=` and what it needs to an application."""

    async def page(request: web.Request) -> web.Response:
        name, lang = request.match_info["name"], request.query.get("lang", "en")
        links = "".join(f'<link rel="stylesheet" href="/built/{style}-css.css">' for style in STYLES)
        html = f"""<!doctype html><html lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Polls</title>
<meta name="texts" content="/locales/{lang}.json">
<meta name="later-texts" content="/locales/{lang}-later.json">
{links}
<body data-session="{MORNING}" data-account="{name}-public-id" data-wall="{request.query.get("wall", "")}">
<main id="polls" class="page"></main><script type="module" src="/built/room-js.js"></script></body></html>"""
        response = web.Response(text=html, content_type="text/html")
        response.set_cookie("name", name)
        return response

    def add(app: web.Application) -> None:
        app.router.add_get("/room/{name}", page)
        app.router.add_static("/built", folder)
        app.router.add_static("/locales", ROOT / "conference" / "assets" / "locales")

    return add


async def open_page(
    browser: Browser, url: str, name: str, *, lang: str = "en", wall: bool = False, **options: Any
) -> Page:
    """*name*'s page, once it is in the room; errors in it are kept for `no_errors`."""
    context = await browser.new_context(viewport=options.pop("viewport", PHONE), **options)
    page = await context.new_page()
    page.set_default_timeout(GRACE * 1000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.__dict__["errors"] = errors
    await page.goto(f"{url}/room/{name}?lang={lang}&wall={'1' if wall else ''}")
    await page.wait_for_selector("body[data-state=online]")
    return page


def no_errors(*pages: Page) -> None:
    for page in pages:
        assert page.__dict__["errors"] == []
