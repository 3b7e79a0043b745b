"""Mails that wait so that organizers can read them first: changed, sent at once, or not sent at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import JSON, ColumnElement, Connection, bindparam, func, select, update

from conference.errors import N_, Conflict
from conference.people.letters import Words
from conference.people.outbox import MailState, mail_of
from conference.people.tables import outbox
from conference.serving.mail import CalendarPart
from conference.serving.text import clean_text
from conference.storage.database import Transaction

SUBJECT_LIMIT, TEXT_LIMIT = 200, 20_000


def rewrite_mail(
    tx: Transaction, event_id: int, public_id: str, words: Words, *, by: int, now: datetime
) -> None:
    """An organizer's own words in place of ours. `Conflict` when it has gone; raises `NotFound`."""
    values = {
        "subject": clean_text(words.subject, limit=SUBJECT_LIMIT, field="subject"),
        "text": clean_text(words.text, limit=TEXT_LIMIT, lines=True, field="text"),
        "edited_at": now,
        "edited_by": by,
    }
    _change_waiting(tx, event_id, public_id, values)


def send_now(tx: Transaction, event_id: int, public_id: str, *, now: datetime) -> None:
    """End the waiting of one mail. `Conflict` when it has gone; raises `NotFound`."""
    _change_waiting(tx, event_id, public_id, {"hold_until": now, "next_try_at": now})


def stop_mail(tx: Transaction, event_id: int, public_id: str) -> None:
    """Do not send it. `Conflict` when it has gone; raises `NotFound`."""
    _change_waiting(tx, event_id, public_id, {"state": MailState.STOPPED.value})


def send_all_now(tx: Transaction, event_id: int, *, now: datetime) -> int:
    """End the waiting of every held mail of the event; how many there were."""
    held = _held(event_id, now)
    return tx.connection.execute(update(outbox).where(held).values(hold_until=now, next_try_at=now)).rowcount


def stop_all(tx: Transaction, event_id: int, *, now: datetime) -> int:
    """Send none of the held mails of the event; how many there were."""
    held = _held(event_id, now)
    return tx.connection.execute(update(outbox).where(held).values(state=MailState.STOPPED.value)).rowcount


class Newer(msgspec.Struct, frozen=True):
    """What a waiting mail says from now on; its words are clean already."""

    public_id: str
    words: Words
    calendars: Sequence[CalendarPart]


def say_instead(tx: Transaction, mails: Sequence[Newer], *, hold_until: datetime) -> None:
    """The same mails say something newer, and wait anew until *hold_until*."""
    statement = (
        update(outbox)
        .where(outbox.c.public_id == bindparam("of"))
        .values(
            subject=bindparam("new_subject"),
            text=bindparam("new_text"),
            calendars=bindparam("new_calendars", type_=JSON),
            hold_until=hold_until,
            next_try_at=hold_until,
        )
    )
    rows = [
        {
            "of": mail.public_id,
            "new_subject": mail.words.subject,
            "new_text": mail.words.text,
            "new_calendars": msgspec.to_builtins(list(mail.calendars)),
        }
        for mail in mails
    ]
    if rows:
        tx.connection.execute(statement, rows)


def held_count(rows: Connection, event_id: int, *, now: datetime) -> int:
    """How many mails of the event wait to be read."""
    return rows.execute(select(func.count()).select_from(outbox).where(_held(event_id, now))).scalar_one()


def _held(event_id: int, now: datetime) -> ColumnElement[bool]:
    return (
        (outbox.c.event_id == event_id)
        & (outbox.c.state == MailState.WAITING.value)
        & (outbox.c.hold_until > now)
    )


def _change_waiting(tx: Transaction, event_id: int, public_id: str, values: dict[str, object]) -> None:
    mine = (outbox.c.event_id == event_id) & (outbox.c.public_id == public_id)
    waiting = outbox.c.state == MailState.WAITING.value
    if not tx.connection.execute(update(outbox).where(mine, waiting).values(values)).rowcount:
        mail_of(tx.connection, event_id, public_id, with_keys=False)  # NotFound when there is none
        raise Conflict(N_("This mail is no longer waiting."), code="people.mail-gone")
