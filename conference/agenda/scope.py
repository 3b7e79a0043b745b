"""Where a request or live command takes place: what `people.access` checks rights in."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from conference.agenda.tables import event, session
from conference.errors import NotFound
from conference.people.permissions import HIDDEN, Scope


def resolve_scope(rows: Connection, match_info: Mapping[str, str]) -> Scope:
    """The scope named by ``{event}`` and ``{session}`` of a route; empty when it has neither.

    `NotFound` for an unknown event and for a session of another event, in the very words an
    outsider of a closed event gets: they must not differ.
    """
    slug, code = match_info.get("event"), match_info.get("session")
    if slug is None:
        return Scope()
    found = rows.execute(select(event.c.id, event.c.is_public).where(event.c.slug == slug)).first()
    if found is None:
        raise NotFound(HIDDEN)
    event_id, is_public = found
    if code is None:
        return Scope(event_id=event_id, is_public=is_public)
    here = (session.c.event_id == event_id) & (session.c.code == code)
    session_id = rows.execute(select(session.c.id).where(here)).scalar()
    if session_id is None:
        raise NotFound(HIDDEN)
    return Scope(event_id=event_id, session_id=session_id, is_public=is_public)


def scope_of_session(rows: Connection, code: str) -> Scope:
    """The scope of a live room, which is named by its session's code alone; `NotFound` if unknown."""
    query = select(session.c.id, event.c.id, event.c.is_public).join(event, event.c.id == session.c.event_id)
    found = rows.execute(query.where(session.c.code == code)).first()
    if found is None:
        raise NotFound(HIDDEN)
    session_id, event_id, is_public = found
    return Scope(event_id=event_id, session_id=session_id, is_public=is_public)
