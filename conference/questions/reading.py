"""Questions as they are read: rows, the three views, and a session's rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, func, select

from conference.errors import N_, NotFound
from conference.people.tables import account
from conference.questions.moderation import VISIBLE, State
from conference.questions.tables import (
    QuestionRow,
    question,
    question_assignment,
    question_merge,
)
from conference.questions.views import (
    AnsweringNow,
    FiledQuestion,
    Moment,
    OwnQuestion,
    Panellist,
    ShownQuestion,
)

LATE = timedelta(minutes=1)  # later than this after it was asked, the desk is told when a question arrived

_panellist = account.alias("panellist")
_target = question.alias("target")
_part = question_merge.alias("part")


def questions() -> Select[Any]:
    """Every column of `QuestionRow`, for conditions on `question` to be added."""
    parts = select(func.count()).select_from(_part).where(_part.c.into_id == question.c.id)
    return (
        select(
            question,
            account.c.name.label("asker"),
            account.c.public_id.label("asker_public_id"),
            _panellist.c.name.label("assigned"),
            _panellist.c.public_id.label("assigned_public_id"),
            question_merge.c.into_id,
            _target.c.public_id.label("into"),
            parts.scalar_subquery().label("merged"),
        )
        .select_from(question)
        .outerjoin(account, account.c.id == question.c.account_id)
        .outerjoin(question_assignment, question_assignment.c.question_id == question.c.id)
        .outerjoin(_panellist, _panellist.c.id == question_assignment.c.account_id)
        .outerjoin(question_merge, question_merge.c.question_id == question.c.id)
        .outerjoin(_target, _target.c.id == question_merge.c.into_id)
    )


def rows_of(rows: Connection, query: Select[Any]) -> Iterator[QuestionRow]:
    """What *query* (made from `questions`) finds."""
    for row in rows.execute(query).mappings():
        # The column names of SQLAlchemy are a subclass of str, which msgspec does not take for a key.
        yield msgspec.convert({str(name): value for name, value in row.items()}, QuestionRow)


def question_by_public_id(rows: Connection, session_id: int, public_id: str) -> QuestionRow:
    """The question, when it is one of this session; `NotFound` otherwise."""
    query = questions().where(question.c.session_id == session_id, question.c.public_id == public_id)
    for found in rows_of(rows, query):
        return found
    raise NotFound(N_("There is no such question in this session."), code="questions.unknown")


def whole(rows: Connection, row: QuestionRow) -> QuestionRow:
    """What *row* has become part of in the end; itself when it was not merged."""
    while row.into_id is not None:
        row = next(rows_of(rows, questions().where(question.c.id == row.into_id)))
    return row


def parts_of(rows: Connection, row: QuestionRow) -> list[QuestionRow]:
    """Every question that is part of *row*, also through another one."""
    found: list[QuestionRow] = []
    if row.merged:
        for part in rows_of(rows, questions().where(question_merge.c.into_id == row.id)):
            found += [part, *parts_of(rows, part)]
    return found


def _moment(row: QuestionRow) -> Moment | None:
    if row.state is not State.ANSWERED or row.recording_seconds is None:
        return None
    return Moment(recording=row.recording, seconds=row.recording_seconds)


def _assigned(row: QuestionRow) -> Panellist | None:
    if row.assigned is None or row.assigned_public_id is None:
        return None
    return Panellist(person=row.assigned_public_id, name=row.assigned)


def _name_for_the_room(row: QuestionRow) -> str | None:
    # Whoever was erased is nobody, under any name.
    if row.anonymous or row.account_id is None:
        return None
    return row.pseudonym or row.asker


def shown(row: QuestionRow) -> ShownQuestion:
    answered = row.state is State.ANSWERED
    return ShownQuestion(
        id=row.public_id, text=row.text, asked_at=row.asked_at, asker=_name_for_the_room(row),
        pseudonym=bool(row.pseudonym) and row.account_id is not None, slide=row.slide,
        edited=bool(row.original), answered=answered, answer=row.answer if answered else "",
        answered_at=row.answered_at if answered else None, moment=_moment(row), pinned=row.pinned,
        assigned=_assigned(row), merged=row.merged, votes=row.votes,
    )  # fmt: skip


def filed(row: QuestionRow) -> FiledQuestion:
    late = row.arrived_at is not None and row.arrived_at - row.asked_at > LATE
    return FiledQuestion(
        id=row.public_id, text=row.text, asked_at=row.asked_at, state=row.state, version=row.version,
        asker=row.asker, person=row.asker_public_id, anonymous=row.anonymous, pseudonym=row.pseudonym,
        slide=row.slide, arrived_at=row.arrived_at if late else None, flags=tuple(row.flags),
        original=row.original, edits=row.edits, tags=tuple(row.tags), reason=row.reason, answer=row.answer,
        answered_at=row.answered_at if row.state is State.ANSWERED else None, moment=_moment(row),
        pinned=row.pinned, assigned=_assigned(row), into=row.into, merged=row.merged,
        undoable=row.before is not None,
    )  # fmt: skip


def own(row: QuestionRow, root: QuestionRow | None = None) -> OwnQuestion:
    """*root* is what a merged question has become part of (`whole`): its answer is this one's."""
    root = root or row
    answered = root.state is State.ANSWERED
    seen = root is not row and root.state in VISIBLE
    return OwnQuestion(
        id=row.public_id, text=row.text, asked_at=row.asked_at, state=row.state, anonymous=row.anonymous,
        pseudonym=row.pseudonym, slide=row.slide, original=row.original,
        reason=root.reason if root.state is State.DECLINED else "",
        answered=answered, answer=root.answer if answered else "",
        answered_at=root.answered_at if answered else None, moment=_moment(root),
        into=root.public_id if root is not row else None, into_text=root.text if seen else "",
        merged=row.merged,
    )  # fmt: skip


def answering(row: QuestionRow | None) -> AnsweringNow | None:
    """What is told of the question that is being answered."""
    if row is None or row.answering_since is None:
        return None
    return AnsweringNow(question=row.public_id, since=row.answering_since)


def line_of(rows: Connection, session_id: int) -> list[str]:
    """The public ids of what is asked next, in order."""
    query = select(question.c.public_id).where(
        question.c.session_id == session_id, question.c.place.is_not(None)
    )
    return list(rows.scalars(query.order_by(question.c.place)))


def answering_now(rows: Connection, session_id: int) -> AnsweringNow | None:
    """The question somebody answers in the room, if any."""
    query = questions().where(question.c.session_id == session_id, question.c.is_answering)
    return answering(next(rows_of(rows, query), None))
