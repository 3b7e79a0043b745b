"""`majlis schedule import`, `export`, `diff` and `release`, as a person at a terminal meets them."""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Callable
from pathlib import Path

import icalendar
import pytest
from lxml import etree
from sqlalchemy import Connection, update

from conference.agenda.command_line import add_arguments, import_file, progress_bar, run_import
from conference.agenda.export_command import run_export
from conference.agenda.reading import event_by_slug
from conference.agenda.releasing.release_commands import run_diff, run_release
from conference.agenda.surroundings import Surroundings
from conference.agenda.tables import session
from conference.clock import ManualClock
from conference.errors import BadInput, Conflict, NotFound
from conference.storage.database import Database

SITE = "https://majlis.example.org"


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser.add_subparsers())
    return parser.parse_args(words)


async def test_an_import_says_what_it_did(
    database: Database, clock: ManualClock, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(data / "schedules" / "31c3-2014.frab.xml")
    assert await run_import(database, options("import", file), Surroundings(clock, SITE)) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "Created the event “31c3”, time zone Europe/Berlin.",
        "  The zone is a guess; another one is chosen with --zone.",
        "  sessions:  138 created",
        "  rooms:     4 created",
        "  tracks:    8 created",
        "  types:     3 created",
        "  people:    198 created",
        "  links:     134 created",
        "1 warning:",
        "  31c3-2014.frab.xml:4:1: no time zone is named; the times fit Europe/Berlin.",
    ]
    assert said.err.splitlines() == ["100 of 138 sessions", "138 of 138 sessions"]
    await run_import(database, options("import", file, "--zone", "Europe/Vienna"), Surroundings(clock, SITE))
    assert capsys.readouterr().out.splitlines()[:2] == [
        "Updated the event “31c3”, time zone Europe/Vienna.",
        "  sessions:  138 unchanged",
    ]


async def test_address_zone_and_closed_can_be_chosen(
    database: Database, clock: ManualClock, data: Path
) -> None:
    words = ("--event", "winter", "--zone", "Asia/Baghdad", "--closed")
    file = str(data / "schedules" / "democon.pretalx.json")
    await run_import(database, options("import", file, *words), Surroundings(clock, SITE))
    event = await database.read(lambda rows: event_by_slug(rows, "winter"))
    assert (event.zone, event.is_public) == ("Asia/Baghdad", False)


async def test_times_on_no_clock_are_on_that_of_the_event_they_are_read_into(
    database: Database, clock: ManualClock, data: Path, tmp_path: Path
) -> None:
    said = json.loads((data / "schedules" / "democon.pretalx.json").read_bytes())
    del said["schedule"]["conference"]["time_zone_name"]
    for day in said["schedule"]["conference"]["days"]:
        for one in (one for listed in day["rooms"].values() for one in listed):
            one["date"] = one["date"][:19]
    local = tmp_path / "local.json"
    local.write_text(json.dumps(said))
    guessed = await import_file(database, local, clock=clock, site=SITE, event="berlin", zone="Europe/Berlin")
    assert not guessed.zone_is_guess
    again = await import_file(database, local, clock=clock, site=SITE, event="berlin")
    assert (again.zone, again.unchanged["sessions"], again.updated["sessions"]) == ("Europe/Berlin", 36, 0)


@pytest.mark.parametrize("cut", [10, 5_000, 30_000])
async def test_a_broken_file_leaves_the_database_untouched(
    database: Database,
    clock: ManualClock,
    data: Path,
    tmp_path: Path,
    row_count: Callable[[Connection], int],
    cut: int,
) -> None:
    broken = tmp_path / "broken.xml"
    broken.write_bytes((data / "schedules" / "31c3-2014.frab.xml").read_bytes()[:-cut])
    with pytest.raises(BadInput) as caught:
        await import_file(database, broken, clock=clock, site=SITE)
    assert str(caught.value).startswith("broken.xml:")
    assert await database.read(row_count) == 0


async def test_a_file_that_is_not_there_is_said_in_one_line(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    with pytest.raises(BadInput) as caught:
        await import_file(database, tmp_path / "none.xml", clock=clock, site=SITE)
    assert str(caught.value).endswith("none.xml cannot be read: No such file or directory")


async def test_exports_go_to_a_file_or_to_standard_output(
    database: Database,
    clock: ManualClock,
    data: Path,
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    await import_file(database, data / "schedules" / "democon.pretalx.json", clock=clock, site=SITE)
    capfdbinary.readouterr()
    for format in ("json", "xml", "ics"):
        file = tmp_path / f"schedule.{format}"
        words = ("export", "democon", "--format", format)
        await run_export(database, options(*words, "--output", str(file)), Surroundings(clock, SITE))
        await run_export(database, options(*words), Surroundings(clock, SITE))
        assert capfdbinary.readouterr().out == file.read_bytes()
    assert (
        json.loads((tmp_path / "schedule.json").read_bytes())["schedule"]["conference"]["title"] == "DemoCon"
    )
    assert len(etree.fromstring((tmp_path / "schedule.xml").read_bytes()).findall("day/room/event")) == 36
    calendar = icalendar.Calendar.from_ical((tmp_path / "schedule.ics").read_bytes())
    assert len(calendar.walk("VEVENT")) == 36


async def test_an_export_of_nothing_or_to_nowhere_is_refused(
    database: Database, clock: ManualClock, data: Path, tmp_path: Path
) -> None:
    with pytest.raises(NotFound):
        await run_export(database, options("export", "nothing"), Surroundings(clock, SITE))
    await import_file(database, data / "schedules" / "democon.pretalx.json", clock=clock, site=SITE)
    nowhere = options("export", "democon", "--output", str(tmp_path / "no" / "such" / "folder"))
    with pytest.raises(BadInput, match="cannot be written"):
        await run_export(database, nowhere, Surroundings(clock, SITE))


async def test_a_draft_is_compared_and_released(
    database: Database, clock: ManualClock, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await import_file(database, data / "schedules" / "democon.pretalx.json", clock=clock, site=SITE)
    around = Surroundings(clock, SITE, "Majlis <no-reply@example.org>")
    capsys.readouterr()
    await run_diff(database, options("diff", "democon"), around)
    assert capsys.readouterr().out == "Nothing differs.\n"
    longer = update(session).where(session.c.code == "G9JGWY").values(minutes=session.c.minutes + 15)
    await database.write(lambda tx: tx.connection.execute(longer).rowcount)
    await run_diff(database, options("diff", "democon"), around)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("~ G9JGWY ")
    assert "it was until" in said[1]
    assert said[-1] == "1 session changed."
    await run_release(database, options("release", "democon", "--name", "Final", "--quiet"), around)
    assert capsys.readouterr().out == (
        "Released “Final” of “democon”: 1 session changed; 0 people are told, from the outbox.\n"
    )
    with pytest.raises(Conflict):
        await run_release(database, options("release", "democon"), around)
    await run_diff(database, options("diff", "democon", "--from", "Final", "--language", "ar"), around)
    assert capsys.readouterr().out == "Nothing differs.\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_fills_on_a_terminal() -> None:
    terminal = Terminal()
    show = progress_bar(terminal)
    for done in range(1, 4):
        show(done, 3)
    assert terminal.getvalue().split("\r")[1:] == [
        "[##########....................] 1/3 sessions",
        "[####################..........] 2/3 sessions",
        "[##############################] 3/3 sessions\n",
    ]
