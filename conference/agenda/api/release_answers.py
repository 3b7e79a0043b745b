"""The releases of an event, and making one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from aiohttp import web

from conference.agenda.api.answering import account_of, answer, event_id_of, paged, read_draft, read_json
from conference.agenda.releasing.notices import Sender
from conference.agenda.releasing.published import ReleaseRow, releases_of
from conference.agenda.releasing.releasing import publish
from conference.agenda.releasing.telling import TELLING
from conference.serving.context import CLOCK, DATABASE, SETTINGS


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


async def releases(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/releases``: newest first."""
    found = await read_draft(request, lambda rows, event: releases_of(rows, event.id))
    return paged(request, [_release(row) for row in sorted(found, key=lambda row: -row.number)])


async def release(request: web.Request) -> web.Response:
    """``POST /api/events/{event}/releases``"""
    said, event_id, by = await read_json(request, ReleaseIn), event_id_of(request), account_of(request)
    settings, now = request.app[SETTINGS], request.app[CLOCK].now()
    sender = Sender(site=settings.public_url, address=settings.mail.sender) if said.tell else None
    made = await publish(
        request.app[DATABASE],
        event_id,
        name=said.name,
        comment=said.comment,
        by=by,
        at=now,
        sender=sender,
    )
    told = await request.app[TELLING].tell(made.release.id)
    return answer(
        ReleaseMade(_release(made.release), made.changes, told.people),
        status=201,
        headers={"Cache-Control": "no-store"},
    )


def _release(row: ReleaseRow) -> Release:
    return Release(number=row.number, name=row.name, comment=row.comment, made_at=row.made_at)
