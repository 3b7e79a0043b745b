"""connected_machines.

Revision 0011, after 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "machine_session",
        sa.Column("resource", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("etag", sa.String(length=32), nullable=False),
        sa.Column("ufrag", sa.String(length=256), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("stopped", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["ingest_key.id"],
            name=op.f("fk_machine_session_key_id_ingest_key"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("resource", name=op.f("pk_machine_session")),
    )
    op.create_index(op.f("ix_machine_session_key_id"), "machine_session", ["key_id"])


def downgrade() -> None:
    op.drop_table("machine_session")
