"""The stage's part of the organizers' page of what holds in all live rooms (app.py joins the two)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from conference.agenda.organizing.typed import Typed
from conference.stage.rules import StageRules, change_defaults, defaults_of
from conference.storage.database import Transaction

TEMPLATE = "stage/defaults.html"


def read(rows: Connection, event_id: int) -> Mapping[str, object]:
    """The fields of the form, by name."""
    stored = defaults_of(rows, event_id)
    return {"stage_hands": stored.hands, "stage_reactions": stored.reactions}


def parse(typed: Typed) -> StageRules:
    """What was chosen; a box that is not ticked is not sent."""
    return StageRules(hands=typed.truth("stage_hands"), reactions=typed.truth("stage_reactions"))


def save(tx: Transaction, event_id: int, wanted: StageRules, by: int, now: datetime) -> None:
    """Keep it for the sessions of the event whose chairs have said nothing."""
    change_defaults(tx, event_id, wanted)


#: What `Section` of the page takes.
SECTION = (TEMPLATE, read, parse, save, defaults_of)
