"""Telling people of a release: their messages are composed beside the database and put into it in slices.

The release itself is one short transaction, which also notes that its people are still untold (`untold`).
What follows takes seconds for a large event; nobody's vote or question waits for it. Whatever ends it in
between (a power cut, a full disk), the note is still there: the next start finds it, and goes on with those
who have no notice yet. Releases of an event are told in their order, so that each is measured from what the
one before it has put into the outbox.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import msgspec
from aiohttp import web
from sqlalchemy import Connection, delete, insert, select

from conference.agenda.reading import event_by_id
from conference.agenda.releasing.audience import (
    Difference,
    Ground,
    Waiting,
    audience_of,
    ground_of,
    told_already,
)
from conference.agenda.releasing.circle import accounts_by_id
from conference.agenda.releasing.frozen import thaw
from conference.agenda.releasing.notices import Composer, Message, Put, Sender, put_notices
from conference.agenda.releasing.published import release_before
from conference.agenda.rows import EventRow, FullSchedule
from conference.agenda.tables import release, untold
from conference.clock import Clock
from conference.errors import MajlisError
from conference.storage.database import Database, Transaction

log = logging.getLogger("majlis.agenda")

SLICE = 100  # people told in one transaction: a few hundredths of a second, in which votes wait
AGAIN_SECONDS = 60.0


class Reached(msgspec.Struct, frozen=True):
    """How many people were told of a release, and how many messages that waited have come to nothing."""

    people: int = 0
    withdrawn: int = 0


class _Work(msgspec.Struct, frozen=True):
    """A release to be told of, as it was read."""

    event: EventRow
    after: FullSchedule
    comment: str
    sender: Sender
    ground: Ground
    done: set[int]


class Telling:
    """Tells everybody of releases, one release at a time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._turn = asyncio.Lock()
        self._running: set[asyncio.Task[Reached]] = set()

    async def tell(self, release_id: int) -> Reached:
        """Tell everybody whom this release concerns, after those of its event before it.

        Goes on when the caller is cancelled. When the database refuses, `run` goes on later.
        """
        task = asyncio.ensure_future(self._tell(release_id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def finish(self) -> None:
        """Tell everybody of every release whose people are not all told."""
        for release_id in await self._database.read(untold_releases):
            await self.tell(release_id)

    async def run(self) -> None:
        """Finish what a stopped server or a command left, now and every minute."""
        while True:
            try:
                await self.finish()
            except MajlisError:
                log.exception("releases that are not told could not be looked for; trying again")
            await asyncio.sleep(AGAIN_SECONDS)

    async def _tell(self, release_id: int) -> Reached:
        async with self._turn:
            told = Reached()
            try:
                for earlier in await self._database.read(lambda rows: _up_to(rows, release_id)):
                    told = await self._tell_one(earlier)
            except MajlisError:
                log.exception("not everybody could be told of release %d; trying again later", release_id)
            return told

    async def _tell_one(self, release_id: int) -> Reached:
        told = Reached()
        while True:
            work = await self._database.read(lambda rows: _work_on(rows, release_id))
            if work is None:
                return told
            overtaken = 0
            async for put in self._slices(release_id, work):
                told = Reached(told.people + put.put, told.withdrawn + put.withdrawn)
                overtaken += put.overtaken
            if not overtaken:
                await self._database.write(lambda tx: _finished(tx, release_id))
                return told

    async def _slices(self, release_id: int, work: _Work) -> AsyncIterator[Put]:
        """Put what is left into the outbox, slice by slice; what became of each."""
        audience = await asyncio.to_thread(audience_of, work.ground, work.after.sessions)
        composer = Composer(work.event, work.after, comment=work.comment, sender=work.sender)
        left = [one for account_id, one in audience.told.items() if account_id not in work.done]
        gone = [one for one in audience.withdrawn if one.account_id not in work.done]
        for start in range(0, max(len(left), len(gone)), SLICE):
            messages = await self._composed(composer, left[start : start + SLICE])
            yield await self._put(release_id, work.event, messages, gone[start : start + SLICE])

    async def _composed(self, composer: Composer, differences: Sequence[Difference]) -> list[Message]:
        wanted = [one.account_id for one in differences]
        accounts = await self._database.read(lambda rows: accounts_by_id(rows, wanted))
        found = [(accounts[one.account_id], one) for one in differences if one.account_id in accounts]
        return await asyncio.to_thread(lambda: [composer.message(*each) for each in found])

    async def _put(
        self, release_id: int, event: EventRow, messages: Sequence[Message], gone: Sequence[Waiting]
    ) -> Put:
        at = self._clock.now()
        hold_until = at + timedelta(minutes=event.holding_minutes)

        def write(tx: Transaction) -> Put:
            if not _is_untold(tx.connection, release_id):
                return Put(0, 0, 0)  # another process has told them all meanwhile
            return put_notices(tx, event, release_id, messages, gone, at=at, hold_until=hold_until)

        return await self._database.write(write)


def note_untold(tx: Transaction, release_id: int, sender: Sender) -> None:
    """People are to be told of this release: part of the transaction that makes it."""
    tx.connection.execute(insert(untold).values(release_id=release_id, **msgspec.structs.asdict(sender)))


def untold_releases(rows: Connection) -> list[int]:
    """The ids of the releases whose people are not all told, the oldest first."""
    return list(rows.scalars(select(untold.c.release_id).order_by(untold.c.release_id)))


def _up_to(rows: Connection, release_id: int) -> list[int]:
    """Those of the same event that come before this release, and itself, where they are untold."""
    its_event = select(release.c.event_id).where(release.c.id == release_id).scalar_subquery()
    query = select(untold.c.release_id).join(release).where(release.c.event_id == its_event)
    return list(rows.scalars(query.where(release.c.id <= release_id).order_by(release.c.id)))


def _work_on(rows: Connection, release_id: int) -> _Work | None:
    """What is left to do for a release; None when everybody is told."""
    found = rows.execute(
        select(untold, release.c.event_id, release.c.comment, release.c.body)
        .join(release)
        .where(untold.c.release_id == release_id)
    ).first()
    if found is None:
        return None
    event = event_by_id(rows, found.event_id)
    return _Work(
        event=event,
        after=thaw(found.body, event, with_all=True),
        comment=found.comment,
        sender=Sender(found.site, found.address),
        ground=ground_of(rows, event, release_before(rows, release_id)),
        done=told_already(rows, event.id, release_id),
    )


def _is_untold(rows: Connection, release_id: int) -> bool:
    return (
        rows.execute(select(untold.c.release_id).where(untold.c.release_id == release_id)).first() is not None
    )


def _finished(tx: Transaction, release_id: int) -> None:
    tx.connection.execute(delete(untold).where(untold.c.release_id == release_id))


TELLING: web.AppKey[Telling] = web.AppKey("telling", Telling)
