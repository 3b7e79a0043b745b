"""The demo conference: Karbala, 25–27 October 2025, from the announced themes and formats, with roles
in place of people. Its programme is `demo_programme.toml`, beside this file."""

from __future__ import annotations

import tomllib
from datetime import datetime, time, timedelta
from importlib.resources import files
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from conference.agenda.drafts import (
    EventDraft,
    PartDraft,
    PersonDraft,
    Programme,
    RoomDraft,
    SessionDraft,
    TrackDraft,
    TypeDraft,
)
from conference.agenda.identity import uuid_from
from conference.agenda.importing.apply import import_schedule
from conference.agenda.reading import event_by_slug, schedule_of
from conference.agenda.rows import EventRow, SessionRow, Texts
from conference.agenda.tables import SessionKind, SessionRole
from conference.storage.database import Transaction

DEMO_SLUG = "karbala-2025"


class DemoEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The stored event and its opening, the session the demo's live room shows. Roles are granted on
    `opening.id`; its first chair and speaker are those of the programme."""

    event: EventRow
    opening: SessionRow

    @property
    def event_id(self) -> int:
        return self.event.id

    @property
    def session_id(self) -> int:
        return self.opening.id

    @property
    def session_code(self) -> str:
        return self.opening.code


def create_demo(tx: Transaction, *, now: datetime) -> DemoEvent:
    """Store the demo conference, or bring a stored one back to the programme."""
    import_schedule(tx, demo_programme(), at=now)
    event = event_by_slug(tx.connection, DEMO_SLUG)
    sessions = schedule_of(tx.connection, event).sessions
    return DemoEvent(event=event, opening=next(one for one in sessions if not one.is_break))


def demo_programme() -> Programme:
    """The programme as drafts, from the file."""
    source = files("conference.agenda").joinpath("demo_programme.toml").read_text(encoding="utf-8")
    file = msgspec.convert(tomllib.loads(source), _File)
    return Programme(
        event=file.event,
        rooms=file.room,
        tracks=file.track,
        types=file.type,
        people=file.person,
        sessions=[session for row in file.session for session in _sessions(row, file.event)],
    )


class _Session(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A row of the file; `days` and `start` are the event's days (from 1) and its clock."""

    days: list[int]
    start: str
    minutes: int
    title: Texts
    subtitle: Texts = {}
    abstract: Texts = {}
    type: str
    room: str | None = None
    track: str | None = None
    language: Literal["ar", "en"] | None = None
    code: str = ""
    speakers: list[str] = []
    chair: str = ""
    moderators: list[str] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    event: EventDraft
    room: list[RoomDraft]
    track: list[TrackDraft]
    type: list[TypeDraft]
    person: list[PersonDraft]
    session: list[_Session]


def _sessions(row: _Session, event: EventDraft) -> list[SessionDraft]:
    """The row on each of its days (breaks are on several)."""
    shared: dict[str, Any] = {
        name: getattr(row, name)
        for name in ("minutes", "title", "subtitle", "abstract", "type", "room", "track", "language", "code")
    }
    parts = [PartDraft(key, SessionRole.SPEAKER) for key in row.speakers]
    parts += [PartDraft(row.chair, SessionRole.CHAIR)] if row.chair else []
    parts += [PartDraft(key, SessionRole.MODERATOR) for key in row.moderators]
    clock = time.fromisoformat(row.start).replace(tzinfo=ZoneInfo(event.zone))
    return [
        SessionDraft(
            **shared,
            kind=SessionKind.BREAK if row.type == "break" else SessionKind.SESSION,
            starts_at=datetime.combine(event.starts + timedelta(days=day - 1), clock),
            guid=uuid_from(f"demo {day} {row.start} {row.room}"),
            parts=parts,
        )
        for day in row.days
    ]
