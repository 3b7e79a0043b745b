"""An event with three people to tell, for the tests of releases and notices.

Sara speaks in the first session, Ali starred both, Omar has nothing to do with any. Sara reads English in
London, Ali Arabic in the event's zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import insert, select, update

from conference.agenda.drafts import EventDraft, PartDraft, PersonDraft, Programme, RoomDraft, SessionDraft
from conference.agenda.importing.apply import import_schedule
from conference.agenda.reading import event_by_slug
from conference.agenda.releasing.notices import Sender
from conference.agenda.releasing.releasing import release_draft
from conference.agenda.releasing.telling import Reached, Telling
from conference.agenda.tables import person, room, session, star
from conference.clock import ManualClock
from conference.people.accounts import create_account
from conference.people.tables import account, outbox
from conference.storage.database import Database, Transaction

NOW = datetime(2025, 10, 1, 9, 0, tzinfo=UTC)
START = datetime(2025, 10, 25, 6, 0, tzinfo=UTC)  # 09:00 in Baghdad, 07:00 in London
HOUR = timedelta(hours=1)
SENDER = Sender(site="https://majlis.example", address="Majlis <post@majlis.example>")
FIRST, SECOND = "FIRST1", "SECND2"


class Hall(msgspec.Struct, frozen=True):
    """The event, released once as "one"."""

    database: Database
    event_id: int

    async def change(self, code: str, **values: Any) -> None:
        """Change a session of the draft; `room` is a slug."""

        def write(tx: Transaction) -> None:
            if "room" in values:
                here = (room.c.event_id == self.event_id) & (room.c.slug == values.pop("room"))
                values["room_id"] = tx.connection.execute(select(room.c.id).where(here)).scalar_one()
            tx.connection.execute(update(session).where(session.c.code == code).values(**values))

        await self.database.write(write)

    async def release(self, *, at: datetime = NOW, **options: Any) -> Reached:
        """Publish the draft, and tell everybody whom it concerns."""
        return await self.telling(at=at).tell(await self.publish(at=at, **options))

    async def publish(self, *, at: datetime = NOW, **options: Any) -> int:
        """Publish the draft, and tell nobody yet; the release's id."""
        made = await self.database.write(
            lambda tx: release_draft(tx, self.event_id, by=None, at=at, sender=SENDER, **options)
        )
        return made.release.id

    def telling(self, *, at: datetime = NOW) -> Telling:
        return Telling(self.database, ManualClock(at))

    async def mails(self) -> dict[str, Any]:
        """The row of each mail by its recipient's name."""
        rows = await self.database.read(
            lambda rows: (
                rows.execute(
                    select(account.c.name, outbox).join(account, account.c.email == outbox.c.recipient)
                )
                .mappings()
                .all()
            )
        )
        return {row["name"]: row for row in rows}


async def town_hall(database: Database) -> Hall:
    programme = Programme(
        event=EventDraft(
            slug="karbala", title={"en": "Karbala", "ar": "كربلاء"}, zone="Asia/Baghdad",
            starts=date(2025, 10, 25), ends=date(2025, 10, 26), version="one",
        ),
        rooms=[RoomDraft(slug="a", name={"en": "Hall A", "ar": "القاعة أ"}),
               RoomDraft(slug="b", name={"en": "Hall B", "ar": "القاعة ب"})],
        people=[PersonDraft(key="sara", name={"en": "Dr. Sara"})],
        sessions=[
            SessionDraft(title={"en": "Opening", "ar": "الافتتاح"}, code=FIRST, guid="g1", room="a",
                         starts_at=START, minutes=60, parts=[PartDraft("sara")]),
            SessionDraft(title={"en": "Practice", "ar": "تدريب"}, code=SECOND, guid="g2", room="b",
                         starts_at=START + 2 * HOUR, minutes=60),
        ],
    )  # fmt: skip

    def furnish(tx: Transaction) -> int:
        import_schedule(tx, programme, at=NOW)
        event_id = event_by_slug(tx.connection, "karbala").id
        sara = create_account(tx, "sara@example.org", "Sara", "en", now=NOW)
        ali = create_account(tx, "ali@example.org", "Ali", "ar", now=NOW)
        create_account(tx, "omar@example.org", "Omar", now=NOW)
        rows = tx.connection
        rows.execute(update(account).where(account.c.id == sara.id).values(zone="Europe/London"))
        rows.execute(update(person).where(person.c.event_id == event_id).values(account_id=sara.id))
        for code in (FIRST, SECOND):
            one = rows.execute(select(session.c.id).where(session.c.code == code)).scalar_one()
            rows.execute(insert(star).values(account_id=ali.id, session_id=one, starred_at=NOW))
        return event_id

    return Hall(database, await database.write(furnish))
