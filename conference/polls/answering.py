"""Answering: one answer for each person, changed while the poll is open, and never counted twice.

An anonymous answer is kept under a secret that the device made (`ballot`), of which only a hash is stored;
that the person has answered is kept elsewhere and without a time. So a person has one answer, can change it
from the device that gave it, and nobody who reads the tables can tell whose it is (docs/polls.md).
For the same reason nothing is kept in the table of repeated commands, which has accounts and times: the
person's own counter makes an answer take effect once.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import msgspec
from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from conference.errors import N_, BadInput, Conflict, NotFound
from conference.live.commands import Caller
from conference.polls.answers import Answer, checked_answer, read, written
from conference.polls.content import Content
from conference.polls.life import OPEN, Stage
from conference.polls.messages import AnswerPoll, OwnAnswer
from conference.polls.tables import poll, poll_answer, poll_due, poll_voter
from conference.storage.database import Transaction
from conference.storage.prepared import Prepared

_ballot = re.compile(r"[A-Za-z0-9_-]{22,64}")  # at least 128 bits in base64url


class Given(msgspec.Struct, frozen=True):
    """An answer that was kept; `told` is what may be sent to the person's other devices."""

    reply: OwnAnswer
    told: OwnAnswer


class _Wanted(msgspec.Struct, frozen=True):
    """The poll that is answered."""

    id: int
    public_id: str
    open: bool
    anonymous: bool
    content: Content


def answer(tx: Transaction, caller: Caller, wish: AnswerPoll) -> Given:
    """Keep the answer and note that its poll is to be counted; an older command changes nothing.

    `Conflict` when the poll is not open, or was answered anonymously from another device; `BadInput` when
    it is no answer to what is asked.
    """
    wanted = _find(tx, caller, wish.poll)
    ballot = _ballot_of(wanted, caller, wish)
    found = _stored.rows(tx.connection, poll_id=wanted.id, ballot=ballot)
    if wanted.anonymous:
        _leave_one_answer(tx, wanted, caller, is_there=bool(found))
    if found and found[0][0] >= wish.counter:
        return _given(wanted, found[0][0], read(found[0][1]))
    if not wanted.open:
        raise Conflict(N_("This poll is closed."), code="polls.closed")
    given = checked_answer(wanted.content, wish.choices, wish.value, wish.text)
    if wanted.anonymous and not found:
        tx.connection.execute(insert(poll_voter).values(poll_id=wanted.id, account_id=caller.account_id))
    whose = None if wanted.anonymous else caller.account_id
    _keep.run(
        tx.connection, poll_id=wanted.id, ballot=ballot, account_id=whose, counter=wish.counter,
        answer=written(given),
    )  # fmt: skip
    if not found or read(found[0][1]) != given:
        _note_due.run(tx.connection, poll_id=wanted.id)
    return _given(wanted, wish.counter, given)


def _given(wanted: _Wanted, counter: int, given: Answer) -> Given:
    own = OwnAnswer(counter=counter, answer=given)
    return Given(reply=own, told=OwnAnswer() if wanted.anonymous else own)


def _find(tx: Transaction, caller: Caller, public_id: str) -> _Wanted:
    found = _poll.rows(tx.connection, session_id=caller.session_id, public_id=public_id)
    # A draft is as unknown to the room as no poll at all.
    if not found or found[0][1] == Stage.DRAFT:
        raise NotFound(N_("There is no such poll in this session."), code="polls.unknown")
    poll_id, stage, anonymous, content = found[0]
    return _Wanted(
        poll_id, public_id, Stage(stage) in OPEN, bool(anonymous), msgspec.json.decode(content, type=Content)
    )


def _ballot_of(wanted: _Wanted, caller: Caller, wish: AnswerPoll) -> str:
    if not wanted.anonymous:
        return f"account:{caller.account_id}"
    if not _ballot.fullmatch(wish.ballot):
        raise BadInput(
            N_("This page and the server do not fit together. Load the page again."),
            code="polls.ballot", field="ballot",
        )  # fmt: skip
    return hashlib.sha256(f"{wanted.public_id} {wish.ballot}".encode()).hexdigest()


def _leave_one_answer(tx: Transaction, wanted: _Wanted, caller: Caller, *, is_there: bool) -> None:
    """Whoever has answered has exactly the one answer, under the secret they gave it with."""
    has_voted = bool(_voted.rows(tx.connection, poll_id=wanted.id, account_id=caller.account_id))
    if has_voted and not is_there:
        raise Conflict(
            N_("You have answered this poll on another device. Only there can the answer be changed, "
               "because nobody else knows which one is yours."),
            code="polls.elsewhere",
        )  # fmt: skip
    if is_there and not has_voted:  # somebody else's secret
        raise Conflict(N_("This answer belongs to somebody else."), code="polls.ballot")


def _insert(dialect: str, table: Table) -> Any:
    # Both dialects spell ON CONFLICT alike; only the class differs.
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def _upsert(dialect: str) -> Any:
    columns = ("poll_id", "ballot", "account_id", "counter", "answer")
    statement = _insert(dialect, poll_answer).values({name: bindparam(name) for name in columns})
    newer = {"counter": statement.excluded.counter, "answer": statement.excluded.answer}
    return statement.on_conflict_do_update(index_elements=["poll_id", "ballot"], set_=newer)


_poll = Prepared(
    select(poll.c.id, poll.c.stage, poll.c.anonymous, poll.c.content).where(
        poll.c.session_id == bindparam("session_id"), poll.c.public_id == bindparam("public_id")
    )
)
_stored = Prepared(
    select(poll_answer.c.counter, poll_answer.c.answer).where(
        poll_answer.c.poll_id == bindparam("poll_id"), poll_answer.c.ballot == bindparam("ballot")
    )
)
_voted = Prepared(
    select(poll_voter.c.poll_id).where(
        poll_voter.c.poll_id == bindparam("poll_id"), poll_voter.c.account_id == bindparam("account_id")
    )
)
_keep = Prepared(_upsert)
_note_due = Prepared(
    lambda dialect: _insert(dialect, poll_due).values(poll_id=bindparam("poll_id")).on_conflict_do_nothing()
)
