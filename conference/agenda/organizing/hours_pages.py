"""The page of opening hours: each conference day, for all rooms or for one."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.organizing import showing
from conference.agenda.organizing.hours import (
    PARTS_OF_A_DAY,
    Hours,
    days_of_event,
    hours_of,
    rooms_with_hours,
    set_hours,
)
from conference.agenda.organizing.typed import Typed, read_typed
from conference.agenda.reading import rooms_of
from conference.agenda.rows import EventRow, RoomRow
from conference.errors import N_, BadInput, NotFound
from conference.storage.database import Transaction


async def hours_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/hours``; `?room=` for one room."""
    return await _page(request, request.query.get("room", ""), None)


async def save_hours(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/hours``; with `fill`, the first day's hours become those of every day."""
    typed = await read_typed(request)

    def save(tx: Transaction, event: EventRow) -> None:
        room = _room(tx.connection, event, typed["room"])
        if typed["fill"]:
            _fill(typed, event)
        hours = _hours(typed, event)
        typed.check()
        set_hours(tx, event.id, room.id if room else None, hours)

    try:
        await showing.change(request, save)
    except BadInput as error:
        typed.refuse(error)
        return await _page(request, typed["room"], typed)
    raise showing.done(request, f"hours?room={typed['room']}" if typed["room"] else "hours")


async def _page(request: web.Request, slug: str, typed: Typed | None) -> web.StreamResponse:
    def read(rows: Connection, event: EventRow) -> dict[str, Any]:
        room = _room(rows, event, slug)
        return {
            "room": room,
            "rooms": rooms_of(rows, event.id),
            "own": rooms_with_hours(rows, event.id),
            "hours": hours_of(rows, event.id, room.id if room else None),
        }

    values = await showing.with_event(request, read)
    shown = typed or _typed(values["event"], values["hours"])
    days = days_of_event(values["event"])
    return showing.form_page(request, "hours", shown, days=days, spans=range(PARTS_OF_A_DAY), **values)


def _typed(event: EventRow, hours: list[Hours]) -> Typed:
    values: dict[str, object] = {}
    for day in days_of_event(event):
        for number, one in enumerate([each for each in hours if each.day == day][:PARTS_OF_A_DAY]):
            values |= {f"opens_{day}_{number}": one.opens, f"closes_{day}_{number}": one.closes}
    return Typed.of(**values)


def _fill(typed: Typed, event: EventRow) -> None:
    first = event.starts
    for day in days_of_event(event):
        for number in range(PARTS_OF_A_DAY):
            for name in ("opens", "closes"):
                typed.values[f"{name}_{day}_{number}"] = [typed[f"{name}_{first}_{number}"]]


def _hours(typed: Typed, event: EventRow) -> list[Hours]:
    hours = []
    for day in days_of_event(event):
        for number in range(PARTS_OF_A_DAY):
            fields = [f"opens_{day}_{number}", f"closes_{day}_{number}"]
            if not any(typed[field].strip() for field in fields):
                continue
            opens, closes = (typed.clock(field) for field in fields)
            if opens and opens == closes:
                typed.wrong(fields[1], N_("This is the very time it opens."))
            elif opens is not None and closes is not None:
                hours.append(Hours(day, opens, closes))
    return hours


def _room(rows: Connection, event: EventRow, slug: str) -> RoomRow | None:
    """The room of this slug, None for all rooms; `NotFound` for one that is not there."""
    if not slug:
        return None
    found = next((room for room in rooms_of(rows, event.id) if room.slug == slug), None)
    if found is None:
        raise NotFound(N_("This was deleted meanwhile."), code="agenda.no-row")
    return found
