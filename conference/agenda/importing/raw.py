"""The common shape of what the formats say, still as written: each reader fills it, `gathering` checks it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec

from conference.agenda.importing.fields import Field
from conference.agenda.importing.json_tree import Node


def nowhere() -> str:
    return ""


NOTHING = Field(None, nowhere)


class RawLink(msgspec.Struct, frozen=True, kw_only=True):
    url: Field
    title: Field = NOTHING
    type: Field = NOTHING
    service: Field = NOTHING


class RawPerson(msgspec.Struct, frozen=True, kw_only=True):
    place: Callable[[], str]
    name: Field
    id: Field = NOTHING
    guid: Field = NOTHING
    code: Field = NOTHING
    role: Field = NOTHING
    biography: Field = NOTHING
    avatar: Field = NOTHING
    url: Field = NOTHING
    links: list[RawLink] = []


class RawRoom(msgspec.Struct, frozen=True, kw_only=True):
    name: Field
    guid: Field = NOTHING
    slug: Field = NOTHING
    description: Field = NOTHING
    capacity: Field = NOTHING


class RawTrack(msgspec.Struct, frozen=True, kw_only=True):
    name: Field
    slug: Field = NOTHING
    colour: Field = NOTHING


class RawSession(msgspec.Struct, frozen=True, kw_only=True):
    """`said` holds the single values by the name of the `SessionDraft` field they become, and "date",
    "start", "duration", "end"; `day` and `room` come from what encloses the session where it is nested.
    `names_no_room`: its own room is given as empty, which on a break means all rooms (our own exports)."""

    place: Callable[[], str]
    said: dict[str, Field]
    day: date | None = None
    room: RawRoom | None = None
    persons: list[RawPerson] = []
    links: list[RawLink] = []
    attachments: list[RawLink] = []
    names_no_room: bool = False

    def field(self, name: str) -> Field:
        """What the file says of *name*; absent: None at the session's place."""
        return self.said.get(name) or Field(None, self.place)


class RawSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """`language` is that of the names, `text_language` that of all texts (else each session's own);
    `translations` are the texts in further languages, where the format has room for them; `day_ends` are
    the ends of the conference days as written; `dates` their dates."""

    place: Callable[[], str]
    version: Field = NOTHING
    base_url: Field = NOTHING
    acronym: Field = NOTHING
    title: Field
    description: Field = NOTHING
    starts: Field = NOTHING
    ends: Field = NOTHING
    timeslot: Field = NOTHING
    zone: Field = NOTHING
    language: Field = NOTHING
    text_language: Field = NOTHING
    translations: Node | None = None
    colour: Field = NOTHING
    logo: Field = NOTHING
    url: Field = NOTHING
    dates: list[Field] = []
    day_ends: list[Field] = []
    rooms: list[RawRoom] = []
    tracks: list[RawTrack] = []
    people: list[RawPerson] = []
    sessions: list[RawSession] = []
