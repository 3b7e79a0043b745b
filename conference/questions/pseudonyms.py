"""Pseudonyms: one for a person in a session, which nobody could take for somebody else's name."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select, update

from conference.agenda.naming import names_on_programme
from conference.errors import N_, Conflict
from conference.live.commands import Caller
from conference.people.permissions import TABLE, Capability
from conference.people.tables import account, grant
from conference.questions.tables import question_pseudonym
from conference.serving.text import clean_text, looks_like, skeleton
from conference.storage.database import Transaction

MAX_PSEUDONYM = 40


def pseudonym_of(tx: Transaction, caller: Caller, wanted: str) -> str:
    """The caller's pseudonym here: *wanted*, or the one used before, or else a number.

    `Conflict` (field `pseudonym`) when it could be taken for a presenter's name or is somebody else's here.
    """
    rows = tx.connection
    name = clean_text(wanted, limit=MAX_PSEUDONYM, field="pseudonym")
    mine = (question_pseudonym.c.session_id == caller.session_id) & (
        question_pseudonym.c.account_id == caller.account_id
    )
    before = rows.execute(select(question_pseudonym.c.name).where(mine)).scalar()
    if before is not None and name in ("", before):
        return str(before)
    name = name or _numbered(rows, caller.session_id)
    look = skeleton(name)
    if not look or looks_like(name, _names_of_presenters(rows, caller)) or _is_taken(rows, caller, look):
        raise Conflict(
            N_("Choose another name to ask under: this one could be taken for somebody else."),
            code="questions.pseudonym",
            field="pseudonym",
        )
    values = {"name": name, "skeleton": look[:120]}
    if not rows.execute(update(question_pseudonym).where(mine).values(**values)).rowcount:
        who = {"session_id": caller.session_id, "account_id": caller.account_id}
        rows.execute(insert(question_pseudonym).values(**who, **values))
    return name


def _numbered(rows: Connection, session_id: int) -> str:
    """A name that belongs to no language: the next free number."""
    query = select(question_pseudonym.c.skeleton).where(question_pseudonym.c.session_id == session_id)
    taken = set(rows.scalars(query))
    number = len(taken) + 1
    while skeleton(f"№ {number}") in taken:
        number += 1
    return f"№ {number}"


def _names_of_presenters(rows: Connection, caller: Caller) -> list[str]:
    """Whoever is printed on the programme or runs something in this event, except the caller."""
    presenting = [role.value for role in TABLE[Capability.TAKE_FLOOR]]
    granted = (
        select(account.c.name)
        .join(grant, grant.c.account_id == account.c.id)
        .where(grant.c.event_id == caller.event_id, grant.c.role.in_(presenting))
    )
    return [*rows.scalars(granted), *names_on_programme(rows, caller.event_id, without=None)]


def _is_taken(rows: Connection, caller: Caller, look: str) -> bool:
    query = select(func.count()).where(
        question_pseudonym.c.session_id == caller.session_id,
        question_pseudonym.c.account_id != caller.account_id,
        question_pseudonym.c.skeleton == look[:120],
    )
    return bool(rows.scalar(query))
