"""The public programme for other programs, at pretalx's addresses: schedule.json, .xml, .xcal, .csv, .ics;
the same for one release, calendars of a session and of a speaker, on paper and as an offline copy."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime

import brotli
import msgspec
from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.exporting.calendar import export_ics
from conference.agenda.exporting.formats import FORMATS
from conference.agenda.exporting.offline.archive import offline_copy
from conference.agenda.exporting.printing.document import document_of
from conference.agenda.exporting.printing.typesetting import Press
from conference.agenda.exporting.public import Edition
from conference.agenda.kept import KEPT
from conference.agenda.reading import event_by_slug
from conference.agenda.releasing import published
from conference.errors import N_, NotFound
from conference.serving.compression import best_encoding
from conference.serving.context import DATABASE, SETTINGS
from conference.serving.pages import PAGES
from conference.serving.translation import SUPPORTED, language_of

PRESS: web.AppKey[Press] = web.AppKey("press", Press)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Stamp(msgspec.Struct, frozen=True):
    """Which programme it is, down to the last delay: what is made from it holds for it alone."""

    event_id: int
    changed_at: datetime
    release: int
    delay: int
    version: str


async def export(request: web.Request) -> web.StreamResponse:
    """``/{event}/schedule/export/schedule.{format}``; the same under ``/{event}/schedule/v/{version}/``"""
    name = request.match_info.get("format", "ics")
    if name not in FORMATS:
        raise NotFound(N_("There is no page at this address."), code="page.not-found")
    wanted = FORMATS[name]
    language = _asked_language(request)

    async def make() -> bytes:
        edition = await edition_for(request, language)
        return await asyncio.to_thread(wanted.export, edition)

    return await kept_answer(request, (name, language), make, wanted.media_type)


async def schedule_ics(request: web.Request) -> web.StreamResponse:
    """``/{event}/schedule.ics``"""
    return await export(request)


async def session_ics(request: web.Request) -> web.StreamResponse:
    """``/{event}/session/{session}.ics``"""
    code = request.match_info["session"]
    edition = await edition_for(request, _asked_language(request))
    found = next((one for one in edition.schedule.sessions if one.code == code), None)
    if found is None:
        raise NotFound(N_("There is no such session in this event."), code="agenda.no-session")
    title, address = edition.text(found, found.title), edition.session_address(found)
    return calendar_answer(export_ics(edition, {code}, title=title, address=address), code)


async def speaker_ics(request: web.Request) -> web.StreamResponse:
    """``/{event}/speaker/{person}.ics``: everything this person takes part in."""
    edition = await edition_for(request, _asked_language(request))
    person = published.person_by_code(edition.schedule, request.match_info["person"])
    theirs = {one.code for one in published.sessions_of_person(edition.schedule, person.id)}
    title, address = edition.name(person.name), edition.person_address(person)
    return calendar_answer(export_ics(edition, theirs, title=title, address=address), person.code)


async def programme_pdf(request: web.Request) -> web.StreamResponse:
    """``/{event}/schedule/programme.pdf``: in the language asked for (``?lang=``), else in the reader's."""
    language = _asked_language(request) or language_of(request)

    async def make() -> bytes:
        edition = await edition_for(request, language)
        return await request.app[PRESS].print(await asyncio.to_thread(document_of, edition))

    answer = await kept_answer(request, ("pdf", language), make, "application/pdf")
    name = f"{request.match_info['event']}-{language}.pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


async def offline_zip(request: web.Request) -> web.StreamResponse:
    """``/{event}/schedule/offline.zip``: the whole public programme, to be read without a server."""

    async def make() -> bytes:
        edition = await edition_for(request, "")
        return await asyncio.to_thread(offline_copy, edition, request.app[PAGES])

    answer = await kept_answer(request, ("zip",), make, "application/zip")
    name = f"{request.match_info['event']}.zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


async def edition_for(request: web.Request, language: str) -> Edition:
    """The published programme that the address names (of a version, when it names one), ready to go out."""
    slug, version = request.match_info["event"], request.match_info.get("version")

    def read(rows: Connection) -> Edition:
        event = event_by_slug(rows, slug)
        if version is None:
            latest = published.latest_release(rows, event.id)
            schedule = published.schedule_of(rows, event)
        else:
            latest = published.release_by_name(rows, event.id, version)
            schedule = published.released_schedule(rows, event, latest)
        site = request.app[SETTINGS].public_url
        return Edition(schedule=schedule, site=site, language=language, version=latest.name if latest else "")

    return await request.app[DATABASE].read(read)


async def stamp_for(request: web.Request, slug: str) -> Stamp:
    """Cheap to ask: whether what was made of the event *slug* before still holds."""
    version = request.match_info.get("version", "")

    def read(rows: Connection) -> Stamp:
        event = event_by_slug(rows, slug)
        state = published.state_of(rows, event.id)
        return Stamp(event.id, event.changed_at, state.release, state.delay, version)

    return await request.app[DATABASE].read(read)


async def kept_answer(
    request: web.Request, what: tuple[str, ...], make: Callable[[], Awaitable[bytes]], media_type: str
) -> web.StreamResponse:
    """The answer *make* gives, made once for each state of the programme; 304 for a program that has it: they
    ask again every hour, and pay by the megabyte."""
    stamp = await stamp_for(request, request.match_info["event"])
    key = (what, stamp, request.app[SETTINGS].public_url)
    kept = request.app[KEPT]
    body = await kept.get(key, make)
    tag = (await kept.get(("tag", key), lambda: asyncio.to_thread(_tag, body))).decode()
    headers = {"ETag": f'W/"{tag}"', "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    # A PDF too: what screen readers know it by is a third of what it weighs when it is packed.
    if media_type != "application/zip" and best_encoding(request.headers.get("Accept-Encoding", "")) == "br":
        packed = await kept.get(("br", key), lambda: asyncio.to_thread(_brotli, body))
        body, headers["Content-Encoding"] = packed, "br"
    charset = None if media_type in ("application/pdf", "application/zip") else "utf-8"
    return web.Response(body=body, content_type=media_type, charset=charset, headers=headers)


def calendar_answer(body: bytes, name: str) -> web.Response:
    """A small calendar as a download; whether it changed is judged by its bytes (`serving.compression`)."""
    headers = {"Cache-Control": "no-cache", "Content-Disposition": f'attachment; filename="{name}.ics"'}
    return web.Response(body=body, content_type="text/calendar", charset="utf-8", headers=headers)


def _asked_language(request: web.Request) -> str:
    language = request.query.get("lang", "")
    return language if language in SUPPORTED else ""


def _tag(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest()[:32].encode()


def _brotli(body: bytes) -> bytes:
    # Packed once for all who fetch it, so a higher quality than for pages pays.
    packed: bytes = brotli.compress(body, mode=brotli.MODE_TEXT, quality=7, lgwin=20)
    return packed
