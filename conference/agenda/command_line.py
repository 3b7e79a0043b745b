"""The commands of `majlis schedule`; `import` itself."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Connection, select

from conference.agenda.drafts import Programme
from conference.agenda.export_command import add_export, run_export
from conference.agenda.importing.apply import THINGS, Progress, Summary, import_schedule
from conference.agenda.importing.own_addresses import without_own_addresses
from conference.agenda.importing.read_file import LARGEST_FILE, read_programme
from conference.agenda.releasing.release_commands import add_diff, add_release, run_diff, run_release
from conference.agenda.surroundings import Run, Surroundings
from conference.agenda.tables import event as event_table
from conference.clock import Clock
from conference.errors import N_, BadInput
from conference.storage.database import Database

SHOWN_WARNINGS = 10


def add_arguments(parsers: Any) -> dict[argparse.ArgumentParser, Run]:
    """Add the commands to the subparsers of `majlis schedule`; what each of the new parsers runs."""
    return {
        _add_import(parsers): run_import,
        add_export(parsers): run_export,
        add_diff(parsers): run_diff,
        add_release(parsers): run_release,
    }


def _add_import(parsers: Any) -> argparse.ArgumentParser:
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
    return reading


async def run_import(database: Database, options: argparse.Namespace, around: Surroundings) -> int:
    """`majlis schedule import`: progress on standard error, the summary on standard output; exit status."""
    summary = await import_file(
        database,
        options.file,
        clock=around.clock,
        site=around.site,
        event=options.event,
        zone=options.zone,
        closed=options.closed,
        progress=progress_bar(),
    )
    sys.stdout.write("\n".join(summary_lines(summary)) + "\n")
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
    if programme.zone_is_guess and (home := await database.read(lambda rows: _zone_of(rows, programme))):
        programme = await asyncio.to_thread(read_programme, data, file.name, slug=event, home=home)
    without_own_addresses(programme, site)
    if closed:
        programme.event.is_public = False
    now = clock.now()
    return await database.write(lambda tx: import_schedule(tx, programme, at=now, progress=progress))


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
    if summary.zone_is_guess:
        lines.append("  The zone is a guess; another one is chosen with --zone.")
    for thing in THINGS:
        counts = {
            "created": summary.created[thing],
            "updated": summary.updated[thing],
            "unchanged": summary.unchanged[thing],
        }
        said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        lines.append(f"  {thing + ':':<10} {said or 'none'}")
    if not summary.is_new:
        lines.append(f"  This is the draft; `majlis schedule release {summary.event}` publishes it.")
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


def _zone_of(rows: Connection, programme: Programme) -> str:
    """The zone of the event that *programme* is read into; "" when there is none yet."""
    found = rows.scalar(select(event_table.c.zone).where(event_table.c.slug == programme.event.slug))
    return str(found or "")


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
