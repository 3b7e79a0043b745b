"""A small draft to act on: one connection, no server. Rules run on it as they do in a unit of work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, StaticPool, create_engine, select, update

from conference.agenda.drafting import acts
from conference.agenda.drafting.edit_log import Done
from conference.agenda.drafting.performing import perform
from conference.agenda.drafting.shown_session import DraftSession, DraftSessionDetails
from conference.agenda.drafting.whole_draft import draft_of, draft_session
from conference.agenda.drafts import EventDraft, PartDraft, PersonDraft, RoomDraft, SessionDraft, TypeDraft
from conference.agenda.editing import (
    create_event,
    create_person,
    create_room,
    create_session,
    create_type,
    set_parts,
)
from conference.agenda.reading import event_by_id
from conference.agenda.rows import EventRow
from conference.agenda.star import star_session
from conference.agenda.tables import SessionKind, SessionRole, session
from conference.people.accounts import create_account
from conference.schema import metadata
from conference.storage.database import Transaction
from conference.storage.sqlite import prepare_sqlite

NOW = datetime(2025, 9, 1, 12, 0, tzinfo=UTC)
ROOMS = ("hall", "lab", "library")
PEOPLE = ("ZAHRA1", "ALI111", "NOOR11")
TALKS = ("TALK01", "TALK02", "TALK03")
LUNCH, LATER = "LUNCH1", "LATER1"


class Desk:
    """An event of three rooms on 25 and 26 October 2025 in Baghdad, and two organizers."""

    def __init__(self, connection: Connection) -> None:
        self.tx = Transaction(connection)
        self.zainab = account(self.tx, "Zainab")
        self.layla = account(self.tx, "Layla")
        self.event_id = create_event(self.tx, EVENT, at=NOW)
        self.rooms = [
            create_room(self.tx, self.event_id, RoomDraft(slug=slug, name={"en": slug})) for slug in ROOMS
        ]
        create_type(self.tx, self.event_id, TypeDraft(slug="lecture", name={"en": "Lecture"}, minutes=45))
        people = {code: create_person(self.tx, self.event_id, person(code)) for code in PEOPLE}
        for number, code in enumerate(TALKS):
            start = datetime(2025, 10, 25, 6 + number, 0, tzinfo=UTC)
            made = self._session(code, start, self.rooms[0])
            set_parts(self.tx, made, [PartDraft(PEOPLE[number], SessionRole.SPEAKER)], people)
        self._session(LUNCH, datetime(2025, 10, 25, 9, 0, tzinfo=UTC), None, SessionKind.BREAK)
        self._session(LATER, None, None)
        self.tx.connection.execute(update(session).values(edition=0))

    @property
    def event(self) -> EventRow:
        return event_by_id(self.tx.connection, self.event_id)

    def do(self, act: acts.Act, *, by: int | None = None, at: datetime = NOW) -> Done:
        """Carry *act* out as the server does: whole, or not at all."""
        with self.tx.connection.begin_nested():
            return perform(self.tx, self.event, act, by=by or self.zainab, at=at)

    def edition(self, code: str) -> int:
        return self.details(code).edition

    def details(self, code: str) -> DraftSessionDetails:
        return draft_session(self.tx.connection, self.event_id, code)

    def star(self, code: str) -> None:
        star_session(self.tx, self.layla, self.session_id(code), at=NOW)

    def set_columns(self, code: str, **values: Any) -> None:
        """Write past every rule, as an old import may have."""
        self.tx.connection.execute(
            update(session).where(session.c.id == self.session_id(code)).values(values)
        )

    def session_id(self, code: str) -> int:
        return int(
            self.tx.connection.execute(select(session.c.id).where(session.c.code == code)).scalar_one()
        )

    def sessions(self) -> list[DraftSession]:
        return draft_of(self.tx.connection, self.event, reader=None).sessions

    def draft(self) -> bytes:
        """All that the draft says, without the editions, which only ever grow."""
        whole = draft_of(self.tx.connection, self.event, reader=None)
        sessions = [msgspec.structs.replace(one, edition=0) for one in whole.sessions]
        said = msgspec.structs.replace(whole, sessions=sessions, head=0, undo=None, redo=None)
        return msgspec.json.encode(said)

    def _session(
        self, code: str, start: datetime | None, room_id: int | None, kind: SessionKind = SessionKind.SESSION
    ) -> int:
        draft = SessionDraft(
            title={"en": code.title()}, abstract={"en": "What it is about"}, starts_at=start, minutes=60,
            code=code, guid=code.lower(), kind=kind,
        )  # fmt: skip
        return create_session(self.tx, self.event_id, draft, at=NOW, room_id=room_id).id


EVENT = EventDraft(
    slug="karbala", title={"en": "A conference"}, zone="Asia/Baghdad",
    starts=date(2025, 10, 25), ends=date(2025, 10, 26),
)  # fmt: skip


def person(code: str) -> PersonDraft:
    return PersonDraft(key=code, code=code, name={"en": code.title()})


def account(tx: Transaction, name: str) -> int:
    return create_account(tx, email=f"{name.lower()}@example.org", name=name, now=NOW).id


@cache
def _engine() -> Engine:
    """One database in memory for all; whatever is written in it is rolled back."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    prepare_sqlite(engine, writing=True)
    with engine.begin() as connection:
        metadata.create_all(connection)
    return engine


@contextmanager
def desk() -> Iterator[Desk]:
    with _engine().connect() as connection:
        try:
            yield Desk(connection)
        finally:
            connection.rollback()
