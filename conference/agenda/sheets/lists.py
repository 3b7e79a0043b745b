"""Rooms, tracks, types and people: those of the event, and what the tables say of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from conference.agenda.breaks import means_break
from conference.agenda.checks import check_person, check_room
from conference.agenda.drafts import PersonDraft, RoomDraft, TrackDraft, TypeDraft
from conference.agenda.importing.fields import refuse, shown
from conference.agenda.importing.notes import Notes, checked
from conference.agenda.importing.zones import known_zone
from conference.agenda.languages import text_in as text_among
from conference.agenda.rows import Texts
from conference.agenda.sheets.rows import Known, Row, plain
from conference.agenda.sheets.values import number_in, text_in, texts_in, truth_in
from conference.agenda.sheets.workbook import Cell
from conference.agenda.slugs import free_slug, slug_of
from conference.agenda.tables import SessionKind
from conference.errors import N_


class Lists:
    """By slug, people by key; `touched` are the keys of people who have a line of their own."""

    def __init__(self, known: Known, notes: Notes) -> None:
        self.notes = notes
        self.rooms = {
            one.slug: RoomDraft(slug=one.slug, name=one.name, guid=one.guid, capacity=one.capacity)
            for one in known.rooms
        }
        self.tracks = {
            one.slug: TrackDraft(slug=one.slug, name=one.name, colour=one.colour) for one in known.tracks
        }
        self.types = {
            one.slug: TypeDraft(slug=one.slug, name=one.name, minutes=one.minutes) for one in known.types
        }
        self.people = {
            one.code: PersonDraft(key=one.code, code=one.code, guid=one.guid, name=one.name)
            for one in known.people
        }
        self.touched: set[str] = set()

    def room(self, row: Row) -> None:
        name = row.texts.get("name", {})
        slug = row.text("code") if row.text("code") in self.rooms else slug_named(self.rooms, name)
        if slug is None:
            slug = added(self.rooms, name, "room", RoomDraft, row)
        draft = self.rooms[slug]
        capacity = row.cells.get("capacity")
        self.rooms[slug] = checked(
            msgspec.structs.replace(
                draft,
                name={**draft.name, **name},
                description=row.texts.get("description", {}),
                capacity=number_in(capacity) if capacity else draft.capacity,
            ),
            check_room,
            lambda: row.place,
        )

    def speaker(self, row: Row) -> None:
        name = row.texts.get("name", {})
        key = self.person(row.text("code"), row.text("guid"), name)
        if key is None and not any(name.values()):
            refuse(row.place, N_("%(place)s: this line has no name."))
        draft = self.people[key] if key else PersonDraft(key=self.key(name), name=name, guid=row.text("guid"))
        zone = row.text("zone")
        if zone and not known_zone(zone):
            refuse(
                row.cells["zone"].place,
                N_("%(place)s: “%(value)s” is not a time zone like Asia/Baghdad."),
                value=shown(zone),
            )
        remote = row.cells.get("is_remote")
        changed = msgspec.structs.replace(
            draft,
            name={**draft.name, **name},
            biography=row.texts.get("biography", {}),
            zone=zone if "zone" in row.cells else None,
            is_remote=truth_in(remote) if remote else None,
        )
        self.people[draft.key] = checked(changed, check_person, lambda: row.place)
        self.touched.add(draft.key)

    def places(self, row: Row) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        for field, listed, draft in (
            ("room", self.rooms, RoomDraft),
            ("track", self.tracks, TrackDraft),
            ("type", self.types, TypeDraft),
        ):
            cell = row.cells.get(field)
            if cell is None:
                continue
            said = text_in(cell)
            if field == "type" and means_break(said):
                changes["kind"] = SessionKind.BREAK
            changes[field] = self._place(said, listed, field, draft, cell) if said else None
        return changes

    def _place(
        self, said: str, listed: dict[str, Any], prefix: str, draft: Callable[..., Any], cell: Cell
    ) -> str:
        name = texts_in(Cell(said, cell.place), None)
        slug = said if said in listed else slug_named(listed, name)
        if slug is None:
            slug = added(listed, name, prefix, draft, Row(cell.place, [], []))
            self.notes.add(
                lambda: cell.place, N_("“%(name)s” is not known in this event and is added"), name=shown(said)
            )
        return slug

    def person(self, code: str, guid: str, name: Texts) -> str | None:
        """The key of the person meant, by code, by guid, or by a name only they have."""
        if code in self.people:
            return code
        by_guid = [key for key, one in self.people.items() if guid and one.guid == guid]
        if by_guid:
            return by_guid[0]
        wanted = {plain(text) for text in name.values() if text}
        same = [
            key for key, one in self.people.items() if wanted & {plain(text) for text in one.name.values()}
        ]
        return same[0] if len(same) == 1 else None

    def key(self, name: Texts) -> str:
        return f"sheet {plain(text_among(name, 'en', 'ar'))}"


def slug_named(listed: Mapping[str, Any], name: Texts) -> str | None:
    """The slug of the one thing of this name, if there is one."""
    wanted = {plain(text) for text in name.values() if text}
    same = [slug for slug, one in listed.items() if wanted & {plain(text) for text in one.name.values()}]
    return same[0] if len(same) == 1 else None


def added(listed: dict[str, Any], name: Texts, prefix: str, draft: Callable[..., Any], row: Row) -> str:
    if not any(name.values()):
        refuse(row.place, N_("%(place)s: this line has no name."))
    slug = free_slug(slug_of(text_among(name, "en"), prefix=prefix), listed)
    listed[slug] = draft(slug=slug, name=name)
    return slug
