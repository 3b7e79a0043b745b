"""Asking a question."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import func, insert, select

from conference.errors import N_, BadInput, Conflict, NotAllowed
from conference.live.commands import Caller
from conference.questions.blocking import is_blocked
from conference.questions.changing import announce
from conference.questions.identifiers import identifiers_in
from conference.questions.messages import AskQuestion, QuestionRulesChanged
from conference.questions.moderation import State
from conference.questions.pseudonyms import pseudonym_of
from conference.questions.rules import rules_of, shut_since
from conference.questions.tables import question
from conference.questions.timing import moment_asked, phase_at, refusal
from conference.questions.views import Naming
from conference.serving.arabic import normalised
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

    `BadInput` (field `text`) when empty or over 600 characters; `Conflict` when asking is closed, paused or
    over, when that kind of name is not allowed, or when the person has too many questions waiting;
    `NotAllowed` when their questions are not taken here.
    """
    rules = rules_of(tx.connection, caller.session_id)
    naming = Naming.ANONYMOUS if wish.anonymous else wish.name
    _require_naming(rules, naming)
    if is_blocked(tx.connection, caller.session_id, caller.account_id):
        raise NotAllowed(
            N_("The moderators take no more questions from you in this session."), code="questions.blocked"
        )
    asked_at = moment_asked(wish.asked_at, now=now)
    is_late = _came_late(tx, caller, rules, asked_at, now)
    text = clean_text(wish.text, limit=MAX_LENGTH, lines=True, field="text")
    if not text:
        raise BadInput(N_("Write your question first."), code="questions.empty", field="text")
    _leave_room_for_others(tx, caller, now)
    pseudonym = pseudonym_of(tx, caller, wish.pseudonym) if naming is Naming.PSEUDONYM else ""
    # What arrives when asking is over goes by a moderator, whatever the rules: its hour is the device's word.
    state = State.WAITING if rules.moderated or is_late else State.APPROVED
    public_id = secrets.token_urlsafe(12)
    tx.connection.execute(
        insert(question).values(
            public_id=public_id, session_id=caller.session_id, account_id=caller.account_id,
            anonymous=naming is Naming.ANONYMOUS, pseudonym=pseudonym, text=text, plain=normalised(text),
            flags=identifiers_in(text), slide=wish.slide, state=state, asked_at=asked_at, arrived_at=now,
        )
    )  # fmt: skip
    announce(tx, caller, public_id, was=None, now=now)
    return Asked(public_id, state)


def _require_naming(rules: QuestionRulesChanged, naming: Naming) -> None:
    if (naming is Naming.ANONYMOUS and not rules.anonymous_allowed) or (
        naming is Naming.PSEUDONYM and not rules.pseudonyms_allowed
    ):
        raise Conflict(
            N_("In this session questions are asked with one’s name."), code="questions.named", field="name"
        )


def _came_late(
    tx: Transaction, caller: Caller, rules: QuestionRulesChanged, asked_at: datetime, now: datetime
) -> bool:
    """Whether it was asked while questions were taken and arrives when they no longer are; raises when it
    was asked too late or too early."""
    refused = refusal(rules, phase_at(tx.connection, caller, now))
    if refused is None:
        return False
    shut_at = shut_since(tx.connection, caller.session_id)
    in_time = (rules.open and not rules.paused) or (shut_at is not None and asked_at < shut_at)
    as_it_was = msgspec.structs.replace(rules, open=True, paused=False)
    if asked_at < now and in_time and refusal(as_it_was, phase_at(tx.connection, caller, asked_at)) is None:
        return True
    raise refused


def _leave_room_for_others(tx: Transaction, caller: Caller, now: datetime) -> None:
    mine = (question.c.account_id == caller.account_id) & (question.c.session_id == caller.session_id)
    count = select(func.count()).select_from(question).where(mine)
    waiting = tx.connection.scalar(count.where(question.c.state == State.WAITING)) or 0
    came = func.coalesce(question.c.arrived_at, question.c.asked_at)
    recent = tx.connection.scalar(count.where(came > now - RECENT)) or 0
    if waiting >= MAX_WAITING or recent >= MAX_RECENT:
        raise Conflict(
            N_("You have asked many questions. Leave some time for the answers, then ask on."),
            code="questions.too-many",
        )
