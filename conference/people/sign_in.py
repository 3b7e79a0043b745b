"""Signing in: asking for a link, and opening one."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection

from conference.errors import N_, Gone
from conference.people.accounts import account_by_email, create_account
from conference.people.grants import events_of, grant_role
from conference.people.letters import no_account_words, sign_in_words
from conference.people.links import (
    LinkState,
    SeenLink,
    make_magic_link,
    use_magic_link,
    use_personal_link,
)
from conference.people.outbox import put_mail
from conference.people.permissions import Role
from conference.storage.database import Transaction


class LinkTerms(msgspec.Struct, frozen=True):
    """How links are made on this server: `public_url` without slash, `minutes` of life, is there a relay."""

    public_url: str
    minutes: int
    mail_works: bool

    @property
    def life(self) -> timedelta:
        return timedelta(minutes=self.minutes)


class Opened(msgspec.Struct, frozen=True):
    """Whom a link signed in, and where they go."""

    account_id: int
    next_path: str
    only_event_id: int | None
    personal_link_id: int | None


def ask_for_link(
    tx: Transaction, email: str, *, next_path: str, language: str, terms: LinkTerms, now: datetime
) -> None:
    """Mail a sign-in link to a normalised address.

    An address without an account gets a mail as well, so that answer, work and time are the same
    and nobody learns here who takes part. Without a relay the mail is for the organizers' eyes:
    then it belongs to the only event of the account, and the link opens only that.
    """
    known = account_by_email(tx.connection, email)
    language = (known.language if known else None) or language
    event_id = _only_event(tx.connection, known.id) if known else None
    # Made for unknown addresses too (nobody ever gets that token): the same work.
    token = make_magic_link(
        tx,
        email,
        now=now,
        life=terms.life,
        next_path=next_path,
        language=language,
        only_event_id=None if terms.mail_works else event_id,
    )
    link = f"{terms.public_url}/sign-in/{token}"
    words = (
        sign_in_words(language, link, terms.minutes)
        if known
        else no_account_words(language, terms.public_url)
    )
    put_mail(
        tx,
        to=email,
        subject=words.subject,
        text=words.text,
        language=language,
        now=now,
        event_id=event_id,
        kind="sign-in",
        useless_after=now + terms.life,
    )


def _only_event(rows: Connection, account_id: int) -> int | None:
    events = events_of(rows, account_id)
    return next(iter(events)) if len(events) == 1 else None


def open_magic_link(tx: Transaction, token: str, *, now: datetime) -> Opened:
    """Use the link up; completes the registration it was mailed for. Raises `Gone`."""
    seen = _good(use_magic_link(tx, token, now))
    known = account_by_email(tx.connection, seen.email)
    if known is None and seen.event_id is None:
        raise _gone(LinkState.EXPIRED)
    account = known or create_account(tx, seen.email, seen.name, seen.language, now=now)
    if seen.event_id is not None:
        grant_role(tx, account.id, seen.event_id, Role.ATTENDEE, now=now)
    return Opened(account.id, seen.next_path, seen.only_event_id, None)


def open_personal_link(tx: Transaction, token: str, *, now: datetime) -> Opened:
    """Raises `Gone`."""
    seen = _good(use_personal_link(tx, token, now))
    assert seen.account_id is not None
    return Opened(seen.account_id, seen.next_path, seen.only_event_id, seen.personal_link_id)


def _good(seen: SeenLink) -> SeenLink:
    if seen.state is not LinkState.GOOD:
        raise _gone(seen.state)
    return seen


def _gone(state: LinkState) -> Gone:
    if state is LinkState.USED:
        return Gone(N_("This link was used already. Each link works once."), code="people.link-used")
    return Gone(N_("This link does not work any more."), code="people.link-expired")
