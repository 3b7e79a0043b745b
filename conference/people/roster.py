"""The people of an event as its organizers see them."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select

from conference.people.invitations import invited_at
from conference.people.permissions import Role
from conference.people.tables import account, ban, browser_session, grant
from conference.serving.text import skeleton

_order = (Role.ORGANIZER, Role.CHAIR, Role.MODERATOR, Role.SPEAKER, Role.ATTENDEE)


class RoleHeld(msgspec.Struct, frozen=True):
    """A role, for one session or (None) the whole event."""

    role: Role
    session_id: int | None


class PersonListed(msgspec.Struct, frozen=True):
    """A line of the list."""

    public_id: str
    name: str
    email: str
    roles: list[RoleHeld]
    invited_at: datetime | None
    seen_at: datetime | None  # None: never signed in, or every session ended
    is_banned: bool


def people_of_event(rows: Connection, event_id: int, *, only: int | None = None) -> list[PersonListed]:
    """Everybody with a role (or the account *only*), most responsible first, then by name. Four queries."""
    held: dict[int, list[RoleHeld]] = {}
    for account_id, role, session_id in rows.execute(
        select(grant.c.account_id, grant.c.role, grant.c.session_id).where(grant.c.event_id == event_id)
    ):
        held.setdefault(account_id, []).append(RoleHeld(Role(role), session_id))
    members = select(grant.c.account_id).where(grant.c.event_id == event_id)
    members = members if only is None else members.where(grant.c.account_id == only)
    invited = invited_at(rows, event_id)
    banned = set(
        rows.scalars(select(ban.c.account_id).where(ban.c.event_id == event_id, ban.c.session_id.is_(None)))
    )
    seen = (
        select(func.max(browser_session.c.seen_at))
        .where(browser_session.c.account_id == account.c.id)
        .scalar_subquery()
    )
    people = [
        PersonListed(
            public_id=row.public_id,
            name=row.name,
            email=row.email,
            roles=sorted(held[row.id], key=lambda each: (_order.index(each.role), each.session_id or 0)),
            invited_at=invited.get(row.id),
            seen_at=row.seen_at,
            is_banned=row.id in banned,
        )
        for row in rows.execute(select(account, seen.label("seen_at")).where(account.c.id.in_(members)))
    ]
    return sorted(people, key=lambda each: (_order.index(each.roles[0].role), each.name.casefold()))


def fits(person: PersonListed, wanted: str) -> bool:
    """Whether a search for *wanted* finds the person: in the name as it looks, the address or a role."""
    plain = wanted.strip().casefold()
    return (
        not plain
        or plain in person.email
        or plain in person.name.casefold()
        or (bool(skeleton(plain)) and skeleton(plain) in skeleton(person.name))
        or any(plain == held.role for held in person.roles)
    )
