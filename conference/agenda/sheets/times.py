"""When a session is, from the columns of day, start, end and length."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from conference.agenda.drafts import SessionDraft, TypeDraft
from conference.agenda.importing.fields import language_tag, refuse, shown
from conference.agenda.importing.notes import Notes
from conference.agenda.organizing.typed import local_moment
from conference.agenda.rows import EventRow
from conference.agenda.sheets.rows import Row
from conference.agenda.sheets.values import clock_in, day_in, has_day, minutes_in, text_in
from conference.agenda.sheets.workbook import Cell
from conference.errors import N_, BadInput


def times_of(
    event: EventRow,
    types: Mapping[str, TypeDraft],
    notes: Notes,
    row: Row,
    draft: SessionDraft,
    kind: str | None,
) -> dict[str, Any]:
    """`starts_at` and `minutes` as far as a line says them; *kind* is the slug of the session's type."""
    changes: dict[str, Any] = {}
    start, day = row.cells.get("start"), row.cells.get("day")
    zone = event.zone_info
    before = draft.starts_at.astimezone(zone).replace(tzinfo=None) if draft.starts_at else None
    if start and not text_in(start):
        changes["starts_at"] = None
    elif start or day:
        date_cell = day or (start if start and has_day(start) else None)
        if date_cell is None and before is None:
            assert start is not None
            refuse(start.place, N_("%(place)s: there is a time but no day."))
        if start is None and before is None:
            assert day is not None
            refuse(day.place, N_("%(place)s: there is a day but no time."))
        on = day_in(date_cell) if date_cell else before.date()  # type: ignore[union-attr]  # see above
        at = clock_in(start) if start else before.time()  # type: ignore[union-attr]
        changes["starts_at"] = _moment(event, notes, datetime.combine(on, at), (start or date_cell or day))
    starts = changes.get("starts_at", draft.starts_at)
    minutes, end = row.cells.get("minutes"), row.cells.get("end")
    if minutes:
        changes["minutes"] = minutes_in(minutes)
    elif end and starts:
        local = starts.astimezone(zone).replace(tzinfo=None)
        until = datetime.combine(day_in(end) if has_day(end) else local.date(), clock_in(end))
        until += timedelta(days=until <= local and not has_day(end))  # past midnight
        changes["minutes"] = int((_moment(event, notes, until, end) - starts).total_seconds() // 60)
        if changes["minutes"] <= 0:
            refuse(end.place, N_("%(place)s: the session ends before it starts."))
    elif not draft.title and kind and kind in types:
        changes["minutes"] = types[kind].minutes
    return changes


def _moment(event: EventRow, notes: Notes, local: datetime, cell: Cell | None) -> datetime:
    place = cell.place if cell else ""
    try:
        return local_moment(local, event.zone, fold="")
    except BadInput as error:
        if error.code == "agenda.twice":
            notes.add(
                lambda: place,
                N_("this time comes twice on the day the clocks go back; the first is taken"),
            )
            return local_moment(local, event.zone, fold="first")
        refuse(
            place,
            N_("%(place)s: %(time)s does not exist in %(zone)s: the clocks jump over it."),
            time=local.strftime("%Y-%m-%d %H:%M"),
            zone=event.zone,
        )


def language_of(row: Row) -> str | None:
    """The spoken language, by its code or its name."""
    said = row.text("language")
    words = {
        "arabic": "ar",
        "عربي": "ar",
        "العربية": "ar",
        "english": "en",
        "إنجليزي": "en",
        "الإنجليزية": "en",
    }
    tag = words.get(said.casefold()) or language_tag(said)
    if said and tag is None:
        refuse(
            row.cells["language"].place,
            N_("%(place)s: “%(value)s” is not a language code like ar or en."),
            value=shown(said),
        )
    return tag
