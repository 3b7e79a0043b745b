"""The room log, the head of each channel, and the commands that already had their effect."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from conference.storage.columns import Instant, metadata

log_event = Table(
    "log_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(120), nullable=False),
    Column("seq", Integer, nullable=False),  # 1, 2, 3 … without a gap in each channel
    Column("actor", ForeignKey("account.id", ondelete="SET NULL"), nullable=True),
    Column("type", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("body", Text, nullable=False),  # the announcement as JSON, its type included
    UniqueConstraint("channel", "seq"),
    Index(None, "actor"),
)

# The last seq of a channel. Not max(seq): clearing old events away must never give a number out twice.
channel_head = Table(
    "channel_head",
    metadata,
    Column("channel", String(120), primary_key=True),
    Column("seq", Integer, nullable=False),
)

command = Table(
    "command",
    metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("client_id", String(36), primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("reply", Text, nullable=False),  # JSON, given again to whoever repeats the command
)

# When the counts of a channel were told last, among processes that share the database (tally.py).
tally_told = Table(
    "tally_told",
    metadata,
    Column("channel", String(120), primary_key=True),
    Column("at", Instant, nullable=False),
)


class LogEvent(msgspec.Struct, frozen=True):
    """One event of a channel; `body` is JSON."""

    channel: str
    seq: int
    at: datetime
    body: str
