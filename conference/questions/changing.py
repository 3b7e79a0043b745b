"""Every change of a question goes through here: what follows from it, and who is told what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import update

from conference.live.channels import desk_channel, person_channel, session_channel
from conference.live.commands import Caller
from conference.live.log import append
from conference.questions.messages import (
    QuestionBeingAnswered,
    QuestionFiled,
    QuestionHidden,
    QuestionNoted,
    QuestionShown,
    QuestionsLinedUp,
)
from conference.questions.moderation import VISIBLE, State
from conference.questions.reading import (
    filed,
    line_of,
    own,
    parts_of,
    question_by_public_id,
    shown,
    whole,
)
from conference.questions.tables import QuestionRow, question
from conference.questions.taking_back import take_back
from conference.storage.database import Transaction


class Decided(msgspec.Struct, frozen=True):
    """The acknowledgement: the question's state and version now (the version is what undo takes back)."""

    state: State
    version: int


def change(tx: Transaction, caller: Caller, row: QuestionRow, now: datetime, **changes: Any) -> QuestionRow:
    """Write *changes* with what follows from them, and tell everybody whom they concern; the new row.

    Only an approved question stands in the line or is being answered, only a visible one is pinned.
    """
    state = changes.get("state", row.state)
    if state is not State.APPROVED:
        changes |= {"place": None, "is_answering": False}
    if state not in VISIBLE:
        changes["pinned"] = False
    if row.state in VISIBLE and (state not in VISIBLE or {"text", "answer"} & changes.keys()):
        take_back(tx, caller, row.public_id)
    values = {"version": row.version + 1, **changes}
    tx.connection.execute(update(question).where(question.c.id == row.id).values(**values))
    changed = announce(tx, caller, row.public_id, was=row.state, now=now)
    if row.place is not None and changed.place is None:
        tell_line(tx, caller, now)
    if row.is_answering and not changed.is_answering:
        room = session_channel(caller.session_code)
        append(tx, room, QuestionBeingAnswered(now=None), actor=caller.account_id, at=now)
    return changed


def announce(
    tx: Transaction, caller: Caller, public_id: str, *, was: State | None, now: datetime
) -> QuestionRow:
    """Log how a question stands now in the room's, the desk's and the askers' channels; returns it."""
    row = question_by_public_id(tx.connection, caller.session_id, public_id)
    room, desk = session_channel(caller.session_code), desk_channel(caller.session_code)
    append(tx, desk, QuestionFiled(question=filed(row)), actor=caller.account_id, at=now)
    root = whole(tx.connection, row)
    note(tx, caller, row, root, now)
    for part in parts_of(tx.connection, row):
        note(tx, caller, part, root, now)
    # In the room's log the actor would betray an anonymous asker to whoever reads the table by hand.
    if row.state in VISIBLE:
        append(tx, room, QuestionShown(question=shown(row)), actor=None, at=now)
    elif was in VISIBLE:
        append(tx, room, QuestionHidden(question=row.public_id, into=row.into), actor=None, at=now)
    return row


def note(tx: Transaction, caller: Caller, row: QuestionRow, root: QuestionRow, now: datetime) -> None:
    """Tell the asker of *row* how it stands; *root* is what it has become part of, or itself."""
    if row.asker_public_id is not None:
        noted = QuestionNoted(session=caller.session_code, question=own(row, root))
        append(tx, person_channel(row.asker_public_id), noted, actor=caller.account_id, at=now)


def tell_line(tx: Transaction, caller: Caller, now: datetime) -> None:
    """Tell the room what is asked next, the whole line."""
    line = QuestionsLinedUp(questions=line_of(tx.connection, caller.session_id))
    append(tx, session_channel(caller.session_code), line, actor=caller.account_id, at=now)


def decided(row: QuestionRow) -> Decided:
    return Decided(row.state, row.version)
