"""Change notices: at a release one message for each person it concerns, put into the outbox to be held.

While a message has not gone, a second release measures it anew from where the first one did: the person
is told the whole difference once, and nothing when it has come to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

import msgspec
from sqlalchemy import Connection, delete, insert, select

from conference.agenda.releasing.change_words import Voice
from conference.agenda.releasing.circle import accounts_by_id, circle_of
from conference.agenda.releasing.concerns import Agendas, Circle, Told, concerned, new_clashes
from conference.agenda.releasing.notice_calendar import Entries
from conference.agenda.releasing.notice_words import Letterhead, Writer
from conference.agenda.releasing.published import ReleaseRow, schedule_with_all
from conference.agenda.rows import EventRow, FullSchedule, SessionRow
from conference.agenda.tables import notice
from conference.people.holding import Newer, say_instead
from conference.people.letters import Words
from conference.people.outbox import MailState, NewMail, put_mails, remove_mail, stop_mail_of
from conference.people.tables import Account, outbox
from conference.serving.mail import CalendarPart
from conference.serving.times import known_zone
from conference.serving.translation import choose_language
from conference.storage.database import Transaction

KIND = "change"


class Sender(msgspec.Struct, frozen=True):
    """What messages need to know of this server: its public `site` and the `address` mail comes from."""

    site: str
    address: str


class Waiting(msgspec.Struct, frozen=True):
    """A notice whose mail has not gone: told from `base` (None: before the first release) on."""

    id: int
    account_id: int
    base: int | None
    mail_id: str
    edited: bool


class Message(msgspec.Struct, frozen=True):
    """What one person will be told. `base` is the release it is measured from."""

    account: Account
    language: str
    base: int | None
    told: Told
    words: Words
    calendars: list[CalendarPart]
    replaces: Waiting | None = None


class Round(msgspec.Struct, frozen=True):
    """All messages of a release, and those waiting ones that have come to nothing."""

    messages: list[Message]
    withdrawn: list[Waiting]


def waiting_notices(rows: Connection, event_id: int) -> dict[int, Waiting]:
    """By account, the notice whose mail has not gone yet."""
    query = (
        select(
            notice.c.id, notice.c.account_id, notice.c.base_release_id, notice.c.mail_id, outbox.c.edited_at
        )
        .join(outbox, outbox.c.public_id == notice.c.mail_id)
        .where(notice.c.event_id == event_id, outbox.c.state == MailState.WAITING.value)
        .order_by(notice.c.id)
    )
    return {
        account_id: Waiting(id_, account_id, base, mail_id, edited_at is not None)
        for id_, account_id, base, mail_id, edited_at in rows.execute(query)
    }


def messages_for(
    rows: Connection,
    event: EventRow,
    previous: ReleaseRow | None,
    after: FullSchedule,
    *,
    comment: str,
    sender: Sender,
    only: int | None = None,
) -> Round:
    """What everybody (or the account *only*) would be told if *after* were released now."""
    circle, waiting = circle_of(rows, event.id), waiting_notices(rows, event.id)
    told: dict[int, tuple[int | None, Told]] = {}
    for base, before in _bases(rows, event, previous, waiting.values()).items():
        differences = concerned(before, after.sessions, circle)
        ours = [each for each in differences if _base_of(each, waiting, previous) == base]
        ours = ours if only is None else [each for each in ours if each == only]
        clashes = _Clashes(before, after.sessions, circle)
        told |= {each: (base, Told(differences[each], clashes.of(each))) for each in ours}
    accounts = accounts_by_id(rows, told)
    writer = Writer(Letterhead(event, sender.site, comment))
    entries = Entries(after, site=sender.site, sender=sender.address)
    messages = [
        _message(accounts[each], base, one, event, writer, entries, waiting.get(each))
        for each, (base, one) in told.items()
        if each in accounts
    ]
    withdrawn = [one for account_id, one in waiting.items() if account_id not in told]
    return Round(messages, withdrawn)


def put_notices(
    tx: Transaction, event: EventRow, released: ReleaseRow, found: Round, *, holding: timedelta
) -> None:
    """Put the messages into the outbox, held for *holding*; merge with what waits there."""
    hold_until = released.made_at + holding
    merging = {
        message.account.id: message.replaces.mail_id
        for message in found.messages
        if message.replaces is not None and not message.replaces.edited
    }
    _make_room(tx, found)
    newer = [
        Newer(merging[message.account.id], message.words, message.calendars)
        for message in found.messages
        if message.account.id in merging
    ]
    say_instead(tx, newer, hold_until=hold_until)
    new = [message for message in found.messages if message.account.id not in merging]
    mails = [
        NewMail(
            to=message.account.email,
            words=message.words,
            language=message.language,
            calendars=message.calendars,
        )
        for message in new
    ]
    ids = put_mails(tx, mails, event_id=event.id, kind=KIND, now=released.made_at, hold_until=hold_until)
    mail_ids = merging | {message.account.id: mail_id for message, mail_id in zip(new, ids, strict=True)}
    rows = [
        {
            "event_id": event.id,
            "account_id": message.account.id,
            "base_release_id": message.base,
            "release_id": released.id,
            "mail_id": mail_ids[message.account.id],
            "body": _summary(message.told),
            "created_at": released.made_at,
        }
        for message in found.messages
    ]
    if rows:
        tx.connection.execute(insert(notice), rows)


def _make_room(tx: Transaction, found: Round) -> None:
    """Forget the notices that are measured anew or have come to nothing (A → B → A), and their mails.

    A mail that an organizer wrote in is stopped and kept as it is: nothing that was typed is lost.
    """
    replaced = [message.replaces for message in found.messages if message.replaces is not None]
    for waiting in (*replaced, *found.withdrawn):
        tx.connection.execute(delete(notice).where(notice.c.id == waiting.id))
        if waiting.edited:
            stop_mail_of(tx, waiting.mail_id)
    for waiting in found.withdrawn:
        if not waiting.edited:
            remove_mail(tx, waiting.mail_id)


def language_of(account: Account, event: EventRow) -> str:
    """The language a person is written to in."""
    return choose_language((account.language, event.language))


def _message(
    account: Account,
    base: int | None,
    told: Told,
    event: EventRow,
    writer: Writer,
    entries: Entries,
    replaces: Waiting | None,
) -> Message:
    language = language_of(account, event)
    voice = Voice(language, known_zone(account.zone) or event.zone)
    words = writer.words(told, account.name, voice, base=base)
    calendars = entries.parts(told.concerns, to=account.email, language=language)
    return Message(account, language, base, told, words, calendars, replaces)


def _base_of(account: int, waiting: Mapping[int, Waiting], previous: ReleaseRow | None) -> int | None:
    if account in waiting:
        return waiting[account].base
    return previous.id if previous else None


def _bases(
    rows: Connection, event: EventRow, previous: ReleaseRow | None, waiting: Iterable[Waiting]
) -> dict[int | None, list[SessionRow]]:
    """The programmes to measure from, by release: what people last knew of."""
    wanted = {previous.id if previous else None, *(one.base for one in waiting)}
    found: dict[int | None, list[SessionRow]] = {}
    for base in wanted:
        sessions = schedule_with_all(rows, event, base).sessions if base is not None else []
        found[base] = list(sessions)
    return found


class _Clashes:
    """Overlaps that are new in somebody's own agenda."""

    def __init__(self, before: list[SessionRow], after: Iterable[SessionRow], circle: Circle) -> None:
        self._before, self._after = Agendas(before, circle), Agendas(after, circle)

    def of(self, account: int) -> list[tuple[SessionRow, SessionRow]]:
        return new_clashes(self._before.of(account), self._after.of(account))


def _summary(told: Told) -> dict[str, object]:
    """What the message is about, by session code: for organizers' lists and for statistics."""
    return {
        "changes": {one.code: [kind.value for kind in one.kinds] for one in told.concerns},
        "clashes": [[one.code, other.code] for one, other in told.clashes],
    }
