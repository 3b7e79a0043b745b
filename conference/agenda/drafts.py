"""What a programme is before it is stored: made by importers, the demo, forms and tests.

Rooms, tracks and types are referred to by slug, people by `key` (any text that is unique in the
programme). Every text is by language; an empty text in a language erases that language on update.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from conference.agenda.rows import Texts
from conference.agenda.tables import SessionKind, SessionRole, SessionState


class EventDraft(msgspec.Struct, kw_only=True):
    """`starts`, `ends`: first and last day in `zone` (IANA)."""

    slug: str
    title: Texts
    zone: str
    starts: date
    ends: date
    description: Texts = {}
    venue: Texts = {}
    language: str = "ar"
    languages: list[str] = msgspec.field(default_factory=lambda: ["ar", "en"])
    day_start_hour: int = 4
    timeslot_minutes: int = 5
    is_public: bool | None = None  # None: public when new, as it was when updated
    accent: str = ""
    logo: str = ""
    url: str = ""
    base_url: str = ""
    version: str = ""
    # None: as stored (5, 5, none, 30 when new); no schedule file knows them.
    changeover_minutes: int | None = None
    walking_minutes: int | None = None
    prayer: dict[str, Any] | None = None  # {"latitude", "longitude", "method"}; {} removes it
    holding_minutes: int | None = None


class RoomDraft(msgspec.Struct, kw_only=True):
    slug: str
    name: Texts
    guid: str = ""
    description: Texts = {}
    capacity: int | None = None
    url: str | None = None  # None: as stored


class TrackDraft(msgspec.Struct, kw_only=True):
    slug: str
    name: Texts
    colour: str = ""


class TypeDraft(msgspec.Struct, kw_only=True):
    slug: str
    name: Texts
    minutes: int = 30


class PersonDraft(msgspec.Struct, kw_only=True):
    key: str
    name: Texts
    code: str = ""
    guid: str = ""
    external_id: int | None = None
    biography: Texts = {}
    avatar: str = ""
    url: str = ""
    links: list[dict[str, str]] = []
    zone: str | None = None  # None: as stored
    is_remote: bool | None = None


class PartDraft(msgspec.Struct, frozen=True):
    """A person (by key) in a session; `role` None (not said) keeps a stored role, else it is speaker."""

    person: str
    role: SessionRole | None = SessionRole.SPEAKER


class SessionDraft(msgspec.Struct, kw_only=True):
    """`starts_at` is aware, None for a session without a time yet; `minutes` whole.

    `room` is None for a break in all rooms, or for what is not scheduled. The last four, where they
    are None, stay as stored: no schedule file knows them.
    """

    title: Texts
    starts_at: datetime | None
    minutes: int
    guid: str = ""
    code: str = ""
    external_id: int | None = None
    slug: str = ""
    kind: SessionKind = SessionKind.SESSION
    state: SessionState = SessionState.CONFIRMED
    subtitle: Texts = {}
    abstract: Texts = {}
    description: Texts = {}
    language: str | None = None
    room: str | None = None
    track: str | None = None
    type: str | None = None
    recording_license: str = ""
    do_not_record: bool = False
    recording_url: str = ""
    url: str = ""
    origin_url: str = ""
    feedback_url: str = ""
    logo: str = ""
    links: list[dict[str, str]] = []
    attachments: list[dict[str, str]] = []
    parts: list[PartDraft] = []
    notes: str | None = None
    is_cme: bool | None = None
    capacity: int | None = None  # 0 removes it
    takes_sign_ups: bool | None = None


class Oddity(msgspec.Struct, frozen=True):
    """Something odd that was tolerated: an English msgid, its values, and where it was found."""

    message: str
    place: str
    values: dict[str, Any] = {}

    def __str__(self) -> str:
        text = self.message % self.values if self.values else self.message
        return f"{self.place}: {text}" if self.place else text


class Programme(msgspec.Struct, kw_only=True):
    """A whole schedule, checked and complete in itself, ready to be stored."""

    event: EventDraft
    rooms: list[RoomDraft] = []
    tracks: list[TrackDraft] = []
    types: list[TypeDraft] = []
    people: list[PersonDraft] = []
    sessions: list[SessionDraft] = []
    zone_is_guess: bool = False  # the file names none: an event that exists keeps its own
    warnings: list[Oddity] = []

    @property
    def link_count(self) -> int:
        """Links and attachments of all sessions."""
        return sum(len(one.links) + len(one.attachments) for one in self.sessions)
