"""Telling each channel what it may know of a message, and taking back what the log told of it before.

The log is replayed to whoever was away, so a text that is not to be read any more must not stay in it: each
change of a message first takes its earlier texts out of the log (not out of the desk's: moderators go on
seeing what was said), then tells how it stands now. An event that is taken out is replaced by `ChatGone`,
because a log has no gaps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from conference.chat.messages import ChatFiled, ChatGone, ChatNoted, ChatShown
from conference.chat.reading import filed, message_by_id, own, shown
from conference.chat.rules import Audience, State
from conference.chat.tables import MessageRow, chat_message, chat_told
from conference.live.channels import desk_channel, person_channel, session_channel
from conference.live.log import append
from conference.live.messages import Announcement
from conference.live.tables import log_event
from conference.storage.database import Transaction

Told = Callable[[str, Announcement], None]  # (channel, what it is told)


def tell(tx: Transaction, message_id: int, *, actor: int | None, now: datetime) -> MessageRow:
    """Log how a message stands now, in every channel that may know; returns it."""
    row = message_by_id(tx.connection, message_id)
    if row.version > 1:
        # The desk's events of a message stay: they hold what moderators may see anyway.
        take_from_log(tx, [row.id], desk=False)

    def told(channel: str, announcement: Announcement) -> None:
        seq = append(tx, channel, announcement, actor=actor, at=now)
        tx.connection.execute(insert(chat_told).values(channel=channel, seq=seq, message_id=row.id))

    match row.audience:
        case Audience.ROOM:
            _tell_room(tx, row, told, actor=actor, now=now)
        case Audience.DESK:
            told(desk_channel(row.session_code or ""), ChatFiled(message=filed(tx.connection, row)))
            _tell_people(row, [row.receiver_public_id], told)
        case Audience.DIRECT:
            _tell_people(row, [row.author_public_id, row.receiver_public_id], told)
    return row


def _tell_room(tx: Transaction, row: MessageRow, told: Told, *, actor: int | None, now: datetime) -> None:
    room, desk = session_channel(row.session_code or ""), desk_channel(row.session_code or "")
    if row.version > 1:
        told(desk, ChatFiled(message=filed(tx.connection, row)))
    if row.state is State.SHOWN:
        told(room, ChatShown(message=shown(row)))
        return
    append(tx, room, ChatGone(message=row.public_id, version=row.version), actor=actor, at=now)
    _tell_people(row, [row.author_public_id], told)


def _tell_people(row: MessageRow, people: Iterable[str | None], told: Told) -> None:
    noted = ChatNoted(event=row.event_slug, session=row.session_code, message=own(row))
    for person in {each for each in people if each is not None}:
        told(person_channel(person), noted)


def take_from_log(tx: Transaction, message_ids: Iterable[int], *, desk: bool) -> None:
    """Replace the log's events that hold the text of these messages; with *desk* also those of the desk."""
    query = select(chat_told.c.channel, chat_told.c.seq, chat_message.c.public_id, chat_message.c.version)
    query = query.join(chat_message, chat_message.c.id == chat_told.c.message_id)
    query = query.where(chat_told.c.message_id.in_(list(message_ids)))
    if not desk:
        query = query.where(chat_told.c.channel.not_like("session:%:desk"))
    found = [
        {
            "in_channel": channel,
            "as_seq": seq,
            # One below what is told next: of one version, the fuller view would count.
            "text": msgspec.json.encode(ChatGone(message=public_id, version=version - 1)).decode(),
        }
        for channel, seq, public_id, version in tx.connection.execute(query)
    ]
    if not found:
        return
    there = (log_event.c.channel == bindparam("in_channel")) & (log_event.c.seq == bindparam("as_seq"))
    gone = {"body": bindparam("text"), "type": ChatGone.__name__}
    tx.connection.execute(update(log_event).where(there).values(**gone), found)
    known = (chat_told.c.channel == bindparam("in_channel")) & (chat_told.c.seq == bindparam("as_seq"))
    tx.connection.execute(delete(chat_told).where(known), found)
