"""Notifications: told once, bounded, in the reader's words, in one's own channel only, and forgotten."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import Connection, select

from conference.clock import ManualClock
from conference.live.channels import person_channel
from conference.live.log import since
from conference.people.accounts import account_by_id
from conference.people.forgetting import forget_expired
from conference.people.notice_words import Shown
from conference.people.notifications import newest
from conference.people.notifying import (
    KEPT,
    MOST,
    TEXT_LIMIT,
    Kind,
    Notice,
    forget_notifications,
    notify,
    read_upto,
    unread_of,
    withdraw,
)
from conference.people.permissions import Role
from conference.people.tables import notification
from conference.storage.database import Database, Transaction
from tests.people.congress import KARBALA, ROUNDS, add_person

MENTION = Notice(kind=Kind.MENTION, by="Ali", text="@Sara what do you think?", session="OPENIN")


@pytest.fixture
async def sara(congress: Database, clock: ManualClock) -> int:
    """The account of an attendee."""
    who = [(KARBALA, Role.ATTENDEE), (ROUNDS, Role.ATTENDEE)]
    return await congress.write(lambda tx: add_person(tx, "s@x.example", "Sara", clock.now(), *who))


async def told(
    database: Database, clock: ManualClock, who: int, notice: Notice, event: int = KARBALA
) -> bool:
    return await database.write(lambda tx: notify(tx, who, event, notice, at=clock.now()))


async def listed(database: Database, clock: ManualClock, who: int, lang: str = "en") -> list[Shown]:
    return await database.read(lambda rows: newest(rows, who, KARBALA, lang, now=clock.now()))


async def announced(database: Database, who: int) -> list[dict[str, object]]:
    def read(rows: Connection) -> list[dict[str, object]]:
        channel = person_channel(account_by_id(rows, who).public_id)
        return [msgspec.json.decode(event.body) for event in since(rows, channel, 0, 1000)]

    return await database.read(read)


async def test_notification_is_told_in_the_channel_of_its_person_without_its_text(
    congress: Database, clock: ManualClock, sara: int
) -> None:
    assert await told(congress, clock, sara, MENTION)
    (one,) = await listed(congress, clock, sara)
    assert await announced(congress, sara) == [
        {"type": "NotificationsChanged", "event": KARBALA, "unread": 1, "newest": one.id}
    ]
    assert (one.words, one.quote, one.title, one.session, one.unread) == (
        "\u2068Ali\u2069 mentioned you.",
        "@Sara what do you think?",
        "Session OPENIN",
        "OPENIN",
        True,
    )


async def test_what_is_told_once_is_not_told_again_after_it_was_read(
    congress: Database, clock: ManualClock, sara: int
) -> None:
    soon = Notice(kind=Kind.SESSION_SOON, session="OPENIN", once="soon:OPENIN")
    assert await told(congress, clock, sara, soon)
    (one,) = await listed(congress, clock, sara)
    await congress.write(lambda tx: read_upto(tx, sara, KARBALA, one.id, at=clock.now()))
    assert not await told(congress, clock, sara, soon)
    assert len(await listed(congress, clock, sara)) == 1
    assert len(await announced(congress, sara)) == 2  # told, and read
    assert await told(congress, clock, sara, soon, ROUNDS)  # another event's is another one


async def test_reading_marks_that_one_and_the_older_ones_and_twice_is_as_good_as_once(
    congress: Database, clock: ManualClock, sara: int
) -> None:
    for number in range(3):
        await told(congress, clock, sara, Notice(kind=Kind.MENTION, by=str(number)))
    second = (await listed(congress, clock, sara))[1]
    for _ in range(2):
        left = await congress.write(lambda tx: read_upto(tx, sara, KARBALA, second.id, at=clock.now()))
        assert left == 1
    assert [one.unread for one in await listed(congress, clock, sara)] == [True, False, False]
    assert len(await announced(congress, sara)) == 4
    # Somebody else's number reads nothing.
    other = await congress.write(lambda tx: add_person(tx, "o@x.example", "Other", clock.now()))
    await congress.write(lambda tx: read_upto(tx, other, KARBALA, second.id, at=clock.now()))
    assert await congress.read(lambda rows: unread_of(rows, sara, KARBALA)) == 1


async def test_list_is_bounded_for_each_person_and_event(
    congress: Database, clock: ManualClock, sara: int
) -> None:
    def many(tx: Transaction) -> None:
        notify(tx, sara, ROUNDS, MENTION, at=clock.now())
        for number in range(MOST + 5):
            notify(tx, sara, KARBALA, Notice(kind=Kind.MENTION, text=str(number)), at=clock.now())

    await congress.write(many)
    rows = await congress.read(
        lambda rows: rows.execute(select(notification.c.event_id, notification.c.body)).all()
    )
    kept = [body["text"] for event_id, body in rows if event_id == KARBALA]
    assert kept == [str(number) for number in range(5, MOST + 5)]
    assert len(rows) == MOST + 1
    first = await listed(congress, clock, sara)
    older = await congress.read(
        lambda rows: newest(rows, sara, KARBALA, "en", now=clock.now(), before=first[-1].id)
    )
    assert [one.quote for one in first + older] == list(reversed(kept))[: len(first) + len(older)]


async def test_long_texts_are_cut(congress: Database, clock: ManualClock, sara: int) -> None:
    await told(congress, clock, sara, Notice(kind=Kind.ANNOUNCEMENT, text="ب" * 500))
    (one,) = await listed(congress, clock, sara, "ar")
    assert len(one.quote) == TEXT_LIMIT
    assert one.quote.endswith("…")


async def test_minutes_to_the_start_are_those_of_the_moment_of_reading(
    congress: Database, clock: ManualClock, sara: int
) -> None:
    starts_at = clock.now() + timedelta(minutes=5)
    await told(congress, clock, sara, Notice(kind=Kind.SESSION_SOON, session="OPENIN", starts_at=starts_at))
    said = []
    for minutes in (0, 4, 1):
        clock.advance(timedelta(minutes=minutes))
        said.append((await listed(congress, clock, sara))[0].words)
    assert said == [
        "This session starts in 5 minutes.",
        "This session starts in 1 minute.",
        "This session has begun.",
    ]


async def test_what_is_taken_back_is_gone_for_everybody_it_was_told_to(
    congress: Database, clock: ManualClock, sara: int
) -> None:
    other = await congress.write(lambda tx: add_person(tx, "o@x.example", "Other", clock.now()))
    for who in (sara, other):
        await told(congress, clock, who, Notice(kind=Kind.MENTION, about="message-1"))
        await told(congress, clock, who, Notice(kind=Kind.MENTION, about="message-2"))
    await congress.write(lambda tx: withdraw(tx, KARBALA, "message-1", at=clock.now()))
    await congress.write(lambda tx: withdraw(tx, KARBALA, "", at=clock.now()))
    for who in (sara, other):
        assert len(await listed(congress, clock, who)) == 1
        assert (await announced(congress, who))[-1]["unread"] == 1


async def test_notifications_are_forgotten_with_time_and_when_the_event_says_so(
    congress: Database, clock: ManualClock, sara: int
) -> None:
    await told(congress, clock, sara, MENTION)
    await told(congress, clock, sara, Notice(kind=Kind.ANNOUNCEMENT))
    await congress.write(
        lambda tx: forget_notifications(tx, now=clock.now(), event_id=KARBALA, kinds=[Kind.MENTION])
    )
    assert [one.kind for one in await listed(congress, clock, sara)] == [Kind.ANNOUNCEMENT]
    clock.advance(KEPT - timedelta(minutes=1))
    await congress.write(lambda tx: forget_expired(tx, now=clock.now(), address_days=30))
    assert await listed(congress, clock, sara)
    clock.advance(timedelta(minutes=1))
    await congress.write(lambda tx: forget_expired(tx, now=clock.now(), address_days=30))
    assert await listed(congress, clock, sara) == []
