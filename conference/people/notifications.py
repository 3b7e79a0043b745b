"""One's own notifications as they are read: in the room, on the pages, and as a number beside a bell."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from conference.live.commands import Caller
from conference.people.notice_words import Shown, words_of
from conference.people.notifying import Body, Kind, unread_of
from conference.people.tables import notification

AT_ONCE = 20


class Bell(msgspec.Struct, frozen=True):
    """The snapshot's part: the event's number, as `NotificationsChanged` names it, and what is unread."""

    event: int
    unread: int


def bell(rows: Connection, caller: Caller) -> Bell:
    """For `SnapshotPart`: the list itself is asked for when it is looked at."""
    return Bell(caller.event_id, unread_of(rows, caller.account_id, caller.event_id))


def newest(
    rows: Connection,
    account_id: int,
    event_id: int,
    lang: str,
    *,
    now: datetime,
    before: str | None = None,
    most: int = AT_ONCE,
) -> list[Shown]:
    """The person's notifications at the event, the newest first; older than the one named *before*."""
    mine = (notification.c.account_id == account_id) & (notification.c.event_id == event_id)
    query = select(notification).where(mine).order_by(notification.c.id.desc()).limit(most)
    if before is not None:
        older = select(notification.c.id).where(mine, notification.c.public_id == before).scalar_subquery()
        query = query.where(notification.c.id < older)
    shown: list[Shown] = []
    for row in rows.execute(query):
        kind, body = Kind(row.kind), msgspec.convert(row.body, Body)
        shown.append(
            Shown(
                id=row.public_id,
                kind=kind,
                at=row.at,
                words=words_of(kind, body, lang, now=now),
                quote=body.text,
                title=body.title.get(lang) or next(iter(body.title.values()), ""),
                session=row.session_code,
                unread=row.read_at is None,
            )
        )
    return shown
