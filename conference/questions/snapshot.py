"""What a caller is given of the questions of their session: the first screens at once, the rest on request.

A thousand questions are 150 kB, 20 seconds of a link of 64 kbit/s; so a snapshot holds what is looked at
first and says how much it leaves out.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import ColumnElement, Connection, func, or_, select

from conference.live.channels import desk_channel, session_channel
from conference.live.commands import Caller
from conference.live.snapshot import Shared
from conference.questions.assigning import panel_of
from conference.questions.blocking import blocked_people
from conference.questions.messages import ListQuestions, QuestionRulesChanged
from conference.questions.moderation import VISIBLE, State
from conference.questions.reading import (
    answering_now,
    filed,
    line_of,
    own,
    questions,
    rows_of,
    shown,
    whole,
)
from conference.questions.rules import rules_of
from conference.questions.tables import QuestionRow, question, question_vote
from conference.questions.views import AnsweringNow, FiledQuestion, OwnQuestion, Panellist, ShownQuestion

OPEN, OWN, PAGE = 100, 50, 50
LAST = {State.WAITING: 100, State.ANSWERED: 20, State.DECLINED: 20, State.HIDDEN: 20, State.MERGED: 20}


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`filed`, `panel` and `blocked` are there for moderators only; a question may be in several lists, once
    in each. `more` counts by state what is left out and can be asked for by `ListQuestions`."""

    rules: QuestionRulesChanged
    shown: list[ShownQuestion] = []
    own: list[OwnQuestion] = []
    filed: list[FiledQuestion] | None = None
    next: list[str] = []
    now: AnsweringNow | None = None
    more: dict[State, int] = {}
    panel: list[Panellist] = []
    blocked: list[Panellist] = []


class Found(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer with questions: the caller's views of each, their `order`, and how many more there are.

    `scores` (of `FindSimilar`): 0 to 1, by question.
    """

    order: list[str]
    shown: list[ShownQuestion] = []
    own: list[OwnQuestion] = []
    filed: list[FiledQuestion] | None = None
    scores: dict[str, float] = {}
    more: int = 0


def moderates(caller: Caller) -> bool:
    """Whether the caller reads the desk's channel, and so everything."""
    return desk_channel(caller.session_code) in caller.channels


def snapshot(rows: Connection, caller: Caller) -> Snapshot:
    """What *caller* sees first."""
    if moderates(caller):
        seen = _for_the_desk(rows, caller)
    else:
        seen = _for_the_room(rows, caller.session_id)
    return msgspec.structs.replace(seen, own=_own(rows, caller))


class Snapshots:
    """The part for `live.snapshot`: as `snapshot`, but what the whole room sees is read once for all."""

    def __init__(self) -> None:
        self._room = Shared(_for_the_room)

    def __call__(self, rows: Connection, caller: Caller) -> Snapshot | msgspec.Raw:
        if moderates(caller):
            return snapshot(rows, caller)
        room = self._room.of(rows, session_channel(caller.session_code), caller.session_id)
        mine = _own(rows, caller)
        if not mine:
            return room
        # One object of two: a room's JSON is never empty, it has the rules.
        return msgspec.Raw(bytes(room)[:-1] + b',"own":' + msgspec.json.encode(mine) + b"}")


def _for_the_room(rows: Connection, session_id: int) -> Snapshot:
    """All of it is told in the session's channel when it changes (`Shared`)."""
    first, more = _first_screens(rows, session_id, [State.APPROVED, State.ANSWERED])
    return Snapshot(
        rules=rules_of(rows, session_id),
        shown=[shown(row) for row in first],
        next=line_of(rows, session_id),
        now=answering_now(rows, session_id),
        more=more,
    )


def _for_the_desk(rows: Connection, caller: Caller) -> Snapshot:
    first, more = _first_screens(rows, caller.session_id, list(State))
    return Snapshot(
        rules=rules_of(rows, caller.session_id),
        shown=[shown(row) for row in first if row.state in VISIBLE],
        filed=[filed(row) for row in first],
        next=line_of(rows, caller.session_id),
        now=answering_now(rows, caller.session_id),
        more=more,
        panel=panel_of(rows, caller),
        blocked=blocked_people(rows, caller.session_id),
    )


def _first_screens(
    rows: Connection, session_id: int, states: list[State]
) -> tuple[list[QuestionRow], dict[State, int]]:
    """The questions of the first screens as they were asked, and how many more there are by state."""
    counts = _counts(rows, session_id)
    first = [row for state in states if counts.get(state) for row in _first(rows, session_id, state)]
    first.sort(key=lambda row: row.id)
    more = {state: counts[state] for state in states if state in counts}
    for row in first:
        more[row.state] -= 1
    return first, {state: left for state, left in more.items() if left > 0}


def own_votes(rows: Connection, caller: Caller) -> dict[str, tuple[bool, int]]:
    """The caller's votes in their session: `{question: [on, counter]}`. A part that is always sent."""
    found = rows.execute(
        select(question.c.public_id, question_vote.c.on, question_vote.c.counter)
        .join(question, question.c.id == question_vote.c.question_id)
        .where(question_vote.c.account_id == caller.account_id, question.c.session_id == caller.session_id)
    )
    return {public_id: (on, counter) for public_id, on, counter in found}


def list_more(rows: Connection, caller: Caller, wish: ListQuestions) -> Found:
    """The next questions of one state, the newest first, among those the caller may see."""
    where = [visible_to(caller), question.c.session_id == caller.session_id, question.c.state == wish.state]
    if wish.before is not None:
        edge = select(question.c.id).where(
            question.c.public_id == wish.before, question.c.session_id == caller.session_id
        )
        where.append(question.c.id < edge.scalar_subquery())
    query = questions().where(*where).order_by(question.c.id.desc()).limit(PAGE)
    count = rows.scalar(select(func.count()).select_from(question).where(*where)) or 0
    listed = list(rows_of(rows, query))
    return found(rows, caller, listed, more=count - len(listed))


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """Which questions of a session a person may see at all."""
    if moderates(caller):
        return question.c.id.is_not(None)
    return or_(question.c.state.in_(VISIBLE), question.c.account_id == caller.account_id)


def found(
    rows: Connection,
    caller: Caller,
    listed: list[QuestionRow],
    *,
    scores: dict[str, float] | None = None,
    more: int = 0,
) -> Found:
    """The views of *listed* that are the caller's to see."""
    mine = [row for row in listed if row.account_id == caller.account_id]
    return Found(
        order=[row.public_id for row in listed],
        shown=[shown(row) for row in listed if row.state in VISIBLE],
        own=[own(row, whole(rows, row)) for row in mine],
        filed=[filed(row) for row in listed] if moderates(caller) else None,
        scores=scores or {},
        more=more,
    )


def _counts(rows: Connection, session_id: int) -> dict[State, int]:
    query = select(question.c.state, func.count()).where(question.c.session_id == session_id)
    return {State(state): count for state, count in rows.execute(query.group_by(question.c.state))}


def _first(rows: Connection, session_id: int, state: State) -> list[QuestionRow]:
    query = questions().where(question.c.session_id == session_id, question.c.state == state)
    if state is State.APPROVED:
        # The chair's choices first: they are few, and the whole room looks at them.
        chosen = (question.c.place.is_(None), ~question.c.is_answering, ~question.c.pinned)
        query = query.order_by(*chosen, question.c.votes.desc(), question.c.id).limit(OPEN)
    elif state is State.WAITING:
        query = query.order_by(question.c.id).limit(LAST[state])
    else:
        query = query.order_by(~question.c.pinned, question.c.id.desc()).limit(LAST[state])
    return list(rows_of(rows, query))


def _own(rows: Connection, caller: Caller) -> list[OwnQuestion]:
    mine = (question.c.session_id == caller.session_id) & (question.c.account_id == caller.account_id)
    last = list(rows_of(rows, questions().where(mine).order_by(question.c.id.desc()).limit(OWN)))
    return [own(row, whole(rows, row)) for row in reversed(last)]
