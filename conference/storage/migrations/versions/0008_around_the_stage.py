"""around_the_stage: notifications, countries, the queue of hands.

Revision 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain ALTER TABLE: rebuilding a table others refer to would delete their rows.
    op.add_column("account", sa.Column("country", sa.String(length=2), nullable=True))
    op.add_column("floor", sa.Column("hand_order", sa.BigInteger(), nullable=True))
    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("once", sa.String(length=120), nullable=True),
        sa.Column("about", sa.String(length=64), server_default="", nullable=False),
        sa.Column("session_code", sa.String(length=16), server_default="", nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_notification_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_notification_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint(
            "account_id", "event_id", "once", name=op.f("uq_notification_account_id_event_id_once")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_notification_public_id")),
    )
    op.create_index(op.f("ix_notification_account_id"), "notification", ["account_id"])
    op.create_index(op.f("ix_notification_event_id_at"), "notification", ["event_id", "at"])
    op.create_index(op.f("ix_notification_about"), "notification", ["about"])
    op.create_table(
        "stage_rules",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("hands", sa.Boolean(), nullable=False),
        sa.Column("reactions", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_stage_rules_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_stage_rules")),
    )
    op.create_table(
        "stage_defaults",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("hands", sa.Boolean(), nullable=False),
        sa.Column("reactions", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_stage_defaults_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_stage_defaults")),
    )
    op.create_table(
        "floor_turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_floor_turn_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor_turn")),
    )
    op.create_index(op.f("ix_floor_turn_session_id"), "floor_turn", ["session_id"])


def downgrade() -> None:
    op.drop_table("floor_turn")
    op.drop_table("stage_defaults")
    op.drop_table("stage_rules")
    op.drop_table("notification")
    op.drop_column("floor", "hand_order")
    op.drop_column("account", "country")
