"""Texts in further languages, as our exports carry them: laid over the drafts or refused with their place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conference.agenda.command_line import import_file
from conference.agenda.drafts import Programme
from conference.agenda.importing.apply import import_schedule
from conference.agenda.importing.read_file import read_programme
from conference.agenda.reading import event_by_slug, full_schedule_of
from conference.clock import ManualClock
from conference.errors import BadInput
from conference.storage.database import Database

GUID = "3a2b1c00-0000-4000-8000-000000000001"
PLACE = "schedule.conference.meta.majlis.translations"


def schedule(translations: Any) -> bytes:
    """One session of one person, in English, one value a line."""
    session = {
        "guid": GUID,
        "title": "A talk",
        "abstract": "About it",
        "date": "2025-10-25T09:00:00+03:00",
        "duration": "00:30",
        "room": "Hall",
        "track": "Ethics",
        "type": "Lecture",
        "language": "en",
        "persons": [{"code": "PERSON", "name": "Speaker"}],
    }
    conference = {
        "acronym": "small",
        "title": "Small",
        "time_zone_name": "Asia/Baghdad",
        "rooms": [{"name": "Hall", "slug": "main"}],
        "tracks": [{"name": "Ethics", "slug": "ethics"}],
        "meta": {"majlis": {"language": "en", "translations": translations}},
        "days": [{"index": 1, "date": "2025-10-25", "rooms": {"Hall": [session]}}],
    }
    return json.dumps({"schedule": {"version": "1", "conference": conference}}, indent=1).encode()


def read(translations: Any) -> Programme:
    return read_programme(schedule(translations), "file")


def test_every_kind_of_text_is_laid_over_its_draft() -> None:
    programme = read(
        {
            "conference": {"title": {"ar": "صغير"}, "description": {"ar": "وصف"}},
            "rooms": {"main": {"name": {"ar": "قاعة"}, "description": {"ar": "الطابق الأول"}}},
            "tracks": {"ethics": {"name": {"ar": "الأخلاق"}}},
            "types": {"Lecture": {"name": {"ar": "محاضرة"}}},
            "people": {"PERSON": {"name": {"ar": "متحدّث"}, "biography": {"ar": "سيرة"}}},
            "sessions": {GUID: {"title": {"ar": "كلمة", "de-AT": "Vortrag"}, "subtitle": {"ar": "عنها"}}},
        }
    )
    [room], [track], [kind], [person], [session] = (
        programme.rooms, programme.tracks, programme.types, programme.people, programme.sessions
    )  # fmt: skip
    assert (programme.event.title, programme.event.description) == (
        {"en": "Small", "ar": "صغير"},
        {"ar": "وصف"},
    )
    assert (room.name, room.description) == ({"en": "Hall", "ar": "قاعة"}, {"ar": "الطابق الأول"})
    assert (track.name, kind.name) == (
        {"en": "Ethics", "ar": "الأخلاق"},
        {"en": "Lecture", "ar": "محاضرة"},
    )
    assert (person.name, person.biography) == ({"en": "Speaker", "ar": "متحدّث"}, {"ar": "سيرة"})
    assert session.title == {"en": "A talk", "ar": "كلمة", "de-at": "Vortrag"}
    assert (session.subtitle, session.abstract) == ({"ar": "عنها"}, {"en": "About it"})
    assert programme.event.languages == ["en", "ar", "de-at"]
    assert programme.warnings == []


def test_controls_and_bidi_overrides_are_stripped_as_from_every_text() -> None:
    programme = read({"sessions": {GUID: {"title": {"ar": " آمن\u202egnp.exe\u2066\x00\r\n\ud800"}}}})
    assert programme.sessions[0].title["ar"] == "آمنgnp.exe\n?"


def test_what_is_in_no_entry_of_the_file_is_left_out_with_a_warning() -> None:
    programme = read({"rooms": {"other": {"name": {"ar": "قاعة"}}}, "later": {"kinds": 5}})
    assert [str(one) for one in programme.warnings] == [
        f"file:{line(schedule({'rooms': {'other': {}}}), 'other')} {PLACE}.rooms.other: "
        "translations of something that is not in this file; left out"
    ]
    assert programme.event.languages == ["en"]


def line(data: bytes, text: str) -> int:
    return next(number for number, one in enumerate(data.decode().splitlines(), 1) if text in one)


@pytest.mark.parametrize(
    ("translations", "place", "message"),
    [
        (["x"], "", "an object with named fields is expected here."),
        ("x", "", "an object with named fields is expected here."),
        ({"conference": "x"}, ".conference", "an object with named fields is expected here."),
        ({"rooms": [{"main": {}}]}, ".rooms", "an object with named fields is expected here."),
        ({"rooms": {"main": "x"}}, ".rooms.main", "an object with named fields is expected here."),
        ({"tracks": {"ethics": {"name": "x"}}}, ".tracks.ethics.name", "an object with named fields"),
        (
            {"types": {"Lecture": {"name": {"ar": ["x"]}}}},
            ".types.Lecture.name.ar",
            "a text is expected here, not “['x']”.",
        ),
        (
            {"people": {"PERSON": {"name": {"ar": None}}}},
            ".people.PERSON.name.ar",
            "a text is expected here, not “null”.",
        ),
        (
            {"sessions": {GUID: {"title": {"Arabic, please": "x"}}}},
            f".sessions.{GUID}.title.Arabic, please",
            "“Arabic, please” is not a language code like ar or en.",
        ),
        (
            {"sessions": {GUID: {"title": {"ar": "x" * 501}}}},
            f".sessions.{GUID}.title",
            "“title” is 501 characters long; at most 500 fit.",
        ),
        (
            {"people": {"PERSON": {"biography": {"ar": "x" * 100_001}}}},
            ".people.PERSON.biography",
            "“biography” is 100001 characters long; at most 100000 fit.",
        ),
        ({"rooms": {"main": {"name": {"en": ""}}}}, ".rooms.main.name", "name: This cannot be empty."),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(translations: Any, place: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(translations)
    assert caught.value.code == "agenda.bad-file"
    where, said = str(caught.value).split(": ", 1)
    assert where.startswith("file:")
    assert where.endswith(f" {PLACE}{place}")
    assert said.startswith(message)


def test_a_hostile_name_is_quoted_as_plain_short_text() -> None:
    with pytest.raises(BadInput) as caught:
        read({"rooms": {"main": {"name": {"\ud800\u202e\n" + "x" * 1000: "x"}}}})
    assert len(str(caught.value).encode("utf-8")) < 400
    assert "\u202e" not in str(caught.value)


async def test_a_wrong_translation_leaves_the_event_as_it_was(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await database.write(lambda tx: import_schedule(tx, read(None), at=clock.now()))
    before = await database.read(lambda rows: full_schedule_of(rows, event_by_slug(rows, "small")))
    file = tmp_path / "small.json"
    texts = {"conference": {"title": {"ar": "صغير"}}, "sessions": {GUID: {"title": {"ar": 5, "??": "x"}}}}
    file.write_bytes(schedule(texts))
    with pytest.raises(BadInput, match=r"^small\.json:\d+ .*translations.*“\?\?” is not a language code"):
        await import_file(database, file, clock=clock, site="https://majlis.example.org")
    assert await database.read(lambda rows: full_schedule_of(rows, event_by_slug(rows, "small"))) == before


async def test_an_import_adds_languages_to_an_event_and_takes_away_what_stood_in(
    database: Database, clock: ManualClock
) -> None:
    await database.write(lambda tx: import_schedule(tx, read(None), at=clock.now()))
    texts = {"title": {"ar": "كلمة"}, "abstract": {"ar": "عنها", "en": ""}}
    more = read({"sessions": {GUID: texts}})
    summary = await database.write(lambda tx: import_schedule(tx, more, at=clock.now()))
    stored = await database.read(lambda rows: full_schedule_of(rows, event_by_slug(rows, "small")))
    [session] = stored.sessions
    assert (session.title, session.abstract) == ({"en": "A talk", "ar": "كلمة"}, {"ar": "عنها"})
    assert stored.event.languages == ["en", "ar"]
    assert dict(summary.updated) == {"sessions": 1}
