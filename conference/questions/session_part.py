"""The questions on a session's own page: asked ahead, and answered afterwards, for members of the event.

Readable without JavaScript; asking, voting and moderating there is `web/src/entries/ahead.ts`, which asks
`questions.json` and sends commands over HTTPS.
"""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.rows import SessionDetails
from conference.people.permissions import Capability, Scope, allowed
from conference.people.viewer import VIEWER
from conference.questions.messages import QuestionRulesChanged
from conference.questions.pages import caller_on_page
from conference.questions.snapshot import snapshot
from conference.questions.views import OwnQuestion, ShownQuestion
from conference.serving.context import CLOCK


class OnPage(msgspec.Struct, frozen=True):
    """What the template shows: answered ones in the order of asking, open ones by votes, and one's own that
    the room does not see."""

    rules: QuestionRulesChanged
    answered: list[ShownQuestion]
    open: list[ShownQuestion]
    own: list[OwnQuestion]
    presents: bool
    others: dict[str, str]
    """The words of questions that one's own were merged into."""


def questions_on_session(rows: Connection, request: web.Request, session: SessionDetails) -> dict[str, Any]:
    """`{"questions": OnPage}` for whoever may enter the session's room, nothing for others.

    A value for `conference.agenda.pages.SESSION_PARTS`.
    """
    viewer, now = request[VIEWER], request.app[CLOCK].now()
    scope = Scope(event_id=session.event_id, session_id=session.id, is_public=False)
    if session.is_break or session.is_cancelled:
        return {}
    if not allowed(rows, viewer.account_id, Capability.ENTER_ROOM, scope, now=now):
        return {}
    caller = caller_on_page(rows, request)
    found = snapshot(rows, caller)
    answered = sorted((one for one in found.shown if one.answered), key=lambda one: one.asked_at)
    unanswered = [one for one in found.shown if not one.answered]
    unanswered.sort(key=lambda one: (not one.pinned, -one.votes, one.asked_at))
    seen = {one.id: one.text for one in found.shown}
    own = [one for one in found.own if one.id not in seen]
    presents = allowed(rows, viewer.account_id, Capability.TAKE_FLOOR, scope, now=now)
    return {"questions": OnPage(found.rules, answered, unanswered, own, presents, seen)}
