"""Refusing an edit of something that changed meanwhile, with both versions."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from sqlalchemy import Connection, String, cast, select

from conference.agenda.drafting import acts
from conference.agenda.drafting.dividing import Identity
from conference.agenda.drafting.plan import Plan
from conference.agenda.drafting.scheduling import changes_of
from conference.agenda.drafting.shown_session import Names, shown
from conference.agenda.drafting.stored_sessions import Stored
from conference.agenda.tables import edit
from conference.errors import N_, Conflict, MajlisError
from conference.people.tables import account


def stale(
    rows: Connection, plan: Plan, act: acts.OnSessions, now: Stored, name: Callable[[], Identity]
) -> Conflict | None:
    """Why *act* is refused: the session *now* is another than its editor saw.

    None when the act would change nothing: its answer was lost on the way, and it is only repeated. The
    details: `yours`, the session as the act would make it (None where it could not), `theirs`, as it is,
    and `by` whom and `at` what moment it was changed last (`by` is None when nobody is known).
    """
    code = now.planned.code
    try:
        changes = changes_of(act, plan, name)
    except MajlisError:
        yours = None
    else:
        if not changes:
            return None
        yours = next((change.after for change in changes if change.code == code), now.planned)
    names = Names.of(rows, plan.event.id, [yours, now.planned])
    who, at = _last_editor(rows, plan.event.id, code)
    return Conflict(
        N_("Somebody else changed this session meanwhile. Nothing of yours was saved yet: compare both."),
        code="agenda.stale",
        details={
            "session": code,
            "yours": None if yours is None else msgspec.to_builtins(shown(yours, now.edition, names)),
            "theirs": msgspec.to_builtins(shown(now.planned, now.edition, names)),
            "by": who,
            "at": msgspec.to_builtins(at or now.changed_at),
        },
    )


def _last_editor(rows: Connection, event_id: int, code: str) -> tuple[str | None, object]:
    about = cast(edit.c.changes, String).contains(f'"code": "{code}"', autoescape=True)
    query = (
        select(account.c.name, edit.c.at)
        .select_from(edit.outerjoin(account, account.c.id == edit.c.by))
        .where(edit.c.event_id == event_id, about)
        .order_by(edit.c.id.desc())
        .limit(1)
    )
    found = rows.execute(query).first()
    return (found[0], found[1]) if found else (None, None)
