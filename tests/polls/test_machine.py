"""Polls run and answered in any order, on a real database, against a model of a few lines.

Two people, two kinds of poll (with names and without), a moderator, commands repeated and out of order.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from sqlalchemy import select

from conference.clock import ManualClock
from conference.errors import Conflict, MajlisError
from conference.live.channels import desk_channel
from conference.live.log import head, since
from conference.people.permissions import Role
from conference.polls.answering import answer
from conference.polls.content import Kind, Wording
from conference.polls.counting import count_polls
from conference.polls.life import OPEN, SHOWN, TRANSITIONS, Results, Stage, Step, after
from conference.polls.making import Manner, edit, make, remove
from conference.polls.messages import AnswerPoll
from conference.polls.reading import polls_of, snapshot
from conference.polls.running import take_step
from conference.polls.tables import poll_voter
from conference.polls.telling import Desk
from conference.schema import metadata
from conference.storage.database import Database, Transaction
from tests.live.seminar import furnish
from tests.polls.hall import caller

NOW = datetime(2025, 10, 25, 6, 5, tzinfo=UTC)
ALI, SARA = caller("ali", Role.ATTENDEE), caller("sara", Role.ATTENDEE)
ZAINAB = caller("zainab", Role.CHAIR)
DESK = Desk.of(ZAINAB)


class Follower:
    """What a client knows by the rules of web/src/polls/heard.ts: whole views, and counts between them."""

    def __init__(self, part: dict[str, Any]) -> None:
        self.shown = {each["id"]: each for each in part.get("shown", [])}
        self.filed = {each["id"]: each for each in part.get("filed") or []}

    def apply(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "PollShown":
                self.shown[event["poll"]["id"]] = event["poll"]
            case "PollGone":
                self.shown.pop(event["poll"], None)
            case "PollFiled":
                self.filed[event["poll"]["id"]] = event["poll"]
            case "PollRemoved":
                self.filed.pop(event["poll"], None)
            case "PollsMoved":
                for position, name in enumerate(event["order"], start=1):
                    if name in self.filed:
                        self.filed[name] = {**self.filed[name], "position": position}
            case "PollsCounted":
                for name, count in event["polls"].items():
                    if name in self.shown:
                        self.shown[name] = {**self.shown[name], **count}
            case "PollsTallied":
                for name, tally in event["polls"].items():
                    answered = {"answered": tally.get("answered", 0)}
                    self.filed[name] = {**self.filed[name], **answered, "tally": tally}

    def state(self) -> dict[str, Any]:
        return {"shown": self.shown, "filed": self.filed}


class Model:
    """One poll: where it is, and what each person's newest answer was."""

    def __init__(self, results: Results, *, anonymous: bool) -> None:
        self.stage = Stage.DRAFT
        self.version = 1
        self.results = results
        self.anonymous = anonymous
        self.answers: dict[str, tuple[int, str]] = {}


class Running(RuleBasedStateMachine):
    polls = Bundle("polls")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.database = Database(f"sqlite:///{Path(self.folder.name) / 'test.sqlite3'}")
        self.run(self.database.open())
        self.write(lambda tx: metadata.create_all(tx.connection))
        self.write(lambda tx: furnish(tx, ManualClock(NOW)))
        self.model: dict[str, Model] = {}
        self.followers = {who.name: (who, Follower(self.view(who))) for who in (ALI, ZAINAB)}
        self.heads: dict[tuple[str, str], int] = {}

    def teardown(self) -> None:
        self.run(self.database.close())
        self.loop.close()
        self.folder.cleanup()

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def write(self, work: Callable[[Transaction], Any]) -> Any:
        return self.run(self.database.write(work))

    def view(self, who: Any) -> dict[str, Any]:
        part = self.run(self.database.read(lambda rows: snapshot(rows, who)))
        found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(part))  # as it comes over the wire
        return found

    @rule(target=polls, anonymous=st.booleans(), results=st.sampled_from(Results))
    def make(self, anonymous: bool, results: Results) -> str:
        words = Wording(kind=Kind.SINGLE, question="?", options=["yes", "no"])
        made = self.write(lambda tx: make(tx, DESK, words, Manner(anonymous, results), now=NOW))
        self.model[made.poll] = Model(results, anonymous=anonymous)
        return str(made.poll)

    @rule(name=polls, step=st.sampled_from(Step))
    def step(self, name: str, step: Step) -> None:
        poll = self.model.get(name)
        if poll is None:
            return
        fits = (poll.stage, step) in TRANSITIONS
        following = after(poll.stage, step, poll.results) if fits else None
        if following is Stage.DRAFT and poll.stage is not Stage.DRAFT and poll.answers:
            following = None  # somebody has answered
        try:
            row = self.write(lambda tx: take_step(tx, DESK, name, step, now=NOW))
        except Conflict:
            assert following is None
        else:
            assert row.stage == following
            poll.version += row.stage is not poll.stage
            poll.stage = row.stage

    @rule(
        name=polls,
        who=st.sampled_from([ALI, SARA]),
        choice=st.sampled_from(["a", "b"]),
        counter=st.integers(1, 6),
        device=st.sampled_from(["phone", "laptop"]),
    )
    def give(self, name: str, who: Any, choice: str, counter: int, device: str) -> None:
        poll = self.model.get(name)
        ballot = f"{who.name}-{device}".ljust(22, "0")
        wish = AnswerPoll(poll=name, choices=(choice,), counter=counter, ballot=ballot)
        before = poll.answers.get(who.name) if poll else None
        elsewhere = poll is not None and poll.anonymous and before is not None
        try:
            given = self.write(lambda tx: answer(tx, who, wish))
        except MajlisError:
            assert poll is None or poll.stage not in OPEN or elsewhere
            return
        assert poll is not None
        if before is None or counter > before[0]:
            assert poll.stage in OPEN
            poll.answers[who.name] = (counter, choice)
        assert given.reply.counter == poll.answers[who.name][0]

    @rule(name=polls)
    def remove(self, name: str) -> None:
        if name not in self.model:
            return
        try:
            self.write(lambda tx: remove(tx, DESK, name, now=NOW))
        except Conflict:
            assert self.model[name].stage is not Stage.DRAFT
        else:
            assert self.model.pop(name).stage is Stage.DRAFT

    @rule(name=polls, version=st.integers(1, 3))
    def rewrite(self, name: str, version: int) -> None:
        if name not in self.model:
            return
        poll, words = self.model[name], Wording(kind=Kind.SINGLE, question="!", options=["yes", "no"])
        manner = Manner(poll.anonymous, poll.results)
        try:
            self.write(lambda tx: edit(tx, DESK, name, version, words, manner, now=NOW))
        except Conflict:
            assert (poll.stage, poll.version) != (Stage.DRAFT, version)
        else:
            assert (poll.stage, poll.version) == (Stage.DRAFT, version)
            poll.version += 1

    @invariant()
    def each_person_counts_once_and_with_the_newest_answer(self) -> None:
        filed = {each["id"]: each for each in self.view(ZAINAB)["filed"]}
        assert filed.keys() == self.model.keys()
        for name, poll in self.model.items():
            assert filed[name]["stage"] == poll.stage
            wanted = Counter(choice for _, choice in poll.answers.values())
            assert filed[name].get("tally", {}).get("counts", {}) == dict(sorted(wanted.items()))

    @invariant()
    def the_room_is_told_no_draft_and_no_hidden_result(self) -> None:
        shown = {each["id"]: each for each in self.view(SARA).get("shown", [])}
        there = {name for name, poll in self.model.items() if poll.stage is not Stage.DRAFT}
        assert shown.keys() == there
        for name, each in shown.items():
            assert ("tally" in each) == (self.model[name].stage in SHOWN)

    @invariant()
    def clients_that_follow_know_what_the_server_knows(self) -> None:
        self.write(lambda tx: count_polls(tx, lambda channel: True, now=NOW))
        for who, follower in self.followers.values():
            for channel in who.channels:
                self.follow(who.name, follower, channel)
            assert follower.state() == Follower(self.view(who)).state()
        assert desk_channel("MORN01") in ZAINAB.channels

    def follow(self, name: str, follower: Follower, channel: str) -> None:
        reached = self.heads.get((name, channel), 0)
        for event in self.run(self.database.read(lambda rows: since(rows, channel, reached, 1000))):
            follower.apply(msgspec.json.decode(event.body))
        self.heads[name, channel] = self.run(self.database.read(lambda rows: head(rows, channel)))

    @invariant()
    def only_anonymous_polls_keep_a_list_of_who_answered(self) -> None:
        rows = self.run(self.database.read(lambda rows: polls_of(rows, 1)))
        voters = self.run(self.database.read(lambda rows: rows.execute(select(poll_voter.c.poll_id)).all()))
        count = Counter(poll_id for (poll_id,) in voters)
        for row in rows:
            poll = self.model[row.public_id]
            assert count[row.id] == (len(poll.answers) if poll.anonymous else 0)


Running.TestCase.settings = settings(
    max_examples=8, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
TestPollMachine = Running.TestCase
