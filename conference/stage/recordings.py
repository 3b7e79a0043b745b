"""Recordings as the database has them: which session, where the files are, from when to when."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, insert, select, update

from conference.agenda.tables import event, session
from conference.errors import N_, NotFound
from conference.people.tokens import new_public_id
from conference.stage.standing import Place
from conference.stage.tables import recording
from conference.storage.database import Transaction

FOLDER = "recordings"  # below the data folder


class Recording(msgspec.Struct, frozen=True):
    """A row of `recording`, with its session. `folder` is below the data folder."""

    id: int
    public_id: str
    folder: str
    started_at: datetime
    ended_at: datetime | None
    error: str
    place: Place
    title: dict[str, str]


def begin(tx: Transaction, place: Place, *, by: int, now: datetime) -> Recording:
    slug = tx.connection.execute(select(event.c.slug).where(event.c.id == place.event_id)).scalar_one()
    public_id = new_public_id()
    folder = Path(FOLDER) / slug / f"{place.code}-{now:%Y%m%dT%H%M%SZ}-{public_id}"
    tx.connection.execute(
        insert(recording).values(
            public_id=public_id,
            session_id=place.session_id,
            folder=str(folder),
            started_at=now,
            started_by=by,
        )
    )
    return named(tx.connection, place.event_id, public_id)


def end(tx: Transaction, recording_id: int, *, now: datetime, error: str = "") -> bool:
    """Whether it was still on."""
    on = (recording.c.id == recording_id) & recording.c.ended_at.is_(None)
    return tx.connection.execute(update(recording).where(on).values(ended_at=now, error=error)).rowcount > 0


def going_on(rows: Connection, session_id: int | None = None) -> list[Recording]:
    """Those that are on, in one session or all."""
    query = _query().where(recording.c.ended_at.is_(None))
    if session_id is not None:
        query = query.where(recording.c.session_id == session_id)
    return [_recording(row) for row in rows.execute(query)]


def of_event(rows: Connection, event_id: int) -> list[Recording]:
    """The newest first."""
    query = _query().where(session.c.event_id == event_id).order_by(recording.c.id.desc())
    return [_recording(row) for row in rows.execute(query)]


def named(rows: Connection, event_id: int, public_id: str) -> Recording:
    """Raises `NotFound`, for a recording of another event as well."""
    here = (session.c.event_id == event_id) & (recording.c.public_id == public_id)
    row = rows.execute(_query().where(here)).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such recording."), code="recording.unknown")
    return _recording(row)


def moment_in_recording(rows: Connection, session_id: int, at: datetime) -> tuple[str, int] | None:
    """Where *at* is in what was recorded of a session: the recording's public id and whole seconds from its
    start; None when nothing was recorded then."""
    covers = (recording.c.started_at <= at) & (recording.c.ended_at.is_(None) | (recording.c.ended_at >= at))
    query = select(recording.c.public_id, recording.c.started_at).where(
        recording.c.session_id == session_id, covers
    )
    found = rows.execute(query.order_by(recording.c.id.desc()).limit(1)).first()
    return (found.public_id, int((at - found.started_at).total_seconds())) if found else None


def may_be_recorded(rows: Connection, session_id: int) -> bool:
    """Whether the programme allows it."""
    return not rows.execute(select(session.c.do_not_record).where(session.c.id == session_id)).scalar_one()


def _query() -> Select[Any]:
    return (
        select(recording, session.c.code, session.c.title, session.c.event_id, event.c.is_public)
        .join(session, session.c.id == recording.c.session_id)
        .join(event, event.c.id == session.c.event_id)
    )


def _recording(row: Row[tuple[object, ...]]) -> Recording:
    v = row._mapping
    return Recording(
        id=v["id"],
        public_id=v["public_id"],
        folder=v["folder"],
        started_at=v["started_at"],
        ended_at=v["ended_at"],
        error=v["error"],
        place=Place(v["event_id"], v["session_id"], v["code"], v["is_public"]),
        title=v["title"],
    )
