"""`majlis schedule diff EVENT` and `majlis schedule release EVENT`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from conference.agenda.export_command import edition_of
from conference.agenda.reading import event_by_slug
from conference.agenda.releasing.change_log import Change, changes_between
from conference.agenda.releasing.change_words import Voice, sentences
from conference.agenda.releasing.notices import Sender
from conference.agenda.releasing.releasing import Released, release_draft
from conference.agenda.releasing.telling import Telling
from conference.agenda.rows import SessionDetails
from conference.agenda.surroundings import Surroundings
from conference.storage.database import Database, Transaction


def add_diff(parsers: Any) -> argparse.ArgumentParser:
    """The parser of `diff`, added to *parsers*."""
    parser: argparse.ArgumentParser = parsers.add_parser(
        "diff", help="say what differs between two releases, or between a release and the draft"
    )
    parser.add_argument("event", metavar="EVENT", help="the event's slug")
    parser.add_argument("--from", dest="older", default="", metavar="NAME", help="a release; the last one")
    parser.add_argument("--to", dest="newer", default="", metavar="NAME", help="a release; the draft")
    parser.add_argument("--language", default="en", choices=["ar", "en"], help="of the texts; en")
    return parser


def add_release(parsers: Any) -> argparse.ArgumentParser:
    """The parser of `release`, added to *parsers*."""
    parser: argparse.ArgumentParser = parsers.add_parser(
        "release", help="publish the draft and write to those whom a change concerns"
    )
    parser.add_argument("event", metavar="EVENT", help="the event's slug")
    parser.add_argument("--name", default="", metavar="NAME", help="what it is called; its number")
    parser.add_argument("--comment", default="", metavar="TEXT", help="what the public reads about it")
    parser.add_argument("--quiet", action="store_true", help="write to nobody")
    return parser


async def run_diff(database: Database, options: argparse.Namespace, around: Surroundings) -> int:
    """Print the differences; exit status 0 also when there are some."""

    def read(rows: Connection) -> tuple[str, list[Change[SessionDetails]]]:
        older = edition_of(rows, options.event, site=around.site, release=options.older)
        newer = edition_of(
            rows, options.event, site=around.site, release=options.newer, draft=not options.newer
        )
        return newer.event.zone, changes_between(older.schedule.sessions, newer.schedule.sessions)

    zone, changes = await database.read(read)
    sys.stdout.write("".join(f"{line}\n" for line in diff_lines(changes, Voice(options.language, zone))))
    return 0


async def run_release(database: Database, options: argparse.Namespace, around: Surroundings) -> int:
    """Release, and say what was done."""
    sender = None if options.quiet else Sender(site=around.site, address=around.mail_from)

    def work(tx: Transaction) -> Released:
        event = event_by_slug(tx.connection, options.event)
        return release_draft(
            tx, event.id, name=options.name, comment=options.comment, by=None, at=around.clock.now(),
            sender=sender,
        )  # fmt: skip

    done = await database.write(work)
    people = (await Telling(database, around.clock).tell(done.release.id)).people
    told = f"{people} {'person is' if people == 1 else 'people are'} told, from the outbox."
    sys.stdout.write(
        f"Released “{done.release.name}” of “{options.event}”: {_sessions(done.changes)} changed; {told}\n"
    )
    return 0


def diff_lines(changes: Sequence[Change[SessionDetails]], voice: Voice) -> Iterable[str]:
    """``+`` new, ``-`` gone, ``~`` changed: code and title, then how, a line for each change."""
    for change in changes:
        sign = "+" if change.before is None else "-" if change.after is None else "~"
        yield f"{sign} {change.code} {voice.text(change.session.title)}"
        yield from (f"    {sentence}" for sentence in sentences(change, voice))
    yield f"{_sessions(len(changes))} changed." if changes else "Nothing differs."


def _sessions(number: int) -> str:
    return f"{number} session{'' if number == 1 else 's'}"
