"""The chat: messages, what the log tells of them, rules, blocks between people, announcements.

Revision 0007, after 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLES = (
    "announcement",
    "chat_block",
    "chat_defaults",
    "chat_settings",
    "chat_told",
    "chat_earlier",
    "chat_message",
)


def _refers(table: str, column: str, to: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "chat_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("audience", sa.String(length=8), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=16), server_default="", nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.Column("mentions", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        _refers("chat_message", "event_id", "event", "CASCADE"),
        _refers("chat_message", "session_id", "session", "CASCADE"),
        _refers("chat_message", "account_id", "account", "SET NULL"),
        _refers("chat_message", "to_id", "account", "CASCADE"),
        _refers("chat_message", "reply_id", "chat_message", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_message")),
        sa.UniqueConstraint("public_id", name=op.f("uq_chat_message_public_id")),
    )
    for columns in (
        ("session_id", "id"),
        ("event_id", "sent_at"),
        ("account_id", "sent_at"),
        ("to_id", "id"),
        ("reply_id",),
    ):
        op.create_index(op.f(f"ix_chat_message_{'_'.join(columns)}"), "chat_message", list(columns))
    op.create_table(
        "chat_earlier",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _refers("chat_earlier", "message_id", "chat_message", "CASCADE"),
        sa.PrimaryKeyConstraint("message_id", "version", name=op.f("pk_chat_earlier")),
    )
    op.create_table(
        "chat_told",
        sa.Column("channel", sa.String(length=120), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        _refers("chat_told", "message_id", "chat_message", "CASCADE"),
        sa.PrimaryKeyConstraint("channel", "seq", name=op.f("pk_chat_told")),
    )
    op.create_index(op.f("ix_chat_told_message_id"), "chat_told", ["message_id"])
    op.create_table(
        "chat_settings",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=True),
        sa.Column("slow_seconds", sa.Integer(), nullable=True),
        _refers("chat_settings", "session_id", "session", "CASCADE"),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_chat_settings")),
    )
    op.create_table(
        "chat_defaults",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("slow_seconds", sa.Integer(), nullable=False),
        sa.Column("direct", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("history_days", sa.Integer(), nullable=False),
        _refers("chat_defaults", "event_id", "event", "CASCADE"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_chat_defaults")),
    )
    op.create_table(
        "chat_block",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("blocked_id", sa.Integer(), nullable=False),
        _refers("chat_block", "account_id", "account", "CASCADE"),
        _refers("chat_block", "blocked_id", "account", "CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "blocked_id", name=op.f("pk_chat_block")),
    )
    op.create_index(op.f("ix_chat_block_blocked_id"), "chat_block", ["blocked_id"])
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        _refers("announcement", "event_id", "event", "CASCADE"),
        _refers("announcement", "account_id", "account", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
        sa.UniqueConstraint("public_id", name=op.f("uq_announcement_public_id")),
    )
    for column in ("event_id", "account_id"):
        op.create_index(op.f(f"ix_announcement_{column}"), "announcement", [column])


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
