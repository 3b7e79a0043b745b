"""Questions as they are read: rows, the three views, and the snapshot of one caller."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, select

from conference.errors import N_, NotFound
from conference.live.channels import desk_channel
from conference.live.commands import Caller
from conference.people.tables import account
from conference.questions.messages import FiledQuestion, OwnQuestion, QuestionRulesChanged, ShownQuestion
from conference.questions.moderation import VISIBLE, State
from conference.questions.tables import QuestionRow, question, question_settings, question_vote


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`filed` is there for moderators only; a question may be in several lists, once in each."""

    rules: QuestionRulesChanged
    shown: list[ShownQuestion] = []
    own: list[OwnQuestion] = []
    filed: list[FiledQuestion] | None = None


def _questions() -> Select[Any]:
    asker = (account.c.name.label("asker"), account.c.public_id.label("asker_public_id"))
    return select(question, *asker).outerjoin(account, account.c.id == question.c.account_id)


def _rows(rows: Connection, query: Select[Any]) -> Iterator[QuestionRow]:
    for row in rows.execute(query).mappings():
        # The column names of SQLAlchemy are a subclass of str, which msgspec does not take for a key.
        yield msgspec.convert({str(name): value for name, value in row.items()}, QuestionRow)


def question_by_public_id(rows: Connection, session_id: int, public_id: str) -> QuestionRow:
    """The question, when it is one of this session; `NotFound` otherwise."""
    query = _questions().where(question.c.session_id == session_id, question.c.public_id == public_id)
    for found in _rows(rows, query):
        return found
    raise NotFound(N_("There is no such question in this session."), code="questions.unknown")


def rules_of(rows: Connection, session_id: int) -> QuestionRulesChanged:
    """How questions may be asked in a session; moderated, anonymous allowed and open until changed."""
    columns = (question_settings.c.moderated, question_settings.c.anonymous_allowed, question_settings.c.open)
    found = rows.execute(select(*columns).where(question_settings.c.session_id == session_id)).one_or_none()
    moderated, anonymous_allowed, is_open = found or (True, True, True)
    return QuestionRulesChanged(moderated=moderated, anonymous_allowed=anonymous_allowed, open=is_open)


def shown(row: QuestionRow) -> ShownQuestion:
    return ShownQuestion(
        id=row.public_id, text=row.text, asked_at=row.asked_at, asker=None if row.anonymous else row.asker,
        answered=row.state is State.ANSWERED, answer=row.answer if row.state is State.ANSWERED else "",
        pinned=row.pinned, votes=row.votes,
    )  # fmt: skip


def filed(row: QuestionRow) -> FiledQuestion:
    return FiledQuestion(
        id=row.public_id, text=row.text, asked_at=row.asked_at, state=row.state, version=row.version,
        asker=row.asker, anonymous=row.anonymous, reason=row.reason, answer=row.answer, pinned=row.pinned,
        undoable=row.before is not None,
    )  # fmt: skip


def own(row: QuestionRow) -> OwnQuestion:
    return OwnQuestion(
        id=row.public_id, text=row.text, asked_at=row.asked_at, state=row.state, anonymous=row.anonymous,
        reason=row.reason if row.state is State.DECLINED else "",
        answer=row.answer if row.state is State.ANSWERED else "",
    )  # fmt: skip


def snapshot(rows: Connection, caller: Caller) -> Snapshot:
    """Everything about questions that *caller* may see in their session. A part for `live.snapshot`."""
    query = _questions().where(question.c.session_id == caller.session_id).order_by(question.c.id)
    moderates = desk_channel(caller.session_code) in caller.channels
    everything = list(_rows(rows, query))
    return Snapshot(
        rules=rules_of(rows, caller.session_id),
        shown=[shown(row) for row in everything if row.state in VISIBLE],
        own=[own(row) for row in everything if row.account_id == caller.account_id],
        filed=[filed(row) for row in everything] if moderates else None,
    )


def own_votes(rows: Connection, caller: Caller) -> dict[str, tuple[bool, int]]:
    """The caller's votes in their session: `{question: [on, counter]}`. A part that is always sent."""
    found = rows.execute(
        select(question.c.public_id, question_vote.c.on, question_vote.c.counter)
        .join(question, question.c.id == question_vote.c.question_id)
        .where(question_vote.c.account_id == caller.account_id, question.c.session_id == caller.session_id)
    )
    return {public_id: (on, counter) for public_id, on, counter in found}
