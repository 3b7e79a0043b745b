"""Polls as they are read: rows, the two views, the tally of the answers, and the snapshot of one caller."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, func, select

from conference.errors import N_, NotFound
from conference.live.channels import desk_channel
from conference.live.commands import Caller
from conference.polls.answers import Answer, read
from conference.polls.content import Content, Kind
from conference.polls.life import OPEN, SHOWN, Stage
from conference.polls.messages import FiledPoll, OwnAnswer, ShownPoll
from conference.polls.tables import PollRow, poll, poll_answer, poll_text, poll_voter
from conference.polls.tally import Tally, for_the_room, tally
from conference.polls.text_groups import Sorting


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`filed` is there for moderators only; a poll may be in both lists."""

    shown: list[ShownPoll] | msgspec.Raw = []
    filed: list[FiledPoll] | msgspec.Raw | None = None


def polls_of(rows: Connection, session_id: int) -> list[PollRow]:
    """Every poll of a session, in its order."""
    query = select(poll).where(poll.c.session_id == session_id).order_by(poll.c.position, poll.c.id)
    return list(_rows(rows, query))


def poll_by_public_id(rows: Connection, session_id: int, public_id: str) -> PollRow:
    """The poll, when it is one of this session; `NotFound` otherwise."""
    query = select(poll).where(poll.c.session_id == session_id, poll.c.public_id == public_id)
    for found in _rows(rows, query):
        return found
    raise NotFound(N_("There is no such poll in this session."), code="polls.unknown")


def _rows(rows: Connection, query: Select[Any]) -> Iterator[PollRow]:
    for row in rows.execute(query).mappings():
        values = {str(name): value for name, value in row.items()}
        values["content"] = msgspec.json.decode(values["content"], type=Content)
        yield msgspec.convert(values, PollRow)


def counted_answers(rows: Connection, poll_id: int) -> list[tuple[Answer, int]]:
    """Every different answer and how many gave it. The database counts: a thousand answers are few rows."""
    here = poll_answer.c.poll_id == poll_id
    query = select(poll_answer.c.answer, func.count()).where(here).group_by(poll_answer.c.answer)
    return [(read(stored), count) for stored, count in rows.execute(query)]


def how_many_answered(rows: Connection, poll_id: int) -> int:
    query = select(func.count()).select_from(poll_answer).where(poll_answer.c.poll_id == poll_id)
    return int(rows.execute(query).scalar_one())


def sorting_of(rows: Connection, poll_id: int) -> dict[str, Sorting]:
    """What moderators did with the groups of short texts, by normalised text."""
    columns = (poll_text.c.key, poll_text.c.into, poll_text.c.label, poll_text.c.hidden)
    found = rows.execute(select(*columns).where(poll_text.c.poll_id == poll_id))
    return {key: Sorting(into, label, hidden) for key, into, label, hidden in found}


def tally_of(rows: Connection, row: PollRow) -> Tally:
    """The result as it stands."""
    if row.stage is Stage.DRAFT:
        return Tally()
    sorting = sorting_of(rows, row.id) if row.kind is Kind.TEXT else None
    return tally(row.content, counted_answers(rows, row.id), sorting)


def shown(row: PollRow, result: Tally) -> ShownPoll:
    """What the room may see of a poll that is no draft."""
    content, results_shown = row.content, row.stage in SHOWN
    revealed = row.kind is Kind.QUIZ and row.stage is Stage.CLOSED_SHOWN
    return ShownPoll(
        id=row.public_id, kind=row.kind, question=content.question, options=content.options,
        least=content.least, most=content.most, points=content.points, low=content.low, high=content.high,
        anonymous=row.anonymous, opened_at=row.opened_at, shown_at=row.shown_at if results_shown else None,
        answered=result.answered, open=row.stage in OPEN,
        tally=for_the_room(result) if results_shown else None, right=content.right if revealed else None,
    )  # fmt: skip


def filed(row: PollRow, result: Tally) -> FiledPoll:
    content = row.content
    return FiledPoll(
        id=row.public_id, kind=row.kind, question=content.question, options=content.options,
        least=content.least, most=content.most, points=content.points, low=content.low, high=content.high,
        anonymous=row.anonymous, opened_at=row.opened_at, shown_at=row.shown_at, answered=result.answered,
        position=row.position, stage=row.stage, version=row.version, results=row.results, tally=result,
        right=content.right,
    )  # fmt: skip


def shown_polls(rows: Connection, session_id: int) -> list[ShownPoll]:
    """All that the room sees, in the session's order."""
    there = (row for row in polls_of(rows, session_id) if row.stage is not Stage.DRAFT)
    return [shown(row, tally_of(rows, row)) for row in there]


def filed_polls(rows: Connection, session_id: int) -> list[FiledPoll]:
    """All that those who run the session see."""
    return [filed(row, tally_of(rows, row)) for row in polls_of(rows, session_id)]


def moderates(caller: Caller) -> bool:
    """Whether *caller* reads the session's desk."""
    return desk_channel(caller.session_code) in caller.channels


def snapshot(rows: Connection, caller: Caller) -> Snapshot:
    """Everything about polls that *caller* may see in their session. A part for `live.snapshot`."""
    session_id = caller.session_id
    return Snapshot(
        shown=shown_polls(rows, session_id),
        filed=filed_polls(rows, session_id) if moderates(caller) else None,
    )


def own_answers(rows: Connection, caller: Caller) -> dict[str, OwnAnswer]:
    """The caller's answers in their session, by poll. A part that is always sent: no log tells of them."""
    named = rows.execute(
        select(poll.c.public_id, poll_answer.c.counter, poll_answer.c.answer)
        .join(poll, poll.c.id == poll_answer.c.poll_id)
        .where(poll_answer.c.account_id == caller.account_id, poll.c.session_id == caller.session_id)
    )
    found = {
        public_id: OwnAnswer(counter=counter, answer=read(answer)) for public_id, counter, answer in named
    }
    anonymous = rows.execute(
        select(poll.c.public_id)
        .join(poll_voter, poll.c.id == poll_voter.c.poll_id)
        .where(poll_voter.c.account_id == caller.account_id, poll.c.session_id == caller.session_id)
    )
    return found | {public_id: OwnAnswer() for (public_id,) in anonymous}
