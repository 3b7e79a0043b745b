"""The questions on a session's own page: asked ahead, and answered afterwards, for members of the event.

To read and to ask without JavaScript (`asking_form.py`); voting and moderating there is
`web/src/entries/ahead.ts`, which asks `questions.json` and sends commands over HTTPS.
"""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.rows import SessionDetails
from conference.errors import MajlisError
from conference.people.permissions import Capability, Scope, allowed
from conference.people.viewer import VIEWER
from conference.questions.asking_form import ASKING, Asking, fresh_form
from conference.questions.messages import QuestionRulesChanged
from conference.questions.pages import caller_on_page
from conference.questions.snapshot import snapshot
from conference.questions.timing import phase_at, refusal
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
    asking: Asking
    shut: MajlisError | None
    """Why nothing can be asked now; nothing was typed that would have to be kept."""
    has_asked: bool


def questions_on_session(rows: Connection, request: web.Request, session: SessionDetails) -> dict[str, Any]:
    """`{"questions": OnPage}` for whoever may enter the session's room, nothing for others. While it answers
    a form, `path` is where the page itself is.

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
    asking, shut = request.get(ASKING), None
    if asking is None and not found.rules.paused:  # a pause ends while somebody writes
        shut = refusal(found.rules, phase_at(rows, caller, now))
    page = OnPage(
        found.rules, answered, unanswered, own, presents, seen,
        asking=asking or fresh_form(), shut=shut, has_asked=request.query.get("asked") == "yes",
    )  # fmt: skip
    here = {} if asking is None else {"path": f"/{request.match_info['event']}/session/{session.code}"}
    return {"questions": page, **here}
