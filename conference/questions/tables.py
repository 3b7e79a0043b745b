"""Questions, votes, tallies that are due, and each session's rules for asking."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

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
    Column("pseudonym", String(60), nullable=False, server_default=""),  # in place of the name, for the room
    Column("text", Text, nullable=False),
    Column("plain", Text, nullable=False, server_default=""),  # `text` as `serving.arabic` spells it
    Column("original", Text, nullable=False, server_default=""),  # as it was asked, once it was edited
    Column("edits", Integer, nullable=False, server_default="0"),
    Column("slide", Integer, nullable=True),  # the one on the screen when it was asked
    Column("flags", JSON, nullable=False, server_default=text("'[]'")),  # identifiers.Kind values
    Column("tags", JSON, nullable=False, server_default=text("'[]'")),
    Column("state", String(16), nullable=False),
    Column("before", String(16), nullable=True),  # the state an undo goes back to
    Column("version", Integer, nullable=False, server_default="1"),  # counts the moderators' steps
    Column("reason", Text, nullable=False, server_default=""),  # of a decline, shown to the asker
    Column("answer", Text, nullable=False, server_default=""),  # empty and answered: live, in the room
    Column("answered_at", Instant, nullable=True),
    Column("is_answering", Boolean, nullable=False, server_default=false()),
    Column("answering_since", Instant, nullable=True),  # when answering it in the room began last
    Column(
        "recording", String(24), nullable=False, server_default=""
    ),  # public id, and seconds from its start
    Column("recording_seconds", Integer, nullable=True),
    Column("pinned", Boolean, nullable=False, server_default=false()),
    Column("place", Integer, nullable=True),  # in the line of what is asked next, from 0
    Column("votes", Integer, nullable=False, server_default="0"),
    Column("asked_at", Instant, nullable=False),  # by the asker's device, bounded
    Column("arrived_at", Instant, nullable=True),  # NULL: when it was asked
    Index(None, "session_id", "state"),
    Index(None, "account_id", "session_id"),
)

question_vote = Table(
    "question_vote",
    metadata,
    Column("question_id", ForeignKey("question.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("on", Boolean, nullable=False),
    Column("counter", Integer, nullable=False),  # the voter's own; the newer wins; 0: never voted here
    # The id of a merged question whose vote this is; NULL: the voter's own word about this question.
    Column("through", Integer, nullable=True),
    Index(None, "account_id"),
)

# A merged question and the one it has become part of.
question_merge = Table(
    "question_merge",
    metadata,
    Column("question_id", ForeignKey("question.id", ondelete="CASCADE"), primary_key=True),
    Column("into_id", ForeignKey("question.id", ondelete="CASCADE"), nullable=False, index=True),
)

question_assignment = Table(
    "question_assignment",
    metadata,
    Column("question_id", ForeignKey("question.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
)

# One pseudonym of a person in a session; `skeleton` keeps two people from looking the same.
question_pseudonym = Table(
    "question_pseudonym",
    metadata,
    Column("session_id", ForeignKey("session.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("skeleton", String(120), nullable=False),
    UniqueConstraint("session_id", "skeleton"),
)

question_block = Table(
    "question_block",
    metadata,
    Column("session_id", ForeignKey("session.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("blocked_at", Instant, nullable=False),
    Column("by_id", ForeignKey("account.id", ondelete="SET NULL"), nullable=True),
)

# Written with the vote, deleted with the event that tells its count: a crash in between loses no tally.
tally_due = Table(
    "tally_due",
    metadata,
    Column("question_id", ForeignKey("question.id", ondelete="CASCADE"), primary_key=True),
)


def _rules() -> list[Column[Any]]:
    return [
        Column("moderated", Boolean, nullable=False, server_default=true()),
        Column("anonymous_allowed", Boolean, nullable=False, server_default=true()),
        Column("open", Boolean, nullable=False, server_default=true()),
        Column("pseudonyms_allowed", Boolean, nullable=False, server_default=true()),
        Column("ahead", Boolean, nullable=False, server_default=true()),  # before the session begins
        Column("afterwards", Boolean, nullable=False, server_default=true()),
    ]


question_settings = Table(
    "question_settings",
    metadata,
    Column("session_id", ForeignKey("session.id", ondelete="CASCADE"), primary_key=True),
    *_rules(),
    Column("paused", Boolean, nullable=False, server_default=false()),
    Column("until", Instant, nullable=True),  # so long questions go on; NULL: to the session's end
    Column("shut_at", Instant, nullable=True),  # when asking was closed or paused last
)

# What holds in the sessions of an event that say nothing else.
question_defaults = Table(
    "question_defaults",
    metadata,
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), primary_key=True),
    *_rules(),
)


class QuestionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One question with its asker, its panellist and what it was merged into (None where there is none)."""

    id: int
    public_id: str
    session_id: int
    account_id: int | None
    anonymous: bool
    pseudonym: str
    text: str
    plain: str
    original: str
    edits: int
    slide: int | None
    flags: list[str]
    tags: list[str]
    state: State
    before: State | None
    version: int
    reason: str
    answer: str
    answered_at: datetime | None
    is_answering: bool
    answering_since: datetime | None
    recording: str
    recording_seconds: int | None
    pinned: bool
    place: int | None
    votes: int
    asked_at: datetime
    arrived_at: datetime | None
    asker: str | None
    asker_public_id: str | None
    assigned: str | None
    assigned_public_id: str | None
    into_id: int | None
    into: str | None
    merged: int
