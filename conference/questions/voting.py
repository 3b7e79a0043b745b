"""Votes: one row for each voter and question, and counts told at most a few times a second."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from conference.agenda.tables import session
from conference.clock import Clock
from conference.errors import N_, Conflict, MajlisError
from conference.live.channels import session_channel
from conference.live.commands import Caller
from conference.live.log import append
from conference.questions.messages import VoteQuestion, VotesCounted
from conference.questions.moderation import VISIBLE, State
from conference.questions.reading import question_by_public_id
from conference.questions.tables import question, question_vote, tally_due
from conference.storage.database import Database, Transaction

log = logging.getLogger("majlis.questions")


class Voted(msgspec.Struct, frozen=True):
    """How the caller's vote stands after the command, which may be newer than what was sent."""

    on: bool
    counter: int


def vote(tx: Transaction, caller: Caller, wish: VoteQuestion) -> Voted:
    """Vote or take the vote back; the higher counter wins, an older command changes nothing.

    `Conflict` when the question is not (or no longer) open for votes.
    """
    row = question_by_public_id(tx.connection, caller.session_id, wish.question)
    mine = (question_vote.c.question_id == row.id) & (question_vote.c.account_id == caller.account_id)
    stored = tx.connection.execute(
        select(question_vote.c.on, question_vote.c.counter).where(mine)
    ).one_or_none()
    if stored is not None and stored.counter >= wish.counter:
        return Voted(stored.on, stored.counter)
    if row.state is not State.APPROVED:
        raise Conflict(N_("Voting for this question is over."), code="questions.no-votes")
    was_on = stored is not None and stored.on
    statement = _insert(tx.connection, question_vote).values(
        question_id=row.id, account_id=caller.account_id, on=wish.on, counter=wish.counter
    )
    keys = [question_vote.c.question_id, question_vote.c.account_id]
    tx.connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_={"on": wish.on, "counter": wish.counter})
    )
    if was_on != wish.on:
        change = 1 if wish.on else -1
        tx.connection.execute(
            update(question).where(question.c.id == row.id).values(votes=question.c.votes + change)
        )
        due = _insert(tx.connection, tally_due).values(question_id=row.id)
        tx.connection.execute(due.on_conflict_do_nothing())
    return Voted(wish.on, wish.counter)


def _insert(connection: Connection, table: Table) -> Any:
    # Both dialects spell ON CONFLICT alike; only the class differs.
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return insert(table)


def count_votes(tx: Transaction, *, now: datetime) -> int:
    """Log the counts that are due, one event for each session; returns how many sessions."""
    found = tx.connection.execute(
        select(session.c.code, question.c.public_id, question.c.votes)
        .select_from(tally_due)
        .join(question, question.c.id == tally_due.c.question_id)
        .join(session, session.c.id == question.c.session_id)
        .where(question.c.state.in_(VISIBLE))  # the count of a hidden one comes when it is shown again
    ).all()
    counted: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for code, public_id, votes in found:
        counted[code][public_id] = votes
    for code, votes in counted.items():
        append(tx, session_channel(code), VotesCounted(votes=votes), actor=None, at=now)
    tx.connection.execute(delete(tally_due))
    return len(counted)


class Tally:
    """Tells the counts: `interval` seconds after the first vote, whatever their number in between."""

    def __init__(self, database: Database, clock: Clock, interval: float) -> None:
        self._database = database
        self._clock = clock
        self._interval = interval
        self._due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Tell what a crash left untold, then begin."""
        await self._count()
        self._task = asyncio.create_task(self._count_forever(), name="vote tally")

    async def close(self) -> None:
        """Stop; what is still due is told at the next start."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def ring(self) -> None:
        """A vote was counted."""
        self._due.set()

    async def _count_forever(self) -> None:
        while True:
            await self._due.wait()
            await asyncio.sleep(self._interval)
            self._due.clear()
            try:
                await self._count()
            except MajlisError:
                log.exception("votes could not be counted; they stay due")
                self._due.set()

    async def _count(self) -> None:
        await self._database.write(lambda tx: count_votes(tx, now=self._clock.now()))
