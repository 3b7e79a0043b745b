"""Votes that count through a merged question: each voter once, and given back when it is taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from conference.live.channels import person_channel
from conference.live.commands import Caller
from conference.live.messages import Announcement
from conference.people.tables import account
from conference.questions.messages import VoteKept
from conference.questions.tables import question, question_merge, question_vote, tally_due
from conference.storage.database import Transaction

_vote = question_vote.c

# Sends an ephemeral announcement to a channel.
Tell = Callable[[str, Announcement], None]


class Carried(msgspec.Struct, frozen=True):
    """A voter (public id) whose vote for the whole is another now."""

    public_id: str
    on: bool
    counter: int


def bring_in(tx: Transaction, part_id: int, whole_id: int, only: int | None = None) -> list[Carried]:
    """Let the votes for a part (of one voter: *only*) count for the whole, and for what that is part of."""
    rows = tx.connection
    standing = _votes(rows, whole_id)
    changed: list[int] = []
    for voter, (on, _counter, _through) in _votes(rows, part_id, only).items():
        before = standing.get(voter)
        if not on or (before is not None and before[0]):
            continue
        if before is None:
            values = {"question_id": whole_id, "account_id": voter, "on": True, "counter": 0}
            rows.execute(insert(question_vote).values(**values, through=part_id))
        else:
            rows.execute(update(question_vote).where(_row(whole_id, voter)).values(on=True, through=part_id))
        changed.append(voter)
    return _settle(tx, whole_id, changed, lambda above: bring_in(tx, whole_id, above, only))


def draw_back(tx: Transaction, part_id: int, whole_id: int, only: int | None = None) -> list[Carried]:
    """Take back from the whole what came through a part that is no part any more, or (of *only*) whose vote
    was taken back. A voter who also voted for another part still counts, through that one."""
    rows = tx.connection
    changed: list[int] = []
    for voter, (_on, counter, through) in _votes(rows, whole_id, only).items():
        if through != part_id:
            continue
        other = _other_part(rows, whole_id, voter)
        if other is not None:
            rows.execute(update(question_vote).where(_row(whole_id, voter)).values(through=other))
            continue
        if counter == 0:  # they never said a word about the whole
            rows.execute(delete(question_vote).where(_row(whole_id, voter)))
        else:
            rows.execute(update(question_vote).where(_row(whole_id, voter)).values(on=False, through=None))
        changed.append(voter)

    def above(whole_of_it: int) -> None:
        for voter in changed:
            draw_back(tx, whole_id, whole_of_it, voter)

    return _settle(tx, whole_id, changed, above)


def _settle(
    tx: Transaction, whole_id: int, changed: list[int], carry_on: Callable[[int], object]
) -> list[Carried]:
    """Count the whole anew and carry on to what it is part of itself."""
    rows = tx.connection
    if not changed:
        return []
    count = select(func.count()).where(_vote.question_id == whole_id, _vote.on)
    rows.execute(update(question).where(question.c.id == whole_id).values(votes=count.scalar_subquery()))
    due = select(func.count()).where(tally_due.c.question_id == whole_id)
    if not rows.scalar(due):
        rows.execute(insert(tally_due).values(question_id=whole_id))
    above = whole_of(rows, whole_id)
    if above is not None:
        carry_on(above)
    return _carried(rows, whole_id, changed)


def tell_voters(tx: Transaction, caller: Caller, public_id: str, carried: list[Carried], tell: Tell) -> None:
    """After the commit, tell each voter's tabs how their vote for the whole stands now."""

    def told() -> None:
        for voter in carried:
            kept = VoteKept(
                session=caller.session_code, question=public_id, on=voter.on, counter=voter.counter
            )
            tell(person_channel(voter.public_id), kept)

    tx.after_commit(told)


def whole_of(rows: Connection, question_id: int) -> int | None:
    """What a question is part of."""
    query = select(question_merge.c.into_id).where(question_merge.c.question_id == question_id)
    found: int | None = rows.execute(query).scalar()
    return found


def _votes(
    rows: Connection, question_id: int, only: int | None = None
) -> dict[int, tuple[bool, int, int | None]]:
    query = select(_vote.account_id, _vote.on, _vote.counter, _vote.through)
    query = query.where(_vote.question_id == question_id)
    if only is not None:
        query = query.where(_vote.account_id == only)
    return {voter: (on, counter, through) for voter, on, counter, through in rows.execute(query)}


def _other_part(rows: Connection, whole_id: int, voter: int) -> int | None:
    query = (
        select(question_merge.c.question_id)
        .join(question_vote, _vote.question_id == question_merge.c.question_id)
        .where(question_merge.c.into_id == whole_id, _vote.account_id == voter, _vote.on)
        .order_by(question_merge.c.question_id)
        .limit(1)
    )
    found: int | None = rows.execute(query).scalar()
    return found


def _carried(rows: Connection, whole_id: int, voters: Iterable[int]) -> list[Carried]:
    standing = _votes(rows, whole_id)
    wanted = list(voters)
    query = select(account.c.id, account.c.public_id).where(account.c.id.in_(wanted))
    told: list[Carried] = []
    for voter, public_id in rows.execute(query):
        on, counter, _through = standing.get(voter, (False, 0, None))
        told.append(Carried(public_id, on, counter))
    return told


def _row(question_id: int, voter: int) -> ColumnElement[bool]:
    return (_vote.question_id == question_id) & (_vote.account_id == voter)
