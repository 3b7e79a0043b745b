"""What is done with a message afterwards: edited, deleted, hidden and shown again; and blocking a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update

from conference.chat.messages import (
    BlockPerson,
    DeleteChat,
    EditChat,
    HideChat,
    Named,
    PeopleBlocked,
)
from conference.chat.reading import blocked_by, message_for
from conference.chat.rules import Audience, State, heard_by, hidden_or_shown, require_editable
from conference.chat.sending import cleaned, mentioned, notify_of, standing_of
from conference.chat.settings import rules_of
from conference.chat.tables import MessageRow, chat_block, chat_earlier, chat_message
from conference.chat.telling import tell
from conference.errors import N_, Conflict, NotAllowed
from conference.live.channels import person_channel
from conference.live.commands import Caller
from conference.live.log import append
from conference.people.accounts import account_by_public_id
from conference.people.notifying import withdraw
from conference.storage.database import Transaction


class Changed(msgspec.Struct, frozen=True):
    """The acknowledgement: how the message stands now."""

    state: State
    version: int


def edit(tx: Transaction, caller: Caller, wish: EditChat, *, now: datetime) -> Changed:
    """Give one's own message another text. What was there before stays for moderators."""
    row, rows = _own(tx, caller, wish.message), tx.connection
    text = cleaned(wish.text)
    require_editable(row.state, row.sent_at, now=now)
    rules = rules_of(rows, caller.event_id, caller.session_id)
    standing = standing_of(rows, caller.account_id, caller, now=now)
    if heard_by(row.audience, rules.mode, direct=rules.direct, runs=standing.runs) is not row.audience:
        raise Conflict(N_("The chat was closed meanwhile: this message stays as it is."), code="chat.state")
    if text == row.text:
        return Changed(row.state, row.version)
    direct = row.audience is Audience.DIRECT
    mentions = [] if direct else mentioned(rows, caller, text, wish.mentions, row.audience, now=now)
    if not direct:
        rows.execute(insert(chat_earlier).values(message_id=row.id, version=row.version, text=row.text))
    before = {each["person"] for each in row.mentions}
    changes = {"text": text, "mentions": msgspec.to_builtins(mentions), "edited_at": now}
    changed = _change(tx, caller, row, now, **changes)
    fresh: list[Named] = [each for each in mentions if each.person not in before]
    notify_of(tx, row, caller, fresh, now=now)
    return changed


def delete_own(tx: Transaction, caller: Caller, wish: DeleteChat, *, now: datetime) -> Changed:
    """Take one's own message back; a direct one is gone for both, as nobody has to answer for it."""
    row = _own(tx, caller, wish.message)
    if row.state is State.DELETED:
        return Changed(row.state, row.version)
    text: dict[str, Any] = {"text": "", "mentions": []} if row.audience is Audience.DIRECT else {}
    withdraw(tx, row.event_id, row.public_id, at=now)
    return _change(tx, caller, row, now, state=State.DELETED, **text)


def hide(tx: Transaction, caller: Caller, wish: HideChat, *, now: datetime) -> Changed:
    """Hide a message from the room, or show it again; a second moderator's tap changes nothing."""
    row = message_for(tx.connection, caller, wish.message)
    if row.audience is not Audience.ROOM:
        raise Conflict(N_("Only what the whole room reads can be hidden from it."), code="chat.state")
    state = hidden_or_shown(row.state, hide=wish.hidden)
    if state is row.state:
        return Changed(row.state, row.version)
    if wish.hidden:
        withdraw(tx, row.event_id, row.public_id, at=now)
    return _change(tx, caller, row, now, state=state)


def block(tx: Transaction, caller: Caller, wish: BlockPerson, *, now: datetime) -> PeopleBlocked:
    """Take no direct messages from a person, or take them again. They are told nothing."""
    person, rows = account_by_public_id(tx.connection, wish.person), tx.connection
    pair = (chat_block.c.account_id == caller.account_id) & (chat_block.c.blocked_id == person.id)
    there = rows.execute(select(chat_block.c.account_id).where(pair)).first() is not None
    if wish.blocked and not there:
        rows.execute(insert(chat_block).values(account_id=caller.account_id, blocked_id=person.id))
    elif there and not wish.blocked:
        rows.execute(delete(chat_block).where(pair))
    now_blocked = PeopleBlocked(people=blocked_by(rows, caller.account_id))
    if there != wish.blocked:
        append(tx, person_channel(caller.public_id), now_blocked, actor=caller.account_id, at=now)
    return now_blocked


def _own(tx: Transaction, caller: Caller, public_id: str) -> MessageRow:
    row = message_for(tx.connection, caller, public_id)
    if row.account_id != caller.account_id:
        raise NotAllowed(N_("This is not your message."), code="chat.not-yours")
    return row


def _change(tx: Transaction, caller: Caller, row: MessageRow, now: datetime, **changes: Any) -> Changed:
    values = {"version": row.version + 1, **changes}
    tx.connection.execute(update(chat_message).where(chat_message.c.id == row.id).values(**values))
    changed = tell(tx, row.id, actor=caller.account_id, now=now)
    return Changed(changed.state, changed.version)
