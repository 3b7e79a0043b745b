"""Exports: valid by the formats' own schemas, the same as what was read, and read again without a change."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from lxml import etree

from conference.agenda.demo import demo_programme
from conference.agenda.drafts import PartDraft, Programme
from conference.agenda.exporting.frab_xml import export_xml
from conference.agenda.exporting.public import Edition
from conference.agenda.exporting.schedule_json import export_json
from conference.agenda.importing.apply import import_schedule
from conference.agenda.importing.own_addresses import without_own_addresses
from conference.agenda.importing.read_file import read_programme
from conference.agenda.reading import event_by_slug, full_schedule_of
from conference.agenda.tables import SessionRole
from conference.clock import ManualClock
from conference.errors import BadInput
from conference.schema import metadata
from conference.storage.database import Database

Read = Callable[[str], Programme]
SITE = "https://majlis.example.org"
REAL = ("31c3-2014.frab.xml", "democon.pretalx.json", "rc3-2020.pretalx.json")
ALL = (*REAL, "hub-example.v2.json", "demo")


async def edition_of(
    database: Database, programme: Programme, clock: ManualClock, language: str = ""
) -> Edition:
    """The programme stored, and ready to go out."""
    summary = await database.write(lambda tx: import_schedule(tx, programme, at=clock.now()))
    schedule = await database.read(lambda rows: full_schedule_of(rows, event_by_slug(rows, summary.event)))
    return Edition(schedule=schedule, site=SITE, language=language)


@pytest.fixture
def programme(request: pytest.FixtureRequest, programme_of: Read) -> Programme:
    return demo_programme() if request.param == "demo" else programme_of(request.param)


@pytest.mark.parametrize("programme", ALL, indirect=True)
@pytest.mark.parametrize("language", ["", "ar"])
async def test_xml_is_valid_by_the_schema(
    database: Database, clock: ManualClock, data: Path, programme: Programme, language: str
) -> None:
    schema = etree.XMLSchema(etree.parse(data / "schemas" / "schedule.xsd"))
    exported = etree.fromstring(export_xml(await edition_of(database, programme, clock, language)))
    assert schema.validate(exported), schema.error_log
    assert len(exported.findall("day/room/event")) == len(programme.sessions)


@pytest.mark.parametrize("programme", ALL, indirect=True)
@pytest.mark.parametrize("language", ["", "ar"])
async def test_json_is_valid_by_the_schema(
    database: Database, clock: ManualClock, data: Path, programme: Programme, language: str
) -> None:
    schema = json.loads((data / "schemas" / "schedule.schema.json").read_text(encoding="utf-8"))
    exported = json.loads(export_json(await edition_of(database, programme, clock, language)))
    validator = jsonschema.Draft6Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [error.message for error in validator.iter_errors(exported)] == []


def facts(sessions: list[dict[str, Any]]) -> dict[str, Any]:
    """What a reader compares, by title and start."""
    return {f"{one['title']} {one['date']}": one for one in sessions}


def in_xml(data: bytes) -> list[dict[str, Any]]:
    found = []
    for event in etree.fromstring(data).iterfind("day/room/event"):
        room = event.getparent()
        assert room is not None
        texts = {
            name: plain(event.findtext(name))
            for name in ("title", "subtitle", "track", "type", "abstract", "description")
        }
        found.append(
            {
                **texts,
                "room": room.get("name"),
                "date": datetime.fromisoformat(event.findtext("date") or ""),
                "start": event.findtext("start"),
                "duration": event.findtext("duration"),
                "language": event.findtext("language"),
                "people": [plain(person.text) for person in event.iterfind("persons/person")],
                "links": [(link.get("href"), plain(link.text)) for link in event.iterfind("links/link")],
                "optout": event.findtext("recording/optout"),
                "license": event.findtext("recording/license"),
            }
        )
    return found


def in_json(data: bytes) -> list[dict[str, Any]]:
    found = []
    for day in json.loads(data)["schedule"]["conference"]["days"]:
        for room, events in day["rooms"].items():
            for event in events:
                texts = {
                    name: plain(event[name])
                    for name in ("title", "subtitle", "track", "type", "abstract", "description")
                }
                found.append(
                    {
                        **texts,
                        "room": room,
                        "date": datetime.fromisoformat(event["date"]),
                        "start": event["start"],
                        "duration": event["duration"],
                        "language": event["language"],
                        "people": [plain(one["public_name"]) for one in event["persons"]],
                        "links": [(link["url"], plain(link["title"])) for link in event["links"]],
                        "optout": "true" if event["do_not_record"] else "false",
                        "license": event["recording_license"],
                    }
                )
    return found


def plain(text: str | None) -> str:
    import unicodedata

    return unicodedata.normalize("NFC", (text or "").replace("\r\n", "\n").replace("\r", "\n")).strip()


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize(("export", "read"), [(export_xml, in_xml), (export_json, in_json)])
async def test_what_goes_out_is_what_came_in(
    database: Database,
    clock: ManualClock,
    programme_of: Read,
    data: Path,
    name: str,
    export: Callable[[Edition], bytes],
    read: Callable[[bytes], list[dict[str, Any]]],
) -> None:
    original = (data / "schedules" / name).read_bytes()
    before = in_xml(original) if name.endswith("xml") else in_json(original)
    after = read(export(await edition_of(database, programme_of(name), clock)))
    assert len(after) == len(before)
    assert facts(after) == facts(before)


@pytest.mark.parametrize("programme", ALL, indirect=True)
@pytest.mark.parametrize("export", [export_xml, export_json])
async def test_reading_an_export_back_changes_nothing(
    database: Database, clock: ManualClock, programme: Programme, export: Callable[[Edition], bytes]
) -> None:
    edition = await edition_of(database, programme, clock)
    again = without_own_addresses(read_programme(export(edition), "export", slug=edition.event.slug), SITE)
    await database.write(lambda tx: import_schedule(tx, again, at=clock.now()))
    slug = edition.event.slug
    stored = await database.read(lambda rows: full_schedule_of(rows, event_by_slug(rows, slug)))
    assert [one.guid for one in stored.sessions] == [one.guid for one in edition.schedule.sessions]
    changed = [
        one.title
        for one, old in zip(stored.sessions, edition.schedule.sessions, strict=True)
        if one.edition != old.edition
    ]
    assert changed == []
    assert export(Edition(schedule=stored, site=SITE)) == export(edition)


@pytest.mark.parametrize("programme", [*REAL, "demo"], indirect=True)
@pytest.mark.parametrize("export", [export_xml, export_json])
async def test_an_export_imported_elsewhere_exports_the_same_bytes(
    database: Database,
    clock: ManualClock,
    programme: Programme,
    tmp_path: Path,
    export: Callable[[Edition], bytes],
) -> None:
    """Into an empty event elsewhere: only generator and time may differ, and here not even those do."""
    slug = programme.event.slug
    first = export(await edition_of(database, programme, clock))
    other = Database(f"sqlite+aiosqlite:///{tmp_path / 'other.sqlite3'}")
    await other.open()
    try:
        await other.write(lambda tx: metadata.create_all(tx.connection))
        copy = without_own_addresses(read_programme(first, "copy", slug=slug), SITE)
        second = export(await edition_of(other, copy, clock))
    finally:
        await other.close()
    assert second == first


async def test_places_signing_up_and_education_go_out_beside_the_format_and_come_back(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    programme = demo_programme()
    opening, closing = (one for one in programme.sessions if one.type == "ceremony")
    opening.is_cme, closing.capacity, closing.takes_sign_ups = False, 25, True
    first = export_json(await edition_of(database, programme, clock))
    other = Database(f"sqlite+aiosqlite:///{tmp_path / 'other.sqlite3'}")
    await other.open()
    try:
        await other.write(lambda tx: metadata.create_all(tx.connection))
        copy = without_own_addresses(read_programme(first, "copy", slug=programme.event.slug), SITE)
        edition = await edition_of(other, copy, clock)
    finally:
        await other.close()
    assert export_json(edition) == first
    stored = {one.guid: (one.is_cme, one.capacity, one.takes_sign_ups) for one in edition.schedule.sessions}
    assert (stored[opening.guid], stored[closing.guid]) == ((False, None, False), (True, 25, True))
    damaged = first.replace(b'"capacity":25,', b'"capacity":-25,')
    with pytest.raises(BadInput, match=r"copy:1 .*is not a number of people"):
        read_programme(damaged, "copy", slug="copy")


async def test_interpreters_keep_their_role_and_technicians_stay_inside(
    database: Database, clock: ManualClock
) -> None:
    programme = demo_programme()
    opening = next(one for one in programme.sessions if one.code == "OPEN25")
    hands = [one.key for one in programme.people][-2:]
    opening.parts += [
        PartDraft(hands[0], SessionRole.INTERPRETER),
        PartDraft(hands[1], SessionRole.TECHNICIAN),
    ]
    edition = await edition_of(database, programme, clock)
    exported = json.loads(export_json(edition))["schedule"]["conference"]["days"][0]["rooms"]
    roles = [
        person["role"] for room in exported.values() for one in room if one["code"] == "OPEN25"
        for person in one["persons"]
    ]  # fmt: skip
    assert roles == ["speaker", "chair", "interpreter"]
    again = read_programme(export_json(edition), "export", slug="copy")
    copied = next(one for one in again.sessions if one.code == "OPEN25")
    assert [part.role for part in copied.parts] == ["speaker", "chair", "interpreter"]


async def test_each_session_is_exported_in_its_own_language_or_the_one_asked_for(
    database: Database, clock: ManualClock
) -> None:
    own = in_json(export_json(await edition_of(database, demo_programme(), clock)))
    arabic = in_json(export_json(await edition_of(database, demo_programme(), clock, "ar")))
    assert {one["title"] for one in own} >= {"جلسة الافتتاح: أيّ طبيب نريد؟", "A lecture in ten megabytes"}
    assert "محاضرة في عشرة ميغابايت" in {one["title"] for one in arabic}
    assert {one["room"] for one in own} == {one["room"] for one in arabic}


async def test_no_internal_id_or_account_goes_out(database: Database, clock: ManualClock) -> None:
    edition = await edition_of(database, demo_programme(), clock)
    exported = json.loads(export_json(edition))
    ids = {one.id for one in edition.schedule.sessions}
    numbers = {
        event["id"]
        for day in exported["schedule"]["conference"]["days"]
        for room in day["rooms"].values()
        for event in room
    }
    assert len(numbers) == len(ids)
    assert not numbers & ids
    assert b"account" not in export_json(edition)
