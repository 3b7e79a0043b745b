"""Tables of sessions, speakers and rooms become a checked `Programme` for an event that exists.

A line names what it means by guid, code or number, else by its title or name; nothing is ever made twice. A
column that is missing and a cell that is empty leave what is stored as it is; ``-`` empties it.
"""

from __future__ import annotations

from conference.agenda.drafts import EventDraft, Programme
from conference.agenda.importing.fields import refuse, shown
from conference.agenda.importing.notes import Notes
from conference.agenda.sheets.columns import Kind, columns_of, kind_of
from conference.agenda.sheets.lists import Lists
from conference.agenda.sheets.rows import Known, Row
from conference.agenda.sheets.sessions import SessionLines
from conference.agenda.sheets.workbook import Sheet
from conference.errors import N_


def programme_from(sheets: list[Sheet], known: Known, *, kind: Kind | None = None) -> Programme:
    """The programme of all *sheets*; *kind* says what a table lists when it does not tell itself.

    `BadInput` with the place of the first cell that cannot be right; what is odd is noted in `warnings`.
    """
    notes = Notes()
    tables = [table for sheet in sheets if (table := _table(sheet, kind, notes))]
    if not tables:
        refuse(
            sheets[0].place if sheets else "",
            N_("%(place)s: no row of headings was found. Download a template to see what they are called."),
        )
    lists = Lists(known, notes)
    lines = SessionLines(known, lists, notes)
    # Rooms and people first: sessions refer to them.
    for wanted, read in (("rooms", lists.room), ("speakers", lists.speaker), ("sessions", lines.read)):
        for found, rows in tables:
            if found == wanted:
                for row in rows:
                    read(row)
    return _programme(known, lists, lines, notes)


def _table(sheet: Sheet, kind: Kind | None, notes: Notes) -> tuple[Kind, list[Row]] | None:
    """What a sheet lists, and its lines; None (noted) for a sheet that says nothing to us."""
    for at, header in enumerate(sheet.rows[:10]):  # some put a title or two above the headings
        found = kind if kind and any(columns_of(header, kind)) else kind_of(sheet, header)
        if found is None or not any(columns_of(header, found)):
            continue
        columns = columns_of(header, found)
        for cell, column in zip(header, columns, strict=True):
            if cell and column is None:
                place = cell.place
                message = N_("the column “%(name)s” is not known; left out")
                notes.add(lambda: place, message, name=shown(cell.value))  # noqa: B023  # asked at once
        lines = [cells for cells in sheet.rows[at + 1 :] if any(cells)]
        return found, [Row(next(c.place for c in cells if c), cells, columns) for cells in lines]
    if sheet.rows and any(any(cells) for cells in sheet.rows):
        notes.add(lambda: sheet.place, N_("no headings are known in this table; left out"))
    return None


def _programme(known: Known, lists: Lists, lines: SessionLines, notes: Notes) -> Programme:
    event = known.event
    same = {name: getattr(event, name) for name in EventDraft.__struct_fields__ if hasattr(event, name)}
    used = {part.person for one in lines.sessions.values() for part in one.parts} | lists.touched
    return Programme(
        event=EventDraft(**(same | {"is_public": None})),
        rooms=list(lists.rooms.values()),
        tracks=list(lists.tracks.values()),
        types=list(lists.types.values()),
        people=[one for key, one in lists.people.items() if key in used],
        sessions=list(lines.sessions.values()),
        warnings=notes.oddities,
    )
