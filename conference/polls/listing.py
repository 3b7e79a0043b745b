"""Who answered what, for those who run a session: only of polls with names."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select

from conference.errors import N_, Conflict
from conference.people.tables import account
from conference.polls.answers import Answer, read
from conference.polls.reading import poll_by_public_id
from conference.polls.tables import PollRow, poll_answer

MAX_LISTED = 300  # on a screen; an export has all


class NamedAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`name` is missing when the person was erased, and always in an anonymous poll."""

    answer: Answer
    name: str | None = None


class Listed(msgspec.Struct, frozen=True):
    """`more`: how many do not fit the list."""

    answers: list[NamedAnswer]
    more: int = 0


def named_answers(rows: Connection, session_id: int, public_id: str) -> Listed:
    """The answers of a poll with names, by name. `Conflict` for an anonymous one."""
    row = poll_by_public_id(rows, session_id, public_id)
    if row.anonymous:
        raise Conflict(
            N_("This poll is anonymous: nobody can see who answered what."), code="polls.anonymous"
        )
    found = answers_of(rows, row)
    return Listed(found[:MAX_LISTED], max(0, len(found) - MAX_LISTED))


def answers_of(rows: Connection, row: PollRow) -> list[NamedAnswer]:
    """Every answer: by name, or (anonymous) in the order of a hash, which tells nothing."""
    query = (
        select(account.c.name, poll_answer.c.answer)
        .select_from(poll_answer.outerjoin(account, account.c.id == poll_answer.c.account_id))
        .where(poll_answer.c.poll_id == row.id)
        .order_by(account.c.name, poll_answer.c.ballot)
    )
    return [NamedAnswer(name=name, answer=read(stored)) for name, stored in rows.execute(query)]
