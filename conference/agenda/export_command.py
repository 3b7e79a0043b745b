"""`majlis schedule export EVENT`: the published programme, one release or the draft, in every format."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from conference.agenda.exporting.formats import FORMATS
from conference.agenda.exporting.offline.archive import offline_copy
from conference.agenda.exporting.printing.document import document_of
from conference.agenda.exporting.printing.typesetting import Press
from conference.agenda.exporting.public import Edition
from conference.agenda.reading import event_by_slug, full_schedule_of
from conference.agenda.releasing import published
from conference.agenda.surroundings import Surroundings
from conference.assets import built_folder, templates_folder
from conference.errors import N_, BadInput, NotFound
from conference.serving.built import BuiltFiles
from conference.serving.pages import Pages
from conference.storage.database import Database

CHOICES = (*FORMATS, "pdf", "zip")


def add_export(parsers: Any) -> argparse.ArgumentParser:
    """The parser of the command, added to *parsers*."""
    writing: argparse.ArgumentParser = parsers.add_parser("export", help="write the programme of an event")
    writing.add_argument("event", metavar="EVENT", help="the event's slug")
    writing.add_argument(
        "--format",
        choices=CHOICES,
        default="json",
        help="json, xml (frab), xcal, csv (spreadsheet), ics (calendar), pdf (printed) or zip (offline copy)",
    )
    writing.add_argument(
        "--language", default="", metavar="LANG", help="ar or en; without it, each session in its own"
    )
    what = writing.add_mutually_exclusive_group()
    what.add_argument("--release", default="", metavar="NAME", help="a release; without it, the last one")
    what.add_argument("--draft", action="store_true", help="the draft instead of what is published")
    writing.add_argument(
        "--output", type=Path, metavar="FILE", help="where it goes; without it, standard output"
    )
    return writing


async def run_export(database: Database, options: argparse.Namespace, around: Surroundings) -> int:
    """Write it to the file or to standard output; exit status."""

    def read(rows: Connection) -> Edition:
        return edition_of(
            rows, options.event, site=around.site, language=options.language, draft=options.draft,
            release=options.release,
        )  # fmt: skip

    edition = await database.read(read)
    data = await exported(edition, options.format)
    await asyncio.to_thread(_write, data, options.output)
    return 0


def edition_of(
    rows: Connection, slug: str, *, site: str, language: str = "", draft: bool = False, release: str = ""
) -> Edition:
    """The programme that is asked for; `NotFound` when there is no such release or none yet."""
    event = event_by_slug(rows, slug)
    if draft:
        return Edition(schedule=full_schedule_of(rows, event), site=site, language=language)
    if release:
        one = published.release_by_name(rows, event.id, release)
        schedule = published.released_schedule(rows, event, one)
        return Edition(schedule=schedule, site=site, language=language, version=one.name)
    last, now = published.latest_release(rows, event.id), published.published_schedule(rows, event)
    if last is None or now is None:
        raise NotFound(
            N_("The programme of “%(slug)s” is not released yet; --draft gives the draft."),
            code="agenda.no-release",
            slug=slug,
        )
    return Edition(schedule=now, site=site, language=language, version=last.name)


async def exported(edition: Edition, format: str) -> bytes:
    """The programme in one of `CHOICES`."""
    if format == "pdf":
        return await Press().print(document_of(edition))
    if format == "zip":
        return await asyncio.to_thread(
            offline_copy, edition, Pages(templates_folder(), BuiltFiles(built_folder()))
        )
    return FORMATS[format].export(edition)


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
