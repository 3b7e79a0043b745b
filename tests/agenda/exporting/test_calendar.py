"""The calendar, read back by icalendar and as plain text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import msgspec
import pytest

from conference.agenda.demo import demo_programme
from conference.agenda.drafts import Programme
from conference.agenda.exporting.calendar import export_ics
from conference.agenda.exporting.public import Edition
from conference.agenda.exporting.zone_rules import changes, zone_component
from conference.agenda.importing.apply import import_schedule
from conference.agenda.reading import event_by_slug, full_schedule_of
from conference.agenda.tables import SessionState
from conference.clock import ManualClock
from conference.storage.database import Database

Read = Callable[[str], Programme]
REAL = ("31c3-2014.frab.xml", "democon.pretalx.json", "rc3-2020.pretalx.json")


async def edition_of(database: Database, programme: Programme, clock: ManualClock) -> Edition:
    summary = await database.write(lambda tx: import_schedule(tx, programme, at=clock.now()))
    schedule = await database.read(lambda rows: full_schedule_of(rows, event_by_slug(rows, summary.event)))
    return Edition(schedule=schedule, site="https://majlis.example.org")


def entries(data: bytes) -> dict[str, icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(data)
    assert isinstance(calendar, icalendar.Calendar)
    return {str(entry["uid"]): entry for entry in calendar.events}


@pytest.mark.parametrize("name", [*REAL, "demo"])
async def test_every_session_is_an_entry_at_its_time(
    database: Database, clock: ManualClock, programme_of: Read, name: str
) -> None:
    edition = await edition_of(database, demo_programme() if name == "demo" else programme_of(name), clock)
    found = entries(export_ics(edition))
    assert len(found) == len(edition.schedule.sessions)
    for session in edition.schedule.sessions:
        entry = found[f"majlis-{edition.event.slug}-{session.code}@majlis.example.org"]
        assert entry.decoded("dtstart") == session.starts_at
        assert entry.decoded("dtend") == session.ends_at
        assert entry["dtstart"].params["TZID"] == edition.event.zone
        assert str(entry["summary"]) == edition.text(session, session.title)
        assert str(entry["status"]) == "CONFIRMED"
        assert entry.decoded("last-modified") == clock.now()


@pytest.mark.parametrize("name", [*REAL, "demo"])
async def test_lines_are_folded_and_clean(
    database: Database, clock: ManualClock, programme_of: Read, name: str
) -> None:
    data = export_ics(
        await edition_of(database, demo_programme() if name == "demo" else programme_of(name), clock)
    )
    assert data.endswith(b"\r\n")
    lines = data.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not any(byte < 32 for line in lines for byte in line.replace(b"\t", b" "))
    data.decode("utf-8")


async def test_an_entry_says_all_that_helps(database: Database, clock: ManualClock) -> None:
    edition = await edition_of(database, demo_programme(), clock)
    opening = entries(export_ics(edition))["majlis-karbala-2025-OPEN25@majlis.example.org"]
    assert str(opening["url"]) == "https://majlis.example.org/karbala-2025/session/OPEN25"
    assert str(opening["conference"]) == "https://majlis.example.org/karbala-2025/session/OPEN25/room"
    assert str(opening["location"]) == "القاعة الكبرى"
    assert opening.categories == ["المعايير العالمية والقيم"]
    assert opening.sequence == 0
    for part in ("المتحدّث أ", "رئيس الجلسة أ", "يفتتح المؤتمر", str(opening["url"])):
        assert part in str(opening["description"])


async def test_breaks_do_not_block_anybodys_day(database: Database, clock: ManualClock) -> None:
    edition = await edition_of(database, demo_programme(), clock)
    found = entries(export_ics(edition)).values()
    assert sum(str(entry.get("transp", "")) == "TRANSPARENT" for entry in found) == 12


async def test_a_cancelled_session_says_so(database: Database, clock: ManualClock) -> None:
    programme = demo_programme()
    before = entries(export_ics(await edition_of(database, programme, clock)))
    cancelled = programme.sessions[-1]
    cancelled.state = SessionState.CANCELLED
    clock.advance(timedelta(hours=1))
    after = entries(export_ics(await edition_of(database, programme, clock)))
    assert before.keys() == after.keys()
    changed = [uid for uid in after if after[uid].to_ical() != before[uid].to_ical()]
    assert len(changed) == 1
    assert str(after[changed[0]]["status"]) == "CANCELLED"
    was, now = (one[changed[0]].decoded("last-modified") for one in (before, after))
    assert now > was


async def test_only_the_sessions_asked_for(database: Database, clock: ManualClock) -> None:
    edition = await edition_of(database, demo_programme(), clock)
    assert list(entries(export_ics(edition, codes={"OPEN25"}))) == [
        "majlis-karbala-2025-OPEN25@majlis.example.org"
    ]


async def test_control_characters_never_reach_a_calendar(database: Database, clock: ManualClock) -> None:
    programme = demo_programme()
    edition = await edition_of(database, programme, clock)
    bad = msgspec.structs.replace(edition.schedule.sessions[1], title={"ar": "A\x0bB\x00C\r\nX-EVIL:1\u202e"})
    schedule = msgspec.structs.replace(edition.schedule, sessions=[bad])
    data = export_ics(msgspec.structs.replace(edition, schedule=schedule))
    assert b"SUMMARY:ABC\\nX-EVIL:1\r\n" in data


ZONES = (
    "Asia/Baghdad",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "Australia/Sydney",
    "Africa/Cairo",
    "Africa/Casablanca",
)


@pytest.mark.parametrize("name", ZONES)
def test_the_zone_component_gives_the_same_offsets_as_the_iana_rules(name: str) -> None:
    """Every half day of three years, computed from the component's text as RFC 5545 §3.6.5 says."""
    first, last = datetime(2024, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    rules = []
    for part in zone_component(name, first, last).subcomponents:
        before, after = part.decoded("tzoffsetfrom"), part.decoded("tzoffsetto")
        onset = part.decoded("dtstart").replace(tzinfo=UTC) - before
        rules.append((onset, after))
    moment = first
    while moment < last:
        offset = max(rule for rule in rules if rule[0] <= moment)[1]
        assert offset == moment.astimezone(ZoneInfo(name)).utcoffset(), moment
        moment += timedelta(hours=12)


def test_the_clock_change_of_the_conference_weekend() -> None:
    found = list(
        changes(
            ZoneInfo("Europe/London"), datetime(2025, 10, 20, tzinfo=UTC), datetime(2025, 11, 1, tzinfo=UTC)
        )
    )
    assert [one.at for one in found] == [datetime(2025, 10, 26, 1, tzinfo=UTC)]
    component = zone_component(
        "Europe/London", datetime(2025, 10, 20, tzinfo=UTC), datetime(2025, 11, 1, tzinfo=UTC)
    )
    assert (
        b"BEGIN:STANDARD\r\nDTSTART:20251026T020000\r\nTZNAME:GMT\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0000"
        in component.to_ical()
    )
    assert not list(
        changes(ZoneInfo("Asia/Baghdad"), datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    )
