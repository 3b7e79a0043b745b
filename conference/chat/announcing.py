"""Announcements to a whole event: told in every room and on its pages until they are withdrawn."""

from __future__ import annotations

import secrets
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from conference.chat.messages import AnnouncementMade, AnnouncementView, AnnouncementWithdrawn
from conference.chat.tables import announcement
from conference.errors import N_, BadInput, Conflict, NotFound
from conference.live.channels import event_channel
from conference.live.log import append
from conference.live.tables import log_event
from conference.serving.text import clean_text
from conference.storage.database import Transaction

MAX_LENGTH = 500
MOST = 5  # at once: who announces everything announces nothing


class Announced(msgspec.Struct, frozen=True):
    """The acknowledgement: the announcement's public id."""

    announcement: str


def announce(
    tx: Transaction, event_id: int, text: dict[str, str], *, by: int | None, now: datetime
) -> Announced:
    """Tell the event *text* (by language, ISO 639; empty ones are left out).

    `BadInput` (field `text`, or `text_<language>`) when there is nothing to tell or it is over 500
    characters; `Conflict` when five stand already.
    """
    cleaned = {
        tag: clean_text(one, limit=MAX_LENGTH, lines=True, field=f"text_{tag}") for tag, one in text.items()
    }
    cleaned = {tag: one for tag, one in cleaned.items() if one}
    if not cleaned:
        raise BadInput(N_("Write it in one language at least."), code="chat.empty", field="text")
    if len(standing(tx.connection, event_id)) >= MOST:
        raise Conflict(
            N_("Five announcements stand already. Withdraw one that is over first."), code="chat.too-many"
        )
    public_id = secrets.token_urlsafe(12)
    view = AnnouncementView(id=public_id, at=now, text=cleaned)
    seq = append(tx, event_channel(event_id), AnnouncementMade(announcement=view), actor=by, at=now)
    tx.connection.execute(
        insert(announcement).values(
            public_id=public_id, event_id=event_id, account_id=by, text=cleaned, made_at=now, seq=seq
        )
    )
    return Announced(public_id)


def withdraw(tx: Transaction, event_id: int, public_id: str, *, by: int | None, now: datetime) -> Announced:
    """Take an announcement back, also out of the log; one that was withdrawn before stays so."""
    row = _by_public_id(tx.connection, event_id, public_id)
    if row.withdrawn_at is not None:
        return Announced(public_id)
    here = announcement.c.id == row.id
    tx.connection.execute(update(announcement).where(here).values(withdrawn_at=now))
    gone = AnnouncementWithdrawn(announcement=public_id)
    in_log = (log_event.c.channel == event_channel(event_id)) & (log_event.c.seq == row.seq)
    body = msgspec.json.encode(gone).decode()
    tx.connection.execute(update(log_event).where(in_log).values(body=body, type=type(gone).__name__))
    append(tx, event_channel(event_id), gone, actor=by, at=now)
    return Announced(public_id)


def standing(rows: Connection, event_id: int) -> list[AnnouncementView]:
    """What the event is told now, the newest first."""
    query = select(announcement).where(
        announcement.c.event_id == event_id, announcement.c.withdrawn_at.is_(None)
    )
    return [
        AnnouncementView(id=row.public_id, at=row.made_at, text=row.text)
        for row in rows.execute(query.order_by(announcement.c.id.desc()))
    ]


def _by_public_id(rows: Connection, event_id: int, public_id: str) -> Row[tuple[object, ...]]:
    here = (announcement.c.event_id == event_id) & (announcement.c.public_id == public_id)
    row = rows.execute(select(announcement).where(here)).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such announcement at this event."), code="chat.unknown")
    return row
