"""Asking a question, and telling each channel what it may know of one."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import func, insert, select

from conference.errors import N_, BadInput, Conflict
from conference.live.channels import desk_channel, person_channel, session_channel
from conference.live.commands import Caller
from conference.live.log import append
from conference.questions.messages import (
    AskQuestion,
    QuestionFiled,
    QuestionHidden,
    QuestionNoted,
    QuestionShown,
)
from conference.questions.moderation import VISIBLE, State
from conference.questions.reading import filed, own, question_by_public_id, rules_of, shown
from conference.questions.tables import QuestionRow, question
from conference.serving.text import clean_text
from conference.storage.database import Transaction

MAX_LENGTH = 600
MAX_WAITING = 5  # of one person in one session
MAX_RECENT, RECENT = 10, timedelta(minutes=10)


class Asked(msgspec.Struct, frozen=True):
    """The acknowledgement: the question's public id and its first state."""

    question: str
    state: State


def ask(tx: Transaction, caller: Caller, wish: AskQuestion, *, now: datetime) -> Asked:
    """Keep a question and tell who may see it.

    `BadInput` (field `text`) when empty or over 600 characters; `Conflict` when asking is closed, names
    are wanted, or the person has too many questions waiting.
    """
    rules = rules_of(tx.connection, caller.session_id)
    if not rules.open:
        raise Conflict(N_("Questions are closed for this session."), code="questions.closed")
    if wish.anonymous and not rules.anonymous_allowed:
        raise Conflict(
            N_("In this session questions are asked with one’s name."),
            code="questions.named",
            field="anonymous",
        )
    text = clean_text(wish.text, limit=MAX_LENGTH, lines=True, field="text")
    if not text:
        raise BadInput(N_("Write your question first."), code="questions.empty", field="text")
    _leave_room_for_others(tx, caller, now)
    state = State.WAITING if rules.moderated else State.APPROVED
    public_id = secrets.token_urlsafe(12)
    tx.connection.execute(
        insert(question).values(
            public_id=public_id, session_id=caller.session_id, account_id=caller.account_id,
            anonymous=wish.anonymous, text=text, state=state, asked_at=now,
        )
    )  # fmt: skip
    announce(tx, caller, public_id, was=None, now=now)
    return Asked(public_id, state)


def announce(
    tx: Transaction, caller: Caller, public_id: str, *, was: State | None, now: datetime
) -> QuestionRow:
    """Log how a question stands now in the room's, the desk's and the asker's channel; returns it."""
    row = question_by_public_id(tx.connection, caller.session_id, public_id)
    room, desk = session_channel(caller.session_code), desk_channel(caller.session_code)
    # In the room's log the actor would betray an anonymous asker to whoever reads the table by hand.
    actor = caller.account_id
    append(tx, desk, QuestionFiled(question=filed(row)), actor=actor, at=now)
    if row.asker_public_id is not None:
        noted = QuestionNoted(session=caller.session_code, question=own(row))
        append(tx, person_channel(row.asker_public_id), noted, actor=actor, at=now)
    if row.state in VISIBLE:
        append(tx, room, QuestionShown(question=shown(row)), actor=None, at=now)
    elif was in VISIBLE:
        append(tx, room, QuestionHidden(question=row.public_id), actor=None, at=now)
    return row


def _leave_room_for_others(tx: Transaction, caller: Caller, now: datetime) -> None:
    mine = (question.c.account_id == caller.account_id) & (question.c.session_id == caller.session_id)
    count = select(func.count()).select_from(question).where(mine)
    waiting = tx.connection.scalar(count.where(question.c.state == State.WAITING)) or 0
    recent = tx.connection.scalar(count.where(question.c.asked_at > now - RECENT)) or 0
    if waiting >= MAX_WAITING or recent >= MAX_RECENT:
        raise Conflict(
            N_("You have asked many questions. Leave some time for the answers, then ask on."),
            code="questions.too-many",
        )
