"""What survives a restart: where each person stands, and what a chair decided about the doors."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, false

from conference.storage.columns import Instant, metadata

floor = Table(
    "floor",
    metadata,
    Column("session_id", Integer, ForeignKey("session.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Integer, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("hand_raised_at", Instant),
    Column("invited_at", Instant),
    Column("on_stage_at", Instant),
    # A moderator's stop holds until a moderator lifts it or the person is invited anew.
    Column("microphone_stopped", Boolean, nullable=False, server_default=false()),
    Column("camera_stopped", Boolean, nullable=False, server_default=false()),
    Column("screen_stopped", Boolean, nullable=False, server_default=false()),
    Index(None, "session_id", "state"),
)

stage_room = Table(
    "stage_room",
    metadata,
    Column("session_id", Integer, ForeignKey("session.id", ondelete="CASCADE"), primary_key=True),
    Column("opened_at", Instant),
    Column("closed_at", Instant),
    Column("decided_by", Integer, ForeignKey("account.id", ondelete="SET NULL")),
)
