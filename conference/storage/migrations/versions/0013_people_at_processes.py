"""people_at_processes.

Revision 0013, after 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "present_at",
        sa.Column("process", sa.String(length=32), nullable=False),
        sa.Column("session_code", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("process", "session_code", "account_id", name=op.f("pk_present_at")),
    )
    op.create_table(
        "serving_process",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_serving_process")),
    )


def downgrade() -> None:
    op.drop_table("serving_process")
    op.drop_table("present_at")
