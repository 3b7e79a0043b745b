"""Giving and taking roles, and banning. Every change rotates the person's browser sessions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from conference.errors import N_, BadInput, Conflict
from conference.people.permissions import Role
from conference.people.tables import account, ban, browser_session, grant
from conference.storage.database import Transaction

WHOLE_EVENT = frozenset({Role.ORGANIZER, Role.ATTENDEE})
ONE_SESSION = frozenset({Role.MODERATOR})


def grant_role(
    tx: Transaction,
    account_id: int,
    event_id: int,
    role: Role,
    session_id: int | None = None,
    *,
    now: datetime,
) -> bool:
    """Give *role* in the event, or in one session of it; False when it was held already.

    Raises `BadInput` for an organizer or attendee of a single session, or a moderator of none.
    """
    if (session_id is not None and role in WHOLE_EVENT) or (session_id is None and role in ONE_SESSION):
        message = (
            N_("This role is always for the whole event.")
            if role in WHOLE_EVENT
            else N_("Choose the session to moderate.")
        )
        raise BadInput(message, code="people.role-reach", field="session")
    if tx.connection.execute(select(grant.c.id).where(_same(account_id, event_id, role, session_id))).first():
        return False
    tx.connection.execute(
        insert(grant).values(
            account_id=account_id, event_id=event_id, role=role.value, session_id=session_id, granted_at=now
        )
    )
    rotate_sessions(tx, account_id)
    return True


def revoke_role(
    tx: Transaction, account_id: int, event_id: int, role: Role, session_id: int | None = None
) -> bool:
    """Take *role* back; False when it was not held. Tell the live rooms (`Revocations`) after the commit.

    Raises `Conflict` rather than leave an event without an organizer.
    """
    if role is Role.ORGANIZER and organizers_of(tx.connection, event_id) == {account_id}:
        raise Conflict(
            N_("This is the only organizer. Name another one first."), code="people.last-organizer"
        )
    done = tx.connection.execute(delete(grant).where(_same(account_id, event_id, role, session_id)))
    rotate_sessions(tx, account_id)
    return done.rowcount > 0


def organizers_of(rows: Connection, event_id: int) -> set[int]:
    """The accounts that may organize the event."""
    return set(
        rows.scalars(
            select(grant.c.account_id).where(
                grant.c.event_id == event_id, grant.c.role == Role.ORGANIZER.value
            )
        )
    )


def ban_person(
    tx: Transaction,
    account_id: int,
    event_id: int,
    session_id: int | None = None,
    *,
    by: int | None,
    now: datetime,
    until: datetime | None = None,
) -> None:
    """Take all roles away in the event or one session of it, until *until* or until lifted."""
    lift_ban(tx, account_id, event_id, session_id)
    tx.connection.execute(
        insert(ban).values(
            account_id=account_id,
            event_id=event_id,
            session_id=session_id,
            by_id=by,
            made_at=now,
            until=until,
        )
    )
    rotate_sessions(tx, account_id)


def lift_ban(tx: Transaction, account_id: int, event_id: int, session_id: int | None = None) -> bool:
    """End a ban; False when there was none."""
    done = tx.connection.execute(
        delete(ban).where(
            ban.c.account_id == account_id,
            ban.c.event_id == event_id,
            ban.c.session_id.is_not_distinct_from(session_id),
        )
    )
    return done.rowcount > 0


def rotate_sessions(tx: Transaction, account_id: int) -> None:
    """Every cookie of the account is exchanged at its next request: rights changed."""
    tx.connection.execute(
        update(browser_session).where(browser_session.c.account_id == account_id).values(rotate_due=True)
    )


def events_of(rows: Connection, account_id: int) -> set[int]:
    """The events in which the account holds any role."""
    return set(rows.scalars(select(grant.c.event_id).where(grant.c.account_id == account_id)))


def names_with_roles(
    rows: Connection, event_ids: Iterable[int], roles: Iterable[Role], *, without: int | None
) -> list[str]:
    """The names of those who hold one of *roles* in one of the events, except the account *without*."""
    query = (
        select(account.c.name)
        .join(grant, grant.c.account_id == account.c.id)
        .where(grant.c.event_id.in_(list(event_ids)), grant.c.role.in_([role.value for role in roles]))
        .distinct()
    )
    return list(rows.scalars(query if without is None else query.where(account.c.id != without)))


def _same(account_id: int, event_id: int, role: Role, session_id: int | None) -> ColumnElement[bool]:
    return and_(
        grant.c.account_id == account_id,
        grant.c.event_id == event_id,
        grant.c.role == role.value,
        grant.c.session_id.is_not_distinct_from(session_id),
    )
