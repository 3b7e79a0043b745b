"""Two pages that look into a room without sitting in it: the hall's projector and the speaker's own view.

Both are tabs of the live channel (`web/src/projector/hall_tab.ts`); what they show comes from there, so that
nothing is on a wall that its owner's rights do not let them read.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from conference.errors import N_, NotAllowed
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, FORM_TOKEN, SETTINGS
from conference.serving.pages import render
from conference.serving.translation import direction, language_of
from conference.stage.address_code import address_code
from conference.stage.pages import Visitor, in_language, visitor_of


async def projector_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/session/{session}/projector`"""
    return await _page(request, "projector")


async def speaker_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/session/{session}/speaker`"""
    return await _page(request, "speaker", presenters=True)


async def _page(request: web.Request, view: str, *, presenters: bool = False) -> web.StreamResponse:
    visitor = await visitor_of(request)
    values: dict[str, Any] = {"event": visitor.event, "session": visitor.session}
    if visitor.missing is not None:
        status = visitor.missing.status
        return render(request, "stage/not_admitted.html", status=status, error=visitor.missing, **values)
    if presenters and not (visitor.presents or visitor.moderates):
        raise NotAllowed(
            N_("This view is for the speakers and chairs of the session."), code="stage.presenters"
        )
    hall = _data(request, visitor)
    return render(request, f"stage/{view}.html", program=f"{view}.js", hall=hall, **values)


def _data(request: web.Request, visitor: Visitor) -> dict[str, Any]:
    """What the browser code starts from: `HallPage` in `web/src/projector/hall_tab.ts`."""
    session, viewer = visitor.session, request[VIEWER]
    language, title = in_language(session.title, language_of(request))
    address = request.app[SETTINGS].public_url.rstrip("/") + f"/{visitor.event.slug}/session/{session.code}"
    return {
        "session": session.code,
        "account": viewer.public_id,
        "event": f"/{visitor.event.slug}",
        "title": title,
        "title_language": language,
        "title_direction": direction(language),
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "ask_address": address.split("://", 1)[-1],
        "ask_code": address_code(address),
        "form_token": request.get(FORM_TOKEN, ""),
        "now": request.app[CLOCK].now(),
    }
