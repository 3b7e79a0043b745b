"""A programme as a release keeps it: everything once, people and rooms named by their ids, compressed.

The form is msgspec JSON under zlib. It outlives the code: a field added later to what is kept here
needs a default, because older releases do not have it. What organizers write for themselves (notes,
editions) and who signs in here (accounts) is never part of a release.
"""

from __future__ import annotations

import hashlib
import zlib
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec
from msgspec import structs

from conference.agenda.rows import (
    EventRow,
    FullSchedule,
    Part,
    PersonRow,
    RoomRow,
    SessionDetails,
    Texts,
    TrackRow,
    TypeRow,
)
from conference.agenda.tables import SessionKind, SessionRole, SessionState

Kept = TypeVar("Kept", bound=msgspec.Struct)

#: Part of a session that its people know of and the public is not told.
BEHIND_THE_SCENES = frozenset({SessionRole.TECHNICIAN})


class FrozenEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What a release says of its event. Its address, who may see it and its looks stay today's."""

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
    url: str
    base_url: str
    version: str


class FrozenPerson(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Somebody of the programme as the public knows them."""

    id: int
    code: str
    name: Texts
    guid: str = ""
    external_id: int | None = None
    biography: Texts = {}
    avatar: str = ""
    url: str = ""
    links: list[dict[str, str]] = []


class FrozenPart(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A person (by id) in a session."""

    person: int
    role: SessionRole


class FrozenSession(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A session or break; `room`, `track`, `type` are ids. Fields as in `SessionDetails`."""

    id: int
    code: str
    guid: str
    title: Texts
    starts_at: datetime
    minutes: int
    changed_at: datetime
    kind: SessionKind = SessionKind.SESSION
    state: SessionState = SessionState.CONFIRMED
    subtitle: Texts = {}
    abstract: Texts = {}
    description: Texts = {}
    language: str | None = None
    room: int | None = None
    track: int | None = None
    type: int | None = None
    do_not_record: bool = False
    is_cme: bool = True
    capacity: int | None = None
    takes_sign_ups: bool = False
    revision: int = 0
    parts: list[FrozenPart] = []
    source_code: str | None = None
    external_id: int | None = None
    slug: str = ""
    recording_license: str = ""
    recording_url: str = ""
    url: str = ""
    origin_url: str = ""
    feedback_url: str = ""
    logo: str = ""
    links: list[dict[str, str]] = []
    attachments: list[dict[str, str]] = []


class Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of a release's body."""

    event: FrozenEvent
    rooms: list[RoomRow]
    tracks: list[TrackRow]
    types: list[TypeRow]
    people: list[FrozenPerson]
    sessions: list[FrozenSession]


def freeze(schedule: FullSchedule) -> bytes:
    """The body of a release of *schedule*. The same programme always gives the same bytes."""
    people = {part.person.id: part.person for one in schedule.sessions for part in one.parts}
    frozen = Frozen(
        event=_kept(schedule.event, FrozenEvent),
        rooms=schedule.rooms,
        tracks=schedule.tracks,
        types=schedule.types,
        people=[_kept(people[key], FrozenPerson) for key in sorted(people)],
        sessions=[_frozen(one) for one in schedule.sessions],
    )
    return zlib.compress(msgspec.json.encode(frozen, order="deterministic"), 6)


def digest_of(body: bytes) -> str:
    """SHA-256 of a body, in hex: what decoded releases are cached by."""
    return hashlib.sha256(body).hexdigest()


def thaw(body: bytes, event: EventRow, *, with_all: bool = False) -> FullSchedule:
    """The programme of a body, as `reading.full_schedule_of` would give it.

    *event* is today's row, for what a release does not keep. *with_all* also gives the parts that the
    public is not told of (technicians).
    """
    frozen = msgspec.json.decode(zlib.decompress(body), type=Frozen)
    rooms = {one.id: one for one in frozen.rooms}
    tracks = {one.id: one for one in frozen.tracks}
    types = {one.id: one for one in frozen.types}
    people = {one.id: PersonRow(**structs.asdict(one), **_NOT_KEPT_OF_PEOPLE) for one in frozen.people}
    hidden = frozenset[SessionRole]() if with_all else BEHIND_THE_SCENES
    sessions = [
        SessionDetails(
            **{name: getattr(one, name) for name in _SAME},
            **_NOT_KEPT_OF_SESSIONS,
            event_id=event.id,
            room=rooms[one.room] if one.room is not None else None,
            track=tracks[one.track] if one.track is not None else None,
            type=types[one.type] if one.type is not None else None,
            parts=[Part(people[part.person], part.role) for part in one.parts if part.role not in hidden],
        )
        for one in frozen.sessions
    ]
    return FullSchedule(
        event=structs.replace(event, **structs.asdict(frozen.event)),
        rooms=frozen.rooms,
        tracks=frozen.tracks,
        types=frozen.types,
        sessions=sessions,
    )


_REFERENCES = frozenset({"room", "track", "type", "parts"})
_SAME = tuple(
    name
    for name in FrozenSession.__struct_fields__
    if name in SessionDetails.__struct_fields__ and name not in _REFERENCES
)
#: What rows have and no release keeps, as the public sees it.
_NOT_KEPT_OF_PEOPLE: dict[str, Any] = {"account_id": None}
_NOT_KEPT_OF_SESSIONS: dict[str, Any] = {}


def _frozen(session: SessionDetails) -> FrozenSession:
    return FrozenSession(
        **{name: getattr(session, name) for name in _SAME},
        room=session.room.id if session.room else None,
        track=session.track.id if session.track else None,
        type=session.type.id if session.type else None,
        parts=[FrozenPart(part.person.id, part.role) for part in session.parts],
    )


def _kept(row: msgspec.Struct, kind: type[Kept]) -> Kept:
    return kind(**{name: getattr(row, name) for name in kind.__struct_fields__})
