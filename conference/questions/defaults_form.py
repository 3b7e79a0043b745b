"""The questions' part of the organizers' page of what holds in all live rooms (app.py joins the two)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from conference.agenda.organizing.typed import Typed
from conference.questions.rules import Defaults, change_defaults, defaults_of
from conference.storage.database import Transaction

TEMPLATE = "questions/defaults.html"
_NAMES = tuple(field.name for field in msgspec.structs.fields(Defaults))


def read(rows: Connection, event_id: int) -> Mapping[str, object]:
    """The fields of the form, by name."""
    stored = msgspec.structs.asdict(defaults_of(rows, event_id))
    return {f"questions_{name}": value for name, value in stored.items()}


def parse(typed: Typed) -> Defaults:
    """What was chosen; a box that is not ticked is not sent."""
    return Defaults(**{name: typed.truth(f"questions_{name}") for name in _NAMES})


def save(tx: Transaction, event_id: int, wanted: Defaults, by: int, now: datetime) -> None:
    """Keep it for the sessions of the event that have no rules of their own."""
    change_defaults(tx, event_id, wanted)


#: What `Section` of the page takes.
SECTION = (TEMPLATE, read, parse, save, defaults_of)
