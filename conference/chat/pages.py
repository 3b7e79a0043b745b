"""The HTTP edge: the chat of a session as a file, and the announcements above every page of an event."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from conference.chat.announcing import standing
from conference.chat.exporting import chat_of, export_csv, export_json
from conference.chat.messages import AnnouncementView
from conference.errors import N_, NotFound
from conference.live.tables import LogEvent
from conference.people.access import SCOPE
from conference.serving.context import PAGE_STATE
from conference.storage.database import Database

FRESH_SECONDS = 5.0  # with several processes, how late another one's announcement may be on a page

_formats = {"csv": (export_csv, "text/csv"), "json": (export_json, "application/json")}


async def export(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/session/{session}/chat/export.{format}`: for those who moderate the session."""
    known = _formats.get(request.match_info["format"])
    session_id = request[SCOPE].session_id
    if known is None or session_id is None:
        raise NotFound(N_("There is no such file."), code="chat.no-format")
    write, media_type = known
    messages = await request.app[STANDING].database.read(lambda rows: chat_of(rows, session_id))
    name = f"{request.match_info['session']}-chat.{request.match_info['format']}"
    return web.Response(
        body=await asyncio.to_thread(write, messages),
        content_type=media_type,
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


class StandingAnnouncements:
    """What each event is told now, kept for a moment: every page of an event asks for it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._known: dict[int, tuple[float, list[AnnouncementView]]] = {}
        database.subscribe(self._committed)

    async def of(self, event_id: int) -> list[AnnouncementView]:
        """The newest first."""
        now = asyncio.get_running_loop().time()
        kept = self._known.get(event_id)
        if kept is not None and now - kept[0] < FRESH_SECONDS:
            return kept[1]
        found = await self.database.read(lambda rows: standing(rows, event_id))
        self._known[event_id] = (now, found)
        return found

    def _committed(self, news: object) -> None:
        if isinstance(news, LogEvent) and news.channel.startswith("event:"):
            self._known.clear()


STANDING: web.AppKey[StandingAnnouncements] = web.AppKey("standing_announcements", StandingAnnouncements)
_FOUND: web.RequestKey[list[AnnouncementView]] = web.RequestKey("announcements", list)


@web.middleware
async def announcements_middleware(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Look up what the event of a page is told. Stands after the check of who may see the event."""
    event_id = request[SCOPE].event_id
    if event_id is not None and request.method in ("GET", "HEAD"):
        found = await request.app[STANDING].of(event_id)
        if found:
            request[_FOUND] = found
            # A page that is kept for others to be shown is another one with other announcements.
            request[PAGE_STATE] = ",".join(each.id for each in found)
    return await handler(request)


def announcement_values(request: web.Request) -> dict[str, Any]:
    """For `PAGE_VALUES`."""
    return {"announcements": request.get(_FOUND, [])}
