"""Telling one person what concerns them: a row for each, told in their own channel after the commit.

Whoever notifies says *what* (a `Notice`), never how: the words are made where they are read, in the reader's
language (`notice_words.py`). Bounded for each person and event, and erased when nobody needs it any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, column, delete, func, select, table, update
from sqlalchemy.dialects import postgresql, sqlite

from conference.live.channels import person_channel
from conference.live.log import append
from conference.people.messages import NotificationsChanged
from conference.people.tables import account, notification
from conference.people.tokens import new_public_id
from conference.storage.columns import Localized
from conference.storage.database import Transaction

MOST = 60  # of one person at one event; the oldest give way
TEXT_LIMIT = 160  # characters of what others wrote
KEPT = timedelta(days=90)  # where the event says nothing else

# People do not import the agenda, which stands above them; they know what their tables refer to.
_session = table("session", column("code"), column("event_id"), column("title", Localized()))


class Kind(StrEnum):
    """What a notification tells of."""

    QUESTION_ANSWERED = "question-answered"  # `live` in the body: aloud, else in writing
    QUESTION_DECLINED = "question-declined"
    QUESTION_MERGED = "question-merged"
    QUESTION_NEXT = "question-next"
    HAND_NEXT = "hand-next"
    INVITED = "invited"
    SESSION_SOON = "session-soon"
    MENTION = "mention"
    DIRECT_MESSAGE = "direct-message"
    ANNOUNCEMENT = "announcement"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What to tell. All but `kind` may be left out.

    `session` is the code of the session it leads to; `text` what somebody wrote (the question, the message),
    `by` who; `starts_at` when the session starts; `live`: answered aloud. `about` is the public id of the
    thing it tells of (for `withdraw`), `once` a key under which it is told a single time to a person at an
    event, whoever asks again after a restart.
    """

    kind: Kind
    session: str = ""
    text: str = ""
    by: str = ""
    live: bool = False
    starts_at: datetime | None = None
    about: str = ""
    once: str | None = None


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of a `Notice` for its words; `title` is the session's."""

    title: dict[str, str] = {}
    text: str = ""
    by: str = ""
    live: bool = False
    starts_at: datetime | None = None


def notify(tx: Transaction, account_id: int, event_id: int, notice: Notice, *, at: datetime) -> bool:
    """Tell *notice* to the person; False when its `once` was told before (nothing happens then)."""
    values = {
        "public_id": new_public_id(),
        "account_id": account_id,
        "event_id": event_id,
        "kind": notice.kind.value,
        "once": notice.once,
        "about": notice.about,
        "session_code": notice.session,
        "body": msgspec.to_builtins(_body(tx.connection, event_id, notice)),
        "at": at,
    }
    if not tx.connection.execute(_unless_told(tx.connection.dialect.name).values(values)).rowcount:
        return False
    _bound(tx.connection, account_id, event_id)
    _tell(tx, account_id, event_id, newest=str(values["public_id"]), at=at)
    return True


def read_upto(tx: Transaction, account_id: int, event_id: int, public_id: str, *, at: datetime) -> int:
    """The person has seen that one and the older ones; returns how many are unread now.

    One that is gone (bounded, withdrawn) marks nothing: whatever is unread stays so.
    """
    mine = _of(account_id, event_id)
    upto = select(notification.c.id).where(mine, notification.c.public_id == public_id).scalar_subquery()
    unread = mine & notification.c.read_at.is_(None) & (notification.c.id <= upto)
    if tx.connection.execute(update(notification).where(unread).values(read_at=at)).rowcount:
        _tell(tx, account_id, event_id, newest=None, at=at)
    return unread_of(tx.connection, account_id, event_id)


def withdraw(tx: Transaction, event_id: int, about: str, *, at: datetime) -> None:
    """What told of *about* (a message that was deleted, a question that was hidden) is gone for everybody."""
    wanted = (notification.c.event_id == event_id) & (notification.c.about == about)
    found = tx.connection.execute(select(notification.c.account_id).where(wanted).distinct())
    people = [row.account_id for row in found] if about else []
    if people:
        tx.connection.execute(delete(notification).where(wanted))
    for account_id in people:
        _tell(tx, account_id, event_id, newest=None, at=at)


def forget_notifications(
    tx: Transaction, *, now: datetime, event_id: int | None = None, kinds: Sequence[Kind] = ()
) -> int:
    """Erase what is older than `KEPT` before *now*; with an event, everything of it (of *kinds*) until *now*.

    For the forgetting of every few hours, and for whoever keeps what was said only as long as the event
    wants. Nobody is told: an old list is not news.
    """
    old = notification.c.at <= (now if event_id is not None else now - KEPT)
    if event_id is not None:
        old &= notification.c.event_id == event_id
    if kinds:
        old &= notification.c.kind.in_([kind.value for kind in kinds])
    return tx.connection.execute(delete(notification).where(old)).rowcount


def unread_of(rows: Connection, account_id: int, event_id: int) -> int:
    """How many the person has not seen."""
    unread = _of(account_id, event_id) & notification.c.read_at.is_(None)
    return int(rows.execute(select(func.count()).select_from(notification).where(unread)).scalar_one())


def newest_of(rows: Connection, account_id: int, event_id: int) -> str:
    """The public id of the one that came last; empty when there is none."""
    mine = select(notification.c.public_id).where(_of(account_id, event_id))
    return rows.execute(mine.order_by(notification.c.id.desc()).limit(1)).scalar() or ""


def _of(account_id: int, event_id: int) -> Any:
    return (notification.c.account_id == account_id) & (notification.c.event_id == event_id)


def _body(rows: Connection, event_id: int, notice: Notice) -> Body:
    title: dict[str, str] = {}
    if notice.session:
        named = (_session.c.code == notice.session) & (_session.c.event_id == event_id)
        title = rows.execute(select(_session.c.title).where(named)).scalar() or {}
    text = notice.text if len(notice.text) <= TEXT_LIMIT else notice.text[: TEXT_LIMIT - 1].rstrip() + "…"
    return Body(title=title, text=text, by=notice.by, live=notice.live, starts_at=notice.starts_at)


def _unless_told(dialect: str) -> Any:
    statement = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return statement(notification).on_conflict_do_nothing()


def _bound(rows: Connection, account_id: int, event_id: int) -> None:
    newest = (
        select(notification.c.id)
        .where(_of(account_id, event_id))
        .order_by(notification.c.id.desc())
        .limit(1)
        .offset(MOST - 1)
        .scalar_subquery()
    )
    rows.execute(delete(notification).where(_of(account_id, event_id), notification.c.id < newest))


def _tell(tx: Transaction, account_id: int, event_id: int, *, newest: str | None, at: datetime) -> None:
    public_id = tx.connection.execute(
        select(account.c.public_id).where(account.c.id == account_id)
    ).scalar_one()
    unread = unread_of(tx.connection, account_id, event_id)
    told = NotificationsChanged(event=event_id, unread=unread, newest=newest)
    append(tx, person_channel(public_id), told, actor=None, at=at)
