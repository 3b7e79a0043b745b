"""tallies.

Revision 0010, after 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import conference.storage.columns

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tally_told",
        sa.Column("channel", sa.String(length=120), nullable=False),
        sa.Column("at", conference.storage.columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_tally_told")),
    )


def downgrade() -> None:
    op.drop_table("tally_told")
