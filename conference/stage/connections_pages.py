"""`/{event}/organize/connections`: how people hear and are heard, in words, with the figures on demand."""

from __future__ import annotations

from contextlib import suppress

import msgspec
from aiohttp import web
from sqlalchemy import Connection as Rows

from conference.agenda.reading import event_by_slug, schedule_of
from conference.agenda.rows import EventRow, SessionRow
from conference.errors import N_, NotFound
from conference.media.engine import Engine, RoomStats
from conference.media.errors import MediaError
from conference.serving.context import CLOCK, DATABASE
from conference.serving.pages import render
from conference.stage.connections import Connection, connections_in
from conference.stage.link_notes import LinkNote, Sending, Verdict, notes_of, sending_of, verdict_of
from conference.stage.pages import ROOMS

ENGINE: web.AppKey[Engine] = web.AppKey("engine", Engine)


class RoomShown(msgspec.Struct, frozen=True):
    """A session with people in its room; `known` is false where the engine could not be asked."""

    session: SessionRow
    connections: list[Connection]
    known: bool


class NoteShown(msgspec.Struct, frozen=True):
    note: LinkNote
    session: SessionRow | None
    verdict: Verdict
    sending: Sending


async def connections_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/organize/connections`, and `…/connections/{session}` for one room."""
    match, now = request.match_info, request.app[CLOCK].now()

    def read(rows: Rows) -> tuple[EventRow, list[SessionRow], list[LinkNote]]:
        event = event_by_slug(rows, match["event"])
        sessions = [one for one in schedule_of(rows, event).sessions if not one.is_break]
        return event, sessions, notes_of(rows, event.id, now=now)

    event, sessions, notes = await request.app[DATABASE].read(read)
    chosen = next((one for one in sessions if one.code == match.get("session")), None)
    if "session" in match and chosen is None:
        raise NotFound(N_("There is no such session in this event."), code="agenda.no-session")
    shown = [one for one in sessions if chosen in (None, one)]
    by_id = {one.id: one for one in sessions}
    return render(
        request,
        "stage/connections.html",
        event=event,
        chosen=chosen,
        rooms=[room for one in shown if (room := await _room(request, one)) is not None],
        notes=[
            NoteShown(note, by_id.get(note.session_id), verdict_of(note.found), sending_of(note.found))
            for note in notes
            if chosen is None or note.session_id == chosen.id
        ],
        looked_at=now,
    )


async def _room(request: web.Request, session: SessionRow) -> RoomShown | None:
    """The room of *session* as it is; None when nobody is in it."""
    room = request.app[ROOMS].get(session.code)
    if room is None or room.people.is_empty:
        return None
    stats: RoomStats | None = None
    with suppress(MediaError):
        stats = await request.app[ENGINE].stats(session.code)
    return RoomShown(session, connections_in(room.people.tabs(), stats), stats is not None)
