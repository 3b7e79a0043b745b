"""What moderators do with a question, and the session's rules for asking."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import insert, update

from conference.errors import N_, Conflict
from conference.live.channels import session_channel
from conference.live.commands import Caller
from conference.live.log import append
from conference.questions.asking import announce
from conference.questions.messages import (
    AnswerQuestion,
    ApproveQuestion,
    ChangeQuestionRules,
    DeclineQuestion,
    PinQuestion,
    QuestionRulesChanged,
    UndoModeration,
)
from conference.questions.moderation import VISIBLE, State, Step, after
from conference.questions.reading import question_by_public_id, rules_of
from conference.questions.tables import QuestionRow, question, question_settings
from conference.serving.text import clean_text
from conference.storage.database import Transaction

MAX_REASON = 300
MAX_ANSWER = 2000


class Decided(msgspec.Struct, frozen=True):
    """The acknowledgement: the question's state and version now (the version is what undo takes back)."""

    state: State
    version: int


def approve(tx: Transaction, caller: Caller, wish: ApproveQuestion, *, now: datetime) -> Decided:
    """Show a question to the room."""
    return _step(tx, caller, wish.question, Step.APPROVE, now)


def decline(tx: Transaction, caller: Caller, wish: DeclineQuestion, *, now: datetime) -> Decided:
    """Do not show a question; its asker reads why."""
    reason = clean_text(wish.reason, limit=MAX_REASON, lines=True, field="reason")
    return _step(tx, caller, wish.question, Step.DECLINE, now, reason=reason, pinned=False)


def answer(tx: Transaction, caller: Caller, wish: AnswerQuestion, *, now: datetime) -> Decided:
    """Mark as answered; a written answer replaces the one before, none leaves it."""
    text = clean_text(wish.text, limit=MAX_ANSWER, lines=True, field="text")
    changes = {"answer": text} if text else {}
    return _step(tx, caller, wish.question, Step.ANSWER, now, **changes)


def pin(tx: Transaction, caller: Caller, wish: PinQuestion, *, now: datetime) -> Decided:
    """Keep a shown question on top, or no longer."""
    row = question_by_public_id(tx.connection, caller.session_id, wish.question)
    if wish.pinned and row.state not in VISIBLE:
        raise Conflict(N_("Only a question that is shown can be pinned."), code="questions.state")
    if row.pinned == wish.pinned:
        return Decided(row.state, row.version)
    return _change(tx, caller, row, now, pinned=wish.pinned)


def undo(tx: Transaction, caller: Caller, wish: UndoModeration, *, now: datetime) -> Decided:
    """Take the last step back; `Conflict` when there is none or somebody has gone on since."""
    row = question_by_public_id(tx.connection, caller.session_id, wish.question)
    if row.before is None or row.version != wish.version:
        raise Conflict(
            N_("Someone has changed this question since. Look again before you undo."), code="questions.state"
        )
    pinned = row.pinned and row.before in VISIBLE
    return _change(tx, caller, row, now, state=row.before, before=None, pinned=pinned)


def change_rules(
    tx: Transaction, caller: Caller, wish: ChangeQuestionRules, *, now: datetime
) -> QuestionRulesChanged:
    """Change what is given and tell the room; questions that wait stay waiting."""
    rules = rules_of(tx.connection, caller.session_id)
    given = {name: value for name, value in msgspec.structs.asdict(wish).items() if value is not None}
    changed = msgspec.structs.replace(rules, **given)
    if changed == rules:
        return rules
    values = msgspec.structs.asdict(changed)
    here = question_settings.c.session_id == caller.session_id
    if not tx.connection.execute(update(question_settings).where(here).values(**values)).rowcount:
        tx.connection.execute(insert(question_settings).values(session_id=caller.session_id, **values))
    append(tx, session_channel(caller.session_code), changed, actor=caller.account_id, at=now)
    return changed


def _step(
    tx: Transaction, caller: Caller, public_id: str, step: Step, now: datetime, **changes: Any
) -> Decided:
    row = question_by_public_id(tx.connection, caller.session_id, public_id)
    state = after(row.state, step)
    if state is row.state:
        # A second moderator's tap is no step; only a new written answer is news.
        if changes.get("answer", row.answer) == row.answer or step is not Step.ANSWER:
            return Decided(row.state, row.version)
        return _change(tx, caller, row, now, **changes)
    return _change(tx, caller, row, now, state=state, before=row.state, **changes)


def _change(tx: Transaction, caller: Caller, row: QuestionRow, now: datetime, **changes: Any) -> Decided:
    values = {"version": row.version + 1, **changes}
    tx.connection.execute(update(question).where(question.c.id == row.id).values(**values))
    changed = announce(tx, caller, row.public_id, was=row.state, now=now)
    return Decided(changed.state, changed.version)
