"""The log of edits as a history to read: who changed what, when, from what to what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from conference.agenda.drafting.planned import Logged
from conference.agenda.drafting.shown_session import Names
from conference.agenda.messages import Editor
from conference.agenda.tables import edit
from conference.people.tables import account

MOST_EDITS = 1_000
_NAMED = {"room_id": ("room", "rooms"), "track_id": ("track", "tracks"), "type_id": ("type", "types")}


class PastEdit(msgspec.Struct, frozen=True, kw_only=True):
    """An edit. `before` and `after` of its `changes` have the fields that differ, or all where a session was
    made or deleted. `undoes` is the edit it took back, `undone_by` the one that took it back."""

    edit: int
    act: str
    at: datetime
    by: Editor | None
    undoes: int | None
    undone_by: int | None
    changes: list[Logged]


def history_of(rows: Connection, event_id: int, *, most: int = MOST_EDITS) -> list[PastEdit]:
    """The newest *most* edits of an event, newest first, with slugs and codes in place of ids."""
    names = Names.of(rows, event_id)
    query = (
        select(edit, account.c.public_id, account.c.name)
        .select_from(edit.outerjoin(account, account.c.id == edit.c.by))
        .where(edit.c.event_id == event_id)
        .order_by(edit.c.id.desc())
        .limit(most)
    )
    found = rows.execute(query).all()
    taken = {row.undoes: row.id for row in found}
    return [
        PastEdit(
            edit=row.id,
            act=row.act,
            at=row.at,
            by=None if row.public_id is None else Editor(row.public_id, row.name),
            undoes=row.undoes,
            undone_by=taken.get(row.id),
            changes=[_readable(each, names) for each in msgspec.convert(row.changes, list[Logged])],
        )
        for row in found
    ]


def _readable(change: Logged, names: Names) -> Logged:
    return Logged(change.code, _fields(change.before, names), _fields(change.after, names))


def _fields(fields: Mapping[str, Any] | None, names: Names) -> dict[str, Any] | None:
    if fields is None:
        return None
    readable: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _NAMED:
            called, kind = _NAMED[name]
            readable[called] = getattr(names, kind).get(value)
        elif name == "parts":
            people = ((names.people.get(person_id), role) for person_id, role in value)
            readable["people"] = [{"code": who[0], "role": role} for who, role in people if who is not None]
        else:
            readable[name] = value
    return readable
