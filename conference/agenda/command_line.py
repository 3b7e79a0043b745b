"""`majlis schedule import FILE` and `majlis schedule export EVENT`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal, TextIO

from conference.agenda.exporting.calendar import export_ics
from conference.agenda.exporting.frab_xml import export_xml
from conference.agenda.exporting.public import Edition
from conference.agenda.exporting.schedule_json import export_json
from conference.agenda.importing.apply import THINGS, Progress, Summary, import_schedule
from conference.agenda.importing.own_addresses import without_own_addresses
from conference.agenda.importing.read_file import LARGEST_FILE, read_programme
from conference.agenda.reading import event_by_slug, full_schedule_of
from conference.clock import Clock
from conference.errors import N_, BadInput
from conference.storage.database import Database

Format = Literal["json", "xml", "ics"]
EXPORTS: dict[Format, Callable[[Edition], bytes]] = {
    "json": export_json,
    "xml": export_xml,
    "ics": export_ics,
}
SHOWN_WARNINGS = 10


def add_arguments(parsers: Any) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    """Add the parsers of `import` and `export` to the subparsers of `majlis schedule`; returns both."""
    reading: argparse.ArgumentParser = parsers.add_parser(
        "import", help="read a schedule file (frab XML, pretalx or frab JSON) into the database"
    )
    reading.add_argument("file", type=Path, metavar="FILE", help="the schedule file")
    reading.add_argument(
        "--event", default="", metavar="SLUG", help="address of the event; without it, the file's acronym"
    )
    reading.add_argument(
        "--zone", default="", metavar="ZONE", help="time zone like Asia/Baghdad, where the file names none"
    )
    reading.add_argument("--closed", action="store_true", help="make the event open to invited people only")
    writing: argparse.ArgumentParser = parsers.add_parser(
        "export", help="write the public schedule of an event"
    )
    writing.add_argument("event", metavar="EVENT", help="the event's slug")
    writing.add_argument(
        "--format", choices=list(EXPORTS), default="json", help="json, xml (frab) or ics (calendar)"
    )
    writing.add_argument(
        "--language", default="", metavar="LANG", help="ar or en; without it, each session in its own"
    )
    writing.add_argument(
        "--output", type=Path, metavar="FILE", help="where it goes; without it, standard output"
    )
    return reading, writing


async def run_import(database: Database, options: argparse.Namespace, *, clock: Clock, site: str = "") -> int:
    """`majlis schedule import`: progress on standard error, the summary on standard output; exit status."""
    summary = await import_file(
        database,
        options.file,
        clock=clock,
        site=site,
        event=options.event,
        zone=options.zone,
        closed=options.closed,
        progress=progress_bar(),
    )
    sys.stdout.write("\n".join(summary_lines(summary)) + "\n")
    return 0


async def run_export(database: Database, options: argparse.Namespace, *, site: str) -> int:
    """`majlis schedule export`; *site* is the public address of the server. Exit status."""
    await export_file(
        database, options.event, options.format, site=site, language=options.language, output=options.output
    )
    return 0


async def import_file(
    database: Database,
    file: Path,
    *,
    clock: Clock,
    site: str,
    event: str = "",
    zone: str = "",
    closed: bool = False,
    progress: Progress | None = None,
) -> Summary:
    """Read *file* and store it; nothing is stored when it cannot be read whole (`BadInput`).

    *site* is this server's public address: links to it in *file* are forgotten.
    """
    data = await asyncio.to_thread(_read, file)
    programme = await asyncio.to_thread(read_programme, data, file.name, slug=event, zone=zone)
    without_own_addresses(programme, site)
    if closed:
        programme.event.is_public = False
    now = clock.now()
    return await database.write(lambda tx: import_schedule(tx, programme, at=now, progress=progress))


async def export_file(
    database: Database,
    event: str,
    format: Format,
    *,
    site: str,
    language: str = "",
    output: Path | None = None,
) -> int:
    """Write the event's public schedule to *output* or standard output; returns its length in bytes."""
    schedule = await database.read(lambda rows: full_schedule_of(rows, event_by_slug(rows, event)))
    data = EXPORTS[format](Edition(schedule=schedule, site=site, language=language))
    await asyncio.to_thread(_write, data, output)
    return len(data)


def progress_bar(stream: TextIO | None = None) -> Progress:
    """A bar on a terminal; elsewhere a line every hundred sessions and at the end."""
    out = stream or sys.stderr
    on_terminal = out.isatty()

    def show(done: int, total: int) -> None:
        if on_terminal:
            filled = 30 * done // total
            out.write(
                f"\r[{'#' * filled}{'.' * (30 - filled)}] {done}/{total} sessions" + "\n" * (done == total)
            )
        elif done % 100 == 0 or done == total:
            out.write(f"{done} of {total} sessions\n")
        out.flush()

    return show


def summary_lines(summary: Summary) -> list[str]:
    """What an import did, in words, and the first warnings with their places."""
    lines = [
        f"{'Created' if summary.is_new else 'Updated'} the event “{summary.event}”, time zone {summary.zone}."
    ]
    for thing in THINGS:
        counts = {
            "created": summary.created[thing],
            "updated": summary.updated[thing],
            "unchanged": summary.unchanged[thing],
        }
        said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        lines.append(f"  {thing + ':':<10} {said or 'none'}")
    if summary.absent:
        lines.append(f"  {summary.absent} sessions of the event are not in the file; they stay.")
    return lines + list(_warnings(summary))


def _warnings(summary: Summary) -> Iterable[str]:
    if not summary.warnings:
        return
    yield f"{len(summary.warnings)} warning{'s' if len(summary.warnings) != 1 else ''}:"
    shown = summary.warnings[:SHOWN_WARNINGS]
    yield from (f"  {warning}" for warning in shown)
    more = Counter(warning.message for warning in summary.warnings[SHOWN_WARNINGS:])
    if more:
        yield f"  and {sum(more.values())} more"


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as handle:
            return handle.read(LARGEST_FILE + 1)
    except OSError as error:
        raise BadInput(
            N_("%(file)s cannot be read: %(reason)s"),
            code="agenda.unreadable-file",
            field=str(file),
            file=str(file),
            reason=error.strerror or str(error),
        ) from error


def _write(data: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        raise BadInput(
            N_("%(file)s cannot be written: %(reason)s"),
            code="agenda.unwritable-file",
            field=str(output),
            file=str(output),
            reason=error.strerror or str(error),
        ) from error
