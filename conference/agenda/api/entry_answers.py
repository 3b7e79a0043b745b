"""Rooms, tracks and session types one by one, for programs: listed, made, changed, put in order, deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType

from conference.agenda.api.answering import Page, change_event, paged, read_draft, read_json
from conference.agenda.api.overlaying import overlaid
from conference.agenda.api.preconditions import check_match, tagged
from conference.agenda.drafting.acts import Number
from conference.agenda.drafting.whole_draft import DraftTrack, DraftType, narrowed
from conference.agenda.organizing.arranging import delete_unused, put
from conference.agenda.organizing.lists import KINDS, Kind, add_entry, draft_typed, entry_of
from conference.agenda.organizing.typed import Typed
from conference.agenda.rows import EventRow, Texts
from conference.storage.database import Transaction

Place = Annotated[
    int, msgspec.Meta(ge=1, le=10_000, description="Where it stands in the list; 1 is the first.")
]


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A room; `capacity` null: not known."""

    slug: str
    name: Texts
    description: Texts
    capacity: int | None


class RoomFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be said of a room. In texts, a language not named stays and "" removes one."""

    name: Texts | UnsetType = UNSET
    description: Texts | UnsetType = UNSET
    capacity: Number | UnsetType | None = UNSET
    place: Place | UnsetType = UNSET


class TrackFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be said of a track; `colour` as #1a7f64, "" for none."""

    name: Texts | UnsetType = UNSET
    colour: str | UnsetType = UNSET
    place: Place | UnsetType = UNSET


class TypeFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be said of a session type; `minutes` is its usual length."""

    name: Texts | UnsetType = UNSET
    minutes: Number | UnsetType = UNSET
    place: Place | UnsetType = UNSET


class Entries:
    """The answers about one of the three lists; *takes* and *gives* are its bodies, *part* a page of it."""

    def __init__(
        self, name: str, parameter: str, takes: Any, gives: Any, part: Any, new: Callable[[], Typed]
    ) -> None:
        self.kind: Kind = KINDS[name]
        self.parameter, self.takes, self.gives, self.part = parameter, takes, gives, part
        self._new = new

    async def listed(self, request: web.Request) -> web.Response:
        """``GET …/{list}``: in the order of the programme."""
        found = await read_draft(request, lambda rows, event: self.kind.rows(rows, event.id))
        return paged(request, [narrowed(each, self.gives) for each in found])

    async def one(self, request: web.Request) -> web.Response:
        """``GET …/{list}/{slug}``"""
        slug = request.match_info[self.parameter]
        row = await read_draft(request, lambda rows, event: entry_of(rows, event, self.kind, slug))
        return tagged(request, narrowed(row, self.gives))

    async def create(self, request: web.Request) -> web.Response:
        """``POST …/{list}``"""
        said = await read_json(request, self.takes)

        def work(tx: Transaction, event: EventRow) -> Any:
            slug = add_entry(tx, event, self.kind, _typed(self._new(), said))
            return self._placed(tx, event, slug, said)

        made = await change_event(request, work)
        place = f"{request.rel_url.path.rstrip('/')}/{made.slug}"
        return tagged(request, made, status=201, headers={"Location": place})

    async def change(self, request: web.Request) -> web.Response:
        """``PATCH …/{list}/{slug}``"""
        said, slug = await read_json(request, self.takes), request.match_info[self.parameter]

        def work(tx: Transaction, event: EventRow) -> Any:
            row = entry_of(tx.connection, event, self.kind, slug)
            typed = _typed(self.kind.typed(row), said)
            draft = draft_typed(self.kind, typed, slug)
            check_match(request, narrowed(row, self.gives), draft)
            self.kind.change(tx, row.id, draft)
            return self._placed(tx, event, slug, said)

        return tagged(request, await change_event(request, work))

    async def remove(self, request: web.Request) -> web.Response:
        """``DELETE …/{list}/{slug}``"""
        slug = request.match_info[self.parameter]

        def work(tx: Transaction, event: EventRow) -> None:
            row = entry_of(tx.connection, event, self.kind, slug)
            check_match(request, narrowed(row, self.gives))
            delete_unused(tx, self.kind.table, event.id, row.id)

        await change_event(request, work)
        return web.Response(status=204)

    def _placed(self, tx: Transaction, event: EventRow, slug: str, said: Any) -> Any:
        row = entry_of(tx.connection, event, self.kind, slug)
        if said.place is not UNSET:
            put(tx, self.kind.table, event.id, row.id, said.place - 1)
        return narrowed(row, self.gives)


def _typed(stored: Typed, said: Any) -> Typed:
    typed = overlaid(stored, said)
    if getattr(said, "colour", UNSET) is not UNSET:  # the form has a box beside the colour: none at all
        typed.values["colour_none"] = [] if said.colour else ["yes"]
    return typed


ROOMS = Entries("rooms", "room", RoomFields, Room, Page[Room], Typed)
TRACKS = Entries(
    "tracks", "track", TrackFields, DraftTrack, Page[DraftTrack], lambda: Typed.of(colour_none=True)
)
TYPES = Entries("types", "type", TypeFields, DraftType, Page[DraftType], lambda: Typed.of(minutes=30))
