"""Messages, what the log tells of them, the rules of each chat, blocks between people, and announcements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false, text

from conference.chat.rules import Audience, State
from conference.storage.columns import Instant, Localized, metadata

chat_message = Table(
    "chat_message",
    metadata,
    Column("id", Integer, primary_key=True),  # in the order they were said
    Column("public_id", String(24), nullable=False, unique=True),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False),
    Column("session_id", ForeignKey("session.id", ondelete="CASCADE"), nullable=True),  # NULL: direct
    Column("audience", String(8), nullable=False),
    # When its author is erased a message to the room stays, as nobody's.
    Column("account_id", ForeignKey("account.id", ondelete="SET NULL"), nullable=True),
    Column("role", String(16), nullable=False, server_default=""),  # as what they spoke; "" attendee
    # Who a direct message is for; the attendee to whom one of the desk concerns.
    Column("to_id", ForeignKey("account.id", ondelete="CASCADE"), nullable=True),
    Column("text", Text, nullable=False),
    Column("reply_id", ForeignKey("chat_message.id", ondelete="SET NULL"), nullable=True),
    Column("mentions", JSON, nullable=False, server_default=text("'[]'")),  # [{"person", "name"}]
    Column("sent_at", Instant, nullable=False),
    Column("edited_at", Instant, nullable=True),
    Column("state", String(8), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),  # counts every change
    Index(None, "session_id", "id"),
    Index(None, "event_id", "sent_at"),
    Index(None, "account_id", "sent_at"),
    Index(None, "to_id", "id"),
    Index(None, "reply_id"),
)

# What an author has edited away, for moderators: nothing secret is lost before the history is.
chat_earlier = Table(
    "chat_earlier",
    metadata,
    Column("message_id", ForeignKey("chat_message.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text", Text, nullable=False),
)

# Which events of the log hold the text of a message: from there it is taken when it is nobody's to read.
chat_told = Table(
    "chat_told",
    metadata,
    Column("channel", String(120), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("message_id", ForeignKey("chat_message.id", ondelete="CASCADE"), nullable=False, index=True),
)

# Of sessions that were changed by hand; what is NULL follows the event.
chat_settings = Table(
    "chat_settings",
    metadata,
    Column("session_id", ForeignKey("session.id", ondelete="CASCADE"), primary_key=True),
    Column("mode", String(16), nullable=True),
    Column("slow_seconds", Integer, nullable=True),
)

chat_defaults = Table(
    "chat_defaults",
    metadata,
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), primary_key=True),
    Column("mode", String(16), nullable=False),
    Column("slow_seconds", Integer, nullable=False),
    Column("direct", Boolean, nullable=False, server_default=false()),
    Column("history_days", Integer, nullable=False),  # 0: for as long as there is the event
)

chat_block = Table(
    "chat_block",
    metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),  # who blocks
    Column("blocked_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "blocked_id"),
)

announcement = Table(
    "announcement",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_id", String(24), nullable=False, unique=True),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("account_id", ForeignKey("account.id", ondelete="SET NULL"), nullable=True, index=True),
    Column("text", Localized, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("seq", Integer, nullable=False),  # of its event in the event's log
    Column("withdrawn_at", Instant, nullable=True),
)


class MessageRow(msgspec.Struct, frozen=True, kw_only=True):
    """One message with the names of its people (None once erased) and of its place."""

    id: int
    public_id: str
    event_id: int
    event_slug: str
    session_id: int | None
    session_code: str | None
    audience: Audience
    account_id: int | None
    author: str | None
    author_public_id: str | None
    role: str
    to_id: int | None
    receiver: str | None
    receiver_public_id: str | None
    text: str
    reply: str | None
    mentions: list[Any]
    sent_at: datetime
    edited_at: datetime | None
    state: State
    version: int
