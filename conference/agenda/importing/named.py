"""The rooms, tracks and types of a file: each name once, in the order met, with a slug of its own."""

from __future__ import annotations

import re

from conference.agenda.checks import check_room, check_track, check_type
from conference.agenda.drafts import RoomDraft, TrackDraft, TypeDraft
from conference.agenda.importing.fields import Field, number_of, text_of, texts_of
from conference.agenda.importing.notes import Notes, checked
from conference.agenda.importing.raw import NOTHING, RawRoom, RawTrack
from conference.agenda.slugs import free_slug, slug_of
from conference.errors import N_

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}[a-z0-9]")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class Named:
    """`language` is the one that plain names are in."""

    def __init__(self, language: str, notes: Notes) -> None:
        self.language, self.notes = language, notes
        self.rooms: dict[str, RoomDraft] = {}
        self.tracks: dict[str, TrackDraft] = {}
        self.types: dict[str, TypeDraft] = {}

    def room(self, raw: RawRoom) -> str | None:
        """The slug of the room; None when it has no name. What later mentions add is kept."""
        name = texts_of(raw.name, self.language)
        key = _key(name)
        if not key:
            return None
        if key not in self.rooms:
            slug = self._slug(raw.slug, key, "room", self.rooms)
            self.rooms[key] = checked(RoomDraft(slug=slug, name=name), check_room, raw.name.place)
        room = self.rooms[key]
        room.guid = room.guid or text_of(raw.guid)
        room.capacity = room.capacity or number_of(raw.capacity)
        if raw.description.value is not None:
            room.description = texts_of(raw.description, self.language)
        return checked(room, check_room, raw.name.place).slug

    def track(self, raw: RawTrack) -> str | None:
        """The slug of the track; None when it has no name."""
        said = raw.name.value
        if isinstance(said, dict) and "name" in said:
            inner = RawTrack(
                name=Field(said["name"], raw.name.place), slug=Field(said.get("slug"), raw.name.place)
            )
            return self.track(inner)
        name = texts_of(raw.name, self.language)
        key = _key(name)
        if not key:
            return None
        if key not in self.tracks:
            draft = TrackDraft(
                slug=self._slug(raw.slug, key, "track", self.tracks),
                name=name,
                colour=self.colour(raw.colour),
            )
            self.tracks[key] = checked(draft, check_track, raw.name.place)
        return self.tracks[key].slug

    def type(self, said: Field, minutes: int) -> str | None:
        """The slug of the session type; the first session's length is its usual one."""
        name = texts_of(said, self.language)
        key = _key(name)
        if not key:
            return None
        if key not in self.types:
            draft = TypeDraft(slug=self._slug(NOTHING, key, "type", self.types), name=name, minutes=minutes)
            self.types[key] = checked(draft, check_type, said.place)
        return self.types[key].slug

    def colour(self, field: Field) -> str:
        """``#rrggbb`` in small letters, "" (noted) for anything else."""
        colour = text_of(field)
        if colour and not _COLOUR.fullmatch(colour):
            self.notes.add(
                field.place, N_("“%(colour)s” is not a colour like #1a7f64; left out"), colour=colour[:20]
            )
            return ""
        return colour.lower()

    @staticmethod
    def _slug(
        said: Field,
        name: str,
        prefix: str,
        drafts: dict[str, RoomDraft] | dict[str, TrackDraft] | dict[str, TypeDraft],
    ) -> str:
        wanted = text_of(said)
        taken = {draft.slug for draft in drafts.values()}
        return free_slug(wanted if _SLUG.fullmatch(wanted) else slug_of(name, prefix=prefix), taken)


def _key(name: dict[str, str]) -> str:
    """The text a thing is known by in the file: English when there is one, because slugs are Latin."""
    return name.get("en") or next(filter(None, name.values()), "")
