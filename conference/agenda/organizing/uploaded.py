"""An uploaded file as a programme for this event, and applying exactly what was seen in its preview."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from conference.agenda.drafting.edit_log import recorded
from conference.agenda.drafting.stored_sessions import stored_sessions
from conference.agenda.drafts import EventDraft, Programme
from conference.agenda.importing.apply import import_schedule
from conference.agenda.importing.own_addresses import without_own_addresses
from conference.agenda.importing.read_file import read_programme
from conference.agenda.organizing.people import everybody
from conference.agenda.organizing.stash import Kept
from conference.agenda.organizing.trying import copy_of
from conference.agenda.reading import rooms_of, tracks_of, types_of
from conference.agenda.rows import EventRow
from conference.agenda.sheets.programme import programme_from
from conference.agenda.sheets.rows import Known
from conference.agenda.sheets.workbook import is_spreadsheet, read_sheets
from conference.errors import N_, Conflict
from conference.storage.database import Transaction

LARGEST = 8 * 1024 * 1024  # bytes; the largest published schedules have about 5 MB


def known_of(rows: Connection, event: EventRow) -> Known:
    """What a file's names are looked up in."""
    return Known(
        event=event,
        rooms=rooms_of(rows, event.id),
        tracks=tracks_of(rows, event.id),
        types=types_of(rows, event.id),
        people=[one.person for one in everybody(rows, event.id)],
        sessions=stored_sessions(rows, event.id),
    )


def programme_of(kept: Kept, known: Known, site: str) -> Programme:
    """What the file says, for this event. `BadInput` with the place of what cannot be right."""
    if is_spreadsheet(kept.data):
        return programme_from(read_sheets(kept.data, kept.filename), known, kind=kept.kind)
    programme = read_programme(kept.data, kept.filename, slug=known.event.slug, home=known.event.zone)
    without_own_addresses(programme, site)
    if kept.keeps_event:
        event = known.event
        same = {name: getattr(event, name) for name in EventDraft.__struct_fields__ if hasattr(event, name)}
        programme.event = EventDraft(**(same | {"is_public": None}))
        programme.zone_is_guess = False
    return programme


def apply_seen(
    tx: Transaction, event: EventRow, programme: Programme, seen: str, *, by: int, at: datetime
) -> None:
    """Import *programme*, unless the draft is another than the one whose digest was *seen* (`Conflict`)."""
    if copy_of(tx.connection, event.id).digest != seen:
        raise Conflict(
            N_("The draft changed since you looked. Nothing was applied; this is what would change now."),
            code="import.stale",
        )
    with recorded(tx, event.id, "import", by=by, at=at):
        import_schedule(tx, programme, at=at)
