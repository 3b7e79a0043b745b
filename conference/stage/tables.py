"""What survives a restart: where each person stands, and what a chair decided about the doors."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
)

from conference.storage.columns import Instant, metadata

floor = Table(
    "floor",
    metadata,
    Column("session_id", Integer, ForeignKey("session.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Integer, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("hand_raised_at", Instant),
    # Where a raised hand stands in the queue, lowest first: the moment it was raised in microseconds, or what
    # a moderator's move made of it (hand_queue.py). NULL: not raised.
    Column("hand_order", BigInteger),
    Column("invited_at", Instant),
    Column("on_stage_at", Instant),
    # A moderator's stop holds until a moderator lifts it or the person is invited anew.
    Column("microphone_stopped", Boolean, nullable=False, server_default=false()),
    Column("camera_stopped", Boolean, nullable=False, server_default=false()),
    Column("screen_stopped", Boolean, nullable=False, server_default=false()),
    Index(None, "session_id", "state"),
)

# How long those who came from the audience have spoken: what "about …" in the queue is made of.
floor_turn = Table(
    "floor_turn",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("session_id", Integer, ForeignKey("session.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("seconds", Integer, nullable=False),
)

# Whether hands and reactions are wanted in a session; no row: as the event has it; no row there: yes.
stage_rules = Table(
    "stage_rules",
    metadata,
    Column("session_id", Integer, ForeignKey("session.id", ondelete="CASCADE"), primary_key=True),
    Column("hands", Boolean, nullable=False),
    Column("reactions", Boolean, nullable=False),
)

stage_defaults = Table(
    "stage_defaults",
    metadata,
    Column("event_id", Integer, ForeignKey("event.id", ondelete="CASCADE"), primary_key=True),
    Column("hands", Boolean, nullable=False),
    Column("reactions", Boolean, nullable=False),
)

stage_room = Table(
    "stage_room",
    metadata,
    Column("session_id", Integer, ForeignKey("session.id", ondelete="CASCADE"), primary_key=True),
    Column("opened_at", Instant),
    Column("closed_at", Instant),
    Column("decided_by", Integer, ForeignKey("account.id", ondelete="SET NULL")),
)

# The server processes that share the database, and whom each has in its rooms (beside.py). One process alone
# writes neither.
serving_process = Table(
    "serving_process",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("seen_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),  # higher with everything it writes
)

present_at = Table(
    "present_at",
    metadata,
    Column("process", String(32), primary_key=True),
    Column("session_code", String(16), primary_key=True),
    Column("account_id", Integer, primary_key=True),
    Column("body", Text, nullable=False),  # beside.PersonAt as JSON
)

# What lets a machine publish into a session or play it (WHIP, WHEP); only the hash of its token is kept.
ingest_key = Table(
    "ingest_key",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_id", String(24), nullable=False, unique=True),
    Column("session_id", Integer, ForeignKey("session.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("label", String(80), nullable=False),
    Column("purpose", String(8), nullable=False),  # ingest_keys.Purpose
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),  # last time
    Column("revoked_at", Instant),
    Column("made_by", Integer, ForeignKey("account.id", ondelete="SET NULL")),
)

# A machine that is connected now, so that a server started anew knows whose the media are that went on.
machine_session = Table(
    "machine_session",
    metadata,
    Column("resource", String(32), primary_key=True),
    Column("key_id", Integer, ForeignKey("ingest_key.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("etag", String(32), nullable=False),
    Column("ufrag", String(256), nullable=False),  # of the machine's present ICE session
    Column("sources", JSON, nullable=False),
    Column("stopped", JSON, nullable=False),  # by a moderator
)

recording = Table(
    "recording",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_id", String(24), nullable=False, unique=True),
    Column("session_id", Integer, ForeignKey("session.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("folder", String(200), nullable=False),  # below the data folder
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("error", String(64), nullable=False, server_default=""),  # why it ended by itself
    Column("started_by", Integer, ForeignKey("account.id", ondelete="SET NULL")),
)

# What a person's own try of their connection has found, the last one in each event (link_notes.py).
link_note = Table(
    "link_note",
    metadata,
    Column("event_id", Integer, ForeignKey("event.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Integer, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("session_id", Integer, ForeignKey("session.id", ondelete="CASCADE"), nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("round_trip_ms", Integer, nullable=False),
    Column("transport", String(4), nullable=False),  # udp, tcp, none
    Column("loss", Float),  # fraction
    Column("down_kbits", Integer),
    Column("up_kbits", Integer),
    Column("camera", String(8), nullable=False),
    Column("microphone", String(8), nullable=False),
)
