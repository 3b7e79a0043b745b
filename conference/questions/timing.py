"""When a question was asked, and whether questions were taken then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, select

from conference.agenda.reading import event_by_id
from conference.agenda.releasing.published import find_session
from conference.agenda.tables import session
from conference.errors import N_, Conflict, MajlisError
from conference.live.commands import Caller
from conference.questions.messages import QuestionRulesChanged

LONGEST_OUTAGE = timedelta(hours=24)


class Phase(StrEnum):
    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


def moment_asked(wish: datetime | None, *, now: datetime) -> datetime:
    """The device's word on when it was asked, never in the future and at most a day ago."""
    if wish is None:
        return now
    if wish.tzinfo is None:
        wish = wish.replace(tzinfo=UTC)
    return min(now, max(wish, now - LONGEST_OUTAGE))


def phase_at(rows: Connection, caller: Caller, at: datetime) -> Phase:
    """Where *at* lies beside the session as published (what runs late included)."""
    starts, ends = session_times(rows, caller)
    if starts is None or ends is None or at < starts:
        return Phase.BEFORE
    return Phase.DURING if at < ends else Phase.AFTER


def session_times(rows: Connection, caller: Caller) -> tuple[datetime | None, datetime | None]:
    """Start and end as published, or as drafted before that; None while it has no time."""
    published = find_session(rows, event_by_id(rows, caller.event_id), caller.session_code)
    if published is not None:
        return published.starts_at, published.ends_at
    query = select(session.c.starts_at, session.c.minutes).where(session.c.id == caller.session_id)
    starts, minutes = rows.execute(query).one()
    return starts, starts and starts + timedelta(minutes=minutes)


def refusal(rules: QuestionRulesChanged, phase: Phase) -> MajlisError | None:
    """Why no question is taken under *rules* in that phase; None when it is."""
    if not rules.open:
        return Conflict(N_("Questions are closed for this session."), code="questions.closed")
    if rules.paused:
        return Conflict(
            N_("Questions are paused for a moment. Yours is kept here: send it again when they go on."),
            code="questions.paused",
        )
    if phase is Phase.BEFORE and not rules.ahead:
        return Conflict(N_("Questions can be asked once the session begins."), code="questions.not-yet")
    if phase is Phase.AFTER and not rules.afterwards:
        return Conflict(N_("This session is over and takes no more questions."), code="questions.over")
    return None
