"""Polls over real sockets: what each person is sent, byte by byte, and that nothing counts twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Connection, text

from conference.clock import ManualClock
from conference.live.messages import Command
from conference.people.permissions import Capability
from conference.polls.live import PollDesk
from conference.storage.database import Database
from tests.live.frames import watching
from tests.live.seminar import MORNING, Seminar, Tab, tab, until
from tests.polls.hall import ANSWERS, BALLOT, ROOM, WORDS, open_hall, opened

NAMED: dict[str, Any] = {"anonymous": False}


@pytest.fixture
async def hall(furnished: Database, clock: ManualClock) -> AsyncIterator[Seminar]:
    async with open_hall(furnished, clock) as hall:
        yield hall


def counted(person: Tab, kind: str, poll: str) -> dict[str, Any]:
    """The last count of *poll* that came by *kind*."""
    found = [event["polls"][poll] for event in person.of_type(kind) if poll in event["polls"]]
    return dict(found[-1]) if found else {"answered": 0}


# -- who sees what -------------------------------------------------------------------------------------


async def test_the_room_is_never_sent_drafts_hidden_results_or_who_answered(hall: Seminar) -> None:
    async with watching(hall, "sara") as sara, tab(hall, "zainab") as zainab, tab(hall, "ali") as ali:
        secret = {**WORDS["single"], "question": "A draft of mine", "options": ["never", "shown"]}
        await zainab.command("MakePoll", words=secret)
        poll = await opened(zainab, **NAMED, results="by-hand")
        await ali.command("AnswerPoll", poll=poll, choices=["b"], counter=1)
        await until(lambda: zainab.of_type("PollsTallied"))
        assert zainab.of_type("PollsTallied")[-1]["polls"][poll]["counts"] == {"b": 1}
        await sara.saw("PollsCounted")
        await zainab.command("ClosePoll", poll=poll)
        await sara.enter()
        await sara.say("catch_up", {"channel": ROOM, "after": 0})
        sara.never_saw("A draft of mine", "never", "Ali", "ali-public-id", '"counts"', "tally")
        assert [each["answered"] for each in sara.entered["snapshot"]["polls"]["shown"]] == [1]
        await zainab.command("ShowResults", poll=poll)
        await sara.saw('"counts":{"b":1}')
        sara.never_saw("Ali", "ali-public-id")


async def test_the_right_answer_of_a_quiz_is_told_when_it_is_closed(hall: Seminar) -> None:
    async with watching(hall, "sara") as sara, tab(hall, "zainab") as zainab:
        poll = await opened(zainab, "quiz", results="live")
        await sara.command("AnswerPoll", poll=poll, choices=["a"], counter=1, ballot=BALLOT)
        await sara.saw("PollsCounted")
        await sara.enter()
        sara.never_saw('"right"')
        await zainab.command("ClosePoll", poll=poll)
        await sara.saw('"right":["b"]')


async def test_hidden_groups_of_short_texts_are_not_sent_to_the_room(hall: Seminar) -> None:
    async with watching(hall, "sara") as sara, tab(hall, "zainab") as zainab, tab(hall, "ali") as ali:
        poll = await opened(zainab, "text", **NAMED)
        await ali.command("AnswerPoll", poll=poll, text="a rude word", counter=1)
        await zainab.command("AnswerPoll", poll=poll, text="Thanks", counter=1)
        await until(lambda: counted(zainab, "PollsTallied", poll)["answered"] == 2)
        groups = (await zainab.enter())["snapshot"]["polls"]["filed"][0]["tally"]["groups"]
        rude = next(group["id"] for group in groups if group["label"] == "a rude word")
        assert "reply" in await zainab.command("HideAnswers", poll=poll, group=rude, hidden=True)
        await zainab.command("ClosePoll", poll=poll)
        await sara.saw("Thanks")
        sara.never_saw("a rude word")


async def test_groups_are_put_together_named_and_taken_apart(hall: Seminar) -> None:
    async with tab(hall, "zainab") as zainab, tab(hall, "ali") as ali, tab(hall, "sara") as sara:
        poll = await opened(zainab, "text", **NAMED, results="live")
        for person, word in ((ali, "Cost"), (sara, "money"), (zainab, "COST")):
            await person.command("AnswerPoll", poll=poll, text=word, counter=1)

        async def groups() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = (await sara.enter())["snapshot"]["polls"]["shown"][0]["tally"][
                "groups"
            ]
            return found

        await until(lambda: counted(sara, "PollsCounted", poll)["answered"] == 3)
        assert [(each["label"], each["count"]) for each in await groups()] == [("COST", 2), ("money", 1)]
        names = [each["id"] for each in await groups()]
        await zainab.command("GroupAnswers", poll=poll, groups=names, label="\u202eWhat it costs")
        assert [(each["label"], each["count"]) for each in await groups()] == [("What it costs", 3)]
        await zainab.command("SplitAnswers", poll=poll, group=(await groups())[0]["id"])
        assert len(await groups()) == 2
        refused = await zainab.command("SplitAnswers", poll=poll, group="gone")
        assert refused["error"]["code"] == "polls.unknown-group"


async def test_who_answered_what_is_told_to_those_who_run_the_session_and_never_of_anonymous_polls(
    hall: Seminar,
) -> None:
    async with tab(hall, "zainab") as zainab, tab(hall, "ali") as ali:
        named, secret = await opened(zainab, **NAMED), await opened(zainab)
        await ali.command("AnswerPoll", poll=named, choices=["a"], counter=1)
        await ali.command("AnswerPoll", poll=secret, choices=["a"], counter=1, ballot=BALLOT)
        listed = await zainab.command("ListAnswers", poll=named)
        assert listed["reply"]["answers"] == [{"name": "Ali", "answer": {"choices": ["a"]}}]
        assert (await zainab.command("ListAnswers", poll=secret))["error"]["code"] == "polls.anonymous"
        assert (await ali.command("ListAnswers", poll=named))["error"]["code"] == "not-allowed.role"


# -- what is stored ------------------------------------------------------------------------------------


async def test_nothing_in_the_database_leads_from_an_anonymous_answer_to_its_person(
    hall: Seminar, furnished: Database
) -> None:
    async with tab(hall, "zainab") as zainab, tab(hall, "ali") as ali, tab(hall, "sara") as sara:
        poll = await opened(zainab, "text")
        told = {"zainab": "reply one", "sara": "reply two", "ali": "reply three"}
        for number, (name, person) in enumerate((("zainab", zainab), ("sara", sara), ("ali", ali))):
            ballot = chr(ord("c") - number) * 22
            reply = await person.command("AnswerPoll", poll=poll, text=told[name], counter=1, ballot=ballot)
            assert reply["reply"]["answer"] == {"text": told[name]}
        await until(lambda: zainab.of_type("PollsTallied"))

    def every_row(rows: Connection) -> list[str]:
        """Every row of every table with one of the words or a ballot in it."""
        tables = [name for (name,) in rows.execute(text("SELECT name FROM sqlite_master WHERE type='table'"))]
        found = []
        for table in tables:
            for row in rows.exec_driver_sql(f'SELECT * FROM "{table}"').mappings():
                line = f"{table} {dict(row)}"
                if any(word in line for word in ("reply ", "ccccc", "bbbbb", "aaaaa")):
                    found.append(line)
        return found

    lines = await furnished.read(every_row)
    answers = [line for line in lines if line.startswith("poll_answer ")]
    assert len(answers) == 3
    assert all("'account_id': None" in line for line in answers)
    # Beside them only the tally that the desk was told, which names nobody.
    assert {line.split()[0] for line in lines} == {"poll_answer", "log_event"}
    for line in lines:
        assert not any(
            name in line for name in ("ali", "sara", "zainab", "'actor': 1", "aaaaa", "bbbbb", "ccccc")
        )

    def sql(rows: Connection) -> tuple[list[str], list[Any]]:
        made = rows.execute(text("SELECT sql FROM sqlite_master WHERE name IN ('poll_answer', 'poll_voter')"))
        commands = rows.execute(text("SELECT reply FROM command WHERE account_id IN (2, 3)"))
        return list(made.scalars()), list(commands.scalars())

    tables, replies = await furnished.read(sql)
    # Without a rowid rows lie in the order of their keys, so the order in which people came is not kept.
    assert all("WITHOUT ROWID" in made for made in tables)
    assert not any(column in made for made in tables for column in ("_at", "BIGINT"))
    assert replies == []  # no time, no account beside a command that answers


# -- exactly once --------------------------------------------------------------------------------------


@pytest.mark.parametrize("manner", [NAMED, {"anonymous": True}])
async def test_answers_doubled_delayed_and_out_of_order_leave_the_newest_once(
    hall: Seminar, manner: dict[str, Any]
) -> None:
    async with tab(hall, "ali") as phone, tab(hall, "ali") as second, tab(hall, "zainab") as zainab:
        poll = await opened(zainab, **manner, results="live")
        sent = [(1, "a"), (3, "b"), (2, "a"), (3, "b"), (1, "a")]
        for person in (phone, second):
            for counter, choice in sent:
                reply = await person.command(
                    "AnswerPoll", poll=poll, choices=[choice], counter=counter, ballot=BALLOT
                )
                assert "reply" in reply
        await until(lambda: counted(zainab, "PollsTallied", poll).get("counts") == {"b": 1})
        state = (await zainab.enter())["snapshot"]["polls"]["filed"][0]
        assert (state["answered"], state["tally"]["counts"]) == (1, {"b": 1})
        own = (await phone.enter())["snapshot"]["poll_answers"][poll]
        wanted = {} if manner["anonymous"] else {"counter": 3, "answer": {"choices": ["b"]}}
        assert own == wanted


async def test_an_anonymous_answer_is_changed_only_from_where_it_was_given(hall: Seminar) -> None:
    async with tab(hall, "ali") as ali, tab(hall, "sara") as sara, tab(hall, "zainab") as zainab:
        poll = await opened(zainab)
        first = await ali.command("AnswerPoll", poll=poll, choices=["a"], counter=1, ballot=BALLOT)
        assert first["reply"]["counter"] == 1
        laptop = await ali.command("AnswerPoll", poll=poll, choices=["b"], counter=2, ballot="B" * 22)
        assert laptop["error"]["code"] == "polls.elsewhere"
        stolen = await sara.command("AnswerPoll", poll=poll, choices=["b"], counter=2, ballot=BALLOT)
        assert stolen["error"]["code"] == "polls.ballot"
        for short in ("", "short", "x" * 21, "a b" * 10):
            refused = await sara.command("AnswerPoll", poll=poll, choices=["b"], counter=1, ballot=short)
            assert refused["error"]["code"] == "polls.ballot"
        changed = await ali.command("AnswerPoll", poll=poll, choices=["b"], counter=2, ballot=BALLOT)
        assert changed["reply"]["answer"] == {"choices": ["b"]}


async def test_an_answer_that_comes_after_the_poll_was_closed_is_refused(hall: Seminar) -> None:
    async with tab(hall, "ali") as ali, tab(hall, "zainab") as zainab:
        poll = await opened(zainab, **NAMED)
        await zainab.command("ClosePoll", poll=poll)
        late = await ali.command("AnswerPoll", poll=poll, choices=["a"], counter=1)
        assert late["error"]["code"] == "polls.closed"
        await zainab.command("OpenPoll", poll=poll)
        assert "reply" in await ali.command("AnswerPoll", poll=poll, choices=["a"], counter=1)


async def test_many_answers_are_told_in_few_counts(furnished: Database, clock: ManualClock) -> None:
    async with open_hall(furnished, clock, interval=2.0) as hall:
        async with tab(hall, "ali") as ali, tab(hall, "zainab") as zainab:
            poll = await opened(zainab, **NAMED, results="live")
            for counter in range(1, 31):
                await ali.command("AnswerPoll", poll=poll, choices=["ab"[counter % 2]], counter=counter)
            await until(
                lambda: any(
                    e["polls"][poll]["tally"]["counts"] == {"a": 1} for e in ali.of_type("PollsCounted")
                )
            )
            assert len(ali.of_type("PollsCounted")) < 30


async def test_counts_that_a_crash_left_due_are_told_at_the_next_start(
    furnished: Database, clock: ManualClock
) -> None:
    async with open_hall(furnished, clock, interval=3600.0) as hall:
        async with tab(hall, "ali") as ali, tab(hall, "zainab") as zainab:
            poll = await opened(zainab, **NAMED, results="live")
            await ali.command("AnswerPoll", poll=poll, choices=["a"], counter=1)
            heads = ali.state["heads"]
    async with open_hall(furnished, clock) as hall, tab(hall, "ali", enter=False) as again:
        state = await again.enter(dict.fromkeys(heads, 0))
        counted = [event for event in state["events"] or [] if event["type"] == "PollsCounted"]
        assert counted[-1]["polls"][poll]["tally"]["counts"] == {"a": 1}


# -- the commands --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(WORDS))
async def test_poll_of_every_kind_from_making_to_results(hall: Seminar, kind: str) -> None:
    async with tab(hall, "ali") as ali, tab(hall, "zainab") as zainab:
        made = (await zainab.command("MakePoll", words={**WORDS[kind], "anonymous": False}))["reply"]
        assert (await zainab.command("OpenPoll", poll=made["poll"]))["reply"]["stage"] == "open"
        reply = await ali.command("AnswerPoll", poll=made["poll"], counter=1, **ANSWERS[kind])
        assert reply["reply"]["answer"] == {name: value for name, value in ANSWERS[kind].items()}
        assert (await zainab.command("ClosePoll", poll=made["poll"]))["reply"]["stage"] == "closed-shown"
        shown = (await ali.enter())["snapshot"]["polls"]["shown"][0]
        assert shown["tally"]["answered"] == 1
        assert shown["kind"] == kind


async def test_drafts_are_edited_copied_moved_and_deleted_and_two_at_a_desk_do_not_overwrite_each_other(
    hall: Seminar,
) -> None:
    async with tab(hall, "zainab") as zainab:
        first = (await zainab.command("MakePoll", words=WORDS["single"]))["reply"]
        second = (await zainab.command("MakePoll", words=WORDS["rating"]))["reply"]["poll"]
        copied = (await zainab.command("CopyPoll", poll=first["poll"]))["reply"]["poll"]
        edited: dict[str, Any] = {"poll": first["poll"], "version": first["version"], "words": WORDS["quiz"]}
        assert (await zainab.command("EditPoll", **edited))["reply"]["version"] == 2
        stale = await zainab.command("EditPoll", **edited)
        assert stale["error"]["code"] == "polls.changed"
        moved = await zainab.command("MovePoll", poll=second, before=first["poll"])
        assert moved["reply"] == [second, first["poll"], copied]
        await zainab.command("DeletePoll", poll=copied)
        filed = (await zainab.enter())["snapshot"]["polls"]["filed"]
        assert [(each["id"], each["kind"]) for each in filed] == [(second, "rating"), (first["poll"], "quiz")]


async def test_what_was_answered_is_neither_withdrawn_nor_edited_nor_deleted(hall: Seminar) -> None:
    async with tab(hall, "ali") as ali, tab(hall, "zainab") as zainab:
        poll = await opened(zainab, **NAMED)
        assert (await zainab.command("WithdrawPoll", poll=poll))["reply"]["stage"] == "draft"
        await until(lambda: ali.of_type("PollGone"))
        await zainab.command("OpenPoll", poll=poll)
        await ali.command("AnswerPoll", poll=poll, choices=["a"], counter=1)
        refusals: dict[str, dict[str, Any]] = {
            "WithdrawPoll": {}, "DeletePoll": {}, "EditPoll": {"version": 4, "words": WORDS["quiz"]},
        }  # fmt: skip
        for kind, body in refusals.items():
            refused = await zainab.command(kind, poll=poll, **body)
            assert refused["error"]["code"] in ("polls.answered", "polls.state")


async def test_every_command_of_a_moderator_is_refused_to_others(hall: Seminar) -> None:
    desk: Any = None
    rows = PollDesk(desk, desk, desk, desk).commands()
    assert {row.type for row in rows if row.capability is Capability.VOTE} == {"AnswerPoll"}
    assert {row.struct.__base__ for row in rows} == {Command}
    async with tab(hall, "ali") as ali, tab(hall, "zainab") as zainab:
        poll = await opened(zainab)
        for row in rows:
            if row.capability is Capability.MODERATE:
                body = _body(row.type, poll)
                assert (await ali.command(row.type, **body))["error"]["code"] == "not-allowed.role"
        assert (await zainab.enter())["snapshot"]["polls"]["filed"][0]["version"] == 2


def _body(kind: str, poll: str) -> dict[str, Any]:
    bodies: dict[str, dict[str, Any]] = {
        "MakePoll": {"words": WORDS["single"]},
        "EditPoll": {"poll": poll, "version": 2, "words": WORDS["single"]},
        "GroupAnswers": {"poll": poll, "groups": ["x"], "label": ""},
        "SplitAnswers": {"poll": poll, "group": "x"},
        "HideAnswers": {"poll": poll, "group": "x", "hidden": True},
    }
    return bodies.get(kind, {"poll": poll})


async def test_polls_of_another_session_are_unknown_here(hall: Seminar) -> None:
    async with tab(hall, "huda", "EVEN01") as huda, tab(hall, "zainab", MORNING) as zainab:
        poll = await opened(zainab)
        answer = {"choices": ["a"], "counter": 1, "ballot": BALLOT}
        bodies: list[tuple[str, dict[str, Any]]] = [("ClosePoll", {}), ("AnswerPoll", answer)]
        for kind, body in bodies:
            refused = await huda.command(kind, poll=poll, **body)
            assert refused["error"]["code"] == "polls.unknown"


async def test_two_moderators_who_open_at_once_open_once(hall: Seminar) -> None:
    async with tab(hall, "zainab") as one, tab(hall, "zainab") as other, tab(hall, "ali") as ali:
        made = (await one.command("MakePoll", words=WORDS["single"]))["reply"]["poll"]
        replies = await asyncio.gather(*(each.command("OpenPoll", poll=made) for each in (one, other)))
        assert [reply["reply"]["stage"] for reply in replies] == ["open", "open"]
        await until(lambda: ali.of_type("PollShown"))
        assert len(ali.of_type("PollShown")) == 1
