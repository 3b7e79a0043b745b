"""The chair's line: what is asked next, in order."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from conference.errors import N_, Conflict
from conference.live.commands import Caller
from conference.people.notifying import Kind, Notice, notify
from conference.questions.changing import Decided, decided, tell_line
from conference.questions.messages import LineUpQuestion
from conference.questions.moderation import State
from conference.questions.reading import question_by_public_id
from conference.questions.tables import QuestionRow, question, question_assignment
from conference.storage.database import Transaction


def line_up(tx: Transaction, caller: Caller, wish: LineUpQuestion, *, now: datetime) -> Decided:
    """Put an approved question at a place of the line (past the end: last), or take it out.

    The others keep their order, so two chairs who arrange at once both get what they asked for.
    """
    row = question_by_public_id(tx.connection, caller.session_id, wish.question)
    if wish.place is not None and row.state is not State.APPROVED:
        raise Conflict(
            N_("Only a question that is shown and open can be asked next."), code="questions.state"
        )
    before = _line(tx, caller.session_id)
    line = [one for one in before if one != row.id]
    if wish.place is not None:
        line.insert(wish.place, row.id)
    if line == before:
        return decided(row)
    for place, one in enumerate(line):
        tx.connection.execute(update(question).where(question.c.id == one).values(place=place))
    if wish.place is None:
        tx.connection.execute(update(question).where(question.c.id == row.id).values(place=None))
    tell_line(tx, caller, now)
    if line and line[0] == row.id:
        _tell_panellist(tx, caller, row, now)
    return decided(row)


def _line(tx: Transaction, session_id: int) -> list[int]:
    query = select(question.c.id).where(question.c.session_id == session_id, question.c.place.is_not(None))
    return list(tx.connection.scalars(query.order_by(question.c.place)))


def _tell_panellist(tx: Transaction, caller: Caller, row: QuestionRow, now: datetime) -> None:
    """Whoever it is assigned to is told that it comes next and is theirs."""
    query = select(question_assignment.c.account_id).where(question_assignment.c.question_id == row.id)
    who = tx.connection.execute(query).scalar()
    if who is not None and who != caller.account_id:
        notice = Notice(
            kind=Kind.QUESTION_NEXT, session=caller.session_code, text=row.text, about=row.public_id,
            once=f"next:{row.public_id}:{row.version}",
        )  # fmt: skip
        notify(tx, who, caller.event_id, notice, at=now)
