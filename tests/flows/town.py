"""A town of ten people and two events, for everything that is about who may do what.

`karbala` is open to everybody, `clinic` only to those invited. In karbala, Zainab organizes, Hasan chairs,
Noor moderates the morning session, Ali speaks in it, Maryam and Dawud attend; Huda is banned from the event
and Omar from its morning session. Layla organizes the clinic, Sami attends it; Karim has an account, no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import insert, select

from conference.agenda.releasing.releasing import release_draft
from conference.agenda.tables import event, person, room, session, session_person
from conference.clock import Clock
from conference.people.grants import ban_person, grant_role
from conference.people.outbox import put_mail
from conference.people.permissions import Role
from conference.people.tables import account
from conference.storage.database import Transaction

OPEN, CLOSED = "karbala", "clinic"
MORNING, NOON, CASES = "MORN01", "NOON01", "CASE01"  # two sessions of karbala, one of the clinic
PEOPLE = ("zainab", "hasan", "noor", "ali", "maryam", "dawud", "huda", "omar", "layla", "sami", "karim")
SPEAKER_PAGE = "PERS01"


def furnish(tx: Transaction, clock: Clock) -> str:
    """Fill an empty database; returns the public id of a mail in the outbox of `karbala`."""
    rows, now = tx.connection, clock.now()
    for name in PEOPLE:
        values = {"public_id": f"{name}-public", "email": f"{name}@town.example", "name": name.title()}
        rows.execute(insert(account).values(**values, language="en", created_at=now))
    day = date(2025, 10, 25)
    for slug, codes in ((OPEN, (MORNING, NOON)), (CLOSED, (CASES,))):
        rows.execute(
            insert(event).values(
                slug=slug, title={"en": slug.title(), "ar": slug}, zone="Asia/Baghdad", starts=day, ends=day,
                languages=["en", "ar"], is_public=slug == OPEN, created_at=now, changed_at=now,
            )
        )  # fmt: skip
        event_id = id_of_event(tx, slug)
        rows.execute(insert(room).values(event_id=event_id, slug="a", name={"en": "Hall A"}, position=1))
        for number, code in enumerate(codes):
            rows.execute(
                insert(session).values(
                    event_id=event_id, code=code, guid=code, title={"en": f"Session {code}"},
                    starts_at=now + timedelta(minutes=number), minutes=60, created_at=now, changed_at=now,
                )
            )  # fmt: skip
        guid = f"{slug}-person"
        rows.execute(
            insert(person).values(event_id=event_id, code=SPEAKER_PAGE, guid=guid, name={"en": "Dr. Amal"})
        )
        amal = select(person.c.id).where(person.c.event_id == event_id).scalar_subquery()
        first = select(session.c.id).where(session.c.code == codes[0]).scalar_subquery()
        rows.execute(insert(session_person).values(session_id=first, person_id=amal, role="speaker"))
    for slug in (OPEN, CLOSED):
        release_draft(tx, id_of_event(tx, slug), by=None, at=now, sender=None)
    _give_roles(tx, clock)
    return put_mail(
        tx, to="ali@town.example", subject="Your talk", text="See you.", language="en", now=now,
        event_id=id_of_event(tx, OPEN),
    )  # fmt: skip


def _give_roles(tx: Transaction, clock: Clock) -> None:
    now, town, clinic = clock.now(), id_of_event(tx, OPEN), id_of_event(tx, CLOSED)
    morning = tx.connection.execute(select(session.c.id).where(session.c.code == MORNING)).scalar_one()
    roles: Mapping[str, tuple[int, Role, int | None]] = {
        "zainab": (town, Role.ORGANIZER, None), "hasan": (town, Role.CHAIR, None),
        "noor": (town, Role.MODERATOR, morning), "ali": (town, Role.SPEAKER, morning),
        "maryam": (town, Role.ATTENDEE, None), "dawud": (town, Role.ATTENDEE, None),
        "huda": (town, Role.ATTENDEE, None), "omar": (town, Role.ATTENDEE, None),
        "layla": (clinic, Role.ORGANIZER, None), "sami": (clinic, Role.ATTENDEE, None),
    }  # fmt: skip
    for name, (event_id, role, session_id) in roles.items():
        grant_role(tx, id_of(name), event_id, role, session_id, now=now)
    ban_person(tx, id_of("huda"), town, by=id_of("zainab"), now=now)
    ban_person(tx, id_of("omar"), town, morning, by=id_of("zainab"), now=now)


def id_of(name: str) -> int:
    """The account's key: they are made in the order of `PEOPLE`."""
    return PEOPLE.index(name) + 1


def id_of_event(tx: Transaction, slug: str) -> int:
    return int(tx.connection.execute(select(event.c.id).where(event.c.slug == slug)).scalar_one())
