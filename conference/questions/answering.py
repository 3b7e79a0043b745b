"""Saying which question is being answered in the room: one at a time, by presenters."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import update

from conference.errors import N_, Conflict, NotFound
from conference.live.channels import session_channel
from conference.live.commands import Caller
from conference.live.log import append
from conference.questions.messages import AnswerNow, QuestionBeingAnswered
from conference.questions.moderation import VISIBLE, State
from conference.questions.reading import answering_now, question_by_public_id
from conference.questions.tables import question
from conference.questions.views import AnsweringNow
from conference.storage.database import Transaction


class Answering(msgspec.Struct, frozen=True):
    """The acknowledgement: what is being answered now."""

    now: AnsweringNow | None


def answer_now(tx: Transaction, caller: Caller, wish: AnswerNow, *, now: datetime) -> Answering:
    """Say that this one is being answered from now on, or no longer.

    `NotFound` for what the room does not see (presenters need not be moderators), `Conflict` when it was
    answered already.
    """
    row = question_by_public_id(tx.connection, caller.session_id, wish.question)
    if row.state not in VISIBLE:
        raise NotFound(N_("There is no such question in this session."), code="questions.unknown")
    if wish.on and row.state is not State.APPROVED:
        raise Conflict(N_("This question was answered already."), code="questions.state")
    if wish.on != row.is_answering:
        here = question.c.session_id == caller.session_id
        tx.connection.execute(
            update(question).where(here, question.c.is_answering).values(is_answering=False)
        )
        if wish.on:
            values = {"is_answering": True, "answering_since": now}
            tx.connection.execute(update(question).where(question.c.id == row.id).values(**values))
        told = QuestionBeingAnswered(now=answering_now(tx.connection, caller.session_id))
        append(tx, session_channel(caller.session_code), told, actor=caller.account_id, at=now)
    return Answering(answering_now(tx.connection, caller.session_id))
