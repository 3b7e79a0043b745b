"""Change notices: at a release one message for each person it concerns, put into the outbox to be held.

While a message has not gone, a second release measures it anew from where the first one did: the person
is told the whole difference once, and nothing when it has come to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, delete, insert

from conference.agenda.releasing.audience import Difference, Waiting, told_already, waiting_notices
from conference.agenda.releasing.change_words import Voice
from conference.agenda.releasing.concerns import Told
from conference.agenda.releasing.notice_calendar import Entries
from conference.agenda.releasing.notice_words import Letterhead, Writer
from conference.agenda.rows import EventRow, FullSchedule
from conference.agenda.tables import notice
from conference.people.holding import Newer, say_instead
from conference.people.letters import Words
from conference.people.outbox import NewMail, put_mails, remove_mails, stop_mails
from conference.people.tables import Account
from conference.serving.mail import CalendarPart
from conference.serving.times import known_zone
from conference.serving.translation import choose_language
from conference.storage.database import Transaction

KIND = "change"


class Sender(msgspec.Struct, frozen=True):
    """What messages need to know of this server: its public `site` and the `address` mail comes from."""

    site: str
    address: str


class Message(msgspec.Struct, frozen=True, gc=False):
    """What one person will be told."""

    account: Account
    language: str
    difference: Difference
    words: Words
    calendars: list[CalendarPart]


class Composer:
    """Composes the messages of one release of the programme *after*, without the database."""

    def __init__(self, event: EventRow, after: FullSchedule, *, comment: str, sender: Sender) -> None:
        self._event = event
        self._writer = Writer(Letterhead(event, sender.site, comment))
        self._entries = Entries(after, site=sender.site, sender=sender.address)

    def message(self, account: Account, difference: Difference) -> Message:
        """The message for *account*, in their language and zone, with what their calendar needs."""
        language, told = choose_language((account.language, self._event.language)), difference.told
        voice = Voice(language, known_zone(account.zone) or self._event.zone)
        words = self._writer.words(told, account.name, voice, base=difference.base)
        calendars = self._entries.parts(told.concerns, to=account.email, language=language)
        return Message(account, language, difference, words, calendars)


class Put(msgspec.Struct, frozen=True):
    """What became of messages: how many were `put`, how many waiting ones `withdrawn`; `overtaken`: the mail
    they would have replaced went meanwhile, or another came, so that they are to be measured anew."""

    put: int
    withdrawn: int
    overtaken: int


def put_notices(
    tx: Transaction,
    event: EventRow,
    release_id: int,
    messages: Sequence[Message],
    withdrawn: Sequence[Waiting],
    *,
    at: datetime,
    hold_until: datetime,
) -> Put:
    """Put the messages of a release into the outbox, held until *hold_until*; merge with what waits there.

    They were composed beside the database, so each is compared with what it holds now: who has been told of
    this release is not told again, and what was overtaken is left alone.
    """
    accounts = {one.account.id for one in messages} | {one.account_id for one in withdrawn}
    waiting = waiting_notices(tx.connection, event.id, accounts)
    told = told_already(tx.connection, event.id, release_id, accounts)
    new = [one for one in messages if one.account.id not in told]
    good = [one for one in new if _same(one.difference.replaces, waiting.get(one.account.id))]
    gone = [waiting[one.account_id] for one in withdrawn if _same(one, waiting.get(one.account_id))]
    _forget(tx, [*(waiting[one.account.id] for one in good if one.account.id in waiting), *gone], gone)
    # A mail that an organizer wrote in is kept as it is, so a new one says what is newer.
    merging = {
        one.account.id: waiting[one.account.id].mail_id
        for one in good
        if one.account.id in waiting and not waiting[one.account.id].edited
    }
    _merge(tx, good, merging, hold_until)
    mail_ids = merging | _send(
        tx, event, [one for one in good if one.account.id not in merging], at, hold_until
    )
    _note(tx, event, release_id, good, mail_ids, at)
    return Put(len(good), len(gone), len(new) - len(good) + len(withdrawn) - len(gone))


def _same(one: Waiting | None, other: Waiting | None) -> bool:
    """Whether the same notice waits; that its mail was edited meanwhile makes it no other."""
    return (one.id if one else None) == (other.id if other else None)


def _forget(tx: Transaction, replaced: Sequence[Waiting], gone: Sequence[Waiting]) -> None:
    """Forget notices that are measured anew, and the mails of those that have come to nothing (A → B → A).

    A mail that an organizer wrote in is stopped and kept as it is: nothing that was typed is lost.
    """
    if replaced:
        statement = delete(notice).where(notice.c.id == bindparam("of"))
        tx.connection.execute(statement, [{"of": one.id} for one in replaced])
    stop_mails(tx, [one.mail_id for one in replaced if one.edited])
    remove_mails(tx, [one.mail_id for one in gone if not one.edited])


def _merge(
    tx: Transaction, messages: Sequence[Message], merging: dict[int, str], hold_until: datetime
) -> None:
    newer = [
        Newer(merging[one.account.id], one.words, one.calendars)
        for one in messages
        if one.account.id in merging
    ]
    say_instead(tx, newer, hold_until=hold_until)


def _send(
    tx: Transaction, event: EventRow, messages: Sequence[Message], at: datetime, hold_until: datetime
) -> dict[int, str]:
    """New mails; the id of each by account."""
    mails = [
        NewMail(to=one.account.email, words=one.words, language=one.language, calendars=one.calendars)
        for one in messages
    ]
    ids = put_mails(tx, mails, event_id=event.id, kind=KIND, now=at, hold_until=hold_until)
    return {one.account.id: mail_id for one, mail_id in zip(messages, ids, strict=True)}


def _note(
    tx: Transaction,
    event: EventRow,
    release_id: int,
    messages: Sequence[Message],
    mail_ids: dict[int, str],
    at: datetime,
) -> None:
    rows = [
        {
            "event_id": event.id,
            "account_id": one.account.id,
            "base_release_id": one.difference.base,
            "release_id": release_id,
            "mail_id": mail_ids[one.account.id],
            "body": _summary(one.difference.told),
            "created_at": at,
        }
        for one in messages
    ]
    if rows:
        tx.connection.execute(insert(notice), rows)


def _summary(told: Told) -> dict[str, object]:
    """What the message is about, by session code: for organizers' lists and for statistics."""
    return {
        "changes": {one.code: [kind.value for kind in one.kinds] for one in told.concerns},
        "clashes": [[one.code, other.code] for one, other in told.clashes],
    }
