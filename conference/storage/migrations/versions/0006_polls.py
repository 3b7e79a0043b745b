"""polls.

Revision 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("poll_due", "poll_text", "poll_voter", "poll_answer", "poll")


def upgrade() -> None:
    op.create_table(
        "poll",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("results", sa.String(length=16), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("shown_at", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_poll_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll")),
        sa.UniqueConstraint("public_id", name=op.f("uq_poll_public_id")),
    )
    op.create_index(op.f("ix_poll_session_id"), "poll", ["session_id"])
    op.create_table(
        "poll_answer",
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("ballot", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_poll_answer_account_id_account"),
            ondelete="SET NULL",
        ),
        _of_poll("poll_answer"),
        sa.PrimaryKeyConstraint("poll_id", "ballot", name=op.f("pk_poll_answer")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_poll_answer_account_id"), "poll_answer", ["account_id"])
    op.create_table(
        "poll_voter",
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_poll_voter_account_id_account"), ondelete="CASCADE"
        ),
        _of_poll("poll_voter"),
        sa.PrimaryKeyConstraint("poll_id", "account_id", name=op.f("pk_poll_voter")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_poll_voter_account_id"), "poll_voter", ["account_id"])
    op.create_table(
        "poll_text",
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("into", sa.Text(), server_default="", nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("hidden", sa.Boolean(), server_default=sa.false(), nullable=False),
        _of_poll("poll_text"),
        sa.PrimaryKeyConstraint("poll_id", "key", name=op.f("pk_poll_text")),
    )
    op.create_table(
        "poll_due",
        sa.Column("poll_id", sa.Integer(), nullable=False),
        _of_poll("poll_due"),
        sa.PrimaryKeyConstraint("poll_id", name=op.f("pk_poll_due")),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _of_poll(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["poll_id"], ["poll.id"], name=op.f(f"fk_{table}_poll_id_poll"), ondelete="CASCADE"
    )
