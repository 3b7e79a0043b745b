"""The texts that schedule JSON has no place for go out beside it and come back as they were."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from conference.agenda.demo import demo_programme
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
from conference.agenda.exporting.public import Edition
from conference.agenda.exporting.schedule_json import export_json
from conference.agenda.exporting.translations import translations_of
from conference.agenda.importing.apply import import_schedule
from conference.agenda.importing.own_addresses import without_own_addresses
from conference.agenda.importing.read_file import read_programme
from conference.agenda.reading import event_by_slug, full_schedule_of
from conference.agenda.rows import FullSchedule, Texts
from conference.clock import ManualClock
from conference.schema import metadata
from conference.storage.database import Database, Transaction
from tests.agenda.exporting.editions import SITE, edition_of

DATA = Path(__file__).parent.parent.parent / "data"
SCHEMA = jsonschema.Draft6Validator(
    json.loads((DATA / "schemas" / "schedule.schema.json").read_text(encoding="utf-8"))
)
FIRST = "3a2b1c00-0000-4000-8000-000000000001"
SECOND = "3a2b1c00-0000-4000-8000-000000000002"


def carried(data: bytes) -> dict[str, Any]:
    ours = json.loads(data)["schedule"]["conference"]["meta"]["majlis"]
    found: dict[str, Any] = ours.get("translations", {})
    return found


def all_texts(schedule: FullSchedule) -> dict[str, list[Texts]]:
    """Every text that goes out, by what it belongs to."""
    people = {part.person.code: part.person for one in schedule.sessions for part in one.parts}
    types = {one.type.slug: one.type for one in schedule.sessions if one.type and not one.is_break}
    return {
        "event": [schedule.event.title, schedule.event.description],
        **{f"room {one.slug}": [one.name, one.description] for one in schedule.rooms},
        **{f"track {one.slug}": [one.name] for one in schedule.tracks},
        **{f"type {sorted(one.name.items())}": [one.name] for one in types.values()},
        **{f"person {one.code}": [one.name, one.biography] for one in people.values()},
        **{
            f"session {one.guid}": [one.title, one.subtitle, one.abstract, one.description]
            for one in schedule.sessions
        },
    }


async def copied(data: bytes, slug: str, clock: ManualClock, path: Path, language: str = "") -> Edition:
    """*data* imported into an empty event of another server."""
    other = Database(f"sqlite+aiosqlite:///{path}")
    await other.open()
    try:
        await other.write(lambda tx: metadata.create_all(tx.connection))
        copy = without_own_addresses(read_programme(data, "copy", slug=slug), SITE)
        return await edition_of(other, copy, clock, language)
    finally:
        await other.close()


def both(words: str) -> Texts:
    return {"ar": f"نصّ {words}", "en": f"Text {words}"}


def small(make: Callable[[str], Texts] = both) -> Programme:
    """Two sessions of one person, the second in English, with *make* as every text."""
    return Programme(
        event=EventDraft(
            slug="karbala",
            title=make("event title"),
            description=make("event description"),
            zone="Asia/Baghdad",
            starts=date(2025, 10, 25),
            ends=date(2025, 10, 25),
        ),
        rooms=[RoomDraft(slug="hall", name=make("hall"), description=make("first floor"))],
        tracks=[TrackDraft(slug="ethics", name=make("ethics"))],
        types=[TypeDraft(slug="lecture", name=make("lecture"))],
        people=[PersonDraft(key="p", code="PERSON", name=make("person"), biography=make("biography"))],
        sessions=[
            SessionDraft(
                guid=guid,
                code=f"TALK0{number}",
                starts_at=datetime(2025, 10, 25, 6, tzinfo=UTC) + timedelta(hours=number),
                minutes=30,
                language=language,
                room="hall",
                track="ethics",
                type="lecture",
                title=make(f"title {number}"),
                subtitle=make(f"subtitle {number}"),
                abstract=make(f"abstract {number}"),
                description=make(f"description {number}"),
                parts=[PartDraft("p")],
            )
            for number, (guid, language) in enumerate([(FIRST, "ar"), (SECOND, "en")])
        ],
    )


async def test_each_text_stands_once_in_each_of_its_languages(database: Database, clock: ManualClock) -> None:
    exported = export_json(await edition_of(database, small(), clock))
    fields = ("title", "subtitle", "abstract", "description")
    assert carried(exported) == {
        "conference": {"title": {"en": "Text event title"}, "description": {"en": "Text event description"}},
        "rooms": {"hall": {"name": {"en": "Text hall"}, "description": {"en": "Text first floor"}}},
        "tracks": {"ethics": {"name": {"en": "Text ethics"}}},
        "types": {"نصّ lecture": {"name": {"en": "Text lecture"}}},
        # the person stands in sessions of both languages, which say everything
        "sessions": {
            FIRST: {field: {"en": f"Text {field} 0"} for field in fields},
            SECOND: {field: {"ar": f"نصّ {field} 1"} for field in fields},
        },
    }
    assert list(SCHEMA.iter_errors(json.loads(exported))) == []


@pytest.mark.parametrize(("language", "other"), [("ar", "en"), ("en", "ar")])
async def test_an_export_in_one_language_carries_the_other(
    database: Database, clock: ManualClock, tmp_path: Path, language: str, other: str
) -> None:
    edition = await edition_of(database, small(), clock, language)
    exported = export_json(edition)
    rest = carried(exported)
    assert rest["people"]["PERSON"] == {
        "name": {other: both("person")[other]},
        "biography": {other: both("biography")[other]},
    }
    assert {tag for one in rest["sessions"].values() for texts in one.values() for tag in texts} == {other}
    copy = await copied(exported, "karbala", clock, tmp_path / "other.sqlite3", language)
    assert all_texts(copy.schedule) == all_texts(edition.schedule)
    assert (copy.event.language, copy.event.languages) == (language, [language, other])
    assert export_json(copy) == exported


async def test_nothing_is_added_where_the_format_says_everything(
    database: Database, clock: ManualClock
) -> None:
    edition = await edition_of(database, small(lambda words: {"ar": f"نصّ {words}"}), clock, "ar")
    assert translations_of(edition) == {}
    assert b"translations" not in export_json(edition)


@pytest.mark.parametrize("name", ["31c3-2014.frab.xml", "democon.pretalx.json", "rc3-2020.pretalx.json"])
async def test_schedules_made_elsewhere_go_out_without_additions(
    database: Database, clock: ManualClock, name: str
) -> None:
    programme = read_programme((DATA / "schedules" / name).read_bytes(), name)
    assert translations_of(await edition_of(database, programme, clock)) == {}


@pytest.mark.parametrize("language", ["", "ar", "en"])
async def test_the_demo_comes_back_in_both_languages(
    database: Database, clock: ManualClock, tmp_path: Path, language: str
) -> None:
    edition = await edition_of(database, demo_programme(), clock, language)
    exported = export_json(edition)
    assert list(SCHEMA.iter_errors(json.loads(exported))) == []
    copy = await copied(exported, edition.event.slug, clock, tmp_path / "other.sqlite3", language)
    assert all_texts(copy.schedule) == all_texts(edition.schedule)
    assert set(copy.event.languages) == {"ar", "en"}
    assert export_json(copy) == exported


async def test_what_only_stands_in_for_a_text_does_not_come_back_as_one(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    """The Arabic session's abstract is in German alone: that is shown, and not taken for Arabic."""
    programme = small()
    programme.sessions[0].abstract = {"de": "Zusammenfassung", "ckb": "پوختە"}
    edition = await edition_of(database, programme, clock)
    exported = export_json(edition)
    assert carried(exported)["sessions"][FIRST]["abstract"] == {
        "de": "Zusammenfassung", "ckb": "پوختە", "ar": ""
    }  # fmt: skip
    copy = await copied(exported, "karbala", clock, tmp_path / "other.sqlite3")
    assert all_texts(copy.schedule) == all_texts(edition.schedule)
    assert copy.event.languages == ["ar", "en", "de", "ckb"]
    assert export_json(copy) == exported


async def test_names_in_the_main_language_of_the_event_stay_under_it(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    programme = small(lambda words: {"de": f"Wort {words}", "en": f"Text {words}"})
    programme.event.language = "de"
    edition = await edition_of(database, programme, clock)
    exported = export_json(edition)
    copy = await copied(exported, "karbala", clock, tmp_path / "other.sqlite3")
    assert all_texts(copy.schedule) == all_texts(edition.schedule)
    assert copy.event.language == "de"
    assert export_json(copy) == exported


async def test_two_rooms_of_one_name_in_the_language_lose_no_session(
    database: Database, clock: ManualClock
) -> None:
    programme = small()
    programme.rooms.append(RoomDraft(slug="annex", name={"ar": "نصّ hall", "en": "The annex"}))
    programme.sessions[1].room = "annex"
    again = read_programme(export_json(await edition_of(database, programme, clock, "ar")), "copy")
    assert [one.guid for one in again.sessions] == [FIRST, SECOND]


@pytest.fixture(scope="module")
def stored() -> Iterator[Callable[[Programme], FullSchedule]]:
    """Stores a programme in an empty database in memory and reads it again."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)

    def store(programme: Programme) -> FullSchedule:
        with engine.connect() as connection:  # closed without a commit: the next one finds it empty
            at = datetime(2025, 10, 1, tzinfo=UTC)
            summary = import_schedule(Transaction(connection), programme, at=at)
            return full_schedule_of(connection, event_by_slug(connection, summary.event))

    yield store
    engine.dispose()


LETTERS = st.text(alphabet='ابتثجحخ abcdefg,.!\n"\\<&٣3', min_size=1, max_size=12).map(str.strip)
TEXTS = st.dictionaries(st.sampled_from(["ar", "en", "de", "ckb"]), LETTERS.filter(bool), max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(draw=st.data(), language=st.sampled_from(["", "ar", "en"]))
def test_every_text_comes_back_in_every_language(
    stored: Callable[[Programme], FullSchedule], draw: st.DataObject, language: str
) -> None:
    needed = ("title 0", "title 1", "event title", "hall", "ethics", "lecture", "person")

    def make(words: str) -> Texts:
        return draw.draw(TEXTS.filter(bool) if words in needed else TEXTS, label=words)

    schedule = stored(small(make))
    exported = export_json(Edition(schedule=schedule, site=SITE, language=language))
    again = stored(without_own_addresses(read_programme(exported, "copy", slug="karbala"), SITE))
    assert all_texts(again) == all_texts(schedule)
    assert export_json(Edition(schedule=again, site=SITE, language=language)) == exported
