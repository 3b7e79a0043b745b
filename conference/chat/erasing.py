"""The end of a history: what is older than an event keeps is erased, in the tables and in the log."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from sqlalchemy import delete, select

from conference.agenda.tables import event
from conference.chat.messages import ChatErased
from conference.chat.rules import kept_since
from conference.chat.settings import defaults_of
from conference.chat.tables import chat_message, chat_told
from conference.chat.telling import take_from_log
from conference.clock import Clock
from conference.errors import MajlisError
from conference.live.log import append
from conference.people.notifying import Kind, forget_notifications
from conference.storage.database import Database, Transaction

log = logging.getLogger("majlis.chat")

AT_ONCE = 200  # messages in one unit of work: nobody's vote waits long behind it
ERASE_SECONDS = 3600


def erase_expired(tx: Transaction, *, now: datetime) -> int:
    """Erase up to `AT_ONCE` messages that are over; returns how many. Call again until it is 0."""
    rows = tx.connection
    for event_id, slug in rows.execute(select(event.c.id, event.c.slug)).all():
        before = kept_since(defaults_of(rows, event_id).history_days, now=now)
        if before is None:
            continue
        over = (chat_message.c.event_id == event_id) & (chat_message.c.sent_at < before)
        found = list(
            rows.scalars(select(chat_message.c.id).where(over).order_by(chat_message.c.id).limit(AT_ONCE))
        )
        if found:
            _erase(tx, found, ChatErased(event=slug, before=before), now=now)
            kinds = [Kind.MENTION, Kind.DIRECT_MESSAGE]
            forget_notifications(tx, now=before, event_id=event_id, kinds=kinds)
            return len(found)
    return 0


def _erase(tx: Transaction, message_ids: list[int], erased: ChatErased, *, now: datetime) -> None:
    told = select(chat_told.c.channel).where(chat_told.c.message_id.in_(message_ids)).distinct()
    channels = sorted(tx.connection.scalars(told))
    take_from_log(tx, message_ids, desk=True)
    tx.connection.execute(delete(chat_message).where(chat_message.c.id.in_(message_ids)))
    for channel in channels:
        append(tx, channel, erased, actor=None, at=now)


async def erase_forever(database: Database, clock: Clock) -> None:
    """Erase what is over every hour, for as long as the server runs."""
    while True:
        try:
            while await database.write(lambda tx: erase_expired(tx, now=clock.now())):
                pass
        except MajlisError:
            log.exception("what is over could not be erased from the chat; trying again later")
        await asyncio.sleep(ERASE_SECONDS)
