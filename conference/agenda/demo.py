"""The demo conference: Karbala, 25–27 October 2025, from the announced themes and formats, with roles
in place of people. Its programme is `demo_programme.toml`, and what its organizers still work on
`demo_draft.toml`, beside this file."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from typing import Any, Literal, TypeVar
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
from conference.agenda.organizing.hours import ClosureDraft, Hours, add_closures, days_of_event, set_hours
from conference.agenda.organizing.people import Window, everybody, set_windows
from conference.agenda.reading import event_by_slug, schedule_of
from conference.agenda.rows import EventRow, SessionRow, Texts
from conference.agenda.tables import ClosureKind, SessionKind, SessionRole
from conference.storage.database import Transaction

DEMO_SLUG = "karbala-2025"
Read = TypeVar("Read")


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
    programme, draft = demo_programme(), _read("demo_draft.toml", _Draft)
    programme.sessions += [one for row in draft.session for one in _sessions(row, programme.event)]
    import_schedule(tx, programme, at=now)
    event = event_by_slug(tx.connection, DEMO_SLUG)
    _set_draft(tx, event, programme, draft)
    sessions = schedule_of(tx.connection, event).sessions
    return DemoEvent(event=event, opening=next(one for one in sessions if not one.is_break))


def demo_programme() -> Programme:
    """The programme as drafts, from the file."""
    file = _read("demo_programme.toml", _File)
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


class _Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    opens: time
    closes: time


class _Closure(_Hours, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On every day."""

    kind: ClosureKind
    name: Texts


class _Available(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    person: str
    day: int
    from_: time
    until: time


class _Draft(msgspec.Struct, forbid_unknown_fields=True):
    hours: _Hours
    closure: list[_Closure]
    available: list[_Available]
    session: list[_Session]


def _read(name: str, kind: type[Read]) -> Read:
    source = files("conference.agenda").joinpath(name).read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(source), kind)


def _set_draft(tx: Transaction, event: EventRow, programme: Programme, draft: _Draft) -> None:
    """Hours, closures and availability, which no programme file knows; as often as it is called."""
    days = days_of_event(event)

    def at(day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, event.zone_info).astimezone(UTC)

    set_hours(tx, event.id, None, [Hours(day, draft.hours.opens, draft.hours.closes) for day in days])
    closures = [
        ClosureDraft(kind=one.kind, name=one.name, starts_at=at(day, one.opens), ends_at=at(day, one.closes))
        for one in draft.closure
        for day in days
    ]
    add_closures(tx, event.id, closures)
    names = {one.key: one.name for one in programme.people}
    people = {tuple(one.person.name.items()): one.person for one in everybody(tx.connection, event.id)}
    windows: dict[str, list[Window]] = {}
    for one in draft.available:
        day = days[one.day - 1]
        windows.setdefault(one.person, []).append(Window(at(day, one.from_), at(day, one.until)))
    for key, when in windows.items():
        set_windows(tx, people[tuple(names[key].items())].id, when)


def _sessions(row: _Session, event: EventDraft) -> list[SessionDraft]:
    """The row on each of its days (breaks are on several)."""
    shared: dict[str, Any] = {
        name: getattr(row, name)
        for name in ("minutes", "title", "subtitle", "abstract", "type", "room", "track", "language", "code")
    }
    parts = [PartDraft(key, SessionRole.SPEAKER) for key in row.speakers]
    parts += [PartDraft(row.chair, SessionRole.CHAIR)] if row.chair else []
    parts += [PartDraft(key, SessionRole.MODERATOR) for key in row.moderators]
    if not row.days:
        return [
            SessionDraft(**shared, starts_at=None, guid=uuid_from(f"demo {row.title['en']}"), parts=parts)
        ]
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
