"""Who has to do with which session, read from the database: the `Circle` that notices are computed for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import Connection, String, cast, func, select

from conference.agenda.releasing.concerns import NONE, Circle, Tie, Ties
from conference.agenda.tables import SignUpState, person, session, sign_up, star
from conference.people.permissions import Role
from conference.people.tables import Account, account, ban, grant

#: Roles in a session's live room count like the same parts in the programme.
TIE_OF_ROLE = {Role.SPEAKER: Tie.SPEAKER, Role.CHAIR: Tie.CHAIR, Role.MODERATOR: Tie.MODERATOR}
STARRED: Ties = frozenset({Tie.STAR})
AT_ONCE = 500  # SQLite takes only so many values in one query


def circle_of(rows: Connection, event_id: int) -> Circle:
    """Everybody with an account here and anything in the event's programme. Five queries."""
    query = select(ban.c.account_id).where(ban.c.event_id == event_id, ban.c.session_id.is_(None))
    banned = set(rows.scalars(query))
    persons = {
        person_id: account_id
        for person_id, account_id in rows.execute(
            select(person.c.id, person.c.account_id).where(
                person.c.event_id == event_id, person.c.account_id.is_not(None)
            )
        )
        if account_id not in banned
    }
    marks = _stars(rows, event_id)
    for code, account_id, tie in _other_marks(rows, event_id):
        theirs = marks.setdefault(code, {})
        theirs[account_id] = theirs.get(account_id, NONE) | {tie}
    for theirs in marks.values() if banned else ():
        for account_id in banned & theirs.keys():
            del theirs[account_id]
    return Circle(persons, marks)


def accounts_by_id(rows: Connection, ids: Iterable[int]) -> dict[int, Account]:
    """The accounts, however many."""
    wanted = sorted(ids)
    found: dict[int, Account] = {}
    for start in range(0, len(wanted), AT_ONCE):
        query = select(account).where(account.c.id.in_(wanted[start : start + AT_ONCE]))
        found |= {row["id"]: Account(**row) for row in rows.execute(query).mappings()}
    return found


def unreachable(rows: Connection, event_id: int, person_ids: Collection[int]) -> int:
    """How many of these people of the programme have no account here, so that nothing can tell them."""
    query = select(person.c.id).where(person.c.event_id == event_id, person.c.account_id.is_(None))
    return len(set(rows.scalars(query)) & set(person_ids))


def _stars(rows: Connection, event_id: int) -> dict[str, dict[int, Ties]]:
    """Who starred each session. A row for each session: one for each star would cost ten times as much."""
    listed = func.aggregate_strings(cast(star.c.account_id, String), ",")
    query = (
        select(session.c.code, listed)
        .join(star, star.c.session_id == session.c.id)
        .where(session.c.event_id == event_id)
        .group_by(session.c.id)
    )
    return {
        code: dict.fromkeys(map(int, accounts.split(",")), STARRED) for code, accounts in rows.execute(query)
    }


def _other_marks(rows: Connection, event_id: int) -> Iterator[tuple[str, int, Tie]]:
    here = session.c.event_id == event_id
    taken = sign_up.c.state == SignUpState.TAKEN.value
    signed_up = select(session.c.code, sign_up.c.account_id).join(
        sign_up, sign_up.c.session_id == session.c.id
    )
    for code, account_id in rows.execute(signed_up.where(here, taken)):
        yield code, account_id, Tie.SIGN_UP
    granted = select(session.c.code, grant.c.account_id, grant.c.role).join(
        grant, grant.c.session_id == session.c.id
    )
    for code, account_id, role in rows.execute(granted.where(here)):
        if role in TIE_OF_ROLE:
            yield code, account_id, TIE_OF_ROLE[Role(role)]
