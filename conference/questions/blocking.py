"""People whose questions a session does not take."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from conference.errors import N_, Conflict, NotFound
from conference.live.channels import desk_channel
from conference.live.commands import Caller
from conference.live.log import append
from conference.people.permissions import Capability, Scope, allowed
from conference.people.tables import account
from conference.questions.messages import AskersBlocked, BlockAsker
from conference.questions.tables import question, question_block
from conference.questions.views import Panellist
from conference.storage.database import Transaction


class Blocked(msgspec.Struct, frozen=True):
    """The acknowledgement: everybody whose questions are not taken now."""

    people: list[Panellist]


def block(tx: Transaction, caller: Caller, wish: BlockAsker, *, now: datetime) -> Blocked:
    """Take no more questions from a person here, or take them again; the desk is told.

    `NotFound` for somebody who has asked nothing here, `Conflict` for those who run the session.
    """
    rows, session_id = tx.connection, caller.session_id
    who = _asker(rows, session_id, wish.person)
    scope = Scope(event_id=caller.event_id, session_id=session_id)
    if wish.blocked and allowed(rows, who, Capability.MODERATE, scope, now=now):
        raise Conflict(N_("Whoever runs the session cannot be kept from asking."), code="questions.block")
    if wish.blocked is not is_blocked(rows, session_id, who):
        if wish.blocked:
            values = {"session_id": session_id, "account_id": who, "by_id": caller.account_id}
            rows.execute(insert(question_block).values(**values, blocked_at=now))
        else:
            rows.execute(delete(question_block).where(_row(session_id, who)))
        told = AskersBlocked(people=blocked_people(rows, session_id))
        append(tx, desk_channel(caller.session_code), told, actor=caller.account_id, at=now)
    return Blocked(blocked_people(rows, session_id))


def is_blocked(rows: Connection, session_id: int, account_id: int) -> bool:
    return bool(rows.scalar(select(func.count()).where(_row(session_id, account_id))))


def blocked_people(rows: Connection, session_id: int) -> list[Panellist]:
    """In the order of being blocked."""
    query = (
        select(account.c.public_id, account.c.name)
        .join(question_block, question_block.c.account_id == account.c.id)
        .where(question_block.c.session_id == session_id)
        .order_by(question_block.c.blocked_at, account.c.id)
    )
    return [Panellist(person=person, name=name) for person, name in rows.execute(query)]


def _row(session_id: int, account_id: int) -> ColumnElement[bool]:
    return (question_block.c.session_id == session_id) & (question_block.c.account_id == account_id)


def _asker(rows: Connection, session_id: int, public_id: str) -> int:
    query = (
        select(account.c.id)
        .join(question, question.c.account_id == account.c.id)
        .where(question.c.session_id == session_id, account.c.public_id == public_id)
        .limit(1)
    )
    found = rows.execute(query).scalar()
    if found is None:
        raise NotFound(N_("This person has asked nothing here."), code="questions.unknown-person")
    return int(found)
