"""Storing a programme: one unit of work, nothing twice. What exists is recognised (`matching`) and updated;
what the file does not mention stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

import msgspec
from sqlalchemy import Table, select

from conference.agenda.drafts import (
    EventDraft,
    Oddity,
    Programme,
    RoomDraft,
    SessionDraft,
    TrackDraft,
    TypeDraft,
)
from conference.agenda.editing import (
    Outcome,
    change_event,
    change_person,
    change_room,
    change_session,
    change_track,
    change_type,
    create_event,
    create_person,
    create_room,
    create_session,
    create_track,
    create_type,
    set_parts,
)
from conference.agenda.identity import person_guid, room_guid
from conference.agenda.importing.matching import Row, match_named, match_people, match_rooms, match_sessions
from conference.agenda.reading import event_by_slug
from conference.agenda.releasing.releasing import fit_name, release_draft
from conference.agenda.rows import EventRow
from conference.agenda.slugs import free_slug
from conference.agenda.tables import event, person, room, session, session_type, track
from conference.storage.database import Transaction

Progress = Callable[[int, int], None]
Thing = Literal["sessions", "rooms", "tracks", "types", "people", "links"]
Slugged = TypeVar("Slugged", RoomDraft, TrackDraft, TypeDraft)

THINGS: tuple[Thing, ...] = ("sessions", "rooms", "tracks", "types", "people", "links")


class Summary(msgspec.Struct, kw_only=True):
    """What an import did, counted by thing. `links` are links and attachments of sessions; `absent` are
    sessions the event had before and the file does not mention (they stay). `zone_is_guess`: that of a new
    event."""

    event: str
    zone: str
    zone_is_guess: bool = False
    is_new: bool
    created: Counter[str] = msgspec.field(default_factory=Counter)
    updated: Counter[str] = msgspec.field(default_factory=Counter)
    unchanged: Counter[str] = msgspec.field(default_factory=Counter)
    absent: int = 0
    warnings: list[Oddity] = []

    def count(self, thing: Thing, outcome: Outcome, number: int = 1) -> None:
        {"created": self.created, "updated": self.updated, "unchanged": self.unchanged}[outcome][thing] += (
            number
        )


def import_schedule(
    tx: Transaction, programme: Programme, *, at: datetime, progress: Progress | None = None
) -> Summary:
    """Create or update the event and all that is in it; *progress* hears (done, total) after each session.

    A new event's programme is released at once, under the file's version; of an event that was there only
    the draft changes.
    """
    importing = _Import(tx, programme, at, progress or (lambda done, total: None))
    summary = importing.run()
    if importing.is_new and any(one.starts_at is not None for one in programme.sessions):
        name = fit_name(programme.event.version)
        release_draft(tx, importing.event_id, name=name, by=None, at=at, sender=None)
    return summary


class _Import:
    def __init__(self, tx: Transaction, programme: Programme, at: datetime, progress: Progress) -> None:
        self.tx, self.programme, self.at, self.progress = tx, programme, at, progress
        slug = programme.event.slug
        found = tx.connection.execute(select(event.c.id).where(event.c.slug == slug)).first()
        self.is_new = found is None
        draft = programme.event if found is None else _kept(programme, event_by_slug(tx.connection, slug))
        if found is None:
            self.event_id = create_event(tx, draft, at=at)
        else:
            self.event_id = int(found[0])
            change_event(tx, self.event_id, draft, at=at)
        self.summary = Summary(
            event=slug,
            zone=draft.zone,
            zone_is_guess=self.is_new and programme.zone_is_guess,
            is_new=self.is_new,
            warnings=list(programme.warnings),
        )

    def run(self) -> Summary:
        programme, slug = self.programme, self.programme.event.slug
        rooms = self.stored(room, "id", "slug", "guid", "name")
        tracks = self.stored(track, "id", "slug", "name")
        types = self.stored(session_type, "id", "slug", "name", "minutes")
        known_rooms = match_rooms(programme.rooms, rooms, slug)
        known_tracks = match_named(programme.tracks, tracks)
        known_types = match_named(programme.types, types)

        def with_own_guid(draft: RoomDraft, row: Row) -> RoomDraft:
            derived = draft.guid == room_guid(slug, row["guid"], row["slug"])  # by one of our exports
            return msgspec.structs.replace(draft, guid=row["guid"]) if derived else draft

        def with_own_length(draft: TypeDraft, row: Row) -> TypeDraft:
            return msgspec.structs.replace(draft, minutes=row["minutes"])

        ids = {
            "room": self.slugged(
                "rooms", programme.rooms, rooms, known_rooms, create_room, change_room, with_own_guid
            ),
            "track": self.slugged(
                "tracks", programme.tracks, tracks, known_tracks, create_track, change_track
            ),
            "type": self.slugged(
                "types", programme.types, types, known_types, create_type, change_type, with_own_length
            ),
        }
        self.sessions(ids, self.people())
        return self.summary

    def stored(self, table: Table, *names: str) -> Sequence[Row]:
        columns = [table.c[name] for name in names]
        query = select(*columns).where(table.c.event_id == self.event_id).order_by(table.c.id)
        return [dict(row) for row in self.tx.connection.execute(query).mappings()]

    def slugged(
        self,
        thing: Thing,
        drafts: Sequence[Slugged],
        rows: Sequence[Row],
        found: Mapping[int, Row],
        create: Callable[[Transaction, int, Slugged], int],
        change: Callable[[Transaction, int, Slugged], Outcome],
        as_stored: Callable[[Slugged, Row], Slugged] = lambda draft, row: draft,
    ) -> dict[str, int]:
        """Rooms, tracks or types; gives their ids by the slugs of the file. Stored slugs stay."""
        taken = {row["slug"] for row in rows}
        ids: dict[str, int] = {}
        for index, draft in enumerate(drafts):
            row = found.get(index)
            slug = row["slug"] if row else free_slug(draft.slug, taken)
            ours = msgspec.structs.replace(draft if row is None else as_stored(draft, row), slug=slug)
            taken.add(slug)
            if row:
                ids[draft.slug] = row["id"]
                self.summary.count(thing, change(self.tx, row["id"], ours))
            else:
                ids[draft.slug] = create(self.tx, self.event_id, ours)
                self.summary.count(thing, "created")
        return ids

    def people(self) -> dict[str, int]:
        """The people's ids by the keys of the file."""
        drafts = self.programme.people
        rows = self.stored(person, "id", "guid", "code", "external_id", "name")
        found = match_people(drafts, rows, self.programme.event.slug)
        ids: dict[str, int] = {}
        for index, draft in enumerate(drafts):
            row = found.get(index)
            if row:
                ids[draft.key] = row["id"]
                if draft.guid == person_guid(self.summary.event, row["guid"], row["code"]):
                    draft = msgspec.structs.replace(draft, guid=row["guid"])
                self.summary.count("people", change_person(self.tx, row["id"], draft))
            else:
                ids[draft.key] = create_person(self.tx, self.event_id, draft)
                self.summary.count("people", "created")
        return ids

    def sessions(self, ids: Mapping[str, Mapping[str, int]], people: dict[str, int]) -> None:
        drafts = self.programme.sessions
        rows = self.stored(session, "id", "guid", "code", "source_code", "slug", "links", "attachments")
        found = match_sessions(drafts, rows)
        self.summary.absent = len(rows) - len(found)
        for index, draft in enumerate(drafts):
            row = found.get(index)
            places = {
                "room_id": ids["room"][draft.room] if draft.room else None,
                "track_id": ids["track"][draft.track] if draft.track else None,
                "type_id": ids["type"][draft.type] if draft.type else None,
            }
            if row:
                slug = row["slug"] if row["slug"].lower() == draft.slug.lower() else draft.slug
                ours = msgspec.structs.replace(draft, slug=slug)
                outcome = change_session(self.tx, row["id"], ours, at=self.at, **places)
                if set_parts(self.tx, row["id"], draft.parts, people):
                    outcome = "updated"
                self.summary.count("sessions", outcome)
            else:
                created = create_session(self.tx, self.event_id, draft, at=self.at, **places)
                set_parts(self.tx, created.id, draft.parts, people)
                self.summary.count("sessions", "created")
            self.count_links(draft, row)
            self.progress(index + 1, len(drafts))

    def count_links(self, draft: SessionDraft, row: Row | None) -> None:
        before = {link["url"] for link in (*row["links"], *row["attachments"])} if row else set()
        for link in (*draft.links, *draft.attachments):
            self.summary.count("links", "unchanged" if link["url"] in before else "created")


def _kept(programme: Programme, stored: EventRow) -> EventDraft:
    """The file's event, with what an existing one keeps: its language, and its zone if the file has none."""
    draft = programme.event
    kept: dict[str, Any] = {
        name: getattr(draft, name) or getattr(stored, name)
        for name in ("accent", "logo", "url", "base_url", "version")
    }
    return msgspec.structs.replace(
        draft,
        **kept,
        language=stored.language,
        languages=list(dict.fromkeys([*stored.languages, *draft.languages])),
        zone=stored.zone if programme.zone_is_guess else draft.zone,
    )
