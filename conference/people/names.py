"""Names that must not be borrowed: those of the people an audience trusts."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from conference.errors import N_, BadInput
from conference.people.events import Events
from conference.people.grants import names_with_roles
from conference.people.permissions import Role
from conference.serving.text import looks_like

TRUSTED = frozenset({Role.ORGANIZER, Role.CHAIR, Role.SPEAKER, Role.MODERATOR})


def protected_names(
    rows: Connection, events: Events, event_ids: Iterable[int], *, without: int | None
) -> list[str]:
    """Names of those with a role of trust or a place on the programme, except the account *without*."""
    event_ids = list(event_ids)
    names = names_with_roles(rows, event_ids, TRUSTED, without=without)
    for event_id in event_ids:
        names.extend(events.names_on_programme(rows, event_id, without))
    return names


def refuse_borrowed_name(name: str, protected: Iterable[str]) -> None:
    """Raise `BadInput` on the field `name` when it could be taken for one of *protected*."""
    if looks_like(name, protected):
        raise BadInput(
            N_(
                "This name looks like that of a speaker or chair. If it is you, use the link you were sent;"
                " otherwise add something that tells you apart."
            ),
            code="people.borrowed-name",
            field="name",
        )
