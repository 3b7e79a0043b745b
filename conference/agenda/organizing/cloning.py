"""A new event from one that was: what is planned is copied, what people did is not.

Copied: settings, logo, rooms, tracks, session types, opening hours, people of the programme, what holds in
live rooms (`CLONED_ALONG`), and (each when wished) sessions, closures and availability, which move with the
days. Not copied: accounts and roles, questions, stars, sign-ups, releases, materials, recordings.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web
from sqlalchemy import Table, insert, select, update

from conference.agenda.drafts import EventDraft
from conference.agenda.editing import create_event
from conference.agenda.organizing.event_form import rules_of
from conference.agenda.rows import EventRow, Texts
from conference.agenda.slugs import free_code
from conference.agenda.tables import (
    SessionState,
    availability,
    closure,
    event,
    opening,
    person,
    room,
    session,
    session_person,
    session_type,
    track,
)
from conference.people.grants import grant_role
from conference.people.permissions import Role
from conference.storage.database import Transaction

#: Copies what another domain keeps of an event: from the source to the clone, by whom, when.
CloneAlong = Callable[[Transaction, int, int, int, datetime], None]
CLONED_ALONG: web.AppKey[list[CloneAlong]] = web.AppKey("cloned_along", list)

_FORGOTTEN: dict[str, Any] = {
    # What belonged to the talk that was held.
    "source_code": None,
    "external_id": None,
    "slug": "",
    "recording_url": "",
    "url": "",
    "origin_url": "",
    "feedback_url": "",
    "links": [],
    "attachments": [],
    "revision": 0,
    "edition": 0,
}


class Cloned(msgspec.Struct, frozen=True):
    """The new event; `moved`: titles of sessions whose time of day does not exist on their new day (the
    clocks jump over it), so that they begin as much later."""

    id: int
    moved: list[Texts]


class CloneDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What is new: the address, the names, the first day; all days keep their distance from it."""

    slug: str
    title: Texts
    starts: date
    with_sessions: bool = True
    with_dates: bool = False  # closures, and when people can: often other ones at another time of the year


def clone_event(
    tx: Transaction, source: EventRow, draft: CloneDraft, along: list[CloneAlong], *, by: int, at: datetime
) -> Cloned:
    """Make the event; *by* becomes its organizer. `Conflict` when the address is taken."""
    days = draft.starts - source.starts
    event_id = _copy_event(tx, source, draft, days, at)
    grant_role(tx, by, event_id, Role.ORGANIZER, now=at)
    places = {
        name: _copy(tx, table, source.id, event_id, {"guid": ""} if table is room else {})
        for name, table in (("room_id", room), ("track_id", track), ("type_id", session_type))
    }
    _copy_hours(tx, source.id, event_id, places["room_id"], days)
    people = _copy(tx, person, source.id, event_id, {"account_id": None, "external_id": None})
    if draft.with_dates:
        _copy_spans(tx, closure, source, days, {source.id: event_id}, "event_id")
        _copy_spans(tx, availability, source, days, people, "person_id")
    moved: list[Texts] = []
    if draft.with_sessions:
        ids, moved = _copy_sessions(tx, source, event_id, places, days, at)
        _copy_parts(tx, ids, people)
    for copy in along:
        copy(tx, source.id, event_id, by, at)
    return Cloned(event_id, moved)


def shifted(moment: datetime, days: timedelta, zone: str) -> tuple[datetime, bool]:
    """*moment* moved by whole days on the clocks of *zone*, and whether its time of day exists there.

    A time that does not exist is read as the one as much later (RFC 5545 §3.3.5), one that comes twice as
    the first.
    """
    info = ZoneInfo(zone)
    local = moment.astimezone(info).replace(tzinfo=None, fold=0) + days
    there = local.replace(tzinfo=info).astimezone(UTC)
    return there, there.astimezone(info).replace(tzinfo=None, fold=0) == local


def _copy_event(tx: Transaction, source: EventRow, draft: CloneDraft, days: timedelta, at: datetime) -> int:
    logo = source.logo.removeprefix(f"/{source.slug}/logo/")
    event_id = create_event(
        tx,
        EventDraft(
            slug=draft.slug,
            title=draft.title,
            description=source.description,
            venue=source.venue,
            zone=source.zone,
            starts=draft.starts,
            ends=source.ends + days,
            language=source.language,
            languages=source.languages,
            day_start_hour=source.day_start_hour,
            timeslot_minutes=source.timeslot_minutes,
            is_public=source.is_public,
            accent=source.accent,
            logo=f"/{draft.slug}/logo/{logo}" if logo != source.logo else source.logo,
        ),
        at=at,
    )
    rules = msgspec.structs.asdict(rules_of(tx.connection, source.id))
    tx.connection.execute(update(event).where(event.c.id == event_id).values(rules))
    return event_id


def _copy(
    tx: Transaction, table: Table, source_id: int, event_id: int, changes: Mapping[str, Any]
) -> dict[int | None, int]:
    """Copy the rows of a table; the new ids by the old."""
    ids: dict[int | None, int] = {}
    query = select(table).where(table.c.event_id == source_id).order_by(table.c.id)
    for row in tx.connection.execute(query).mappings().all():
        ids[row["id"]] = _insert(tx, table, {**row, **changes, "event_id": event_id})
    return ids


def _copy_hours(
    tx: Transaction, source_id: int, event_id: int, rooms: Mapping[int | None, int], days: timedelta
) -> None:
    query = select(opening).where(opening.c.event_id == source_id)
    for row in tx.connection.execute(query).mappings().all():
        changes = {"event_id": event_id, "room_id": rooms.get(row["room_id"]), "day": row["day"] + days}
        _insert(tx, opening, {**row, **changes})


def _copy_spans(
    tx: Transaction,
    table: Table,
    source: EventRow,
    days: timedelta,
    owners: Mapping[int | None, int],
    owner: str,
) -> None:
    """Copy what lasts from a moment to another, of each of *owners* (old to new), moved by *days*."""
    known = [old for old in owners if old is not None]
    query = select(table).where(table.c[owner].in_(known)).order_by(table.c.id)
    for row in tx.connection.execute(query).mappings().all():
        span = {name: shifted(row[name], days, source.zone)[0] for name in ("starts_at", "ends_at")}
        _insert(tx, table, {**row, **span, owner: owners[row[owner]]})


def _copy_sessions(
    tx: Transaction,
    source: EventRow,
    event_id: int,
    places: Mapping[str, Mapping[int | None, int]],
    days: timedelta,
    at: datetime,
) -> tuple[dict[int, int], list[Texts]]:
    """The new ids of the sessions by the old, and the titles of those whose time had to give way."""
    ids: dict[int, int] = {}
    moved: list[Texts] = []
    taken = set(tx.connection.scalars(select(session.c.code)))
    kept = (session.c.event_id == source.id) & (session.c.state != SessionState.CANCELLED.value)
    for row in tx.connection.execute(select(session).where(kept).order_by(session.c.id)).mappings().all():
        guid = str(uuid.uuid4())
        changes = _FORGOTTEN | {name: ids_.get(row[name]) for name, ids_ in places.items()}
        changes |= {"event_id": event_id, "guid": guid, "code": free_code(f"clone {guid}", taken)}
        changes |= {"created_at": at, "changed_at": at}
        taken.add(changes["code"])
        if row["starts_at"] is not None:
            changes["starts_at"], exists = shifted(row["starts_at"], days, source.zone)
            if not exists:
                moved.append(row["title"])
        ids[row["id"]] = _insert(tx, session, {**row, **changes})
    return ids, moved


def _copy_parts(tx: Transaction, sessions: Mapping[int, int], people: Mapping[int | None, int]) -> None:
    query = select(session_person).where(session_person.c.session_id.in_(list(sessions)))
    rows = [
        {**row, "session_id": sessions[row["session_id"]], "person_id": people[row["person_id"]]}
        for row in tx.connection.execute(query).mappings()
    ]
    if rows:
        tx.connection.execute(insert(session_person), rows)


def _insert(tx: Transaction, table: Table, values: Mapping[str, Any]) -> int:
    made = tx.connection.execute(insert(table).values({k: v for k, v in values.items() if k != "id"}))
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])
