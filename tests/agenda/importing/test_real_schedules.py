"""The three published schedules load whole: compared with what lxml and json read in the same files."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from conference.agenda.drafts import Programme, SessionDraft
from conference.agenda.grouping import days_of
from conference.agenda.importing.apply import import_schedule
from conference.agenda.reading import event_by_slug, full_schedule_of
from conference.clock import ManualClock
from conference.storage.database import Database

Read = Callable[[str], Programme]
Facts = dict[str, Any]

XML = "31c3-2014.frab.xml"
JSON = ("democon.pretalx.json", "rc3-2020.pretalx.json")


def facts_in_xml(file: Path) -> Iterator[Facts]:
    """What the XML says of each event, read by XPath."""
    for event in etree.parse(file).iterfind("day/room/event"):
        room = event.getparent()
        assert room is not None
        yield {
            "guid": event.get("guid"),
            "id": int(event.get("id", "0")),
            **{
                name: normal(event.findtext(name))
                for name in ("title", "subtitle", "abstract", "description")
            },
            **{name: event.findtext(name) for name in ("track", "type", "language", "slug")},
            "room": room.get("name"),
            "starts_at": datetime.fromisoformat(event.findtext("date") or ""),
            "minutes": minutes(event.findtext("duration") or ""),
            "people": [normal(person.text) for person in event.iterfind("persons/person")],
            "links": [(link.get("href"), normal(link.text)) for link in event.iterfind("links/link")],
            "license": event.findtext("recording/license"),
            "do_not_record": event.findtext("recording/optout") == "true",
        }


def facts_in_json(file: Path) -> Iterator[Facts]:
    """What the JSON says of each event."""
    for day in json.loads(file.read_text(encoding="utf-8"))["schedule"]["conference"]["days"]:
        for room, events in day["rooms"].items():
            for event in events:
                yield {
                    **{name: event[name] for name in ("guid", "id", "track", "type", "language", "slug")},
                    **{
                        name: normal(event[name]) for name in ("title", "subtitle", "abstract", "description")
                    },
                    "room": room,
                    "starts_at": datetime.fromisoformat(event["date"]),
                    "minutes": minutes(event["duration"]),
                    "people": [person["public_name"] for person in event["persons"]],
                    "links": [(link["url"], link["title"]) for link in event["links"]],
                    "license": event["recording_license"],
                    "do_not_record": event["do_not_record"],
                }


def facts_of(programme: Programme, session: SessionDraft) -> Facts:
    """The same facts of a draft."""
    rooms = {one.slug: only(one.name) for one in programme.rooms}
    tracks = {one.slug: only(one.name) for one in programme.tracks}
    types = {one.slug: only(one.name) for one in programme.types}
    people = {one.key: one for one in programme.people}
    return {
        "guid": session.guid,
        "id": session.external_id,
        **{name: only(getattr(session, name)) for name in ("title", "subtitle", "abstract", "description")},
        "track": tracks[session.track or ""],
        "type": types[session.type or ""],
        "language": session.language,
        "slug": session.slug,
        "room": rooms[session.room or ""],
        "starts_at": session.starts_at,
        "minutes": session.minutes,
        "people": [only(people[part.person].name) for part in session.parts],
        "links": [(link["url"], link["title"]) for link in session.links],
        "license": session.recording_license,
        "do_not_record": session.do_not_record,
    }


def only(texts: dict[str, str]) -> str:
    """The text; the same in all languages it is given in (a person's name in sessions of two)."""
    found = {text for text in texts.values() if text}
    assert len(found) <= 1
    return found.pop() if found else ""


def normal(text: str | None) -> str:
    """As every text that comes in: composed letters (rC3 has others), plain line ends, no space around."""
    return unicodedata.normalize("NFC", (text or "").replace("\r\n", "\n").replace("\r", "\n")).strip()


def minutes(duration: str) -> int:
    hours, rest = duration.split(":")
    return int(hours) * 60 + int(rest)


def facts_in(file: Path) -> list[Facts]:
    return list(facts_in_xml(file) if file.suffix == ".xml" else facts_in_json(file))


@pytest.mark.parametrize("name", [XML, *JSON])
def test_every_session_has_all_its_fields(programme_of: Read, data: Path, name: str) -> None:
    programme = programme_of(name)
    expected = facts_in(data / "schedules" / name)
    assert [facts_of(programme, session) for session in programme.sessions] == expected


@pytest.mark.parametrize(
    ("name", "sessions", "rooms", "tracks", "types", "people", "links"),
    [(XML, 138, 4, 8, 3, 198, 134), (JSON[0], 36, 2, 2, 2, 27, 0), (JSON[1], 48, 5, 5, 6, 56, 0)],
)
async def test_the_database_holds_as_many_of_each_as_the_file(
    database: Database,
    clock: ManualClock,
    programme_of: Read,
    name: str,
    sessions: int,
    rooms: int,
    tracks: int,
    types: int,
    people: int,
    links: int,
) -> None:
    programme = programme_of(name)
    summary = await database.write(lambda tx: import_schedule(tx, programme, at=clock.now()))
    created = {
        "sessions": sessions,
        "rooms": rooms,
        "tracks": tracks,
        "types": types,
        "people": people,
        "links": links,
    }
    assert dict(summary.created) == {thing: count for thing, count in created.items() if count}
    stored = await database.read(lambda rows: full_schedule_of(rows, event_by_slug(rows, summary.event)))
    assert (len(stored.sessions), len(stored.rooms), len(stored.tracks), len(stored.types)) == (
        sessions,
        rooms,
        tracks,
        types,
    )
    assert len({part.person.id for one in stored.sessions for part in one.parts}) == people
    assert sum(len(one.links) for one in stored.sessions) == links


@pytest.mark.parametrize("name", [XML, *JSON])
async def test_stored_days_are_the_days_of_the_file(
    database: Database, clock: ManualClock, programme_of: Read, data: Path, name: str
) -> None:
    file = data / "schedules" / name
    if file.suffix == ".xml":
        days = [
            (day.get("date"), len(day.findall("room/event"))) for day in etree.parse(file).iterfind("day")
        ]
    else:
        listed = json.loads(file.read_text(encoding="utf-8"))["schedule"]["conference"]["days"]
        days = [(day["date"], sum(map(len, day["rooms"].values()))) for day in listed]
    summary = await database.write(lambda tx: import_schedule(tx, programme_of(name), at=clock.now()))
    stored = await database.read(lambda rows: full_schedule_of(rows, event_by_slug(rows, summary.event)))
    assert [
        (day.date.isoformat(), len(day.sessions)) for day in days_of(stored.event, stored.sessions)
    ] == days


def test_people_named_in_several_sessions_are_one_person(programme_of: Read, data: Path) -> None:
    root = etree.parse(data / "schedules" / XML)
    by_id = {person.get("id"): normal(person.text) for person in root.iterfind(".//person")}
    people = programme_of(XML).people
    assert {str(one.external_id): only(one.name) for one in people} == by_id


def test_both_rooms_of_democon_stay_apart_though_they_share_a_guid(programme_of: Read) -> None:
    programme = programme_of(JSON[0])
    assert [one.slug for one in programme.rooms] == ["gray-room", "tan-room"]
    assert len({one.guid for one in programme.rooms}) == 1


def test_zone_that_contradicts_the_times_is_not_believed(programme_of: Read) -> None:
    programme = programme_of(JSON[0])  # says UTC, writes +01:00 everywhere
    assert programme.event.zone == "Europe/Berlin"
    assert programme.zone_is_guess
    assert ["said to be UTC" in str(warning) for warning in programme.warnings] == [True]


def test_codes_are_found_where_pretalx_hides_them(programme_of: Read) -> None:
    assert [one.code for one in programme_of("democon.pretalx.json").sessions][:2] == [
        "G9JGWY",
        "3NEFSQ",
    ]  # in the address
    assert [one.code for one in programme_of("rc3-2020.pretalx.json").sessions][:2] == [
        "MJA8QY",
        "8DVGZ3",
    ]  # as slug


async def test_answers_to_organizers_questions_are_not_stored(
    database: Database, clock: ManualClock, programme_of: Read, tmp_path: Path
) -> None:
    """rC3's export contains a speaker's telephone number: it must not come in, so that it cannot go out."""
    await database.write(
        lambda tx: import_schedule(tx, programme_of("rc3-2020.pretalx.json"), at=clock.now())
    )
    stored = _bytes_on_disk(tmp_path)
    assert b"r3s - Monheim" in stored
    assert b"0160 84" not in stored


def _bytes_on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("majlis.sqlite3*"))


def test_the_hubs_flat_list_is_read_too(programme_of: Read) -> None:
    programme = programme_of("hub-example.v2.json")
    opening = programme.sessions[0]
    assert (opening.title["en"], opening.minutes, opening.room, opening.track) == (
        "38C3: Opening Ceremony",
        30,
        "saal-1",
        "ccc",
    )
    assert opening.feedback_url.endswith("/HQCCYH/feedback/")
    assert [link["url"] for link in opening.links] == ["https://example.net/"]
    assert [link["url"] for link in opening.attachments] == ["https://example.net/foo/bar/1235.pdf"]
    assert [only(one.name) for one in programme.people][:3] == [
        "Gabriela Bogk",
        "Aline Blankertz",
        "Senficon",
    ]
    assert programme.people[0].biography["en"].startswith("Gabriela")
    assert {one.slug: one.colour for one in programme.tracks}["ccc"] == "#f2f006"
    assert (programme.event.zone, programme.event.day_start_hour) == ("Europe/Berlin", 6)
    assert (
        next(one for one in programme.rooms if one.slug == "stage-huff")
        .description["de"]
        .startswith("Community-Bühne")
    )


async def test_every_link_of_31c3_can_be_followed_from_a_page(
    database: Database, clock: ManualClock, programme_of: Read
) -> None:
    """Five of them stand in the file without a scheme."""
    await database.write(lambda tx: import_schedule(tx, programme_of(XML), at=clock.now()))
    stored = await database.read(lambda rows: full_schedule_of(rows, event_by_slug(rows, "31c3")))
    addresses = [link["url"] for one in stored.sessions for link in one.references]
    assert len(addresses) == 134
    assert all(address.startswith(("http://", "https://")) for address in addresses)
    assert "http://www.mr-beam.org" in addresses
