"""The outbox: every mail is a row first, written in the transaction of the act it tells of.

It is sent from there when a relay is configured. Without one the organizers of the event read it in
the browser and pass it on. A sign-in link works like a key, so once a mail was sent the link in
its row is blacked out, and where mail works organizers never see links at all.
Some mails are held for a while, so that organizers can read and change them first (`holding`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from conference.errors import N_, NotFound
from conference.people.letters import Words
from conference.people.tables import outbox
from conference.people.tokens import new_public_id
from conference.serving.mail import CalendarPart, Letter, retry_after
from conference.serving.text import clean_text
from conference.storage.database import Transaction

_key_in_text = re.compile(r"(/(?:sign-in|join)/)[A-Za-z0-9_-]{20,}")


class MailState(StrEnum):
    """Where a mail stands."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"  # given up; an organizer may try again
    HELD = "held"  # not sent because what it says had expired
    STOPPED = "stopped"  # not sent because an organizer said so


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
    hold_until: datetime | None
    edited_at: datetime | None
    calendars: list[CalendarPart]

    def is_held(self, now: datetime) -> bool:
        """Whether organizers can still change it before it goes by itself."""
        return self.state is MailState.WAITING and self.hold_until is not None and self.hold_until > now


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


class NewMail(msgspec.Struct, frozen=True, kw_only=True):
    """One of many mails; its words are clean already (`serving.text.clean_text`)."""

    to: str
    words: Words
    language: str
    calendars: Sequence[CalendarPart] = ()


def put_mails(
    tx: Transaction,
    mails: Sequence[NewMail],
    *,
    event_id: int,
    kind: str,
    now: datetime,
    hold_until: datetime,
) -> list[str]:
    """Queue many mails at once, to wait until *hold_until*; returns their public ids in the same order."""
    rows = [
        {
            "public_id": new_public_id(),
            "event_id": event_id,
            "kind": kind,
            "recipient": mail.to,
            "subject": mail.words.subject,
            "text": mail.words.text,
            "language": mail.language,
            "state": MailState.WAITING.value,
            "created_at": now,
            "next_try_at": hold_until,
            "hold_until": hold_until,
            "calendars": msgspec.to_builtins(list(mail.calendars)),
        }
        for mail in mails
    ]
    if rows:
        tx.connection.execute(insert(outbox), rows)
    return [str(row["public_id"]) for row in rows]


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
            letter=Letter(
                row.public_id,
                row.recipient,
                row.subject,
                row.text,
                row.language,
                row.created_at,
                tuple(msgspec.convert(row.calendars, list[CalendarPart])),
            ),
        )
        for row in found
    ]


def hold_useless_mails(tx: Transaction, now: datetime) -> int:
    """Set aside what expired while it waited (mail was configured only now, or the relay was away)."""
    late = (outbox.c.state == MailState.WAITING.value) & (outbox.c.useless_after <= now)
    return tx.connection.execute(update(outbox).where(late).values(state=MailState.HELD.value)).rowcount


def mark_sent(tx: Transaction, mail: MailDue, now: datetime) -> None:
    """Taken by the relay: the row stays as a record, without the key in it.

    A message that was changed while it was on its way (another release, an organizer's pen) is not
    what was taken: it stays, and goes in its turn.
    """
    values = {
        "state": MailState.SENT.value,
        "sent_at": now,
        "attempts": mail.attempts + 1,
        "error": "",
        "text": blacked_out(mail.letter.text),
        "calendars": [],
    }
    same = (outbox.c.id == mail.id) & (outbox.c.text == mail.letter.text)
    tx.connection.execute(update(outbox).where(same).values(values))


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
    """An organizer sends a failed, expired or stopped mail after all. Raises `NotFound`."""
    mine = (outbox.c.event_id == event_id) & (outbox.c.public_id == public_id)
    stopped = outbox.c.state.in_([MailState.FAILED.value, MailState.HELD.value, MailState.STOPPED.value])
    values = {"state": MailState.WAITING.value, "attempts": 0, "next_try_at": now, "useless_after": None}
    if not tx.connection.execute(update(outbox).where(mine, stopped).values(values)).rowcount:
        raise NotFound(N_("There is no such mail."), code="people.no-mail")


def stop_mails(tx: Transaction, public_ids: Sequence[str]) -> None:
    """Do not send these, but keep them to be read."""
    if public_ids:
        statement = update(outbox).where(_waiting_called(bindparam("of")))
        tx.connection.execute(
            statement.values(state=MailState.STOPPED.value), [{"of": public_id} for public_id in public_ids]
        )


def remove_mails(tx: Transaction, public_ids: Sequence[str]) -> None:
    """Forget mails that have not gone and have nothing to say any more."""
    if public_ids:
        tx.connection.execute(
            delete(outbox).where(_waiting_called(bindparam("of"))),
            [{"of": public_id} for public_id in public_ids],
        )


def mails_of(
    rows: Connection,
    event_id: int,
    *,
    with_keys: bool,
    limit: int = 200,
    skip: int = 0,
    state: MailState | None = None,
    held_at: datetime | None = None,
) -> list[MailListed]:
    """The event's mails, newest first; links that sign in are shown only *with_keys*.

    Only those in *state*, and with *held_at* only what waits beyond that moment to be read.
    """
    query = select(outbox).where(outbox.c.event_id == event_id)
    if state is not None:
        query = query.where(outbox.c.state == state.value)
    if held_at is not None:
        query = query.where(outbox.c.hold_until > held_at)
    found = rows.execute(query.order_by(outbox.c.id.desc()).limit(limit).offset(skip)).mappings()
    return [_listed(row, with_keys=with_keys) for row in found]


def mail_counts(rows: Connection, event_id: int) -> dict[MailState, int]:
    """How many mails of the event stand where."""
    query = select(outbox.c.state, func.count()).where(outbox.c.event_id == event_id)
    return {MailState(state): count for state, count in rows.execute(query.group_by(outbox.c.state))}


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


def _waiting_called(public_id: BindParameter[str]) -> ColumnElement[bool]:
    return (outbox.c.public_id == public_id) & (outbox.c.state == MailState.WAITING.value)


def _listed(row: object, *, with_keys: bool) -> MailListed:
    values = {name: row[name] for name in MailListed.__struct_fields__}  # type: ignore[index]  # a RowMapping
    values["state"] = MailState(values["state"])
    values["calendars"] = msgspec.convert(values["calendars"] or [], list[CalendarPart])
    if not with_keys:
        values["text"] = blacked_out(values["text"])
    return MailListed(**values)
