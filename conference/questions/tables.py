"""Questions, votes, tallies that are due, and each session's rules for asking."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false, true

from conference.questions.moderation import State
from conference.storage.columns import Instant, metadata

question = Table(
    "question",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_id", String(24), nullable=False, unique=True),
    Column("session_id", ForeignKey("session.id", ondelete="CASCADE"), nullable=False),
    # When the asker is erased the question stays, as nobody's.
    Column("account_id", ForeignKey("account.id", ondelete="SET NULL"), nullable=True),
    Column("anonymous", Boolean, nullable=False, server_default=false()),  # to the room, not to moderators
    Column("text", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("before", String(16), nullable=True),  # the state an undo goes back to
    Column("version", Integer, nullable=False, server_default="1"),  # counts the moderators' steps
    Column("reason", Text, nullable=False, server_default=""),  # of a decline, shown to the asker
    Column("answer", Text, nullable=False, server_default=""),  # empty and answered: live, in the room
    Column("pinned", Boolean, nullable=False, server_default=false()),
    Column("votes", Integer, nullable=False, server_default="0"),
    Column("asked_at", Instant, nullable=False),
    Index(None, "session_id", "state"),
    Index(None, "account_id", "session_id"),
)

question_vote = Table(
    "question_vote",
    metadata,
    Column("question_id", ForeignKey("question.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("on", Boolean, nullable=False),
    Column("counter", Integer, nullable=False),  # the voter's own; the newer wins
    Index(None, "account_id"),
)

# Written with the vote, deleted with the event that tells its count: a crash in between loses no tally.
tally_due = Table(
    "tally_due",
    metadata,
    Column("question_id", ForeignKey("question.id", ondelete="CASCADE"), primary_key=True),
)

question_settings = Table(
    "question_settings",
    metadata,
    Column("session_id", ForeignKey("session.id", ondelete="CASCADE"), primary_key=True),
    Column("moderated", Boolean, nullable=False, server_default=true()),
    Column("anonymous_allowed", Boolean, nullable=False, server_default=true()),
    Column("open", Boolean, nullable=False, server_default=true()),
)


class QuestionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One question with its asker's name and public id (None once the asker was erased)."""

    id: int
    public_id: str
    session_id: int
    account_id: int | None
    anonymous: bool
    text: str
    state: State
    before: State | None
    version: int
    reason: str
    answer: str
    pinned: bool
    votes: int
    asked_at: datetime
    asker: str | None
    asker_public_id: str | None
