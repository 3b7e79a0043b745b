"""Messages as they are read: rows, the views of each channel, pages of the history, the snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from conference.agenda.tables import event, session
from conference.chat.announcing import standing
from conference.chat.messages import AnnouncementView, ChatRulesChanged, ChatView, Named
from conference.chat.rules import Audience, State
from conference.chat.settings import rules_of
from conference.chat.tables import MessageRow, chat_block, chat_earlier, chat_message
from conference.errors import N_, NotFound
from conference.live.channels import desk_channel
from conference.live.commands import Caller
from conference.people.tables import account

PAGE = 30  # messages that are sent at once

_author, _receiver = account.alias("author"), account.alias("receiver")
_quoted = chat_message.alias("quoted")


class ChatPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of the history, oldest first; `quoted` are what it quotes from elsewhere; `more` is older."""

    messages: list[ChatView]
    quoted: list[ChatView] = []
    more: bool = False
    blocked: list[str] = []


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed before the chat is looked at: its rules, what the event is told, and how many messages
    of others there have been: a device that remembers how many it has shown knows how many are new."""

    rules: ChatRulesChanged
    said: int
    announcements: list[AnnouncementView]


def _messages() -> Select[Any]:
    columns = [column for column in chat_message.c if column.name != "reply_id"]
    return (
        select(
            *columns,
            event.c.slug.label("event_slug"),
            session.c.code.label("session_code"),
            _author.c.name.label("author"),
            _author.c.public_id.label("author_public_id"),
            _receiver.c.name.label("receiver"),
            _receiver.c.public_id.label("receiver_public_id"),
            _quoted.c.public_id.label("reply"),
        )
        .select_from(chat_message)
        .join(event, event.c.id == chat_message.c.event_id)
        .outerjoin(session, session.c.id == chat_message.c.session_id)
        .outerjoin(_author, _author.c.id == chat_message.c.account_id)
        .outerjoin(_receiver, _receiver.c.id == chat_message.c.to_id)
        .outerjoin(_quoted, _quoted.c.id == chat_message.c.reply_id)
    )


def _rows(rows: Connection, query: Select[Any]) -> Iterator[MessageRow]:
    for row in rows.execute(query).mappings():
        # The column names of SQLAlchemy are a subclass of str, which msgspec does not take for a key.
        yield msgspec.convert({str(name): value for name, value in row.items()}, MessageRow)


def message_by_id(rows: Connection, message_id: int) -> MessageRow:
    """A message that is known to be there."""
    (found,) = _rows(rows, _messages().where(chat_message.c.id == message_id))
    return found


def message_for(rows: Connection, caller: Caller, public_id: str) -> MessageRow:
    """The message, when the caller may read it here; `NotFound` otherwise."""
    for found in _rows(rows, _messages().where(chat_message.c.public_id == public_id)):
        if may_read(found, caller):
            return found
    raise NotFound(N_("There is no such message here."), code="chat.unknown")


def messages_of_session(rows: Connection, session_id: int) -> list[MessageRow]:
    """Everything said in a session to the room and to its moderators, oldest first; nothing direct."""
    here = chat_message.c.session_id == session_id
    return list(_rows(rows, _messages().where(here).order_by(chat_message.c.id)))


def moderates(caller: Caller) -> bool:
    """Whether the caller is at the session's desk."""
    return desk_channel(caller.session_code) in caller.channels


def may_read(row: MessageRow, caller: Caller) -> bool:
    """Whether any channel of the caller tells of this message."""
    if row.audience is Audience.DIRECT:
        return row.event_id == caller.event_id and caller.account_id in (row.account_id, row.to_id)
    if row.session_id != caller.scope.session_id:
        return False
    if moderates(caller):
        return True
    if row.audience is Audience.DESK:
        return row.to_id == caller.account_id
    return row.state is State.SHOWN or row.account_id == caller.account_id


# -- the views ------------------------------------------------------------------------------------


def shown(row: MessageRow) -> ChatView:
    """As everybody who reads it may see it."""
    return ChatView(
        id=row.public_id,
        at=row.sent_at,
        text=row.text,
        version=row.version,
        to=row.audience,
        person=row.author_public_id,
        name=row.author,
        role=row.role,
        receiver=_receiver_of(row),
        reply=row.reply,
        mentions=[msgspec.convert(each, Named) for each in row.mentions],
        edited=row.edited_at is not None,
        state=row.state,
    )


def own(row: MessageRow) -> ChatView:
    """As its author, or the one it is for, may see it: what was deleted has no text any more."""
    view = shown(row)
    if row.state is not State.DELETED:
        return view
    return msgspec.structs.replace(view, text="", mentions=[])


def filed(rows: Connection, row: MessageRow) -> ChatView:
    """As moderators see it: with what was there before, and what was deleted."""
    query = select(chat_earlier.c.text).where(chat_earlier.c.message_id == row.id)
    before = list(rows.scalars(query.order_by(chat_earlier.c.version)))
    return msgspec.structs.replace(shown(row), before=before)


def view_for(rows: Connection, row: MessageRow, caller: Caller) -> ChatView:
    """The fullest view this caller has."""
    at_desk = row.audience is not Audience.DIRECT and moderates(caller)
    return filed(rows, row) if at_desk else own(row)


def _receiver_of(row: MessageRow) -> Named | None:
    if row.audience is Audience.ROOM or row.receiver_public_id is None or row.receiver is None:
        return None
    return Named(person=row.receiver_public_id, name=row.receiver)


# -- what is asked for ----------------------------------------------------------------------------


def page_before(rows: Connection, caller: Caller, before: str | None) -> ChatPage:
    """The last `PAGE` messages that the caller may read here, or the last before the message *before*."""
    older = chat_message.c.id < message_for(rows, caller, before).id if before else None
    found: dict[int, MessageRow] = {}
    # One indexed query for each way to a message; together they are sorted by "or" only with a full scan.
    for way in _ways(caller):
        where = [way] if older is None else [way, older]
        for row in _rows(rows, _messages().where(*where).order_by(chat_message.c.id.desc()).limit(PAGE + 1)):
            found[row.id] = row
    newest = sorted(found.values(), key=lambda row: row.id)[-PAGE:]
    return ChatPage(
        messages=[view_for(rows, row, caller) for row in newest],
        quoted=_quotes(rows, caller, newest),
        more=len(found) > len(newest),
        blocked=blocked_by(rows, caller.account_id) if before is None else [],
    )


def named(rows: Connection, caller: Caller, public_ids: Iterable[str]) -> ChatPage:
    """The named messages, as far as the caller may read them."""
    found = _rows(rows, _messages().where(chat_message.c.public_id.in_(list(public_ids))))
    return ChatPage(messages=[view_for(rows, row, caller) for row in found if may_read(row, caller)])


def _quotes(rows: Connection, caller: Caller, listed: list[MessageRow]) -> list[ChatView]:
    there = {row.public_id for row in listed}
    missing = {row.reply for row in listed if row.reply is not None and row.reply not in there}
    return named(rows, caller, missing).messages if missing else []


def _ways(caller: Caller) -> list[ColumnElement[bool]]:
    me, column = caller.account_id, chat_message.c
    here, direct = (
        column.session_id == caller.session_id,
        (column.event_id == caller.event_id)
        & (column.audience == Audience.DIRECT)
        & (column.state != State.DELETED),
    )
    letters = [direct & (column.account_id == me), direct & (column.to_id == me)]
    if moderates(caller):
        return [here, *letters]
    there = column.state != State.DELETED
    room = (column.audience == Audience.ROOM) & or_(column.state == State.SHOWN, column.account_id == me)
    desk = (column.audience == Audience.DESK) & (column.to_id == me)
    return [here & there & or_(room, desk), *letters]


def blocked_by(rows: Connection, account_id: int) -> list[str]:
    """The public ids of those from whom the account takes no direct messages."""
    query = select(account.c.public_id).join(chat_block, chat_block.c.blocked_id == account.c.id)
    return list(rows.scalars(query.where(chat_block.c.account_id == account_id).order_by(account.c.id)))


def snapshot(rows: Connection, caller: Caller) -> Snapshot:
    """The part of the snapshot; messages are asked for when the chat is opened: they weigh 6 kB."""
    return Snapshot(
        rules=rules_of(rows, caller.event_id, caller.session_id),
        said=_said_by_others(rows, caller),
        announcements=standing(rows, caller.event_id),
    )


def _said_by_others(rows: Connection, caller: Caller) -> int:
    me, column = caller.account_id, chat_message.c
    others = column.account_id.is_distinct_from(me)
    here = (column.session_id == caller.session_id) & others
    if not moderates(caller):
        here &= (column.audience == Audience.ROOM) | (column.to_id == me)
    direct = (column.audience == Audience.DIRECT) & (column.event_id == caller.event_id)
    count = select(func.count()).select_from(chat_message)
    letters = rows.scalar(count.where(direct & (column.to_id == me))) or 0
    return (rows.scalar(count.where(here)) or 0) + letters
