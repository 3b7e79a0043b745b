"""Inviting: an account, a role and a personal link in one act; how closed events are entered."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, insert, select

from conference.people.accounts import account_by_email, create_account, grant_role, normal_email
from conference.people.events import EventFacts, title_in
from conference.people.grants import events_of
from conference.people.letters import invitation_words
from conference.people.links import make_personal_link
from conference.people.outbox import put_mail
from conference.people.permissions import Role
from conference.people.tables import Account, invitation
from conference.storage.database import Transaction


class Invited(msgspec.Struct, frozen=True):
    """Who was invited, and the address of their personal link.

    `may_be_shown`: whether the one who invited may see the link. Not when the person takes part in
    an event of others; then it only goes to their own mailbox.
    """

    account: Account
    link: str
    may_be_shown: bool


def invite(
    tx: Transaction,
    event: EventFacts,
    email: str,
    role: Role,
    *,
    public_url: str,
    now: datetime,
    name: str = "",
    language: str | None = None,
    session_id: int | None = None,
    next_path: str | None = None,
    by: int | None = None,
) -> Invited:
    """Make the account when there is none, give the role, mail a personal link.

    Raises `BadInput` for a bad address, name or reach of the role. Inviting again gives another
    link and keeps the earlier ones good.
    """
    email = normal_email(email)
    person = account_by_email(tx.connection, email) or create_account(tx, email, name, language, now=now)
    grant_role(tx, person.id, event.id, role, session_id, now=now)
    tx.connection.execute(
        insert(invitation).values(event_id=event.id, account_id=person.id, by_id=by, invited_at=now)
    )
    return send_personal_link(
        tx, event, person, public_url=public_url, now=now, language=language, next_path=next_path
    )


def send_personal_link(
    tx: Transaction,
    event: EventFacts,
    person: Account,
    *,
    public_url: str,
    now: datetime,
    language: str | None = None,
    next_path: str | None = None,
) -> Invited:
    """A new personal link for somebody of the event, by mail and, if they may, for the organizer's eyes."""
    token = make_personal_link(tx, person.id, event.id, now=now, next_path=next_path or f"/{event.slug}/")
    link = f"{public_url}/join/{token}"
    language = person.language or language or next(iter(event.title), "en")
    words = invitation_words(language, link, person.name, title_in(event.title, language))
    may_be_shown = events_of(tx.connection, person.id) <= {event.id}
    put_mail(
        tx,
        to=person.email,
        subject=words.subject,
        text=words.text,
        language=language,
        now=now,
        event_id=event.id if may_be_shown else None,
        kind="invitation",
    )
    return Invited(person, link, may_be_shown)


def invited_at(rows: Connection, event_id: int) -> dict[int, datetime]:
    """When each account was last invited to the event."""
    found = rows.execute(
        select(invitation.c.account_id, invitation.c.invited_at)
        .where(invitation.c.event_id == event_id)
        .order_by(invitation.c.id)
    )
    return {account_id: moment for account_id, moment in found}
