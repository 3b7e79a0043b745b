"""Questions over real sockets: what each person is sent, byte by byte, and that nothing counts twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, func, select

from conference.clock import ManualClock
from conference.live.channels import desk_channel, person_channel
from conference.live.commands import Caller
from conference.live.tables import command, log_event
from conference.people.permissions import Role
from conference.questions.messages import VoteQuestion
from conference.questions.snapshot import Snapshots, snapshot
from conference.questions.tables import question, question_vote, tally_due
from conference.questions.voting import vote
from conference.storage.database import Database
from tests.live.seminar import EVENING, MORNING, RawSocket, Seminar, Tab, new_id, raw_socket, tab, until
from tests.questions.hall import ROOM, Mirror, caller, open_hall

SECRET = "patient of mine"


@pytest.fixture
async def hall(furnished: Database, clock: ManualClock) -> AsyncIterator[Seminar]:
    async with open_hall(furnished, clock) as hall:
        yield hall


async def asked(person: Tab, text: str = "Why?", **options: Any) -> str:
    reply = await person.command("AskQuestion", text=text, **options)
    return str(reply["reply"]["question"])


async def approved(chair: Tab, person: Tab, text: str = "Why?", **options: Any) -> str:
    name = await asked(person, text, **options)
    assert "reply" in await chair.command("ApproveQuestion", question=name)
    return name


async def in_room(raw: RawSocket, hall: Seminar, name: str) -> dict[str, Any]:
    await raw.log_in(hall, name)
    entered: dict[str, Any] = await raw.call("enter", {"session": MORNING})
    return entered


# -- who sees what -------------------------------------------------------------------------------------


async def test_attendees_are_never_sent_who_asked_anonymously(hall: Seminar) -> None:
    async with raw_socket(hall) as sara, tab(hall, "zainab") as zainab, tab(hall, "ali") as ali:
        await in_room(sara, hall, "sara")
        await approved(zainab, ali, "An anonymous question?", anonymous=True)
        heard = await sara.receive('42["event"')
        assert "An anonymous question?" in heard
        again = await sara.call("enter", {"session": MORNING}, 2)
        assert [each["text"] for each in again["snapshot"]["questions"]["shown"]] == [
            "An anonymous question?"
        ]
        everything = "".join(sara.frames)
        assert "Ali" not in everything
        assert "ali-public-id" not in everything
        await until(lambda: len(zainab.of_type("QuestionFiled")) == 2)
        assert zainab.of_type("QuestionFiled")[0]["question"]["asker"] == "Ali"


async def test_attendees_are_never_sent_what_waits_or_was_declined(hall: Seminar) -> None:
    async with raw_socket(hall) as sara, tab(hall, "zainab") as zainab, tab(hall, "ali") as ali:
        await in_room(sara, hall, "sara")
        name = await asked(ali, SECRET)
        reply = await zainab.command("DeclineQuestion", question=name, reason="No patient data.")
        assert reply["reply"]["state"] == "declined"
        await approved(zainab, ali, "a second one")
        await sara.receive('42["event"')
        await sara.call("enter", {"session": MORNING}, 2)
        await sara.call("catch_up", {"channel": ROOM, "after": 0}, 3)
        everything = "".join(sara.frames)
        assert SECRET not in everything
        assert "No patient data" not in everything
        await until(lambda: [each for each in ali.of_type("QuestionNoted") if "reason" in each["question"]])


async def test_declined_after_it_was_shown_disappears_for_all_and_undo_brings_it_back(hall: Seminar) -> None:
    async with tab(hall, "sara") as sara, tab(hall, "zainab") as zainab, tab(hall, "ali") as ali:
        name = await approved(zainab, ali)
        version = (await zainab.command("DeclineQuestion", question=name))["reply"]["version"]
        await until(lambda: sara.of_type("QuestionHidden"))
        undone = await zainab.command("UndoModeration", question=name, version=version)
        assert undone["reply"]["state"] == "approved"
        await until(lambda: len(sara.of_type("QuestionShown")) == 2)


async def test_attendee_cannot_moderate(hall: Seminar) -> None:
    async with tab(hall, "sara") as sara, tab(hall, "ali") as ali:
        name = await asked(ali)
        moderating: dict[str, dict[str, Any]] = {
            "ApproveQuestion": {}, "DeclineQuestion": {}, "AnswerQuestion": {},
            "PinQuestion": {"pinned": True}, "UndoModeration": {"version": 1},
        }  # fmt: skip
        for kind, body in moderating.items():
            refused = await sara.command(kind, question=name, **body)
            assert refused["error"]["code"] == "not-allowed.role"
        refused = await sara.command("ChangeQuestionRules", moderated=False)
        assert refused["error"]["code"] == "not-allowed.role"


async def test_queue_switches_with_the_session(hall: Seminar) -> None:
    async with tab(hall, "zainab") as zainab, tab(hall, "ali") as ali:
        await approved(zainab, ali, "in the morning")
        assert len((await ali.enter())["snapshot"]["questions"]["shown"]) == 1
        ali.code = EVENING
        assert (await ali.enter())["snapshot"]["questions"] == {
            "rules": {
                "type": "QuestionRulesChanged", "moderated": True, "anonymous_allowed": True, "open": True,
                "pseudonyms_allowed": True, "paused": False, "ahead": True, "afterwards": True, "until": None,
            }
        }  # fmt: skip


async def test_rules_changed_by_a_chair_hold_for_everybody(hall: Seminar) -> None:
    async with tab(hall, "zainab") as zainab, tab(hall, "ali") as ali:
        await zainab.command("ChangeQuestionRules", open=False)
        refused = await ali.command("AskQuestion", text="Late?")
        assert refused["error"]["code"] == "questions.closed"
        await until(lambda: ali.of_type("QuestionRulesChanged"))
        assert ali.of_type("QuestionRulesChanged")[0]["open"] is False


async def test_written_answer_reaches_the_room_and_the_asker(hall: Seminar) -> None:
    async with tab(hall, "sara") as sara, tab(hall, "zainab") as zainab, tab(hall, "ali") as ali:
        name = await asked(ali)
        await zainab.command("AnswerQuestion", question=name, text="Because.")
        await until(lambda: sara.of_type("QuestionShown"))
        told = sara.of_type("QuestionShown")[0]["question"]
        assert (told["answered"], told["answer"]) == (True, "Because.")


# -- exactly once --------------------------------------------------------------------------------------


async def test_command_sent_three_times_from_two_tabs_out_of_order_counts_once(
    hall: Seminar, furnished: Database
) -> None:
    async with tab(hall, "ali") as phone, tab(hall, "ali") as laptop, tab(hall, "zainab") as zainab:
        wishes = [(new_id(), f"question {number}?") for number in range(4)]
        sendings = [(where, *wish) for wish in wishes for where in (phone, laptop, phone)]
        random.Random(7).shuffle(sendings)
        replies = await asyncio.gather(
            *(where.command("AskQuestion", client_id, text=text) for where, client_id, text in sendings)
        )
        by_id: dict[str, set[str]] = {}
        for reply in replies:
            by_id.setdefault(reply["client_id"], set()).add(reply["reply"]["question"])
        assert [len(names) for names in by_id.values()] == [1, 1, 1, 1]

        # A moderator's step repeated after others followed must not be taken again.
        name, step = by_id[wishes[0][0]].pop(), new_id()
        first = await zainab.command("ApproveQuestion", step, question=name)
        await zainab.command("DeclineQuestion", question=name)
        assert await zainab.command("ApproveQuestion", step, question=name) == first

    def counted(rows: Any) -> tuple[int, int, int]:
        filed = select(func.count()).select_from(log_event).where(log_event.c.type == "QuestionFiled")
        return (
            rows.scalar(select(func.count()).select_from(question)),
            rows.scalar(filed),
            rows.scalar(select(func.count()).select_from(command)),
        )

    assert await furnished.read(counted) == (4, 6, 6)


async def test_what_was_acknowledged_is_committed(hall: Seminar, furnished: Database) -> None:
    async with tab(hall, "ali") as ali:
        for number in range(3):
            name = await asked(ali, f"{number}?")
            assert await furnished.read(partial(is_kept, name=name))


def is_kept(rows: Connection, name: str) -> bool:
    return rows.scalar(select(question.c.id).where(question.c.public_id == name)) is not None


# -- votes ---------------------------------------------------------------------------------------------


async def test_votes_are_counted_once_each_and_told_together(hall: Seminar, furnished: Database) -> None:
    async with tab(hall, "ali") as ali, tab(hall, "sara") as sara, tab(hall, "zainab") as zainab:
        name = await approved(zainab, ali)
        for voter in (ali, sara, zainab):
            for _ in range(3):
                reply = await voter.command("VoteQuestion", question=name, on=True, counter=1)
                assert reply["reply"] == {"on": True, "counter": 1}
        await until(lambda: [each for each in sara.of_type("VotesCounted") if each["votes"] == {name: 3}])
        assert len(sara.of_type("VotesCounted")) <= 4
        taken_back = await ali.command("VoteQuestion", question=name, on=False, counter=2)
        assert taken_back["reply"] == {"on": False, "counter": 2}
        late = await ali.command("VoteQuestion", question=name, on=True, counter=1)
        assert late["reply"] == {"on": False, "counter": 2}
        await until(lambda: sara.of_type("VotesCounted")[-1]["votes"] == {name: 2})
        again = await ali.enter(last=ali.state["heads"])
        assert again["snapshot"]["question_votes"] == {name: [False, 2]}
        assert ali.ephemeral[-1]["type"] == "VoteKept"
    assert await furnished.read(lambda rows: rows.scalar(select(func.count()).select_from(tally_due))) == 0


async def test_votes_a_crash_left_uncounted_are_told_at_the_start(
    furnished: Database, clock: ManualClock
) -> None:
    async with open_hall(furnished, clock) as hall, tab(hall, "zainab") as zainab, tab(hall, "ali") as ali:
        name = await approved(zainab, ali)
    sara, wish = caller("sara", Role.ATTENDEE), VoteQuestion(question=name, on=True, counter=1)
    await furnished.write(lambda tx: vote(tx, sara, wish))  # and then the power went
    async with open_hall(furnished, clock) as hall, tab(hall, "ali", enter=False) as ali:
        state = await ali.enter(last={ROOM: 1, person_channel("ali-public-id"): 2})
        assert [event["votes"] for event in state["events"]] == [{name: 1}]


async def test_vote_for_what_waits_or_is_answered_is_refused(hall: Seminar, furnished: Database) -> None:
    async with tab(hall, "ali") as ali, tab(hall, "zainab") as zainab:
        name = await asked(ali)
        refused = await ali.command("VoteQuestion", question=name, on=True, counter=1)
        assert refused["error"]["code"] == "questions.no-votes"
        await zainab.command("ApproveQuestion", question=name)
        voted = await ali.command("VoteQuestion", question=name, on=True, counter=1)
        await zainab.command("AnswerQuestion", question=name)
        # A repeat of what was counted before is still acknowledged.
        assert (
            await ali.command("VoteQuestion", voted["client_id"], question=name, on=True, counter=1) == voted
        )
        late = await zainab.command("VoteQuestion", question=name, on=True, counter=1)
        assert late["error"]["code"] == "questions.no-votes"
    assert (
        await furnished.read(lambda rows: rows.scalar(select(func.count()).select_from(question_vote))) == 1
    )


# -- following -----------------------------------------------------------------------------------------


async def test_three_kinds_of_people_who_follow_all_end_with_the_servers_state(hall: Seminar) -> None:
    people = ("ali", "sara", "zainab")
    async with tab(hall, "ali") as ali, tab(hall, "sara") as sara, tab(hall, "zainab") as zainab:
        mirrors = {name: Mirror() for name in people}
        for name, one in zip(people, (ali, sara, zainab), strict=True):
            mirrors[name].start(one.state["snapshot"]["questions"])
        first = await approved(zainab, ali, "first", anonymous=True)
        second = await approved(zainab, sara, "second")
        await sara.command("VoteQuestion", question=first, on=True, counter=1)
        await zainab.command("PinQuestion", question=second, pinned=True)
        await zainab.command("DeclineQuestion", question=second, reason="Off topic")
        await zainab.command("AnswerQuestion", question=first, text="Yes.")
        await until(lambda: all(one.of_type("VotesCounted") for one in (ali, sara, zainab)))
        for name, one in zip(people, (ali, sara, zainab), strict=True):
            fresh = Tab(hall, name, MORNING)
            await fresh.connect()
            truth = Mirror()
            truth.start((await fresh.enter())["snapshot"]["questions"])
            heads = fresh.state["heads"]
            await until(partial(has_heard, one, heads))
            for event in one.events:
                mirrors[name].apply(event)
            assert mirrors[name].state() == truth.state()
            assert (desk_channel(MORNING) in heads) == (name == "zainab")
            await fresh.sio.disconnect()


def has_heard(one: Tab, heads: dict[str, int]) -> bool:
    heard = {(event["channel"], event["seq"]) for event in one.events}
    return all(head == 0 or (channel, head) in heard for channel, head in heads.items())


async def test_snapshot_shared_by_the_room_is_the_one_of_each_alone(
    hall: Seminar, furnished: Database
) -> None:
    """What was read for one joiner and given to the next holds nobody's own, and misses nothing."""
    snapshots, sara = Snapshots(), caller("sara", Role.ATTENDEE)
    ali, zainab = caller("ali", Role.ATTENDEE), caller("zainab", Role.CHAIR)
    async with tab(hall, "ali") as asking, tab(hall, "zainab") as chair:
        for number in range(4):
            if number:
                text, hidden = f"Question {number}", number == 2
                name = await asked(asking, text, anonymous=hidden)
                if number > 1:
                    assert "reply" in await chair.command("ApproveQuestion", question=name)
            for who in (sara, ali, zainab, sara):

                def both(rows: Connection, who: Caller = who) -> tuple[bytes, bytes]:
                    together = msgspec.json.encode(snapshots(rows, who))
                    return together, msgspec.json.encode(snapshot(rows, who))

                together, alone = map(msgspec.json.decode, await furnished.read(both))
                assert together == alone
