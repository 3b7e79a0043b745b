"""Who is in the rooms at other server processes: each writes whom it has, and reads whom the others have.

A process tells of its own people in rows under its own name, and says every `BEAT` that it lives; who has not
said so for `SILENT` is taken for dead, and whoever notices it clears its rows away. One that was only slow
finds its rows gone and writes them again. Nothing rings for this: the small table of processes is looked at
in every round, and the people are read when one of them has written.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import defaultdict
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from conference.clock import Clock
from conference.errors import MajlisError
from conference.people.permissions import Role
from conference.stage.floor import Floor, Source
from conference.stage.presence import Present, Tab
from conference.stage.rooms import Rooms
from conference.stage.tables import present_at, serving_process
from conference.storage.database import Database, Transaction

log = logging.getLogger("majlis.stage")

ROUND_SECONDS = 0.5
BEAT = timedelta(seconds=2)
SILENT = timedelta(seconds=10)


class PersonAt(msgspec.Struct, frozen=True, omit_defaults=True):
    """One person as another process has to know them; `tabs`: what each of them sends."""

    public_id: str
    name: str
    role: Role
    country: str = ""
    state: Floor = Floor.AUDIENCE
    stopped: list[Source] = []
    tabs: dict[str, list[Source]] = {}
    lost_at: datetime | None = None

    @classmethod
    def of(cls, person: Present) -> PersonAt:
        return cls(
            public_id=person.public_id,
            name=person.name,
            role=person.role,
            country=person.country,
            state=person.state,
            stopped=sorted(person.stopped),
            tabs={each.participant: sorted(each.sends) for each in person.tabs.values()},
            lost_at=person.lost_at,
        )

    def present(self, account_id: int) -> Present:
        return Present(
            account_id=account_id,
            public_id=self.public_id,
            name=self.name,
            role=self.role,
            country=self.country,
            state=self.state,
            stopped=frozenset(self.stopped),
            tabs={name: Tab(name, "", self.lost_at, frozenset(sends)) for name, sends in self.tabs.items()},
            lost_at=self.lost_at,
        )


Key = tuple[str, int]  # session code, account
_decoder = msgspec.json.Decoder(PersonAt)


class Beside:
    """This process among several: `start()` in the running loop, `close()` at the end."""

    def __init__(
        self, database: Database, clock: Clock, rooms: Rooms, *, seconds: float = ROUND_SECONDS
    ) -> None:
        self._database, self._clock, self._rooms = database, clock, rooms
        self._seconds = seconds
        self._name = secrets.token_hex(8)
        self._version = 0
        self._beat: datetime | None = None  # None: our row is not there
        self._written: dict[Key, str] = {}
        self._known: dict[str, int] = {}  # the others, and the version that was read of each
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.go_round()
        self._task = asyncio.create_task(self._forever(), name="people at other processes")

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with contextlib.suppress(MajlisError):
            await self._database.write(lambda tx: _clear(tx, [self._name]))

    async def _forever(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            try:
                await self.go_round()
            except MajlisError:
                log.exception("who is at other processes could not be read; it is tried again")

    async def go_round(self) -> None:
        """Write what has changed here, take over what has changed elsewhere."""
        now = self._clock.now()
        here = {
            (room.place.code, person.account_id): msgspec.json.encode(PersonAt.of(person)).decode()
            for room in self._rooms.all()
            for person in room.people.own()
        }
        if here != self._written or self._beat is None or abs(now - self._beat) >= BEAT:
            self._beat = None  # should the commit fail, all of it is written again
            await self._database.write(lambda tx: self._write(tx, here, now))
            self._written, self._beat = here, now
        known = await self._database.read(lambda rows: self._others(rows, now))
        if known != self._known:
            self._rooms.beside = await self._database.read(lambda rows: _people_at(rows, list(known)))
            self._known = known
            for room in self._rooms.all():
                room.people.beside = self._rooms.beside.get(room.place.code, {})

    def _write(self, tx: Transaction, here: dict[Key, str], now: datetime) -> None:
        self._version += 1
        rows, before = tx.connection, self._written
        ours = serving_process.c.name == self._name
        alive = rows.execute(update(serving_process).where(ours).values(seen_at=now, version=self._version))
        if alive.rowcount == 0:  # the first time, or another process took us for dead
            before = {}
            rows.execute(delete(present_at).where(present_at.c.process == self._name))
            rows.execute(insert(serving_process).values(name=self._name, seen_at=now, version=self._version))
        changed = [key for key in before.keys() | here.keys() if before.get(key) != here.get(key)]
        for code, account_id in changed:
            gone = (present_at.c.process == self._name) & (present_at.c.session_code == code)
            rows.execute(delete(present_at).where(gone & (present_at.c.account_id == account_id)))
        written = [(key, here[key]) for key in changed if key in here]
        if written:
            rows.execute(
                insert(present_at),
                [
                    {"process": self._name, "session_code": code, "account_id": account_id, "body": body}
                    for (code, account_id), body in written
                ],
            )
        dead = select(serving_process.c.name).where(serving_process.c.seen_at < now - SILENT, ~ours)
        _clear(tx, list(rows.execute(dead).scalars()))

    def _others(self, rows: Connection, now: datetime) -> dict[str, int]:
        alive = (serving_process.c.name != self._name) & (serving_process.c.seen_at >= now - SILENT)
        found = rows.execute(select(serving_process.c.name, serving_process.c.version).where(alive))
        return {row.name: row.version for row in found}


def _people_at(rows: Connection, processes: list[str]) -> dict[str, dict[int, Present]]:
    """Everybody whom *processes* have, by session code and account."""
    found: defaultdict[str, dict[int, Present]] = defaultdict(dict)
    query = select(present_at.c.session_code, present_at.c.account_id, present_at.c.body)
    for code, account_id, body in rows.execute(query.where(present_at.c.process.in_(processes))):
        person = _decoder.decode(body).present(account_id)
        known = found[code].get(account_id)
        found[code][account_id] = known.joined(person) if known else person
    return dict(found)


def _clear(tx: Transaction, processes: list[str]) -> None:
    if processes:
        tx.connection.execute(delete(present_at).where(present_at.c.process.in_(processes)))
        tx.connection.execute(delete(serving_process).where(serving_process.c.name.in_(processes)))
