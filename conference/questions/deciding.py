"""What becomes of a question: shown, declined, hidden, answered, pinned, and the last step taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from conference.errors import N_, Conflict, NotFound
from conference.live.commands import Caller
from conference.people.notifying import Kind, Notice, notify, withdraw
from conference.people.permissions import Capability, Scope, allowed
from conference.questions.carrying import Tell
from conference.questions.changing import Decided, change, decided
from conference.questions.merging import take_out
from conference.questions.messages import (
    AnswerQuestion,
    ApproveQuestion,
    DeclineQuestion,
    HideQuestion,
    PinQuestion,
    UndoModeration,
)
from conference.questions.moderation import VISIBLE, State, Step, after
from conference.questions.reading import parts_of, question_by_public_id
from conference.questions.tables import QuestionRow
from conference.serving.text import clean_text
from conference.storage.database import Transaction

MAX_REASON = 300
MAX_ANSWER = 2000

# Where in which recording a moment is: (rows, session_id, at) -> public id and seconds. Given by app.py.
MomentIn = Callable[[Connection, int, datetime], tuple[str, int] | None]


def not_recorded(rows: Connection, session_id: int, at: datetime) -> tuple[str, int] | None:
    """For servers (and tests) without recordings."""
    return None


def approve(tx: Transaction, caller: Caller, wish: ApproveQuestion, *, now: datetime) -> Decided:
    """Show a question to the room."""
    return _step(tx, caller, wish.question, Step.APPROVE, now)


def decline(tx: Transaction, caller: Caller, wish: DeclineQuestion, *, now: datetime) -> Decided:
    """Do not show a question; its asker reads why."""
    reason = clean_text(wish.reason, limit=MAX_REASON, lines=True, field="reason")
    return _step(tx, caller, wish.question, Step.DECLINE, now, reason=reason)


def hide(tx: Transaction, caller: Caller, wish: HideQuestion, *, now: datetime) -> Decided:
    """Take a question from the room's sight for now."""
    return _step(tx, caller, wish.question, Step.HIDE, now)


def answer(
    tx: Transaction,
    caller: Caller,
    wish: AnswerQuestion,
    *,
    now: datetime,
    moment_in: MomentIn = not_recorded,
) -> Decided:
    """Mark as answered; a written answer replaces the one before, none leaves it.

    The moment is when answering it began in the room, or now; with the recording that was running then.
    """
    row = question_by_public_id(tx.connection, caller.session_id, wish.question)
    if row.state not in VISIBLE and not _moderates(tx, caller, now):
        # What a presenter does not see is not there for them.
        raise NotFound(N_("There is no such question in this session."), code="questions.unknown")
    text = clean_text(wish.text, limit=MAX_ANSWER, lines=True, field="text")
    changes: dict[str, Any] = {"answer": text} if text else {}
    if row.state is not State.ANSWERED:
        began = row.answering_since if row.is_answering and row.answering_since else now
        recording, seconds = moment_in(tx.connection, row.session_id, began) or ("", None)
        changes |= {"answered_at": now, "recording": recording, "recording_seconds": seconds}
    return _step(tx, caller, wish.question, Step.ANSWER, now, **changes)


def pin(tx: Transaction, caller: Caller, wish: PinQuestion, *, now: datetime) -> Decided:
    """Keep a shown question on top, or no longer."""
    row = question_by_public_id(tx.connection, caller.session_id, wish.question)
    if wish.pinned and row.state not in VISIBLE:
        raise Conflict(N_("Only a question that is shown can be pinned."), code="questions.state")
    if row.pinned == wish.pinned:
        return decided(row)
    return decided(change(tx, caller, row, now, pinned=wish.pinned))


def undo(tx: Transaction, caller: Caller, wish: UndoModeration, *, now: datetime, tell: Tell) -> Decided:
    """Take the last step back; `Conflict` when there is none or somebody has gone on since."""
    row = question_by_public_id(tx.connection, caller.session_id, wish.question)
    if row.before is None or row.version != wish.version:
        raise Conflict(
            N_("Someone has changed this question since. Look again before you undo."), code="questions.state"
        )
    withdraw(tx, caller.event_id, row.public_id, at=now)
    if row.state is State.MERGED:
        return take_out(tx, caller, row, now, tell)
    return decided(change(tx, caller, row, now, state=row.before, before=None))


def _moderates(tx: Transaction, caller: Caller, now: datetime) -> bool:
    scope = Scope(event_id=caller.event_id, session_id=caller.session_id)
    return allowed(tx.connection, caller.account_id, Capability.MODERATE, scope, now=now)


def _step(
    tx: Transaction, caller: Caller, public_id: str, step: Step, now: datetime, **changes: Any
) -> Decided:
    row = question_by_public_id(tx.connection, caller.session_id, public_id)
    state = after(row.state, step)
    if state is row.state:
        # A second moderator's tap is no step; only a new written answer is news.
        if changes.get("answer", row.answer) == row.answer or step is not Step.ANSWER:
            return decided(row)
        return decided(change(tx, caller, row, now, **changes))
    done = change(tx, caller, row, now, state=state, before=row.state, **changes)
    _notify(tx, caller, done, now)
    return decided(done)


def _notify(tx: Transaction, caller: Caller, row: QuestionRow, now: datetime) -> None:
    """Tell its asker, and those whose questions are part of it, what became of it."""
    if row.state in (State.HIDDEN, State.DECLINED):
        withdraw(tx, caller.event_id, row.public_id, at=now)
    kinds = {State.ANSWERED: Kind.QUESTION_ANSWERED, State.DECLINED: Kind.QUESTION_DECLINED}
    kind = kinds.get(row.state)
    if kind is None:
        return
    text = row.reason if row.state is State.DECLINED else row.text
    for one in (row, *parts_of(tx.connection, row)):
        if one.account_id not in (None, caller.account_id):
            notice = Notice(
                kind=kind, session=caller.session_code, text=text, live=not row.answer, about=row.public_id,
                once=f"{row.state}:{one.public_id}:{row.version}",
            )  # fmt: skip
            notify(tx, int(one.account_id or 0), caller.event_id, notice, at=now)
