"""Merging questions that ask the same: the parts stay as they are, their votes count for the whole.

A vote for a part becomes a vote for the whole that says through which part it came (`question_vote.through`).
What a voter says about the whole afterwards is their own word and counts alone. Taking a part out again takes
back what came through it, so that merging and undoing it change nothing.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import delete, insert

from conference.errors import N_, Conflict
from conference.live.commands import Caller
from conference.people.notifying import Kind, Notice, notify
from conference.questions.carrying import Tell, bring_in, draw_back, tell_voters
from conference.questions.changing import Decided, announce, change, decided
from conference.questions.messages import MergeQuestions
from conference.questions.moderation import TAKES_OTHERS, Step, after
from conference.questions.reading import question_by_public_id, whole
from conference.questions.tables import QuestionRow, question_merge
from conference.storage.database import Transaction


class Merged(msgspec.Struct, frozen=True):
    """The acknowledgement: the whole, and the version of each part, by which it can be taken out again."""

    into: str
    merged: dict[str, int]


def merge(tx: Transaction, caller: Caller, wish: MergeQuestions, *, now: datetime, tell: Tell) -> Merged:
    """Make questions part of another. `Conflict` when one of them cannot be, and then none is."""
    target = question_by_public_id(tx.connection, caller.session_id, wish.into)
    if target.state not in TAKES_OTHERS:
        raise Conflict(N_("This cannot be done with the question as it is now."), code="questions.state")
    merged: dict[str, int] = {}
    for public_id in dict.fromkeys(wish.questions):
        part = question_by_public_id(tx.connection, caller.session_id, public_id)
        if part.id == target.id:
            raise Conflict(N_("A question cannot be merged with itself."), code="questions.state")
        if part.into_id == target.id:  # a repeat
            merged[public_id] = part.version
            continue
        state = after(part.state, Step.MERGE)
        tx.connection.execute(insert(question_merge).values(question_id=part.id, into_id=target.id))
        changed = change(tx, caller, part, now, state=state, before=part.state)
        tell_voters(tx, caller, target.public_id, bring_in(tx, part.id, target.id), tell)
        _notify(tx, caller, changed, target, now)
        merged[public_id] = changed.version
    announce(tx, caller, target.public_id, was=target.state, now=now)
    return Merged(target.public_id, merged)


def take_out(tx: Transaction, caller: Caller, part: QuestionRow, now: datetime, tell: Tell) -> Decided:
    """Undo the merging of *part*: it is again what it was, and its votes leave the whole."""
    assert part.into_id is not None
    assert part.before is not None
    target_name, root = part.into or "", whole(tx.connection, part)
    tx.connection.execute(delete(question_merge).where(question_merge.c.question_id == part.id))
    carried = draw_back(tx, part.id, part.into_id)
    changed = change(tx, caller, part, now, state=part.before, before=None)
    target = _announce_whole(tx, caller, target_name, root, now)
    tell_voters(tx, caller, target.public_id, carried, tell)
    return decided(changed)


def _announce_whole(
    tx: Transaction, caller: Caller, public_id: str, root: QuestionRow, now: datetime
) -> QuestionRow:
    """Tell how what a part was taken from stands now, and what that is a part of."""
    target = announce(tx, caller, public_id, was=None, now=now)
    if root.public_id != public_id:
        announce(tx, caller, root.public_id, was=root.state, now=now)
    return target


def _notify(tx: Transaction, caller: Caller, part: QuestionRow, target: QuestionRow, now: datetime) -> None:
    for one in (part, target):
        if one.account_id in (None, caller.account_id) or (
            one is target and one.account_id == part.account_id
        ):
            continue
        notice = Notice(
            kind=Kind.QUESTION_MERGED, session=caller.session_code, text=target.text, about=part.public_id,
            once=f"merged:{part.public_id}:{part.version}",
        )  # fmt: skip
        notify(tx, int(one.account_id or 0), caller.event_id, notice, at=now)
