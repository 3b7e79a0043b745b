"""The organizers' first page: what needs them, then where everything is."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import Connection, func, select

from conference.agenda.clash_pages import first_lines
from conference.agenda.reading import event_by_slug, schedule_of
from conference.agenda.tables import SessionState, session, star
from conference.people.outbox import mails_of
from conference.people.roster import people_of_event
from conference.serving.context import CLOCK, DATABASE, SETTINGS
from conference.serving.pages import render

CLASHES_SHOWN = 3


async def organize(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/``"""
    now = request.app[CLOCK].now()

    def read(rows: Connection) -> dict[str, Any]:
        event = event_by_slug(rows, request.match_info["event"])
        sessions = [one for one in schedule_of(rows, event).sessions if not one.is_break]
        mails = mails_of(rows, event.id, with_keys=False)
        people = people_of_event(rows, event.id)
        query = select(func.count()).select_from(star).join(session).where(session.c.event_id == event.id)
        held_still = session.c.state != SessionState.CANCELLED.value
        without_time = select(func.count()).where(session.c.starts_at.is_(None), held_still)
        return {
            "event": event,
            "sessions": sessions,
            "live": [one for one in sessions if one.is_live(now)],
            "unplaced": [one for one in sessions if one.room is None and not one.is_cancelled],
            "without_speaker": [one for one in sessions if not one.speakers and not one.is_cancelled],
            "without_time": rows.execute(without_time.where(session.c.event_id == event.id)).scalar_one(),
            "failed": [mail for mail in mails if mail.state == "failed"],
            "held": [mail for mail in mails if mail.state in ("waiting", "held")],
            "people": people,
            "not_seen": [one for one in people if one.invited_at and not one.seen_at],
            "stars": rows.execute(query).scalar_one(),
        }

    values = await request.app[DATABASE].read(read)
    counts, lines = await first_lines(request, values["event"], most=CLASHES_SHOWN)
    embed = f"{request.app[SETTINGS].public_url}/{values['event'].slug}/schedule/embed"
    return render(request, "agenda/organize.html", counts=counts, clashes=lines, embed=embed, **values)
