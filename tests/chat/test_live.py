"""The chat over real sockets: what each person is sent, byte by byte, and that nothing is said twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from conference.chat.announcing import announce, withdraw
from conference.chat.erasing import erase_expired
from conference.chat.settings import ChatDefaults, change_defaults
from conference.chat.tables import chat_earlier, chat_message, chat_told
from conference.clock import ManualClock
from conference.live.tables import log_event
from conference.people.permissions import Role
from conference.people.tables import grant, notification
from conference.storage.database import Database, Transaction
from tests.chat.hall import open_hall
from tests.live.frames import Watch, watching
from tests.live.seminar import EVENING, MORNING, Seminar, account_id, new_id, tab

SECRET = "the patient in bed four"
ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "=cmd|'/c calc'!A1",
    "a\u202eb\u2066c",
    "{{ 7*7 }}",
    "javascript:alert(1)",
    "'; DROP TABLE chat_message; --",
    "ـ" * 500,
    "ا" + "\u0651" * 300,
]


@pytest.fixture
async def hall(furnished: Database, clock: ManualClock) -> AsyncIterator[Seminar]:
    async with open_hall(furnished, clock) as hall:
        yield hall


async def said(speaking: Watch, text: str, **options: Any) -> str:
    reply = await speaking.command("SendChat", text=text, **options)
    assert "reply" in reply, reply
    return str(reply["reply"]["message"])


async def open_letters(database: Database, clock: ManualClock) -> None:
    wanted = ChatDefaults(direct=True)
    await database.write(lambda tx: change_defaults(tx, 1, wanted, by=1, now=clock.now()))


# -- who sees what -------------------------------------------------------------------------------------


async def test_what_is_for_the_moderators_or_hidden_or_direct_never_reaches_others(
    hall: Seminar, furnished: Database, clock: ManualClock
) -> None:
    await open_letters(furnished, clock)
    async with (
        watching(hall, "ali") as ali,
        watching(hall, "sara") as sara,
        watching(hall, "zainab") as zainab,
        watching(hall, "huda", EVENING) as huda,
    ):
        await said(ali, f"to the desk: {SECRET}", to="desk")
        await said(ali, "a letter for the chair alone", to="direct", person="zainab-public-id")
        await zainab.saw(SECRET, "a letter for the chair alone")
        await said(ali, "good morning")
        await sara.saw("good morning")
        for one in (sara, huda):
            await one.settled()
            one.never_saw(SECRET, "letter for the chair")
        huda.never_saw("good morning")
        # The moderators of the session do not read letters of others, nor does its list tell of them.
        await said(ali, "between the two of us", to="direct", person="sara-public-id")
        await sara.saw("between the two of us")
        await zainab.command("ListChat")
        await zainab.settled()
        zainab.never_saw("between the two of us")


async def test_what_was_hidden_edited_or_deleted_is_not_told_to_those_who_come_later(hall: Seminar) -> None:
    async with watching(hall, "ali") as ali, watching(hall, "zainab") as zainab:
        heads = ali.entered["heads"]
        hidden = await said(ali, "a rude word")
        edited = await said(ali, f"it was {SECRET}")
        deleted = await said(ali, "said by mistake")
        assert "reply" in await zainab.command("HideChat", message=hidden, hidden=True)
        assert "reply" in await ali.command("EditChat", message=edited, text="it was a patient")
        assert "reply" in await ali.command("DeleteChat", message=deleted)
        async with watching(hall, "sara", enter=False) as sara:
            late = {name: seq for name, seq in heads.items() if not name.startswith("person:")}
            await sara.enter(last={**late, "person:sara-public-id": 0})
            assert sara.entered["events"], "she catches up from the log"
            await sara.command("ListChat")
            await sara.command("ListChat", messages=[hidden, deleted])
            await sara.settled()
            await sara.saw("it was a patient")
            sara.never_saw("a rude word", SECRET, "said by mistake")
        # Nothing is lost for those who have to judge it, and its author sees what became of it.
        page = (await zainab.command("ListChat"))["reply"]["messages"]
        assert [(each["text"], each.get("state"), each.get("before")) for each in page] == [
            ("a rude word", "hidden", None),
            ("it was a patient", None, [f"it was {SECRET}"]),
            ("said by mistake", "deleted", None),
        ]
        mine = (await ali.command("ListChat"))["reply"]["messages"]
        assert [(each["text"], each.get("state")) for each in mine] == [
            ("a rude word", "hidden"), ("it was a patient", None)
        ]  # fmt: skip
        assert "reply" in await zainab.command("HideChat", message=hidden, hidden=False)
        async with watching(hall, "sara") as sara:
            await sara.command("ListChat")
            await sara.saw("a rude word")


async def test_frozen_chat_reaches_the_moderators_alone_and_says_so(hall: Seminar) -> None:
    async with (
        watching(hall, "ali") as ali,
        watching(hall, "sara") as sara,
        watching(hall, "zainab") as zainab,
    ):
        await zainab.command("ChangeChatRules", mode="moderators")
        reply = await ali.command("SendChat", text=SECRET)
        assert reply["reply"]["to"] == "desk"
        await zainab.saw(SECRET)
        await said(zainab, "please write to us")
        await sara.saw("please write to us")
        sara.never_saw(SECRET)
        answer = await said(zainab, "thank you", to="desk", reply=reply["reply"]["message"])
        assert answer
        await ali.saw("thank you")
        await sara.settled()
        sara.never_saw("thank you")
        await zainab.command("ChangeChatRules", mode="off")
        assert (await zainab.command("SendChat", text="?"))["error"]["code"] == "chat.off"


async def test_blocked_person_is_told_no_more_than_that_they_cannot_write(
    hall: Seminar, furnished: Database, clock: ManualClock
) -> None:
    async with watching(hall, "ali") as ali, watching(hall, "sara") as sara:
        letter = {"to": "direct", "person": "sara-public-id"}
        closed = await ali.command("SendChat", text="?", **letter)
        assert closed["error"]["code"] == "chat.no-direct"
        await open_letters(furnished, clock)
        await said(ali, "hello", **letter)
        assert (await sara.command("BlockPerson", person="ali-public-id", blocked=True))["reply"] == {
            "type": "PeopleBlocked", "people": ["ali-public-id"]
        }  # fmt: skip
        blocked = await ali.command("SendChat", text="?", **letter)
        stranger = await ali.command("SendChat", text="?", to="direct", person="omar-public-id")
        nobody = await ali.command("SendChat", text="?", to="direct", person="nobody")
        assert blocked["error"] == stranger["error"] == nobody["error"]
        assert (await sara.command("ListChat"))["reply"]["blocked"] == ["ali-public-id"]
        await sara.command("BlockPerson", person="ali-public-id", blocked=False)
        await said(ali, "hello again", **letter)


async def test_mentioned_people_are_notified_when_they_may_read_it(
    hall: Seminar, furnished: Database, clock: ManualClock
) -> None:
    async with watching(hall, "ali") as ali:
        people = ["sara-public-id", "zainab-public-id", "omar-public-id", "ali-public-id"]
        first = await said(ali, "@Sara and @Omar, see this", mentions=people)
        await said(ali, f"@Sara @Zainab {SECRET}", to="desk", mentions=people)
        await ali.command("EditChat", message=first, text="@Sara and @Omar, see that", mentions=people)

    def told(rows: Any) -> list[tuple[int, str]]:
        found = rows.execute(select(notification.c.account_id, notification.c.body)).all()
        return [(account, str(body)) for account, body in found]

    notified = await furnished.read(told)
    assert [account for account, _ in notified] == [account_id("sara"), account_id("zainab")]
    assert all(SECRET not in body for _, body in notified)


# -- slow mode, limits, exactly once -------------------------------------------------------------------


async def test_slow_mode_holds_for_attendees_and_not_for_those_who_run_the_session(
    hall: Seminar, clock: ManualClock
) -> None:
    async with watching(hall, "ali") as ali, watching(hall, "zainab") as zainab:
        await zainab.command("ChangeChatRules", slow_seconds=30)
        await said(ali, "one")
        refused = await ali.command("SendChat", text="two")
        assert refused["error"]["code"] == "chat.slow"
        assert "30" in refused["error"]["message"]
        for _ in range(3):
            await said(zainab, "go on")
        clock.advance(timedelta(seconds=30))
        await said(ali, "two")


async def test_nobody_floods_a_room(hall: Seminar, clock: ManualClock) -> None:
    async with watching(hall, "ali") as ali:
        for number in range(20):
            await said(ali, str(number))
        assert (await ali.command("SendChat", text="more"))["error"]["code"] == "chat.too-many"
        clock.advance(timedelta(minutes=2))
        await said(ali, "later")


async def test_message_sent_three_times_from_two_tabs_is_said_once(
    hall: Seminar, furnished: Database
) -> None:
    async with tab(hall, "ali") as phone, tab(hall, "ali") as laptop:
        wishes = [(new_id(), f"message {number}") for number in range(4)]
        sendings = [(where, *wish) for wish in wishes for where in (phone, laptop, phone)]
        random.Random(7).shuffle(sendings)
        replies = await asyncio.gather(
            *(where.command("SendChat", client_id, text=text) for where, client_id, text in sendings)
        )
    assert len({reply["reply"]["message"] for reply in replies}) == 4
    count = select(func.count()).select_from(chat_message)
    assert await furnished.read(lambda rows: rows.scalar(count)) == 4


async def test_texts_are_kept_as_typed_but_for_what_could_disturb_others(hall: Seminar) -> None:
    async with watching(hall, "ali") as ali:
        for text in ATTACKS:
            await said(ali, f"{text} end")
        kept = [each["text"] for each in (await ali.command("ListChat"))["reply"]["messages"]]
    for text, message in zip(ATTACKS, kept, strict=True):
        assert message.endswith(" end")
        assert not set("\u202e\u2066") & set(message)
        assert not text.isascii() or message == f"{text} end"


async def test_empty_and_too_long_texts_are_refused_with_their_field(hall: Seminar) -> None:
    async with watching(hall, "ali") as ali:
        for text, code in (("", "chat.empty"), (" \u202e\n", "chat.empty"), ("x" * 1001, "text.too-long")):
            error = (await ali.command("SendChat", text=text))["error"]
            assert (error["code"], error["field"]) == (code, "text")
        await said(ali, "س" * 1000)


async def test_message_can_be_changed_by_its_author_alone_and_for_ten_minutes(
    hall: Seminar, clock: ManualClock
) -> None:
    async with (
        watching(hall, "ali") as ali,
        watching(hall, "sara") as sara,
        watching(hall, "zainab") as zainab,
    ):
        message = await said(ali, "first")
        for other in (sara, zainab):
            for kind, fields in (("EditChat", {"text": "mine"}), ("DeleteChat", {})):
                refused = await other.command(kind, message=message, **fields)
                assert refused["error"]["code"] == "chat.not-yours"
        clock.advance(timedelta(minutes=11))
        assert (await ali.command("EditChat", message=message, text="x"))["error"]["code"] == "chat.too-old"
        assert "reply" in await ali.command("DeleteChat", message=message)


# -- history -------------------------------------------------------------------------------------------


async def test_older_messages_come_page_by_page_each_once(hall: Seminar, clock: ManualClock) -> None:
    async with watching(hall, "zainab") as zainab, watching(hall, "ali") as ali:
        for number in range(70):
            clock.advance(timedelta(seconds=5))
            await said(zainab if number % 2 else ali, f"{number}")
        texts: list[str] = []
        before = None
        while True:
            page = (await ali.command("ListChat", **({"before": before} if before else {})))["reply"]
            assert len(page["messages"]) <= 30
            texts = [each["text"] for each in page["messages"]] + texts
            if not page.get("more"):
                break
            before = page["messages"][0]["id"]
        assert texts == [str(number) for number in range(70)]


async def test_quotes_from_earlier_pages_come_with_a_page(hall: Seminar, clock: ManualClock) -> None:
    async with watching(hall, "zainab") as zainab:
        first = await said(zainab, "the very first")
        for number in range(31):
            clock.advance(timedelta(seconds=5))
            await said(zainab, f"{number}")
        await said(zainab, "an answer", reply=first)
        page = (await zainab.command("ListChat"))["reply"]
        assert page["messages"][-1]["reply"] == first
        assert [each["text"] for each in page["quoted"]] == ["the very first"]


async def test_expired_history_is_gone_from_the_tables_and_from_the_log(
    hall: Seminar, furnished: Database, clock: ManualClock
) -> None:
    wanted = ChatDefaults(direct=True, history_days=30)
    await furnished.write(lambda tx: change_defaults(tx, 1, wanted, by=1, now=clock.now()))
    async with watching(hall, "ali") as ali, watching(hall, "zainab") as zainab:
        message = await said(ali, f"first {SECRET}")
        await ali.command("EditChat", message=message, text=f"second {SECRET}")
        await said(ali, f"desk {SECRET}", to="desk")
        await said(ali, f"letter {SECRET}", to="direct", person="zainab-public-id")
        clock.advance(timedelta(days=29))
        assert await furnished.write(lambda tx: erase_expired(tx, now=clock.now())) == 0
        await said(ali, "a month later")
        clock.advance(timedelta(days=2))
        assert await furnished.write(lambda tx: erase_expired(tx, now=clock.now())) == 3
        await zainab.saw('"ChatErased"')

        def left(rows: Any) -> tuple[list[str], list[str], int, int]:
            texts = list(rows.scalars(select(chat_message.c.text)))
            bodies = [body for body in rows.scalars(select(log_event.c.body)) if SECRET in body]
            earlier = rows.scalar(select(func.count()).select_from(chat_earlier))
            return texts, bodies, earlier, rows.scalar(select(func.count()).select_from(chat_told))

        assert await furnished.read(left) == (["a month later"], [], 0, 1)
        numbers = select(log_event.c.seq).where(log_event.c.channel == f"session:{MORNING}")
        seqs = await furnished.read(lambda rows: list(rows.scalars(numbers.order_by(log_event.c.seq))))
        assert seqs == list(range(1, len(seqs) + 1)), "the log has no gap"


# -- announcements -------------------------------------------------------------------------------------


async def test_announcements_reach_every_room_and_a_withdrawn_one_is_told_to_nobody(
    furnished: Database, clock: ManualClock
) -> None:
    def make_organizer(tx: Transaction) -> None:
        zainab = {"account_id": account_id("zainab"), "event_id": 1, "session_id": None}
        tx.connection.execute(insert(grant).values(**zainab, role=Role.ORGANIZER, granted_at=clock.now()))

    await furnished.write(make_organizer)
    async with open_hall(furnished, clock) as hall:
        async with watching(hall, "zainab") as zainab, watching(hall, "sara", "/karbala") as sara:
            refused = await sara.command("Announce", text={"en": "mine"})
            assert refused["error"]["code"] == "live.unknown-command"
            made = await zainab.command("Announce", text={"ar": "الغداء الآن", "en": f"Lunch {SECRET}"})
            await sara.saw("الغداء الآن")
            async with watching(hall, "ali") as ali:
                assert [one["id"] for one in ali.entered["snapshot"]["chat"]["announcements"]] == [
                    made["reply"]["announcement"]
                ]
            gone = await zainab.command("WithdrawAnnouncement", announcement=made["reply"]["announcement"])
            assert "reply" in gone
            await sara.saw("AnnouncementWithdrawn")
            async with watching(hall, "ali", "/karbala", enter=False) as ali:
                await ali.enter(last={"event:1": 0, "person:ali-public-id": 0})
                await ali.settled()
                ali.never_saw(SECRET)


async def test_six_announcements_at_once_are_too_many(furnished: Database, clock: ManualClock) -> None:
    from conference.errors import BadInput, Conflict

    async def make(text: dict[str, str]) -> Any:
        return await furnished.write(lambda tx: announce(tx, 1, text, by=None, now=clock.now()))

    first = await make({"en": "0"})
    for number in range(1, 5):
        await make({"en": str(number)})
    with pytest.raises(Conflict):
        await make({"en": "5"})
    await furnished.write(lambda tx: withdraw(tx, 1, first.announcement, by=None, now=clock.now()))
    await make({"en": "5", "ar": ""})
    with pytest.raises(BadInput) as refused:
        await make({"en": "x" * 501})
    assert refused.value.field == "text_en"
    with pytest.raises(BadInput):
        await make({"en": " \u202e "})


# -- rules of the event and of a session ---------------------------------------------------------------


async def test_session_changed_by_hand_keeps_its_own_rules_until_it_follows_the_event_again(
    hall: Seminar, furnished: Database, clock: ManualClock
) -> None:
    async with watching(hall, "zainab") as zainab, watching(hall, "huda", EVENING) as huda:
        mine = (await zainab.command("ChangeChatRules", mode="read-only"))["reply"]
        assert (mine["mode"], mine["own"]) == ("read-only", True)
        wanted = ChatDefaults(slow_seconds=60)
        await furnished.write(lambda tx: change_defaults(tx, 1, wanted, by=1, now=clock.now()))
        await huda.saw('"slow_seconds":60')
        theirs = [each for each in huda.events() if each["type"] == "ChatRulesChanged"]
        assert [(each["mode"], each["slow_seconds"], each["own"]) for each in theirs] == [("open", 60, False)]
        both = (await zainab.command("ChangeChatRules"))["reply"]
        assert (both["mode"], both["slow_seconds"]) == ("read-only", 60), "what it did not set follows"
        back = (await zainab.command("ChangeChatRules", as_event=True))["reply"]
        assert (back["mode"], back["own"]) == ("open", False)
