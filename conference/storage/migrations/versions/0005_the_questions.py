"""Questions at full strength: edits, merges, pseudonyms, assignment, the line, blocks, rules of an event.

Revision 0005, after 0004.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from conference.serving.arabic import normalised

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_LIST = sa.text("'[]'")
# Added one by one, never in a batch: on SQLite that copies the table and drops the old one, and the drop
# deletes what refers to it (votes, tallies).
_QUESTION: list[sa.Column[Any]] = [
    sa.Column("pseudonym", sa.String(length=60), server_default="", nullable=False),
    sa.Column("plain", sa.Text(), server_default="", nullable=False),
    sa.Column("original", sa.Text(), server_default="", nullable=False),
    sa.Column("edits", sa.Integer(), server_default="0", nullable=False),
    sa.Column("slide", sa.Integer(), nullable=True),
    sa.Column("flags", sa.JSON(), server_default=_LIST, nullable=False),
    sa.Column("tags", sa.JSON(), server_default=_LIST, nullable=False),
    sa.Column("answered_at", sa.BigInteger(), nullable=True),
    sa.Column("is_answering", sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column("answering_since", sa.BigInteger(), nullable=True),
    sa.Column("recording", sa.String(length=24), server_default="", nullable=False),
    sa.Column("recording_seconds", sa.Integer(), nullable=True),
    sa.Column("place", sa.Integer(), nullable=True),
    sa.Column("arrived_at", sa.BigInteger(), nullable=True),
]
_SETTINGS: list[sa.Column[Any]] = [
    sa.Column("pseudonyms_allowed", sa.Boolean(), server_default=sa.true(), nullable=False),
    sa.Column("ahead", sa.Boolean(), server_default=sa.true(), nullable=False),
    sa.Column("afterwards", sa.Boolean(), server_default=sa.true(), nullable=False),
    sa.Column("paused", sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column("until", sa.BigInteger(), nullable=True),
    sa.Column("shut_at", sa.BigInteger(), nullable=True),
]


def _refers(table: str, column: str, other: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), ondelete=ondelete
    )


def upgrade() -> None:
    for column in _QUESTION:
        op.add_column("question", column)
    for column in _SETTINGS:
        op.add_column("question_settings", column)
    op.add_column("question_vote", sa.Column("through", sa.Integer(), nullable=True))
    _spell_plainly()
    op.create_table(
        "question_merge",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=False),
        _refers("question_merge", "question_id", "question"),
        _refers("question_merge", "into_id", "question"),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_question_merge")),
    )
    op.create_index(op.f("ix_question_merge_into_id"), "question_merge", ["into_id"])
    op.create_table(
        "question_assignment",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        _refers("question_assignment", "question_id", "question"),
        _refers("question_assignment", "account_id", "account"),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_question_assignment")),
    )
    op.create_index(op.f("ix_question_assignment_account_id"), "question_assignment", ["account_id"])
    op.create_table(
        "question_pseudonym",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("skeleton", sa.String(length=120), nullable=False),
        _refers("question_pseudonym", "session_id", "session"),
        _refers("question_pseudonym", "account_id", "account"),
        sa.PrimaryKeyConstraint("session_id", "account_id", name=op.f("pk_question_pseudonym")),
        sa.UniqueConstraint("session_id", "skeleton", name=op.f("uq_question_pseudonym_session_id_skeleton")),
    )
    op.create_table(
        "question_block",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("blocked_at", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        _refers("question_block", "session_id", "session"),
        _refers("question_block", "account_id", "account"),
        _refers("question_block", "by_id", "account", "SET NULL"),
        sa.PrimaryKeyConstraint("session_id", "account_id", name=op.f("pk_question_block")),
    )
    op.create_table(
        "question_defaults",
        sa.Column("event_id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Boolean(), server_default=sa.true(), nullable=False)
            for name in (
                "moderated", "anonymous_allowed", "open", "pseudonyms_allowed", "ahead", "afterwards"
            )
        ),
        _refers("question_defaults", "event_id", "event"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_question_defaults")),
    )  # fmt: skip


def _spell_plainly() -> None:
    """What was asked before is found by the search as well."""
    question = sa.table("question", sa.column("id"), sa.column("text"), sa.column("plain"))
    rows = op.get_bind()
    for number, text in rows.execute(sa.select(question.c.id, question.c.text)).all():
        rows.execute(sa.update(question).where(question.c.id == number).values(plain=normalised(text)))


def downgrade() -> None:
    # A state that the older server does not know: what was merged or hidden is declined there.
    op.execute("UPDATE question SET state = 'declined' WHERE state IN ('merged', 'hidden')")
    op.execute("UPDATE question SET before = NULL WHERE before IN ('merged', 'hidden')")
    op.execute("DELETE FROM question_vote WHERE counter = 0")
    for table in ("question_defaults", "question_block", "question_pseudonym"):
        op.drop_table(table)
    op.drop_index(op.f("ix_question_assignment_account_id"), table_name="question_assignment")
    op.drop_table("question_assignment")
    op.drop_index(op.f("ix_question_merge_into_id"), table_name="question_merge")
    op.drop_table("question_merge")
    op.drop_column("question_vote", "through")
    for column in _SETTINGS:
        op.drop_column("question_settings", column.name)
    for column in _QUESTION:
        op.drop_column("question", column.name)
