"""A line of a table, and what the event has already that lines are about."""

from __future__ import annotations

import msgspec

from conference.agenda.drafting.stored_sessions import Stored
from conference.agenda.rows import EventRow, PersonRow, RoomRow, Texts, TrackRow, TypeRow
from conference.agenda.sheets.columns import SPOKEN, Column
from conference.agenda.sheets.values import text_in, texts_in
from conference.agenda.sheets.workbook import Cell


class Known(msgspec.Struct, frozen=True):
    """What the event has already."""

    event: EventRow
    rooms: list[RoomRow]
    tracks: list[TrackRow]
    types: list[TypeRow]
    people: list[PersonRow]
    sessions: dict[str, Stored]


class Row:
    """A line of a table: its cells by field, texts by language."""

    def __init__(self, place: str, cells: list[Cell | None], columns: list[Column | None]) -> None:
        self.place = place
        self.cells: dict[str, Cell] = {}
        self.texts: dict[str, Texts] = {}
        for cell, column in zip(cells, columns, strict=False):
            if cell is None or column is None:
                continue
            if column.field in SPOKEN:
                self.texts.setdefault(column.field, {}).update(texts_in(cell, column.language))
            else:
                self.cells.setdefault(column.field, cell)

    def text(self, field: str) -> str:
        cell = self.cells.get(field)
        return text_in(cell) if cell else ""


def plain(text: str) -> str:
    """A name as it is compared: without regard to case and spaces."""
    return " ".join(text.split()).casefold()
