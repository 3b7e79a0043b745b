"""`majlis event SLUG`: the first event of a server, and its organizer; later ones are made in the browser."""

from __future__ import annotations

import argparse
import sys
from datetime import date

from conference.agenda.drafts import EventDraft
from conference.agenda.editing import create_event
from conference.agenda.reading import event_by_id
from conference.clock import Clock
from conference.errors import N_, BadInput
from conference.people.invitations import invite
from conference.people.permissions import Role
from conference.storage.database import Database, Transaction


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `majlis event` understands."""
    parser.add_argument("event", metavar="EVENT", help="its address: small Latin letters, digits, hyphens")
    parser.add_argument("--title", default="", help="its name in English")
    parser.add_argument("--title-ar", default="", metavar="TITLE", help="its name in Arabic")
    parser.add_argument("--starts", required=True, metavar="DAY", help="first day, like 2026-10-24")
    parser.add_argument("--ends", metavar="DAY", help="last day; without it, the first is the only one")
    parser.add_argument("--zone", default="Asia/Baghdad", metavar="ZONE", help="time zone (Asia/Baghdad)")
    parser.add_argument("--closed", action="store_true", help="for invited people only")
    parser.add_argument("--organizer", required=True, metavar="EMAIL", help="who organizes it")
    parser.add_argument("--name", default="", help="the organizer's name as others see it")


async def run_event(database: Database, options: argparse.Namespace, *, clock: Clock, site: str) -> int:
    """Make the event and its organizer in one unit; prints their personal link. Exit status."""
    starts = _day(options.starts, "--starts")
    draft = EventDraft(
        slug=options.event,
        title={lang: text for lang, text in (("ar", options.title_ar), ("en", options.title)) if text},
        zone=options.zone,
        starts=starts,
        ends=_day(options.ends, "--ends") if options.ends else starts,
        is_public=not options.closed,
    )

    def make(tx: Transaction) -> str:
        now = clock.now()
        event = event_by_id(tx.connection, create_event(tx, draft, at=now))
        return invite(
            tx,
            event,
            options.organizer,
            Role.ORGANIZER,
            name=options.name,
            public_url=site,
            now=now,
            next_path=f"/{event.slug}/organize/settings",
        ).link

    sys.stdout.write(await database.write(make) + "\n")
    return 0


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            N_("%(place)s: “%(value)s” is not a day like 2025-10-25."),
            code="agenda.no-day",
            field=option,
            place=option,
            value=text[:40],
        ) from error
