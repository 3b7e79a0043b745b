"""Opening hours and closures (public holidays, announced shutdowns) for programs."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from conference.agenda.api.answering import change_event, paged, read_draft, read_json
from conference.agenda.api.overlaying import overlaid
from conference.agenda.api.preconditions import check_match, tagged
from conference.agenda.checks import TITLE_LIMIT
from conference.agenda.drafting.acts import Moment, Slug
from conference.agenda.drafting.whole_draft import Opening
from conference.agenda.moments import moment_of
from conference.agenda.organizing.hours import (
    PARTS_OF_A_DAY,
    Closure,
    ClosureDraft,
    Hours,
    add_closures,
    change_closure,
    closure_of,
    closures_of,
    days_of_event,
    delete_closure,
    hours_of,
    set_hours,
)
from conference.agenda.organizing.typed import Typed
from conference.agenda.reading import rooms_of
from conference.agenda.rows import EventRow, Texts
from conference.agenda.tables import ClosureKind
from conference.errors import N_, BadInput, NotFound
from conference.serving.forms import MISSING
from conference.storage.database import Transaction


class Openings(msgspec.Struct, frozen=True):
    """All opening hours, on the event's clock; `room` null: of every room that has none of its own."""

    openings: list[Opening]


class OpeningIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a room (null: every room) is open on a day; `closes` not after `opens` is on the next day."""

    room: Slug | None = None
    day: date
    opens: time
    closes: time


class OpeningsIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All opening hours from now on."""

    openings: Annotated[list[OpeningIn], msgspec.Meta(max_length=20_000)]


class ClosureFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be said of a closure; all of it when it is new."""

    kind: ClosureKind | UnsetType = UNSET
    name: Texts | UnsetType = UNSET
    starts_at: Moment | UnsetType = UNSET
    ends_at: Moment | UnsetType = UNSET


async def openings(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/openings``"""
    return tagged(request, await read_draft(request, _openings))


async def set_openings(request: web.Request) -> web.Response:
    """``PUT /api/events/{event}/openings``: the whole of them, or nothing."""
    said = await read_json(request, OpeningsIn)

    def work(tx: Transaction, event: EventRow) -> Openings:
        wanted = _hours(tx.connection, event, said)
        check_match(request, _openings(tx.connection, event), said)
        for room_id, hours in wanted.items():
            set_hours(tx, event.id, room_id, hours)
        return _openings(tx.connection, event)

    return tagged(request, await change_event(request, work))


async def closures(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/closures``"""
    return paged(request, await read_draft(request, lambda rows, event: closures_of(rows, event.id)))


async def closure(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/closures/{closure}``"""
    number = _number(request)
    return tagged(request, await read_draft(request, lambda rows, event: closure_of(rows, event.id, number)))


async def add_closure(request: web.Request) -> web.Response:
    """``POST /api/events/{event}/closures``"""
    said = await read_json(request, ClosureFields)

    def work(tx: Transaction, event: EventRow) -> Closure:
        draft = _draft(event, None, said)
        add_closures(tx, event.id, [draft])
        found = closures_of(tx.connection, event.id)
        same = [
            one
            for one in found
            if (one.kind, one.starts_at, one.ends_at) == (draft.kind, draft.starts_at, draft.ends_at)
        ]
        return same[0]

    made = await change_event(request, work)
    place = f"{request.rel_url.path.rstrip('/')}/{made.id}"
    return tagged(request, made, status=201, headers={"Location": place})


async def edit_closure(request: web.Request) -> web.Response:
    """``PATCH /api/events/{event}/closures/{closure}``"""
    said, number = await read_json(request, ClosureFields), _number(request)

    def work(tx: Transaction, event: EventRow) -> Closure:
        stored = closure_of(tx.connection, event.id, number)
        draft = _draft(event, stored, said)
        check_match(request, stored, said)
        change_closure(tx, event.id, number, draft)
        return closure_of(tx.connection, event.id, number)

    return tagged(request, await change_event(request, work))


async def remove_closure(request: web.Request) -> web.Response:
    """``DELETE /api/events/{event}/closures/{closure}``"""
    number = _number(request)

    def work(tx: Transaction, event: EventRow) -> None:
        check_match(request, closure_of(tx.connection, event.id, number))
        delete_closure(tx, event.id, number)

    await change_event(request, work)
    return web.Response(status=204)


def _openings(rows: Connection, event: EventRow) -> Openings:
    rooms: list[tuple[str | None, int | None]] = [(None, None)]
    rooms += [(room.slug, room.id) for room in rooms_of(rows, event.id)]
    return Openings(
        [
            Opening(slug, one.day, one.opens, one.closes)
            for slug, room_id in rooms
            for one in hours_of(rows, event.id, room_id)
        ]
    )


def _hours(rows: Connection, event: EventRow, said: OpeningsIn) -> dict[int | None, list[Hours]]:
    """The hours of every room; rooms that are not mentioned have none of their own."""
    ids: dict[str | None, int | None] = {None: None}
    ids |= {room.slug: room.id for room in rooms_of(rows, event.id)}
    found: dict[int | None, list[Hours]] = {room_id: [] for room_id in ids.values()}
    days = set(days_of_event(event))
    for number, one in enumerate(said.openings):
        field = f"openings[{number}]"
        if one.room not in ids:
            raise BadInput(
                N_("There is no room “%(slug)s” in this event."),
                code="agenda.no-room",
                field=f"{field}.room",
                slug=one.room,
            )
        if one.day not in days:
            raise BadInput(
                N_("%(day)s is no day of this event (%(first)s to %(last)s)."),
                code="agenda.no-day",
                field=f"{field}.day",
                day=one.day.isoformat(),
                first=event.starts.isoformat(),
                last=event.ends.isoformat(),
            )
        if one.opens == one.closes:
            raise BadInput(
                N_("This is the very time it opens."), code="agenda.times", field=f"{field}.closes"
            )
        here = found[ids[one.room]]
        here.append(Hours(one.day, _clock(one.opens, field), _clock(one.closes, field)))
        if sum(each.day == one.day for each in here) > PARTS_OF_A_DAY:
            raise BadInput(
                N_("The hours of a day have at most %(limit)d parts."),
                code="agenda.too-many",
                field=field,
                limit=PARTS_OF_A_DAY,
            )
    return found


def _clock(said: time, field: str) -> time:
    if said.second or said.microsecond or said.tzinfo is not None:
        raise BadInput(N_("Write the time like 09:30."), code="agenda.times", field=field)
    return said


def _draft(event: EventRow, stored: Closure | None, said: ClosureFields) -> ClosureDraft:
    kind = stored.kind if stored and said.kind is UNSET else said.kind
    if kind is UNSET:
        raise BadInput(MISSING, field="kind")
    plain = msgspec.structs.replace(said, kind=UNSET, starts_at=UNSET, ends_at=UNSET)
    typed = overlaid(Typed.of(name=stored.name) if stored else Typed(), plain)
    name = typed.texts("name", limit=TITLE_LIMIT, needed=True)
    typed.check()
    starts = _moment(event, "starts_at", said.starts_at, stored.starts_at if stored else None)
    ends = _moment(event, "ends_at", said.ends_at, stored.ends_at if stored else None)
    if starts >= ends:
        raise BadInput(N_("This ends before it begins."), code="agenda.times", field="ends_at")
    return ClosureDraft(kind=kind, name=name, starts_at=starts, ends_at=ends)


def _moment(event: EventRow, field: str, said: str | UnsetType, stored: datetime | None) -> datetime:
    if said is not UNSET:
        return moment_of(said, event.zone_info, field=field)
    if stored is None:
        raise BadInput(MISSING, field=field)
    return stored


def _number(request: web.Request) -> int:
    said: Any = request.match_info["closure"]
    if not said.isascii() or not said.isdecimal() or len(said) > 9:
        raise NotFound(N_("This was deleted meanwhile."), code="agenda.no-row")
    return int(said)
