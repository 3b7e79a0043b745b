"""Creating and changing agenda entries: what is checked, what is kept, what calendars hear of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest

from conference.agenda.drafts import (
    EventDraft,
    PartDraft,
    PersonDraft,
    RoomDraft,
    SessionDraft,
    TrackDraft,
    TypeDraft,
)
from conference.agenda.editing import (
    change_event,
    change_room,
    change_session,
    create_event,
    create_person,
    create_room,
    create_session,
    create_track,
    create_type,
    set_parts,
)
from conference.agenda.reading import event_by_slug, rooms_of, session_by_code, tracks_of, types_of
from conference.agenda.tables import SessionRole
from conference.clock import ManualClock
from conference.errors import BadInput, Conflict
from conference.storage.database import Database, Transaction

NINE = datetime(2025, 10, 25, 6, tzinfo=UTC)
TALK = SessionDraft(title={"en": "Talk", "ar": "حديث"}, starts_at=NINE, minutes=30)


@pytest.fixture
async def event_id(database: Database, clock: ManualClock, karbala: EventDraft) -> int:
    return await database.write(lambda tx: create_event(tx, karbala, at=clock.now()))


async def test_a_new_event_is_public_unless_closed(
    database: Database, clock: ManualClock, karbala: EventDraft
) -> None:
    closed = msgspec.structs.replace(karbala, slug="closed", is_public=False)
    for draft in (karbala, closed):
        await database.write(partial(create_event, draft=draft, at=clock.now()))
    assert (await database.read(lambda rows: event_by_slug(rows, "karbala"))).is_public
    assert not (await database.read(lambda rows: event_by_slug(rows, "closed"))).is_public


async def test_an_address_is_given_once(
    database: Database, clock: ManualClock, karbala: EventDraft, event_id: int
) -> None:
    with pytest.raises(Conflict) as caught:
        await database.write(lambda tx: create_event(tx, karbala, at=clock.now()))
    assert caught.value.code == "agenda.slug-taken"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slug": "Karbala"}, "slug"),
        ({"title": {"ar": ""}}, "title"),
        ({"title": {"ar": "x" * 501}}, "title"),
        ({"zone": "Baghdad"}, "zone"),
        ({"ends": date(2025, 10, 24)}, "ends"),
        ({"accent": "red"}, "accent"),
        ({"starts": date(1, 1, 1)}, "starts"),
    ],
)
async def test_an_impossible_event_is_refused(
    database: Database, clock: ManualClock, karbala: EventDraft, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        await database.write(
            lambda tx: create_event(tx, msgspec.structs.replace(karbala, **change), at=clock.now())
        )
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": {}}, "title"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 15 * 24 * 60}, "minutes"),
        ({"starts_at": NINE.replace(tzinfo=None)}, "starts_at"),
        ({"starts_at": NINE.replace(year=1)}, "starts_at"),
        ({"language": "Arabic"}, "language"),
        ({"abstract": {"en": "x" * 100_001}}, "abstract"),
    ],
)
async def test_an_impossible_session_is_refused(
    database: Database, clock: ManualClock, event_id: int, change: dict[str, Any], field: str
) -> None:
    draft = msgspec.structs.replace(TALK, **change)
    with pytest.raises(BadInput) as caught:
        await database.write(lambda tx: create_session(tx, event_id, draft, at=clock.now()))
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("create", "draft"),
    [
        (create_room, RoomDraft(slug="hall", name={})),
        (create_room, RoomDraft(slug="hall", name={"en": "Hall"}, capacity=-1)),
        (create_track, TrackDraft(slug="ai", name={"en": "AI"}, colour="#12")),
        (create_type, TypeDraft(slug="talk", name={"en": ""})),
        (create_person, PersonDraft(key="a", name={"ar": ""})),
    ],
)
async def test_an_impossible_room_track_type_or_person_is_refused(
    database: Database, event_id: int, create: Callable[[Transaction, int, Any], int], draft: Any
) -> None:
    with pytest.raises(BadInput):
        await database.write(lambda tx: create(tx, event_id, draft))


async def test_rooms_tracks_and_types_keep_the_order_they_were_made_in(
    database: Database, event_id: int
) -> None:
    def furnish(tx: Transaction) -> None:
        for slug in ("zeta", "alpha", "mid"):
            create_room(tx, event_id, RoomDraft(slug=slug, name={"en": slug}))
            create_track(tx, event_id, TrackDraft(slug=slug, name={"en": slug}))
            create_type(tx, event_id, TypeDraft(slug=slug, name={"en": slug}))

    await database.write(furnish)
    rooms = await database.read(lambda rows: rooms_of(rows, event_id))
    tracks = await database.read(lambda rows: tracks_of(rows, event_id))
    types = await database.read(lambda rows: types_of(rows, event_id))
    for listed in (rooms, tracks, types):
        assert [one.slug for one in listed] == ["zeta", "alpha", "mid"]


async def test_a_change_keeps_the_languages_it_does_not_mention(database: Database, event_id: int) -> None:
    room_id = await database.write(
        lambda tx: create_room(
            tx, event_id, RoomDraft(slug="hall", name={"en": "Hall", "ar": "قاعة"}, capacity=40)
        )
    )
    draft = RoomDraft(slug="hall", name={"en": "Main hall"})
    assert await database.write(lambda tx: change_room(tx, room_id, draft)) == "updated"
    assert await database.write(lambda tx: change_room(tx, room_id, draft)) == "unchanged"
    room = (await database.read(lambda rows: rooms_of(rows, event_id)))[0]
    assert (room.name, room.capacity) == ({"en": "Main hall", "ar": "قاعة"}, 40)


async def test_every_change_raises_the_edition(database: Database, clock: ManualClock, event_id: int) -> None:
    made = await database.write(lambda tx: create_session(tx, event_id, TALK, at=clock.now()))
    editions = []
    for change in (
        {"abstract": {"en": "More"}},
        {"minutes": 45},
        {"minutes": 45},
        {"starts_at": NINE + timedelta(hours=1)},
    ):
        draft = msgspec.structs.replace(TALK, **change)
        clock.advance(timedelta(minutes=1))
        await database.write(partial(change_session, session_id=made.id, draft=draft, at=clock.now()))
        editions.append(
            (await database.read(lambda rows: session_by_code(rows, event_id, made.code))).edition
        )
    assert editions == [1, 2, 2, 3]


async def test_a_wanted_code_is_given_when_it_is_free(
    database: Database, clock: ManualClock, event_id: int
) -> None:
    draft = msgspec.structs.replace(TALK, code="TALK01")
    first = await database.write(lambda tx: create_session(tx, event_id, draft, at=clock.now()))
    second = await database.write(lambda tx: create_session(tx, event_id, draft, at=clock.now()))
    assert first.code == "TALK01"
    assert second.code != "TALK01"
    stored = await database.read(lambda rows: session_by_code(rows, event_id, second.code))
    assert stored.source_code == "TALK01"


async def test_people_of_a_session_have_an_order_and_roles(
    database: Database, clock: ManualClock, event_id: int
) -> None:
    made = await database.write(lambda tx: create_session(tx, event_id, TALK, at=clock.now()))
    keys = ("b", "a", "c")
    ids = {
        key: await database.write(
            partial(create_person, event_id=event_id, draft=PersonDraft(key=key, name={"en": key}))
        )
        for key in keys
    }
    parts = [PartDraft("b"), PartDraft("a"), PartDraft("c", SessionRole.CHAIR), PartDraft("b")]
    assert await database.write(lambda tx: set_parts(tx, made.id, parts, ids))
    assert not await database.write(lambda tx: set_parts(tx, made.id, parts, ids))
    session = await database.read(lambda rows: session_by_code(rows, event_id, made.code))
    assert [person.name["en"] for person in session.speakers] == ["b", "a"]
    assert [person.name["en"] for person in session.chairs] == ["c"]
    assert len({part.person.code for part in session.parts}) == 3


async def test_an_event_that_changes_keeps_being_closed(
    database: Database, clock: ManualClock, karbala: EventDraft, event_id: int
) -> None:
    for is_public in (False, None):
        draft = msgspec.structs.replace(karbala, is_public=is_public)
        await database.write(partial(change_event, event_id=event_id, draft=draft, at=clock.now()))
    assert not (await database.read(lambda rows: event_by_slug(rows, "karbala"))).is_public
