"""Closures: public holidays and announced shutdowns of the network, one by one or every day for some days."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.checks import TITLE_LIMIT
from conference.agenda.organizing import showing
from conference.agenda.organizing.hours import (
    Closure,
    ClosureDraft,
    add_closures,
    change_closure,
    closure_of,
    closures_of,
    delete_closure,
)
from conference.agenda.organizing.public_holidays import holidays_within
from conference.agenda.organizing.typed import Typed, local_moment, read_typed
from conference.agenda.rows import EventRow
from conference.agenda.tables import ClosureKind
from conference.errors import N_, BadInput, Conflict
from conference.serving.translation import translate
from conference.storage.database import Transaction

MOST_DAYS = 366
HOLIDAY = ClosureKind.HOLIDAY
KINDS = {kind.value: kind for kind in ClosureKind}
EXAMPLE = N_("Internet shutdown on exam days")


async def closures_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/closures``: the list, and a form filled with the usual example."""
    return await _list_page(request, None)


async def add(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/closures``: one, or with `daily` one on each of the days."""
    typed = await read_typed(request)

    def work(tx: Transaction, event: EventRow) -> None:
        drafts = _drafts(typed, event)
        typed.check()
        add_closures(tx, event.id, drafts)

    try:
        await showing.change(request, work)
    except BadInput as error:
        typed.refuse(error)
        return await _list_page(request, typed)
    raise showing.done(request, "closures", "added")


async def closure_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/closures/{closure}``"""
    return await _closure_page(request, None)


async def change(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/closures/{closure}``"""
    typed, number = await read_typed(request), _number(request)

    def work(tx: Transaction, event: EventRow) -> None:
        stored = closure_of(tx.connection, event.id, number)
        drafts = _drafts(typed, event)
        typed.check()
        showing.check_seen(typed, stored)
        change_closure(tx, event.id, number, drafts[0])

    try:
        await showing.change(request, work)
    except (BadInput, Conflict) as error:
        typed.refuse(error)
        return await _closure_page(request, typed)
    raise showing.done(request, "closures")


async def remove(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/closures/{closure}/delete``"""
    number = _number(request)
    await showing.change(request, lambda tx, event: delete_closure(tx, event.id, number))
    raise showing.done(request, "closures", "deleted")


def _drafts(typed: Typed, event: EventRow) -> list[ClosureDraft]:
    """What the form means. Empty times are the whole of the days (a holiday)."""
    kind = typed.choice("kind", KINDS, needed=True)
    name = typed.texts("name", limit=TITLE_LIMIT, needed=True)
    first, last = typed.day("starts_day"), typed.day("ends_day", needed=False)
    last = last or first
    opens, closes = typed.clock("starts_time", needed=False), typed.clock("ends_time", needed=False)
    if first is None or last is None or kind is None or typed.errors:
        return []
    whole_days = not typed["starts_time"].strip() and not typed["ends_time"].strip()
    if last < first:
        typed.wrong("ends_day", N_("The last day is before the first."))
        return []
    if (last - first).days >= MOST_DAYS:
        typed.wrong("ends_day", N_("This is longer than a year."))
        return []
    spans = [(first, last)]
    if typed.truth("daily") and not whole_days:
        spans = [(day, day) for day in (first + timedelta(n) for n in range((last - first).days + 1))]
    drafts = []
    for begin, end in spans:
        starts = _moment(typed, "starts_time", datetime.combine(begin, opens or time()), event)
        if closes is None or (whole_days and typed.truth("daily")):
            ends = _moment(typed, "ends_time", datetime.combine(end + timedelta(1), time()), event)
        else:
            # 22:00 to 02:00 on one day means until the next morning.
            over = begin == end and opens is not None and closes <= opens
            ends = _moment(typed, "ends_time", datetime.combine(end + timedelta(over), closes), event)
        if starts and ends and starts >= ends:
            typed.wrong("ends_time", N_("This ends before it begins."))
        elif starts and ends:
            drafts.append(ClosureDraft(kind=kind, name=name, starts_at=starts, ends_at=ends))
    return drafts


def _moment(typed: Typed, field: str, local: datetime, event: EventRow) -> datetime | None:
    try:
        return local_moment(local, event.zone, fold="first")  # of two equal hours, the longer closure
    except BadInput as error:
        typed.refuse(error, field)
        return None


def _typed(event: EventRow, row: Closure) -> Typed:
    starts, ends = (moment.astimezone(event.zone_info) for moment in (row.starts_at, row.ends_at))
    return Typed.of(
        kind=row.kind.value,
        name=row.name,
        starts_day=starts.date(),
        starts_time=starts.time(),
        ends_day=ends.date(),
        ends_time=ends.time(),
    )


def _example(event: EventRow) -> Typed:
    return Typed.of(
        kind=ClosureKind.SHUTDOWN.value,
        name={lang: translate(lang, EXAMPLE) for lang in ("ar", "en")},
        starts_day=event.starts,
        ends_day=event.ends,
        starts_time=time(6),
        ends_time=time(8),
        daily=True,
    )


async def _list_page(request: web.Request, typed: Typed | None) -> web.StreamResponse:
    def read(rows: Connection, event: EventRow) -> dict[str, Any]:
        stored = closures_of(rows, event.id)
        days = {one.starts_at.astimezone(event.zone_info).date() for one in stored if one.kind is HOLIDAY}
        around = holidays_within(event.zone, event.starts, event.ends)
        return {"closures": stored, "offered": [one for one in around if one.day not in days]}

    values = await showing.with_event(request, read)
    tongues = showing.tongues_of(values["event"])
    shown = typed or _example(values["event"])
    return showing.form_page(request, "closures", shown, tongues=tongues, **values)


async def _closure_page(request: web.Request, typed: Typed | None) -> web.StreamResponse:
    def read(rows: Connection, event: EventRow) -> dict[str, Any]:
        return {"row": closure_of(rows, event.id, _number(request))}

    values = await showing.with_event(request, read)
    event, row = values["event"], values["row"]
    stored = _typed(event, row)
    shown = typed or stored
    return showing.form_page(
        request,
        "closure",
        shown,
        tongues=showing.tongues_of(event, row.name),
        theirs=showing.theirs_of(shown, stored, row),
        seen=showing.seen_of(row),
        **values,
    )


def _number(request: web.Request) -> int:
    return int(request.match_info["closure"])
