"""The small world of these tests: an open event, a closed one, and people with roles in them.

karbala   open     sessions OPENIN and EXAMS1
rounds    closed   session  CASES1
basra     open     somebody else's event, no sessions
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import insert

from conference.agenda.tables import event, person, session, session_person
from conference.people.accounts import create_account, grant_role
from conference.people.permissions import Role, Scope
from conference.storage.database import Transaction

KARBALA, ROUNDS, BASRA = 1, 2, 3
OPENIN, EXAMS1, CASES1 = 11, 12, 21

KARBALA_EVENT = Scope(event_id=KARBALA, is_public=True)
OPENIN_ROOM = Scope(event_id=KARBALA, session_id=OPENIN, is_public=True)
EXAMS1_ROOM = Scope(event_id=KARBALA, session_id=EXAMS1, is_public=True)
ROUNDS_EVENT = Scope(event_id=ROUNDS, is_public=False)
CASES1_ROOM = Scope(event_id=ROUNDS, session_id=CASES1, is_public=False)


def furnish(tx: Transaction, now: datetime) -> None:
    """Events, sessions, one printed speaker; two organizers."""
    for key, slug, title, is_public in (
        (KARBALA, "karbala", "Karbala Congress", True),
        (ROUNDS, "rounds", "Grand Rounds", False),
        (BASRA, "basra", "Basra Days", True),
    ):
        tx.connection.execute(
            insert(event).values(
                id=key,
                slug=slug,
                title={"en": title, "ar": "مؤتمر"},
                zone="Asia/Baghdad",
                starts=date(2025, 10, 25),
                ends=date(2025, 10, 27),
                is_public=is_public,
                created_at=now,
                changed_at=now,
            )
        )
    for key, event_id, code in (
        (OPENIN, KARBALA, "OPENIN"),
        (EXAMS1, KARBALA, "EXAMS1"),
        (CASES1, ROUNDS, "CASES1"),
    ):
        tx.connection.execute(
            insert(session).values(
                id=key,
                event_id=event_id,
                code=code,
                guid=code,
                title={"en": f"Session {code}"},
                starts_at=now + timedelta(hours=1),
                minutes=30,
                created_at=now,
                changed_at=now,
            )
        )
    sara = {"en": "Dr. Sara Kamil", "ar": "د. سارة كامل"}
    tx.connection.execute(insert(person).values(id=1, event_id=KARBALA, code="SARA", name=sara))
    tx.connection.execute(insert(session_person).values(session_id=OPENIN, person_id=1, role="speaker"))
    add_person(tx, "zainab@karbala.example", "Zainab", now, (KARBALA, Role.ORGANIZER))
    add_person(tx, "omar@basra.example", "Omar", now, (BASRA, Role.ORGANIZER))


def add_person(
    tx: Transaction, email: str, name: str, now: datetime, *roles: tuple[int, Role] | tuple[int, Role, int]
) -> int:
    """An account with roles, each `(event, role)` or `(event, role, session)`; returns its id."""
    account = create_account(tx, email, name, "en", now=now)
    for event_id, role, *session_id in roles:
        grant_role(tx, account.id, event_id, role, session_id[0] if session_id else None, now=now)
    return account.id
