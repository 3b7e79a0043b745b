"""The names the programme prints: nobody else should be able to appear under them."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from conference.agenda.tables import person, session, session_person


def names_on_programme(rows: Connection, event_id: int, without: int | None) -> list[str]:
    """Speakers, chairs and moderators of an event in every language, except the account *without*."""
    query = (
        select(person.c.name)
        .distinct()
        .join(session_person, session_person.c.person_id == person.c.id)
        .join(session, session.c.id == session_person.c.session_id)
        .where(session.c.event_id == event_id)
    )
    if without is not None:
        query = query.where(or_(person.c.account_id.is_(None), person.c.account_id != without))
    return sorted({text for names in rows.scalars(query) for text in names.values()})
