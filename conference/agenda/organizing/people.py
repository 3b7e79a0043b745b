"""People of the programme as organizers keep them: who they are, where, when they can, and their account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update

from conference.agenda.checks import TEXT_LIMIT, TITLE_LIMIT
from conference.agenda.drafts import PersonDraft
from conference.agenda.editing import change_person, create_person
from conference.agenda.languages import text_in
from conference.agenda.organizing.event_form import zone_in
from conference.agenda.organizing.typed import Typed
from conference.agenda.reading import person_by_code
from conference.agenda.rows import PersonRow
from conference.agenda.tables import availability, person, session_person
from conference.errors import N_, BadInput, Conflict
from conference.people.grants import events_of
from conference.people.tables import account
from conference.storage.database import Transaction


class Window(msgspec.Struct, frozen=True, order=True):
    """When somebody can; no window at all means always."""

    starts_at: datetime
    ends_at: datetime


class ListedPerson(msgspec.Struct, frozen=True):
    """A line of the list: `parts` sessions they take part in, `windows` of availability."""

    person: PersonRow
    parts: int
    windows: int


class PersonForm(msgspec.Struct, frozen=True):
    """What the form of a person says. `account`: public id of an account of the event, or ""."""

    draft: PersonDraft
    windows: list[Window]
    account: str = ""


def everybody(rows: Connection, event_id: int) -> list[ListedPerson]:
    """Everyone of the event's programme by name, also those not in a session yet. Three queries."""
    fields = [person.c[name] for name in PersonRow.__struct_fields__]
    found = rows.execute(select(*fields).where(person.c.event_id == event_id)).mappings()
    people = [PersonRow(**row) for row in found]
    counts = []
    for table in (session_person, availability):
        query = select(table.c.person_id, func.count()).join(person, person.c.id == table.c.person_id)
        counted = rows.execute(query.where(person.c.event_id == event_id).group_by(table.c.person_id))
        counts.append({person_id: count for person_id, count in counted})
    parts, windows = counts
    listed = [ListedPerson(one, parts.get(one.id, 0), windows.get(one.id, 0)) for one in people]
    return sorted(listed, key=lambda each: next(iter(each.person.name.values()), "").casefold())


def windows_of(rows: Connection, person_id: int) -> list[Window]:
    query = select(availability.c.starts_at, availability.c.ends_at)
    return sorted(Window(*row) for row in rows.execute(query.where(availability.c.person_id == person_id)))


def account_of_person(rows: Connection, row: PersonRow) -> str:
    """The public id of the linked account, or ""."""
    found = rows.scalar(select(account.c.public_id).where(account.c.id == row.account_id))
    return found or ""


def person_draft(typed: Typed) -> PersonDraft:
    """The person as *typed* says; notes mistakes in it."""
    name = typed.texts("name", limit=TITLE_LIMIT, needed=True)
    return PersonDraft(
        key=text_in(name, "en"),
        name=name,
        biography=typed.texts("biography", limit=TEXT_LIMIT, lines=True),
        zone=zone_in(typed) if typed["zone"].strip() else "",
        is_remote=typed.truth("is_remote"),
    )


def add_person(tx: Transaction, event_id: int, form: PersonForm) -> str:
    """Store somebody new; returns their code."""
    person_id = create_person(tx, event_id, form.draft)
    _store(tx, event_id, person_id, form)
    code: str = tx.connection.execute(select(person.c.code).where(person.c.id == person_id)).scalar_one()
    return code


def save_person(tx: Transaction, event_id: int, code: str, form: PersonForm) -> None:
    """Change somebody; what the form does not ask for (guid, avatar, links) stays."""
    row = person_by_code(tx.connection, event_id, code)
    change_person(tx, row.id, form.draft)
    _store(tx, event_id, row.id, form)


def delete_person(tx: Transaction, event_id: int, code: str) -> None:
    """Delete somebody who takes part in nothing; `Conflict` otherwise."""
    row = person_by_code(tx.connection, event_id, code)
    query = select(func.count()).where(session_person.c.person_id == row.id)
    if tx.connection.execute(query).scalar_one():
        raise Conflict(
            N_("They still take part in sessions. Take them out of those first."), code="agenda.in-use"
        )
    tx.connection.execute(delete(person).where(person.c.id == row.id))


def check_windows(windows: Sequence[Window]) -> list[Window]:
    """The windows in order, those that touch joined."""
    joined: list[Window] = []
    for window in sorted(set(windows)):
        if joined and window.starts_at <= joined[-1].ends_at:
            joined[-1] = Window(joined[-1].starts_at, max(joined[-1].ends_at, window.ends_at))
        else:
            joined.append(window)
    return joined


def _store(tx: Transaction, event_id: int, person_id: int, form: PersonForm) -> None:
    values: dict[str, Any] = {"account_id": _account_id(tx.connection, event_id, form.account)}
    tx.connection.execute(update(person).where(person.c.id == person_id).values(values))
    set_windows(tx, person_id, form.windows)


def set_windows(tx: Transaction, person_id: int, windows: Sequence[Window]) -> None:
    """Make *windows* all there is of somebody's availability; none: always."""
    tx.connection.execute(delete(availability).where(availability.c.person_id == person_id))
    values = [msgspec.structs.asdict(one) | {"person_id": person_id} for one in check_windows(windows)]
    if values:
        tx.connection.execute(insert(availability), values)


def _account_id(rows: Connection, event_id: int, public_id: str) -> int | None:
    """The account, which must be of this event: organizers reach nobody else."""
    if not public_id:
        return None
    found = rows.scalar(select(account.c.id).where(account.c.public_id == public_id))
    if found is None or event_id not in events_of(rows, found):
        raise BadInput(N_("Please choose one of the offered values."), field="account")
    return int(found)
