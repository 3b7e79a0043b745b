"""The programme within other sites: a page for an iframe and the script that puts it into a page.

The one part of the product that others may frame and load. It is the same for everybody (no cookie is read
or set) and has nothing to press, so being framed gives no site any power over a reader.
"""

from __future__ import annotations

import asyncio

from aiohttp import web
from markupsafe import Markup

from conference.agenda.export_pages import edition_for, kept_answer
from conference.agenda.exporting.public import Edition
from conference.agenda.grouping import by_time, days_of, filtered
from conference.agenda.track_colours import track_styles
from conference.serving.built import BuiltFiles, style_hash
from conference.serving.context import EMBEDDED, STYLE_HASH
from conference.serving.pages import PAGES, Pages
from conference.serving.translation import choose_language

FILTERS = ("day", "track", "room")
SCRIPT_AGE = 3600  # seconds others' readers may keep the script: its address never changes


async def embed(request: web.Request) -> web.StreamResponse:
    """``/{event}/schedule/embed`` with ``?lang=``, ``?day=``, ``?track=``, ``?room=``."""
    asked = request.query.get("lang")
    language = choose_language([asked], request.headers.get("Accept-Language", ""))
    filters = {name: request.query.get(name, "")[:64] for name in FILTERS}
    pages = request.app[PAGES]

    async def make() -> bytes:
        edition = await edition_for(request, language)
        return await asyncio.to_thread(_page, edition, pages, filters)

    edition = await edition_for(request, language)
    request[STYLE_HASH] = styles = style_hash(_styles(edition, pages.built))
    request[EMBEDDED] = True
    return await kept_answer(request, ("embed", language, styles, *filters.values()), make, "text/html")


async def embed_script(request: web.Request) -> web.StreamResponse:
    """``/{event}/schedule/embed.js``"""
    built = request.app[PAGES].built
    request[EMBEDDED] = True
    headers = {"Cache-Control": f"public, max-age={SCRIPT_AGE}"}
    return web.Response(text=built.text("embed.js"), content_type="text/javascript", headers=headers)


def _page(edition: Edition, pages: Pages, filters: dict[str, str]) -> bytes:
    event = edition.event
    shown = filtered(edition.schedule, track=filters["track"], room=filters["room"])
    every = days_of(event, [one for one in shown if not one.is_cancelled])
    chosen = [day for day in every if day.date.isoformat() == filters["day"]] or every
    values = {
        "event": event,
        "zone": event.zone,
        "address": edition.address,
        "days": [(day, by_time(day.sessions)) for day in chosen],
        "style": Markup(_styles(edition, pages.built)),  # noqa: S704  # our own text
    }
    return pages.html("agenda/embed.html", edition.language, values).encode()


def _styles(edition: Edition, built: BuiltFiles) -> str:
    styles = built.text("embed.css") + track_styles(edition.schedule.tracks)
    assert "</" not in styles
    return styles
