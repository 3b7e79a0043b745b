"""Links that sign people in: magic links (once, minutes) and personal links (a person's own, months).

Both carry 256 random bits and are kept as hashes. Opening one with GET only shows a button,
because mail scanners and chat previews open every link they see; the button's POST signs in.

A personal link made for an event opens that event only, not the whole account: the organizers
who hand it out may know it, and the person may hold roles in an event of somebody else.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from conference.people.tables import account, browser_session, magic_link, personal_link
from conference.people.tokens import new_public_id, new_token, token_hash
from conference.storage.database import Transaction

PERSONAL_LINK_LIFE = timedelta(days=180)


class LinkState(StrEnum):
    """What a link is worth now."""

    GOOD = "good"
    USED = "used"
    EXPIRED = "expired"  # too old, taken back, or never made: an outsider must not tell them apart


class SeenLink(msgspec.Struct, frozen=True):
    """A link as the confirmation page needs it; empty but for `state` when it is not good."""

    state: LinkState
    email: str = ""
    name: str = ""
    language: str | None = None
    next_path: str = "/"
    event_id: int | None = None
    account_id: int | None = None
    only_event_id: int | None = None
    personal_link_id: int | None = None


def make_magic_link(
    tx: Transaction,
    email: str,
    *,
    now: datetime,
    life: timedelta,
    next_path: str = "/",
    name: str = "",
    language: str | None = None,
    event_id: int | None = None,
    only_event_id: int | None = None,
) -> str:
    """The token of a link for `/sign-in/{token}`; *event_id*: register for it when opened.

    *only_event_id* narrows what the link opens to one event (somebody else may read the mail).
    """
    token = new_token()
    tx.connection.execute(
        insert(magic_link).values(
            token_hash=token_hash(token),
            email=email,
            name=name,
            language=language,
            event_id=event_id,
            only_event_id=only_event_id,
            next_path=next_path,
            created_at=now,
            expires_at=now + life,
        )
    )
    return token


def magic_link_seen(rows: Connection, token: str, now: datetime) -> SeenLink:
    """What the magic link is worth; changes nothing."""
    row = rows.execute(select(magic_link).where(magic_link.c.token_hash == token_hash(token))).one_or_none()
    if row is None or (row.used_at is None and now >= row.expires_at):
        return SeenLink(LinkState.EXPIRED)
    if row.used_at is not None:
        return SeenLink(LinkState.USED, email=row.email, next_path=row.next_path)
    return SeenLink(
        LinkState.GOOD,
        email=row.email,
        name=row.name,
        language=row.language,
        next_path=row.next_path,
        event_id=row.event_id,
        only_event_id=row.only_event_id,
    )


def use_magic_link(tx: Transaction, token: str, now: datetime) -> SeenLink:
    """The same, and used up when it was good. There is one writer, so it is good for one caller only."""
    seen = magic_link_seen(tx.connection, token, now)
    if seen.state is LinkState.GOOD:
        same = magic_link.c.token_hash == token_hash(token)
        tx.connection.execute(update(magic_link).where(same).values(used_at=now))
    return seen


def make_personal_link(
    tx: Transaction,
    account_id: int,
    event_id: int | None,
    *,
    now: datetime,
    next_path: str = "/",
    life: timedelta = PERSONAL_LINK_LIFE,
) -> str:
    """The token of a link for `/join/{token}`, good again and again until it expires or is taken back."""
    token = new_token()
    tx.connection.execute(
        insert(personal_link).values(
            public_id=new_public_id(),
            token_hash=token_hash(token),
            account_id=account_id,
            event_id=event_id,
            next_path=next_path,
            created_at=now,
            expires_at=now + life,
        )
    )
    return token


def personal_link_seen(rows: Connection, token: str, now: datetime) -> SeenLink:
    """What the personal link is worth; changes nothing."""
    row = rows.execute(
        select(personal_link, account.c.name, account.c.email)
        .join(account, account.c.id == personal_link.c.account_id)
        .where(personal_link.c.token_hash == token_hash(token))
    ).one_or_none()
    if row is None or row.revoked_at is not None or now >= row.expires_at:
        return SeenLink(LinkState.EXPIRED)
    return SeenLink(
        LinkState.GOOD,
        email=row.email,
        name=row.name,
        next_path=row.next_path,
        account_id=row.account_id,
        only_event_id=row.event_id,
        personal_link_id=row.id,
    )


def use_personal_link(tx: Transaction, token: str, now: datetime) -> SeenLink:
    """The same, and notes the use."""
    seen = personal_link_seen(tx.connection, token, now)
    if seen.state is LinkState.GOOD:
        same = personal_link.c.id == seen.personal_link_id
        tx.connection.execute(update(personal_link).where(same).values(used_at=now))
    return seen


def revoke_personal_links(tx: Transaction, account_id: int, event_id: int, now: datetime) -> int:
    """Take all links of the person for this event back, and end the sessions begun with them.

    Returns how many links were taken back. Announce it (`Revocations`) after the commit.
    """
    theirs = (personal_link.c.account_id == account_id) & (personal_link.c.event_id == event_id)
    ids = list(tx.connection.scalars(select(personal_link.c.id).where(theirs)))
    tx.connection.execute(delete(browser_session).where(browser_session.c.personal_link_id.in_(ids)))
    done = tx.connection.execute(
        update(personal_link).where(theirs, personal_link.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return done.rowcount
