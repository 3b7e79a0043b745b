"""A programme stored and ready to go out, for the tests of this folder."""

from __future__ import annotations

from conference.agenda.drafts import Programme
from conference.agenda.exporting.public import Edition
from conference.agenda.importing.apply import import_schedule
from conference.agenda.reading import event_by_slug, full_schedule_of
from conference.clock import ManualClock
from conference.storage.database import Database

SITE = "https://majlis.example.org"


async def edition_of(
    database: Database, programme: Programme, clock: ManualClock, language: str = ""
) -> Edition:
    summary = await database.write(lambda tx: import_schedule(tx, programme, at=clock.now()))
    schedule = await database.read(lambda rows: full_schedule_of(rows, event_by_slug(rows, summary.event)))
    return Edition(schedule=schedule, site=SITE, language=language)
