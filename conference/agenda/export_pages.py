"""The public schedule for other programs: schedule.json, schedule.xml, schedule.ics."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from aiohttp import web

from conference.agenda.exporting.calendar import export_ics
from conference.agenda.exporting.frab_xml import export_xml
from conference.agenda.exporting.public import Edition
from conference.agenda.exporting.schedule_json import export_json
from conference.agenda.reading import event_by_slug, full_schedule_of
from conference.serving.context import DATABASE, SETTINGS
from conference.serving.translation import SUPPORTED


async def schedule_json(request: web.Request) -> web.StreamResponse:
    return await _exported(request, export_json, "application/json")


async def schedule_xml(request: web.Request) -> web.StreamResponse:
    return await _exported(request, export_xml, "application/vnd.c3voc.schedule+xml")


async def schedule_ics(request: web.Request) -> web.StreamResponse:
    return await _exported(request, export_ics, "text/calendar")


async def _exported(
    request: web.Request, export: Callable[[Edition], bytes], media_type: str
) -> web.StreamResponse:
    """The export, or 304 for a program that has it: they ask again every hour, and pay by the megabyte."""
    slug = request.match_info["event"]
    schedule = await request.app[DATABASE].read(
        lambda rows: full_schedule_of(rows, event_by_slug(rows, slug))
    )
    language = request.query.get("lang", "")
    edition = Edition(
        schedule=schedule,
        site=request.app[SETTINGS].public_url,
        language=language if language in SUPPORTED else "",
    )
    body = export(edition)
    response = web.Response(body=body, content_type=media_type, charset="utf-8")
    response.etag = hashlib.sha256(body).hexdigest()[:32]
    response.headers["Cache-Control"] = "no-cache"
    wanted = request.if_none_match or ()
    if any(tag.value == response.etag.value for tag in wanted if response.etag):
        return web.Response(
            status=304, headers={"ETag": response.headers["ETag"], "Cache-Control": "no-cache"}
        )
    return response
