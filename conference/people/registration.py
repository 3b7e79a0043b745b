"""Registering for an open event. A closed one is entered by invitation only."""

from __future__ import annotations

from datetime import datetime

from conference.errors import N_, NotAllowed
from conference.people.accounts import account_by_email
from conference.people.events import EventFacts, Events, title_in
from conference.people.grants import grant_role
from conference.people.letters import registration_words
from conference.people.links import make_magic_link
from conference.people.names import protected_names, refuse_borrowed_name
from conference.people.outbox import put_mail
from conference.people.permissions import Role
from conference.people.sign_in import LinkTerms
from conference.storage.database import Transaction


def register_signed_in(tx: Transaction, account_id: int, event: EventFacts, *, now: datetime) -> None:
    """Somebody with an account: at once. Raises `NotAllowed` for a closed event."""
    _must_be_open(event)
    grant_role(tx, account_id, event.id, Role.ATTENDEE, now=now)


def register_by_email(
    tx: Transaction,
    event: EventFacts,
    events: Events,
    *,
    email: str,
    name: str,
    language: str,
    terms: LinkTerms,
    now: datetime,
) -> None:
    """Mail a link that completes the registration; nothing exists before it is opened.

    Whether the address has an account already cannot be told from outside. Raises `BadInput` for
    a name borrowed from a speaker, `NotAllowed` for a closed event.
    """
    _must_be_open(event)
    known = account_by_email(tx.connection, email)
    # Checked without regard to `known`: an exception for the owner of a name would tell who has an account.
    refuse_borrowed_name(name, protected_names(tx.connection, events, [event.id], without=None))
    language = (known.language if known else None) or language
    token = make_magic_link(
        tx,
        email,
        now=now,
        life=terms.life,
        name=name,
        language=language,
        event_id=event.id,
        next_path=f"/{event.slug}/",
        only_event_id=None if terms.mail_works else event.id,
    )
    link = f"{terms.public_url}/sign-in/{token}"
    words = registration_words(language, link, terms.minutes, title_in(event.title, language))
    put_mail(
        tx,
        to=email,
        subject=words.subject,
        text=words.text,
        language=language,
        now=now,
        event_id=event.id,
        kind="registration",
        useless_after=now + terms.life,
    )


def _must_be_open(event: EventFacts) -> None:
    if not event.is_public:
        raise NotAllowed(N_("This event is by invitation. Ask its organizers."), code="people.closed")
