"""Votes: one row for each voter and question, and counts told at most a few times a second."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Integer, Table, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from conference.agenda.tables import session
from conference.errors import N_, Conflict, NotFound
from conference.live.channels import session_channel
from conference.live.commands import Caller
from conference.live.log import append
from conference.live.tally import Ripe
from conference.questions.carrying import Tell, bring_in, draw_back, tell_voters, whole_of
from conference.questions.messages import VoteQuestion, VotesCounted
from conference.questions.moderation import VISIBLE, State
from conference.questions.tables import question, question_vote, tally_due
from conference.storage.database import Transaction
from conference.storage.prepared import Prepared


class Voted(msgspec.Struct, frozen=True):
    """How the caller's vote stands after the command, which may be newer than what was sent."""

    on: bool
    counter: int


def vote(
    tx: Transaction,
    caller: Caller,
    wish: VoteQuestion,
    tell: Tell = lambda channel, news: None,
) -> Voted:
    """Vote or take the vote back; the higher counter wins, an older command changes nothing.

    A vote for what was merged meanwhile counts for the whole, of which *tell* tells the voter's tabs.
    `Conflict` when the question is not (or no longer) open for votes.
    """
    connection, voter = tx.connection, caller.account_id
    found = _standing.rows(
        connection, session_id=caller.session_id, public_id=wish.question, account_id=voter
    )
    if not found:
        raise NotFound(N_("There is no such question in this session."), code="questions.unknown")
    question_id, state, stored_on, stored_counter = found[0]
    if stored_counter is not None and stored_counter >= wish.counter:
        return Voted(bool(stored_on), stored_counter)
    if state not in (State.APPROVED, State.MERGED):
        raise Conflict(N_("Voting for this question is over."), code="questions.no-votes")
    _keep.run(connection, question_id=question_id, account_id=voter, on=wish.on, counter=wish.counter)
    if bool(stored_on) != wish.on:
        _count.run(connection, question_id=question_id, change=1 if wish.on else -1)
        _note_due.run(connection, question_id=question_id)
        if state == State.MERGED:
            _carry(tx, caller, question_id, on=wish.on, tell=tell)
    return Voted(wish.on, wish.counter)


def _carry(tx: Transaction, caller: Caller, part: int, *, on: bool, tell: Tell) -> None:
    into = whole_of(tx.connection, part)
    assert into is not None  # it is merged
    carried = (bring_in if on else draw_back)(tx, part, into, caller.account_id)
    name = tx.connection.execute(select(question.c.public_id).where(question.c.id == into)).scalar_one()
    tell_voters(tx, caller, name, carried, tell)


def _insert(dialect: str, table: Table) -> Any:
    # Both dialects spell ON CONFLICT alike; only the class differs.
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def _upsert(dialect: str) -> Any:
    columns = ("question_id", "account_id", "on", "counter")
    statement = _insert(dialect, question_vote).values({name: bindparam(name) for name in columns})
    newer = {"on": statement.excluded.on, "counter": statement.excluded.counter, "through": None}
    return statement.on_conflict_do_update(index_elements=["question_id", "account_id"], set_=newer)


_mine = (question_vote.c.question_id == question.c.id) & (
    question_vote.c.account_id == bindparam("account_id")
)
_standing = Prepared(
    select(question.c.id, question.c.state, question_vote.c.on, question_vote.c.counter)
    .select_from(question.outerjoin(question_vote, _mine))
    .where(question.c.public_id == bindparam("public_id"), question.c.session_id == bindparam("session_id"))
)
_keep = Prepared(_upsert)
_count = Prepared(
    update(question)
    .where(question.c.id == bindparam("question_id"))
    .values(votes=question.c.votes + bindparam("change", type_=Integer))
)
_note_due = Prepared(
    lambda dialect: (
        _insert(dialect, tally_due).values(question_id=bindparam("question_id")).on_conflict_do_nothing()
    )
)


def count_votes(tx: Transaction, ripe: Ripe, *, now: datetime) -> None:
    """Log the counts that are due, one event for each session whose time it is (`live.tally.Count`)."""
    found = tx.connection.execute(
        select(session.c.code, question.c.id, question.c.public_id, question.c.state, question.c.votes)
        .select_from(tally_due)
        .join(question, question.c.id == tally_due.c.question_id)
        .join(session, session.c.id == question.c.session_id)
    ).all()
    counted: defaultdict[str, dict[str, int]] = defaultdict(dict)
    told: list[int] = []
    for code, question_id, public_id, state, votes in found:
        if ripe(session_channel(code)):
            told.append(question_id)
            if state in VISIBLE:  # the count of a hidden one comes when it is shown again
                counted[code][public_id] = votes
    for code, votes in counted.items():
        append(tx, session_channel(code), VotesCounted(votes=votes), actor=None, at=now)
    if told:
        tx.connection.execute(delete(tally_due).where(tally_due.c.question_id.in_(told)))
