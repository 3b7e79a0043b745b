"""The event itself for programs: its settings and logo, a new event, a copy of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from conference.agenda.api.answering import account_of, change_event, read_draft, read_json
from conference.agenda.api.overlaying import overlaid
from conference.agenda.api.preconditions import check_match, tagged
from conference.agenda.checks import TITLE_LIMIT
from conference.agenda.drafting.acts import Number
from conference.agenda.drafts import EventDraft
from conference.agenda.editing import create_event
from conference.agenda.organizing.cloning import CLONED_ALONG, CloneDraft, clone_event
from conference.agenda.organizing.event_form import (
    days_in,
    event_draft,
    plan_rules,
    rules_of,
    store_event,
    typed_event,
    zone_in,
)
from conference.agenda.organizing.logo import LARGEST, keep_logo, set_logo
from conference.agenda.organizing.typed import Typed
from conference.agenda.reading import event_by_id
from conference.agenda.rows import EventRow, Texts
from conference.errors import N_, BadInput, NotAllowed
from conference.people.grants import grant_role
from conference.people.permissions import Role
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE, SETTINGS
from conference.storage.database import Transaction


class Prayer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The place prayer times are reckoned for, in degrees, and the method (docs/clashes.md)."""

    latitude: float
    longitude: float
    method: str


class EventSettings(msgspec.Struct, frozen=True, kw_only=True):
    """An event with everything its organizers set; days and hours are on the clock of `zone`."""

    slug: str
    title: Texts
    description: Texts
    venue: Texts
    zone: str
    language: str
    languages: list[str]
    starts: date
    ends: date
    day_start_hour: int
    timeslot_minutes: int
    changeover_minutes: int
    walking_minutes: int
    holding_minutes: int
    is_public: bool
    accent: str
    logo: str
    url: str
    prayer: Prayer | None


class EventFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be said of an event. In texts, a language not named stays and "" removes one."""

    title: Texts | UnsetType = UNSET
    description: Texts | UnsetType = UNSET
    venue: Texts | UnsetType = UNSET
    zone: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    languages: list[str] | UnsetType = UNSET
    starts: date | UnsetType = UNSET
    ends: date | UnsetType = UNSET
    day_start_hour: Number | UnsetType = UNSET
    timeslot_minutes: Number | UnsetType = UNSET
    changeover_minutes: Number | UnsetType = UNSET
    walking_minutes: Number | UnsetType = UNSET
    holding_minutes: Number | UnsetType = UNSET
    is_public: bool | UnsetType = UNSET
    accent: str | UnsetType = UNSET
    url: str | UnsetType = UNSET
    prayer: Prayer | UnsetType | None = UNSET


class NewEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new event: its address, name, zone and days. It is closed unless `is_public`."""

    slug: Annotated[str, msgspec.Meta(max_length=64)]
    title: Texts
    zone: str
    starts: date
    ends: date
    is_public: bool = False


class CloneIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A copy: its address, name and first day; all other days keep their distance from it. `with_dates`:
    closures and availability too."""

    slug: Annotated[str, msgspec.Meta(max_length=64)]
    title: Texts
    starts: date
    with_sessions: bool = True
    with_dates: bool = False


class Cloned(msgspec.Struct, frozen=True):
    """The copy, and the titles of sessions whose time of day does not exist on their new day."""

    event: EventSettings
    moved: list[Texts]


async def event(request: web.Request) -> web.Response:
    """``GET /api/events/{event}``"""
    return tagged(request, await read_draft(request, _settings))


async def change(request: web.Request) -> web.Response:
    """``PATCH /api/events/{event}``"""
    said = await read_json(request, EventFields)

    def work(tx: Transaction, event: EventRow) -> EventSettings:
        rules = rules_of(tx.connection, event.id)
        typed = _typed(typed_event(event, rules), said)
        draft, wanted = event_draft(typed, event), plan_rules(typed)
        typed.check()
        check_match(request, _settings(tx.connection, event), said)
        store_event(tx, event.id, draft, wanted, at=request.app[CLOCK].now())
        return _settings(tx.connection, event_by_id(tx.connection, event.id))

    return tagged(request, await change_event(request, work))


async def put_logo(request: web.Request) -> web.Response:
    """``PUT /api/events/{event}/logo``: the picture is the body."""
    body = b""
    async for chunk in request.content.iter_chunked(LARGEST):
        body += chunk
        if len(body) > LARGEST:
            raise BadInput(
                N_("The picture is larger than %(limit)d kB."), code="logo.size", limit=LARGEST // 1024
            )
    return await _set_logo(request, await keep_logo(request.app[SETTINGS].folder, body))


async def remove_logo(request: web.Request) -> web.Response:
    """``DELETE /api/events/{event}/logo``"""
    return await _set_logo(request, "")


async def make(request: web.Request) -> web.Response:
    """``POST /api/events``: the caller becomes its organizer."""
    said, now = await read_json(request, NewEvent), request.app[CLOCK].now()

    def work(tx: Transaction, typed: Typed) -> EventSettings:
        starts, ends = days_in(typed, said.starts, said.ends)
        draft = EventDraft(
            slug=said.slug,
            title=typed.texts("title", limit=TITLE_LIMIT, needed=True),
            zone=zone_in(typed),
            starts=starts,
            ends=ends,
            is_public=said.is_public,
        )
        typed.check()
        event_id = create_event(tx, draft, at=now)
        grant_role(tx, account_of(request), event_id, Role.ORGANIZER, now=now)
        return _settings(tx.connection, event_by_id(tx.connection, event_id))

    made = await _made(request, said, work)
    return tagged(request, made, status=201, headers={"Location": f"/api/events/{made.slug}"})


async def clone(request: web.Request) -> web.Response:
    """``POST /api/events/{event}/clone``"""
    said, now = await read_json(request, CloneIn), request.app[CLOCK].now()
    source = await read_draft(request, lambda rows, event: event)

    def work(tx: Transaction, typed: Typed) -> Cloned:
        draft = CloneDraft(
            slug=said.slug,
            title=typed.texts("title", limit=TITLE_LIMIT, needed=True),
            starts=typed.day("starts") or said.starts,
            with_sessions=said.with_sessions,
            with_dates=said.with_dates,
        )
        typed.check()
        event, along = event_by_id(tx.connection, source.id), request.app[CLONED_ALONG]
        cloned = clone_event(tx, event, draft, along, by=account_of(request), at=now)
        return Cloned(_settings(tx.connection, event_by_id(tx.connection, cloned.id)), cloned.moved)

    made = await _made(request, said, work)
    return tagged(request, made, status=201, headers={"Location": f"/api/events/{made.event.slug}"})


async def _made(
    request: web.Request, said: NewEvent | CloneIn, work: Callable[[Transaction, Typed], Any]
) -> Any:
    if request[VIEWER].only_event_id is not None:
        raise NotAllowed(N_("What opens one event only can make no other."), code="api.one-event")
    typed = overlaid(Typed(), said)
    return await request.app[DATABASE].write(lambda tx: work(tx, typed))


async def _set_logo(request: web.Request, name: str) -> web.Response:
    at = request.app[CLOCK].now()

    def work(tx: Transaction, event: EventRow) -> EventSettings:
        set_logo(tx, event, name, at=at)
        return _settings(tx.connection, event_by_id(tx.connection, event.id))

    return tagged(request, await change_event(request, work))


def _settings(rows: Connection, event: EventRow) -> EventSettings:
    facts = {name: getattr(event, name) for name in EventSettings.__struct_fields__ if hasattr(event, name)}
    facts |= msgspec.structs.asdict(rules_of(rows, event.id))
    prayer = facts["prayer"]
    return EventSettings(**(facts | {"prayer": msgspec.convert(prayer, Prayer) if prayer else None}))


def _typed(stored: Typed, said: EventFields) -> Typed:
    """Where the form calls a thing by another name."""
    kept = msgspec.structs.replace(said, languages=UNSET, prayer=UNSET, is_public=UNSET)
    typed = overlaid(stored, kept)
    if said.languages is not UNSET:
        typed.values |= {"speaks": [one.lower() for one in said.languages], "other_languages": []}
    if said.is_public is not UNSET:
        typed.values["is_public"] = ["public" if said.is_public else "closed"]
    if said.accent is not UNSET:
        typed.values["accent_none"] = [] if said.accent else ["yes"]
    if said.prayer is None:
        typed.values["method"] = []
    elif said.prayer is not UNSET:
        typed.values |= Typed.of(**msgspec.structs.asdict(said.prayer)).values
    return typed
