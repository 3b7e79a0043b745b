"""Rooms, tracks, types and people of an event, and its releases."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from aiohttp import web
from sqlalchemy import Connection, select

from conference.agenda.api.answering import account_of, answer, event_id_of, paged, read_draft, read_json
from conference.agenda.drafting.whole_draft import DraftRoom, DraftTrack, DraftType, narrowed
from conference.agenda.reading import rooms_of, tracks_of, types_of
from conference.agenda.releasing.notices import Sender
from conference.agenda.releasing.published import ReleaseRow, releases_of
from conference.agenda.releasing.releasing import release_draft
from conference.agenda.rows import Texts
from conference.agenda.tables import person
from conference.serving.context import CLOCK, DATABASE, SETTINGS


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the programme. `zone` is "" when it is the event's."""

    code: str
    name: Texts
    biography: Texts
    zone: str
    is_remote: bool


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """A published state of the programme; it never changes."""

    number: int
    name: str
    comment: str
    made_at: datetime


class ReleaseIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to release the draft as: without a name, its number. `tell` puts notices into the outbox."""

    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    comment: Annotated[str, msgspec.Meta(max_length=5000)] = ""
    tell: bool = True


class ReleaseMade(msgspec.Struct, frozen=True):
    """A new release: how many sessions differ from the one before, and how many people are told."""

    release: Release
    changes: int
    told: int


async def rooms(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/rooms``: in the order of the programme."""
    found = await read_draft(request, lambda rows, event: rooms_of(rows, event.id))
    return paged(request, [narrowed(each, DraftRoom) for each in found])


async def tracks(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/tracks``"""
    found = await read_draft(request, lambda rows, event: tracks_of(rows, event.id))
    return paged(request, [narrowed(each, DraftTrack) for each in found])


async def types(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/types``"""
    found = await read_draft(request, lambda rows, event: types_of(rows, event.id))
    return paged(request, [narrowed(each, DraftType) for each in found])


async def people(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/people``: everybody of the programme, in no session too."""

    def read(rows: Connection, event_id: int) -> list[Person]:
        query = select(person).where(person.c.event_id == event_id).order_by(person.c.id)
        return [
            Person(
                code=row.code,
                name=row.name,
                biography=row.biography,
                zone=row.zone,
                is_remote=row.is_remote,
            )
            for row in rows.execute(query)
        ]

    return paged(request, await read_draft(request, lambda rows, event: read(rows, event.id)))


async def releases(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/releases``: newest first."""
    found = await read_draft(request, lambda rows, event: releases_of(rows, event.id))
    return paged(request, [_release(row) for row in sorted(found, key=lambda row: -row.number)])


async def release(request: web.Request) -> web.Response:
    """``POST /api/events/{event}/releases``"""
    said, event_id, by = await read_json(request, ReleaseIn), event_id_of(request), account_of(request)
    settings, now = request.app[SETTINGS], request.app[CLOCK].now()
    sender = Sender(site=settings.public_url, address=settings.mail.sender) if said.tell else None
    made = await request.app[DATABASE].write(
        lambda tx: release_draft(
            tx, event_id, name=said.name, comment=said.comment, by=by, at=now, sender=sender
        )
    )
    told = ReleaseMade(_release(made.release), made.changes, made.told)
    return answer(told, status=201, headers={"Cache-Control": "no-store"})


def _release(row: ReleaseRow) -> Release:
    return Release(number=row.number, name=row.name, comment=row.comment, made_at=row.made_at)
