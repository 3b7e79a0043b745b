"""What reading the agenda gives: plain structs, complete in themselves (no lazy loading).

Rows never refer back to what refers to them, so Python's cyclic collector need not know of them (`gc=False`):
walking over a programme of thousands of sessions again and again would cost more than reading it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from conference.agenda.addresses import web_address
from conference.agenda.tables import SessionKind, SessionRole, SessionState

#: A text by language, `{"ar": "…", "en": "…"}`; imported texts may have other BCP 47 tags.
Texts: TypeAlias = dict[str, str]


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """An event. `starts` and `ends` are its first and last day in `zone`."""

    id: int
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
    is_public: bool
    accent: str
    logo: str
    url: str
    base_url: str
    version: str
    changed_at: datetime
    changeover_minutes: int = 5
    walking_minutes: int = 5
    prayer: dict[str, Any] | None = None
    holding_minutes: int = 30

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class RoomRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: int
    slug: str
    guid: str
    name: Texts
    description: Texts
    capacity: int | None
    position: int
    url: str = ""


class TrackRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: int
    slug: str
    name: Texts
    colour: str
    position: int


class TypeRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: int
    slug: str
    name: Texts
    minutes: int
    position: int


class PersonRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Somebody named in the programme; `account_id` only when they also sign in here."""

    id: int
    code: str
    guid: str
    external_id: int | None
    name: Texts
    biography: Texts
    avatar: str
    url: str
    links: list[dict[str, str]]
    account_id: int | None
    zone: str = ""
    is_remote: bool = False


class Part(msgspec.Struct, frozen=True, gc=False):
    """A person's part in a session."""

    person: PersonRow
    role: SessionRole


class SessionRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A session or break as lists show it. `room` is None for a break in all rooms."""

    id: int
    event_id: int
    code: str
    kind: SessionKind
    state: SessionState
    title: Texts
    subtitle: Texts
    language: str | None
    room: RoomRow | None
    track: TrackRow | None
    type: TypeRow | None
    starts_at: datetime
    minutes: int
    do_not_record: bool
    revision: int
    changed_at: datetime
    parts: list[Part]
    edition: int = 0
    is_cme: bool = True
    capacity: int | None = None
    takes_sign_ups: bool = False

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def is_break(self) -> bool:
        return self.kind is SessionKind.BREAK

    @property
    def is_cancelled(self) -> bool:
        return self.state is SessionState.CANCELLED

    @property
    def speakers(self) -> list[PersonRow]:
        return self.people_in(SessionRole.SPEAKER)

    @property
    def chairs(self) -> list[PersonRow]:
        return self.people_in(SessionRole.CHAIR)

    @property
    def moderators(self) -> list[PersonRow]:
        return self.people_in(SessionRole.MODERATOR)

    @property
    def interpreters(self) -> list[PersonRow]:
        return self.people_in(SessionRole.INTERPRETER)

    def people_in(self, role: SessionRole) -> list[PersonRow]:
        return [part.person for part in self.parts if part.role is role]

    def is_live(self, at: datetime) -> bool:
        """Whether it is going on at *at* by the programme (the end itself is outside)."""
        return not self.is_cancelled and self.starts_at <= at < self.ends_at


class SessionDetails(SessionRow, frozen=True, kw_only=True):
    """A session with everything its own page and the exports need."""

    source_code: str | None
    guid: str
    external_id: int | None
    slug: str
    abstract: Texts
    description: Texts
    recording_license: str
    recording_url: str
    url: str
    origin_url: str
    feedback_url: str
    logo: str
    links: list[dict[str, str]]
    attachments: list[dict[str, str]]

    @property
    def references(self) -> list[dict[str, str]]:
        """Links and attachments a page may link to, "url" made whole where a file left the scheme out."""
        listed = [(web_address(link["url"]), link) for link in (*self.links, *self.attachments)]
        return [{"url": url, "title": link.get("title") or link["url"]} for url, link in listed if url]


class UnscheduledRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A session the organizers have not given a time yet; it may have a room already."""

    id: int
    event_id: int
    code: str
    kind: SessionKind
    state: SessionState
    title: Texts
    subtitle: Texts
    language: str | None
    room: RoomRow | None
    track: TrackRow | None
    type: TypeRow | None
    minutes: int
    do_not_record: bool
    revision: int
    changed_at: datetime
    parts: list[Part]
    edition: int = 0
    is_cme: bool = True
    capacity: int | None = None
    takes_sign_ups: bool = False


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """The whole programme of an event, sessions by start and then by room."""

    event: EventRow
    rooms: list[RoomRow]
    tracks: list[TrackRow]
    types: list[TypeRow]
    sessions: list[SessionRow]


class FullSchedule(Schedule, frozen=True, kw_only=True):
    """The same with `SessionDetails` (what exports are made of)."""

    sessions: list[SessionDetails]  # type: ignore[assignment]  # the narrower list; rows are never changed in place
