"""Counts are told together, a few times a second at most for a room, also when several processes count."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from conference.clock import ManualClock
from conference.errors import Unavailable
from conference.live.channels import session_channel
from conference.live.log import append
from conference.live.tables import log_event
from conference.live.tally import Coalescer, Ripe, Tally
from conference.storage.database import Database, Transaction
from tests.live.saying import Said
from tests.live.seminar import EVENING, MORNING, until

HALL, FOYER = session_channel(MORNING), session_channel(EVENING)
QUARTER = timedelta(milliseconds=250)


async def acting(act: Callable[[], object], interval: float = 0.01) -> Coalescer:
    async def awaited() -> None:
        act()

    coalescer = Coalescer(awaited, interval, "test")
    await coalescer.start()
    return coalescer


async def test_many_rings_are_told_as_one() -> None:
    acts: list[int] = []
    coalescer = await acting(lambda: acts.append(1))
    for _ in range(100):
        coalescer.ring()
    await until(lambda: acts)
    assert acts == [1]
    coalescer.ring()
    await until(lambda: acts == [1, 1])
    await coalescer.close()


async def test_what_is_rung_while_it_is_told_is_told_next() -> None:
    counted, told = 0, list[int]()

    async def act() -> None:
        before = counted
        await gate.wait()
        told.append(before)

    gate = asyncio.Event()
    coalescer = Coalescer(act, 0.0, "test")
    await coalescer.start()
    counted = 1
    coalescer.ring()
    await asyncio.sleep(0.05)
    counted = 2
    coalescer.ring()
    gate.set()
    await until(lambda: told and told[-1] == 2)
    await coalescer.close()


async def test_telling_that_failed_is_done_again_and_a_fault_does_not_end_it() -> None:
    faults: list[Exception] = [Unavailable("The disk is full."), ValueError("a fault of ours")]
    acts: list[str] = []

    def act() -> None:
        if faults:
            raise faults.pop(0)
        acts.append("told")

    coalescer = await acting(act)
    coalescer.ring()
    await until(lambda: not faults)  # the second try came by itself
    coalescer.ring()
    await until(lambda: acts == ["told"])
    await coalescer.close()


# -- durable counts -----------------------------------------------------------------------------------


class Laps:
    """The least a domain can count; `due` stands for its rows, shared by all processes."""

    def __init__(self) -> None:
        self.due: set[str] = set()

    def count(self, tx: Transaction, ripe: Ripe, *, now: datetime) -> None:
        for channel in sorted(self.due):
            if ripe(channel):
                append(tx, channel, Said(text="laps", by="tally"), actor=None, at=now)
                self.due.discard(channel)


@pytest.fixture
def laps() -> Laps:
    return Laps()


async def told(database: Database) -> list[str]:
    return await database.read(
        lambda rows: list(rows.scalars(select(log_event.c.channel).order_by(log_event.c.id)))
    )


async def tell_once(database: Database, clock: ManualClock, *counts: Laps) -> None:
    """As a process that has just started, and ends."""
    tally = Tally(
        database, clock, QUARTER.total_seconds(), [each.count for each in counts or ()], look=3600.0
    )
    await tally.start()
    await tally.close()


async def test_room_is_told_four_times_a_second_by_all_processes_together(
    furnished: Database, clock: ManualClock, laps: Laps
) -> None:
    heard = 0
    for _ in range(40):  # two seconds, every 50 ms another process has counted something
        laps.due.add(HALL)
        await tell_once(furnished, clock, laps)
        clock.advance(timedelta(milliseconds=50))
        heard = len(await told(furnished))
    assert heard == 8
    clock.advance(QUARTER)
    await tell_once(furnished, clock, laps)
    assert laps.due == set()


async def test_each_room_has_its_own_rhythm_and_all_its_counts_come_at_once(
    furnished: Database, clock: ManualClock, laps: Laps
) -> None:
    polls = Laps()
    laps.due, polls.due = {HALL}, {HALL}
    await tell_once(furnished, clock, laps, polls)
    assert await told(furnished) == [HALL, HALL]
    laps.due = {HALL, FOYER}
    await tell_once(furnished, clock, laps, polls)
    assert (await told(furnished), laps.due) == ([HALL, HALL, FOYER], {HALL})


async def test_count_that_fails_keeps_no_other_from_being_told(
    furnished: Database, clock: ManualClock, laps: Laps, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Laps):
        def count(self, tx: Transaction, ripe: Ripe, *, now: datetime) -> None:
            super().count(tx, ripe, now=now)
            raise ValueError("a fault of ours")

    broken = Broken()
    broken.due, laps.due = {FOYER}, {HALL}
    await tell_once(furnished, clock, broken, laps)
    assert await told(furnished) == [HALL]
    assert "a count failed" in caplog.text


async def test_clock_that_was_set_back_silences_no_room(
    furnished: Database, clock: ManualClock, laps: Laps
) -> None:
    laps.due = {HALL}
    await tell_once(furnished, clock, laps)
    clock.advance(-timedelta(hours=1))
    laps.due = {HALL}
    await tell_once(furnished, clock, laps)
    assert await told(furnished) == [HALL, HALL]


async def test_what_stays_due_is_told_when_its_time_has_come(
    furnished: Database, clock: ManualClock, laps: Laps
) -> None:
    laps.due = {HALL}
    await tell_once(furnished, clock, laps)
    tally = Tally(furnished, clock, 0.01, [laps.count], look=3600.0)
    laps.due = {HALL}
    await tally.start()
    assert laps.due == {HALL}
    clock.advance(QUARTER)
    await until(lambda: not laps.due)
    await tally.close()


async def test_what_another_process_left_when_it_died_is_told_by_this_one(
    furnished: Database, clock: ManualClock, laps: Laps
) -> None:
    tally = Tally(furnished, clock, 0.01, [laps.count], look=0.01)
    await tally.start()
    laps.due = {HALL}  # and nobody rings
    await until(lambda: not laps.due)
    assert await told(furnished) == [HALL]
    await tally.close()
