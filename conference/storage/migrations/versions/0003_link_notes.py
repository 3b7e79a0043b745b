"""link_notes.

Revision 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_note",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("round_trip_ms", sa.Integer(), nullable=False),
        sa.Column("transport", sa.String(length=4), nullable=False),
        sa.Column("loss", sa.Float(), nullable=True),
        sa.Column("down_kbits", sa.Integer(), nullable=True),
        sa.Column("up_kbits", sa.Integer(), nullable=True),
        sa.Column("camera", sa.String(length=8), nullable=False),
        sa.Column("microphone", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_link_note_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_link_note_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_link_note_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "account_id", name=op.f("pk_link_note")),
    )
    with op.batch_alter_table("link_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_note_at"), ["at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("link_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_link_note_at"))

    op.drop_table("link_note")
