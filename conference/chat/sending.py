"""Saying something in the chat."""

from __future__ import annotations

import secrets
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, insert, select

from conference.chat.messages import Named, SendChat
from conference.chat.reading import message_for
from conference.chat.rules import MOST, MOST_WITHIN, Audience, State, heard_by, require_pause
from conference.chat.settings import rules_of
from conference.chat.tables import MessageRow, chat_block, chat_message
from conference.chat.telling import tell
from conference.errors import N_, BadInput, Conflict, NotFound
from conference.live.commands import Caller
from conference.people.accounts import account_by_public_id
from conference.people.notifying import Kind, Notice, notify
from conference.people.permissions import TABLE, Capability, Role, Scope, roles_in
from conference.people.tables import Account
from conference.serving.text import clean_text
from conference.storage.database import Transaction

MAX_LENGTH = 1000
_precedence = (Role.ORGANIZER, Role.CHAIR, Role.MODERATOR, Role.SPEAKER)


class Sent(msgspec.Struct, frozen=True):
    """The acknowledgement: the message's public id, and whom it really reaches."""

    message: str
    to: Audience


class Standing(msgspec.Struct, frozen=True):
    """What a person is in a session, as the database has it."""

    roles: frozenset[Role]

    @property
    def runs(self) -> bool:
        return bool(self.roles & TABLE[Capability.TAKE_FLOOR])

    @property
    def moderates(self) -> bool:
        return bool(self.roles & TABLE[Capability.MODERATE])

    @property
    def shown_as(self) -> str:
        """The most responsible of the roles; nothing for an attendee."""
        return next((role.value for role in _precedence if role in self.roles), "")


def standing_of(rows: Connection, account_id: int, caller: Caller, *, now: datetime) -> Standing:
    """What the account is in the caller's place."""
    scope = Scope(event_id=caller.event_id, session_id=caller.scope.session_id)
    return Standing(roles_in(rows, account_id, scope, now=now))


def send(tx: Transaction, caller: Caller, wish: SendChat, *, now: datetime) -> Sent:
    """Keep a message and tell those it is for.

    `BadInput` (field `text`) when empty or over 1000 characters; `Conflict` where the session's rules, slow
    mode or the other person's block are against it.
    """
    rows = tx.connection
    rules = rules_of(rows, caller.event_id, caller.session_id)
    standing = standing_of(rows, caller.account_id, caller, now=now)
    audience = heard_by(wish.to, rules.mode, direct=rules.direct, runs=standing.runs)
    text = cleaned(wish.text)
    if not standing.runs and audience is not Audience.DIRECT:
        require_pause(_sent_last(rows, caller), rules.slow_seconds, now=now)
    _leave_room_for_others(rows, caller, now)
    receiver = _receiver(rows, caller, wish, now) if audience is Audience.DIRECT else None
    quoted = _quoted(rows, caller, wish.reply, audience, receiver)
    to_id = receiver.id if receiver else None
    if audience is Audience.DESK:
        to_id = caller.account_id if not standing.moderates else quoted.to_id if quoted else None
    direct = audience is Audience.DIRECT
    mentions = [] if direct else mentioned(rows, caller, text, wish.mentions, audience, now=now)
    public_id = secrets.token_urlsafe(12)
    (key,) = rows.execute(
        insert(chat_message).values(
            public_id=public_id,
            event_id=caller.event_id,
            session_id=None if direct else caller.session_id,
            audience=audience,
            account_id=caller.account_id,
            role=standing.shown_as,
            to_id=to_id,
            text=text,
            reply_id=quoted.id if quoted else None,
            mentions=msgspec.to_builtins(mentions),
            sent_at=now,
            state=State.SHOWN,
        )
    ).inserted_primary_key or (0,)
    row = tell(tx, key, actor=caller.account_id, now=now)
    notify_of(tx, row, caller, mentions, now=now)
    if receiver is not None:
        about = Notice(kind=Kind.DIRECT_MESSAGE, by=caller.name, session=caller.session_code, about=public_id)
        notify(tx, receiver.id, caller.event_id, about, at=now)
    return Sent(public_id, audience)


def cleaned(text: str) -> str:
    """The text of a message as it is kept."""
    text = clean_text(text, limit=MAX_LENGTH, lines=True, field="text")
    if not text:
        raise BadInput(N_("Write something first."), code="chat.empty", field="text")
    return text


def mentioned(
    rows: Connection, caller: Caller, text: str, people: list[str], audience: Audience, *, now: datetime
) -> list[Named]:
    """Those of *people* who are named in the text ("@Name") and may read it; each once, never oneself."""
    found: dict[str, Named] = {}
    for public_id in people:
        person = _account(rows, public_id)
        if person is None or person.id == caller.account_id or f"@{person.name}" not in text:
            continue
        standing = standing_of(rows, person.id, caller, now=now)
        if standing.moderates if audience is Audience.DESK else standing.roles:
            found[public_id] = Named(person=public_id, name=person.name)
    return list(found.values())


def notify_of(
    tx: Transaction, row: MessageRow, caller: Caller, mentions: list[Named], *, now: datetime
) -> None:
    """Tell those who are mentioned, each once for one message. Without its text, which may be taken back."""
    for each in mentions:
        person = _account(tx.connection, each.person)
        if person is None:
            continue
        about = Notice(
            kind=Kind.MENTION,
            by=caller.name,
            session=caller.session_code,
            about=row.public_id,
            once=f"mention:{row.public_id}",
        )
        notify(tx, person.id, row.event_id, about, at=now)


def _account(rows: Connection, public_id: str) -> Account | None:
    try:
        return account_by_public_id(rows, public_id)
    except NotFound:
        return None


def _receiver(rows: Connection, caller: Caller, wish: SendChat, now: datetime) -> Account:
    person = _account(rows, wish.person or "")
    if person is not None and person.id != caller.account_id:
        here = roles_in(rows, person.id, Scope(event_id=caller.event_id), now=now)
        if here and not _is_blocked(rows, caller.account_id, person.id):
            return person
    # One sentence for those who are not there and those who do not want to: a block is nobody's business.
    raise Conflict(N_("You cannot write to this person."), code="chat.no-person", field="person")


def _is_blocked(rows: Connection, one: int, other: int) -> bool:
    column = chat_block.c
    either = ((column.account_id == one) & (column.blocked_id == other)) | (
        (column.account_id == other) & (column.blocked_id == one)
    )
    return rows.execute(select(column.account_id).where(either).limit(1)).first() is not None


def _quoted(
    rows: Connection, caller: Caller, reply: str | None, audience: Audience, receiver: Account | None
) -> MessageRow | None:
    """The message that is quoted, when everybody who reads the new one may read it; else none.

    It is left out rather than refused: it may have been hidden while the answer was on its way.
    """
    if reply is None:
        return None
    try:
        row = message_for(rows, caller, reply)
    except NotFound:
        return None
    if row.state is not State.SHOWN:
        return None
    if row.audience is Audience.DESK:
        return row if audience is Audience.DESK else None
    if row.audience is Audience.DIRECT:
        pair = {caller.account_id, receiver.id if receiver else None}
        return row if audience is Audience.DIRECT and pair == {row.account_id, row.to_id} else None
    return row


def _sent_last(rows: Connection, caller: Caller) -> datetime | None:
    column = chat_message.c
    mine = (column.account_id == caller.account_id) & (column.session_id == caller.session_id)
    found: datetime | None = rows.scalar(select(func.max(column.sent_at)).where(mine))
    return found


def _leave_room_for_others(rows: Connection, caller: Caller, now: datetime) -> None:
    column = chat_message.c
    mine = (column.account_id == caller.account_id) & (column.sent_at > now - MOST_WITHIN)
    if (rows.scalar(select(func.count()).select_from(chat_message).where(mine)) or 0) >= MOST:
        raise Conflict(
            N_("You have sent many messages in a minute. Wait a moment, then go on."), code="chat.too-many"
        )
