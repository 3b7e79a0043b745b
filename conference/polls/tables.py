"""Polls, their answers, and what moderators did with the groups of short texts.

What is stored of an anonymous answer, and why nobody can tell from it who gave it: docs/polls.md. In short:
`poll_voter` says that an account has answered, `poll_answer` what somebody answered, and nothing in either
leads to the other: no column, no time, and (`WITHOUT ROWID`) not the order in which they came.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false

from conference.polls.content import Content, Kind
from conference.polls.life import Results, Stage
from conference.storage.columns import Instant, metadata

poll = Table(
    "poll",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_id", String(24), nullable=False, unique=True),
    Column("session_id", ForeignKey("session.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("content", Text, nullable=False),  # `Content` as JSON
    Column("anonymous", Boolean, nullable=False, server_default=false()),
    Column("results", String(16), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("opened_at", Instant, nullable=True),
    Column("closed_at", Instant, nullable=True),
    Column("shown_at", Instant, nullable=True),
    Column("made_at", Instant, nullable=False),
)

poll_answer = Table(
    "poll_answer",
    metadata,
    Column("poll_id", ForeignKey("poll.id", ondelete="CASCADE"), primary_key=True),
    # Named: "account:" and its number. Anonymous: the hash of a secret that only the device has.
    Column("ballot", String(64), primary_key=True),
    # When a person is erased, their answer stays, as nobody's. Always empty in an anonymous poll.
    Column("account_id", ForeignKey("account.id", ondelete="SET NULL"), nullable=True),
    Column("counter", Integer, nullable=False),  # the person's own; the newer wins
    Column("answer", Text, nullable=False),  # `Answer` as JSON
    Index(None, "account_id"),
    sqlite_with_rowid=False,
)

# Who has answered an anonymous poll: one answer for each person. Never when, never what.
poll_voter = Table(
    "poll_voter",
    metadata,
    Column("poll_id", ForeignKey("poll.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "account_id"),
    sqlite_with_rowid=False,
)

# What moderators did with one normalised text (`text_groups.Sorting`).
poll_text = Table(
    "poll_text",
    metadata,
    Column("poll_id", ForeignKey("poll.id", ondelete="CASCADE"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("into", Text, nullable=False, server_default=""),
    Column("label", Text, nullable=False, server_default=""),
    Column("hidden", Boolean, nullable=False, server_default=false()),
)

# Written with the answer, deleted with the event that tells its count: a crash in between loses no count.
poll_due = Table(
    "poll_due",
    metadata,
    Column("poll_id", ForeignKey("poll.id", ondelete="CASCADE"), primary_key=True),
)


class PollRow(msgspec.Struct, frozen=True, kw_only=True):
    """One poll as it is stored, its content read."""

    id: int
    public_id: str
    session_id: int
    position: int
    content: Content
    anonymous: bool
    results: Results
    stage: Stage
    version: int
    opened_at: datetime | None
    closed_at: datetime | None
    shown_at: datetime | None

    @property
    def kind(self) -> Kind:
        return self.content.kind
