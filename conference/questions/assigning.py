"""Assigning a question to one of the session's presenters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select

from conference.agenda.tables import person, session_person
from conference.errors import N_, NotFound
from conference.live.commands import Caller
from conference.people.permissions import Role
from conference.people.tables import account, grant
from conference.questions.changing import Decided, change, decided
from conference.questions.messages import AssignQuestion
from conference.questions.reading import question_by_public_id
from conference.questions.tables import question_assignment
from conference.questions.views import Panellist
from conference.storage.database import Transaction

_PRESENTING = (Role.SPEAKER.value, Role.CHAIR.value, Role.MODERATOR.value)


def assign(tx: Transaction, caller: Caller, wish: AssignQuestion, *, now: datetime) -> Decided:
    """Ask one presenter to answer, or nobody in particular. `NotFound` for anybody else."""
    row = question_by_public_id(tx.connection, caller.session_id, wish.question)
    if wish.person == row.assigned_public_id:
        return decided(row)
    mine = question_assignment.c.question_id == row.id
    tx.connection.execute(delete(question_assignment).where(mine))
    if wish.person is not None:
        panel = {one.person for one in panel_of(tx.connection, caller)}
        if wish.person not in panel:
            raise NotFound(
                N_("This person presents nothing in this session."), code="questions.panel", field="person"
            )
        query = select(account.c.id).where(account.c.public_id == wish.person)
        who = tx.connection.execute(query).scalar_one()
        tx.connection.execute(insert(question_assignment).values(question_id=row.id, account_id=who))
    return decided(change(tx, caller, row, now))


def panel_of(rows: Connection, caller: Caller) -> list[Panellist]:
    """Whom a question can be assigned to: who presents or runs this session, by name.

    Those with a role in this very session, and those of the programme who have an account.
    """
    here = grant.c.session_id == caller.session_id
    granted = select(grant.c.account_id).where(here, grant.c.role.in_(_PRESENTING))
    printed = (
        select(person.c.account_id)
        .join(session_person, session_person.c.person_id == person.c.id)
        .where(session_person.c.session_id == caller.session_id, session_person.c.role.in_(_PRESENTING))
    )
    query = select(account.c.public_id, account.c.name).where(
        or_(account.c.id.in_(granted), account.c.id.in_(printed))
    )
    return [Panellist(person=one, name=name) for one, name in rows.execute(query.order_by(account.c.name))]
