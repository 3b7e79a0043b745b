"""Halls that run late, for programs: as the chair says it in the room."""

from __future__ import annotations

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.api.answering import account_of, answer, read_draft, read_json, write_event
from conference.agenda.drafting.acts import Number
from conference.agenda.organizing.lists import KINDS, entry_of
from conference.agenda.releasing.saying_late import Late, minutes_late, run_late, run_on_time
from conference.agenda.rows import EventRow
from conference.serving.context import CLOCK
from conference.storage.database import Transaction


class LateIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By how many `minutes` more (below zero: fewer) the rest of the room's day is late from now on; null:
    it is back on time."""

    minutes: Number | None


class LateNow(msgspec.Struct, frozen=True):
    """How many minutes the room is late now; 0: on time."""

    minutes: int


async def late(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/rooms/{room}/late``"""
    now = request.app[CLOCK].now()

    def read(rows: Connection, event: EventRow) -> LateNow:
        return LateNow(minutes_late(rows, event.id, _room(rows, event, request), now))

    return answer(await read_draft(request, read))


async def say_late(request: web.Request) -> web.Response:
    """``POST /api/events/{event}/rooms/{room}/late``"""
    said, now, by = await read_json(request, LateIn), request.app[CLOCK].now(), account_of(request)

    def work(tx: Transaction, event: EventRow) -> Late:
        room_id = _room(tx.connection, event, request)
        if said.minutes is None:
            return run_on_time(tx, event.id, room_id, by=by, at=now)
        return run_late(tx, event.id, room_id, said.minutes, by=by, at=now)

    return answer(await write_event(request, work), headers={"Cache-Control": "no-store"})


def _room(rows: Connection, event: EventRow, request: web.Request) -> int:
    return int(entry_of(rows, event, KINDS["rooms"], request.match_info["room"]).id)
