"""People are told of a release beside it: nobody twice, nobody not at all, whatever comes in between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from conference.agenda.reading import event_by_id
from conference.agenda.releasing import telling
from conference.agenda.releasing.audience import Ground, Waiting, audience_of
from conference.agenda.releasing.concerns import Circle, concerned
from conference.agenda.releasing.published import schedule_of
from conference.agenda.releasing.telling import Reached, Telling, untold_releases
from conference.agenda.rows import SessionDetails
from conference.agenda.tables import notice
from conference.clock import ManualClock
from conference.errors import Unavailable
from conference.people.outbox import due_mails, mark_sent
from conference.people.tables import outbox
from conference.storage.database import Database
from tests.agenda.releasing.programmes import programmes
from tests.agenda.releasing.test_concerns import ACCOUNTS, circles
from tests.agenda.releasing.town_hall import FIRST, HOUR, NOW, SECOND, START, Hall, town_hall

HELD = timedelta(minutes=30)


@pytest.fixture
async def hall(database: Database) -> Hall:
    return await town_hall(database)


class Interrupted:
    """The database, with something that happens before the write number *at* (from 0)."""

    def __init__(self, database: Database, at: int, happens: Callable[[], Awaitable[None]]) -> None:
        self.read = database.read
        self._database, self._left, self._happens = database, at, happens

    async def write(self, work: Any) -> Any:
        self._left -= 1
        if self._left == -1:
            await self._happens()
        return await self._database.write(work)


def interrupted(hall: Hall, at: int, happens: Callable[[], Awaitable[None]]) -> Telling:
    return Telling(Interrupted(hall.database, at, happens), ManualClock(NOW))  # type: ignore[arg-type]  # all it uses


async def end_of_power() -> None:
    raise Unavailable("the power is gone")


async def left_untold(hall: Hall) -> list[int]:
    return await hall.database.read(untold_releases)


async def texts(hall: Hall) -> dict[str, str]:
    """What each person is told, each in one mail."""
    mails = await hall.mails()
    count = await hall.database.read(
        lambda rows: rows.execute(select(func.count()).select_from(outbox)).scalar_one()
    )
    assert count == len(mails)
    return {name: mail["text"] for name, mail in mails.items()}


async def test_the_public_sees_a_release_before_anybody_is_told(hall: Hall) -> None:
    await hall.change(FIRST, starts_at=START + HOUR)
    release = await hall.publish()
    shown = await hall.database.read(lambda rows: schedule_of(rows, event_by_id(rows, hall.event_id)))
    assert shown.sessions[0].starts_at == START + HOUR
    assert (await left_untold(hall), await hall.mails()) == ([release], {})


@pytest.mark.parametrize("writes", [0, 1, 2])
async def test_what_a_crash_left_is_finished_at_the_next_start_and_nobody_is_told_twice(
    hall: Hall, writes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "SLICE", 1)
    await hall.change(FIRST, starts_at=START + HOUR)
    release = await hall.publish(comment="The hall is being painted.")
    await interrupted(hall, writes, end_of_power).tell(release)
    assert len(await hall.mails()) == writes
    assert await left_untold(hall) == [release]

    await hall.telling().finish()
    told = await texts(hall)
    assert set(told) == {"Sara", "Ali"}
    assert all("The hall is being painted." in text for text in told.values())
    assert "08:00–09:00; it was on Saturday 25 October, 07:00–08:00" in told["Sara"]
    assert await left_untold(hall) == []
    assert await hall.telling().tell(release) == Reached()


async def test_two_processes_that_tell_at_once_tell_each_person_once(hall: Hall) -> None:
    await hall.change(FIRST, starts_at=START + HOUR)
    release = await hall.publish()
    both = await asyncio.gather(hall.telling().tell(release), hall.telling().tell(release))
    assert sum(one.people for one in both) == 2
    assert set(await texts(hall)) == {"Sara", "Ali"}


async def test_releases_that_wait_are_told_in_their_order_and_in_one_message(hall: Hall) -> None:
    await hall.change(FIRST, starts_at=START + HOUR)
    await hall.publish()
    await hall.change(FIRST, starts_at=START + 3 * HOUR)
    last = await hall.publish()
    assert (await hall.telling().tell(last)).people == 2
    sara = (await texts(hall))["Sara"]
    assert "10:00–11:00; it was on Saturday 25 October, 07:00–08:00" in sara


async def test_there_and_back_again_before_anybody_was_told_tells_nobody(hall: Hall) -> None:
    await hall.change(FIRST, starts_at=START + HOUR)
    await hall.publish()
    await hall.change(FIRST, starts_at=START)
    await hall.telling().tell(await hall.publish())
    assert await hall.mails() == {}


async def test_who_got_the_older_message_meanwhile_is_told_only_what_is_newer(hall: Hall) -> None:
    await hall.change(FIRST, starts_at=START + HOUR)
    await hall.release()

    async def all_go() -> None:
        for mail in await hall.database.read(lambda rows: due_mails(rows, NOW + HELD)):
            await hall.database.write(lambda tx, mail=mail: mark_sent(tx, mail, NOW))  # type: ignore[misc]  # its default

    await hall.change(SECOND, room="a")
    reached = await interrupted(hall, 0, all_go).tell(await hall.publish())
    assert reached.people == 1
    rows = await hall.database.read(
        lambda rows: rows.execute(
            select(outbox.c.recipient, outbox.c.text).where(outbox.c.state == "waiting")
        ).all()
    )
    ((recipient, text),) = rows
    assert recipient == "ali@example.org"
    assert "الافتتاح" not in text
    bases = await hall.database.read(lambda rows: rows.scalars(select(notice.c.base_release_id)).all())
    assert sorted(bases) == [1, 1, 2]


@given(programmes(), programmes(), programmes(), circles, st.sets(st.sampled_from(ACCOUNTS)))
def test_each_person_is_told_what_differs_from_what_they_last_knew(
    first: list[SessionDetails],
    second: list[SessionDetails],
    after: list[SessionDetails],
    circle: Circle,
    waiting: set[int],
) -> None:
    """A message that waits is measured anew from where it began; it comes to nothing when nothing differs."""
    notices = {account: Waiting(account, account, 1, 2, "mail", False) for account in waiting}
    found = audience_of(Ground(2, {1: first, 2: second}, circle, notices), after)
    for account in ACCOUNTS:
        before = first if account in waiting else second
        expected = concerned(before, after, circle).get(account)
        told = found.told.get(account)
        assert (told.told.concerns if told else None) == expected
        assert told is None or told.replaces == notices.get(account)
    assert {one.account_id for one in found.withdrawn} == waiting - found.told.keys()
