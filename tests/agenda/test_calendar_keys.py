"""The secret address of a personal calendar: one at a time, never readable from the database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection

from conference.agenda.calendar_keys import (
    CalendarOwner,
    calendar_key_made_at,
    make_calendar_key,
    owner_of,
    revoke_calendar_key,
)
from conference.agenda.demo import create_demo
from conference.clock import ManualClock
from conference.people.accounts import create_account
from conference.storage.database import Database


async def test_a_new_address_ends_the_old_one_and_a_revoked_one_opens_nothing(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    now = clock.now()
    event = (await database.write(lambda tx: create_demo(tx, now=now))).event
    made = await database.write(lambda tx: create_account(tx, "a@example.org", "A", now=now))
    account = made.id
    first = await database.write(lambda tx: make_calendar_key(tx, account, event.id, at=now))
    later = now + timedelta(hours=1)
    second = await database.write(lambda tx: make_calendar_key(tx, account, event.id, at=later))

    def look(rows: Connection) -> tuple[CalendarOwner | None, CalendarOwner | None, bool]:
        since = calendar_key_made_at(rows, account, event.id)
        return owner_of(rows, first), owner_of(rows, second), since == later

    assert await database.read(look) == (None, CalendarOwner(account, event.id), True)
    assert second.encode() not in bytes_on_disk(tmp_path)
    await database.write(lambda tx: revoke_calendar_key(tx, account, event.id))
    assert await database.read(lambda rows: owner_of(rows, second)) is None
    assert await database.read(lambda rows: calendar_key_made_at(rows, account, event.id)) is None


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("majlis.sqlite3*"))
