"""The outbox: every mail is a row first, written in the transaction of the act it tells of.

It is sent from there when a relay is configured. Without one the organizers of the event read it in
the browser and pass it on. A sign-in link works like a key, so once a mail was sent the link in
its row is blacked out, and where mail works organizers never see links at all.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy import Connection, insert, select, update

from conference.errors import N_, NotFound
from conference.people.tables import outbox
from conference.people.tokens import new_public_id
from conference.serving.mail import Letter, retry_after
from conference.serving.text import clean_text
from conference.storage.database import Transaction

_key_in_text = re.compile(r"(/(?:sign-in|join)/)[A-Za-z0-9_-]{20,}")


class MailState(StrEnum):
    """Where a mail stands."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"  # given up; an organizer may try again
    HELD = "held"  # not sent because what it says had expired


class MailListed(msgspec.Struct, frozen=True):
    """A mail as organizers see it."""

    public_id: str
    kind: str
    recipient: str
    subject: str
    text: str
    language: str
    state: MailState
    created_at: datetime
    sent_at: datetime | None
    attempts: int
    error: str


class MailDue(msgspec.Struct, frozen=True):
    """A mail to be sent now."""

    id: int
    attempts: int
    letter: Letter


def put_mail(
    tx: Transaction,
    *,
    to: str,
    subject: str,
    text: str,
    language: str,
    now: datetime,
    event_id: int | None = None,
    kind: str = "notice",
    useless_after: datetime | None = None,
) -> str:
    """Queue a mail; returns its public id. *to* is a normalised address (`accounts.normal_email`).

    *event_id*: whose organizers may see it; None: nobody but the recipient.
    """
    public_id = new_public_id()
    tx.connection.execute(
        insert(outbox).values(
            public_id=public_id,
            event_id=event_id,
            kind=kind,
            recipient=to,
            subject=clean_text(subject, limit=2000)[:200],
            text=clean_text(text, limit=20_000, lines=True),
            language=language,
            state=MailState.WAITING.value,
            created_at=now,
            next_try_at=now,
            useless_after=useless_after,
        )
    )
    return public_id


def due_mails(rows: Connection, now: datetime, limit: int = 20) -> list[MailDue]:
    """Waiting mails whose time has come, the oldest first."""
    found = rows.execute(
        select(outbox)
        .where(outbox.c.state == MailState.WAITING.value, outbox.c.next_try_at <= now)
        .order_by(outbox.c.next_try_at, outbox.c.id)
        .limit(limit)
    )
    return [
        MailDue(
            id=row.id,
            attempts=row.attempts,
            letter=Letter(row.public_id, row.recipient, row.subject, row.text, row.language, row.created_at),
        )
        for row in found
    ]


def hold_useless_mails(tx: Transaction, now: datetime) -> int:
    """Set aside what expired while it waited (mail was configured only now, or the relay was away)."""
    late = (outbox.c.state == MailState.WAITING.value) & (outbox.c.useless_after <= now)
    return tx.connection.execute(update(outbox).where(late).values(state=MailState.HELD.value)).rowcount


def mark_sent(tx: Transaction, mail: MailDue, now: datetime) -> None:
    """Taken by the relay: the row stays as a record, without the key in it."""
    values = {
        "state": MailState.SENT.value,
        "sent_at": now,
        "attempts": mail.attempts + 1,
        "error": "",
        "text": blacked_out(mail.letter.text),
    }
    tx.connection.execute(update(outbox).where(outbox.c.id == mail.id).values(values))


def mark_failed(tx: Transaction, mail: MailDue, now: datetime, reason: str, *, is_final: bool) -> None:
    """Not taken: try again later, or give up."""
    attempts = mail.attempts + 1
    pause = None if is_final else retry_after(attempts)
    values = {
        "state": (MailState.WAITING if pause else MailState.FAILED).value,
        "next_try_at": now + pause if pause else now,
        "attempts": attempts,
        "error": clean_text(reason, limit=2000)[:300],
    }
    tx.connection.execute(update(outbox).where(outbox.c.id == mail.id).values(values))


def try_again(tx: Transaction, event_id: int, public_id: str, now: datetime) -> None:
    """An organizer sends a failed or held mail once more. Raises `NotFound`."""
    mine = (outbox.c.event_id == event_id) & (outbox.c.public_id == public_id)
    stopped = outbox.c.state.in_([MailState.FAILED.value, MailState.HELD.value])
    values = {"state": MailState.WAITING.value, "attempts": 0, "next_try_at": now, "useless_after": None}
    if not tx.connection.execute(update(outbox).where(mine, stopped).values(values)).rowcount:
        raise NotFound(N_("There is no such mail."), code="people.no-mail")


def mails_of(rows: Connection, event_id: int, *, with_keys: bool, limit: int = 200) -> list[MailListed]:
    """The event's mails, newest first; links that sign in are shown only *with_keys*."""
    query = select(outbox).where(outbox.c.event_id == event_id).order_by(outbox.c.id.desc()).limit(limit)
    return [_listed(row, with_keys=with_keys) for row in rows.execute(query).mappings()]


def mail_of(rows: Connection, event_id: int, public_id: str, *, with_keys: bool) -> MailListed:
    """One mail of the event. Raises `NotFound`."""
    mine = (outbox.c.event_id == event_id) & (outbox.c.public_id == public_id)
    row = rows.execute(select(outbox).where(mine)).mappings().one_or_none()
    if row is None:
        raise NotFound(N_("There is no such mail."), code="people.no-mail")
    return _listed(row, with_keys=with_keys)


def blacked_out(text: str) -> str:
    """*text* with the secret part of each sign-in link replaced."""
    return _key_in_text.sub(r"\1…", text)


def _listed(row: object, *, with_keys: bool) -> MailListed:
    values = {name: row[name] for name in MailListed.__struct_fields__}  # type: ignore[index]  # a RowMapping
    values["state"] = MailState(values["state"])
    if not with_keys:
        values["text"] = blacked_out(values["text"])
    return MailListed(**values)
