"""The organizers' planner: the page alone; its data and acts are the JSON API's (`api_pages`)."""

from __future__ import annotations

from aiohttp import web

from conference.agenda.reading import event_by_slug
from conference.people.viewer import VIEWER
from conference.serving.context import DATABASE, FORM_TOKEN
from conference.serving.pages import render


async def planner(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/planner``"""
    slug = request.match_info["event"]
    event = await request.app[DATABASE].read(lambda rows: event_by_slug(rows, slug))
    viewer = request[VIEWER]
    # `PlannerPage` in web/src/planner/wire.ts.
    page = {
        "event": event.slug,
        "api": f"/api/events/{event.slug}",
        "account": viewer.public_id,
        "name": viewer.name,
        "form_token": request.get(FORM_TOKEN, ""),
        "session_url": f"/{event.slug}/organize/sessions/",
        "clash_url": f"/{event.slug}/organize/clashes/",
        "release_url": f"/{event.slug}/organize/release",
    }
    return render(request, "agenda/planner.html", event=event, planner=page)
