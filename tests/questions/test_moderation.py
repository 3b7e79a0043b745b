"""The life of a question: every way through the table, by a machine that tries them all."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from conference.clock import ManualClock
from conference.errors import Conflict, MajlisError, NotFound
from conference.live.log import head, since
from conference.people.permissions import Role
from conference.questions.asking import ask
from conference.questions.deciding import answer, approve, decline, hide, pin, undo
from conference.questions.messages import (
    AnswerQuestion,
    ApproveQuestion,
    AskQuestion,
    DeclineQuestion,
    HideQuestion,
    PinQuestion,
    UndoModeration,
    VoteQuestion,
)
from conference.questions.moderation import TRANSITIONS, VISIBLE, State, Step, after
from conference.questions.reading import question_by_public_id
from conference.questions.snapshot import snapshot
from conference.questions.tables import QuestionRow
from conference.questions.voting import count_votes, vote
from conference.schema import metadata
from conference.storage.database import Database, Transaction
from tests.live.seminar import furnish
from tests.questions.hall import Mirror, caller

NOW = datetime(2025, 10, 25, 6, 5, tzinfo=UTC)
ALI, SARA = caller("ali", Role.ATTENDEE), caller("sara", Role.ATTENDEE)
ZAINAB = caller("zainab", Role.CHAIR)

STEPS = [step for step in Step if step is not Step.MERGE]  # merging has a machine of its own


def nobody(channel: str, news: object) -> None:
    """Nobody listens."""


def test_every_state_has_an_answer_for_every_step() -> None:
    for state, step in itertools.product(State, Step):
        if (state, step) in TRANSITIONS:
            assert after(state, step) is TRANSITIONS[state, step]
        else:
            with pytest.raises(Conflict):
                after(state, step)
    assert {pair for pair in itertools.product(State, Step) if pair not in TRANSITIONS} == {
        *((State.MERGED, step) for step in Step),
        *((state, Step.HIDE) for state in (State.WAITING, State.DECLINED)),
        *((state, Step.ANSWER) for state in (State.DECLINED, State.HIDDEN)),
        (State.ANSWERED, Step.MERGE),
    }  # fmt: skip


async def test_undo_of_a_step_somebody_has_gone_on_from_is_refused(furnished: Database) -> None:
    asked = await furnished.write(lambda tx: ask(tx, ALI, AskQuestion(text="?"), now=NOW))
    approved = await furnished.write(
        lambda tx: approve(tx, ZAINAB, ApproveQuestion(question=asked.question), now=NOW)
    )
    await furnished.write(lambda tx: decline(tx, ZAINAB, DeclineQuestion(question=asked.question), now=NOW))
    wish = UndoModeration(question=asked.question, version=approved.version)
    with pytest.raises(Conflict):
        await furnished.write(lambda tx: undo(tx, ZAINAB, wish, now=NOW, tell=nobody))


async def test_question_of_another_session_is_unknown_here(furnished: Database) -> None:
    asked = await furnished.write(lambda tx: ask(tx, ALI, AskQuestion(text="?"), now=NOW))
    huda = caller("huda", Role.MODERATOR, session_id=2, code="EVEN01")
    with pytest.raises(NotFound):
        await furnished.write(lambda tx: approve(tx, huda, ApproveQuestion(question=asked.question), now=NOW))


async def test_decline_is_explained_to_the_asker_and_to_nobody_else(furnished: Database) -> None:
    asked = await furnished.write(lambda tx: ask(tx, ALI, AskQuestion(text="my own case"), now=NOW))
    wish = DeclineQuestion(question=asked.question, reason="Please no patient data.")
    await furnished.write(lambda tx: decline(tx, ZAINAB, wish, now=NOW))
    mine = await furnished.read(lambda rows: snapshot(rows, ALI))
    assert [(each.state, each.reason) for each in mine.own] == [(State.DECLINED, "Please no patient data.")]
    others = await furnished.read(lambda rows: snapshot(rows, SARA))
    assert (others.shown, others.own, others.filed) == ([], [], None)


class Moderation(RuleBasedStateMachine):
    """Random steps of two people and a moderator, on a real database, against a model of one line each."""

    questions = Bundle("questions")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.database = Database(f"sqlite:///{Path(self.folder.name) / 'test.sqlite3'}")
        self.run(self.database.open())
        self.write(lambda tx: metadata.create_all(tx.connection))
        self.write(lambda tx: furnish(tx, ManualClock(NOW)))
        self.model: dict[str, tuple[State, State | None]] = {}
        self.mirrors = {person.name: (person, Mirror()) for person in (ALI, SARA, ZAINAB)}
        for person, mirror in self.mirrors.values():
            mirror.start(self.view(person))
        self.heads: dict[tuple[str, str], int] = {}
        self.counter = itertools.count(1)

    def teardown(self) -> None:
        self.run(self.database.close())
        self.loop.close()
        self.folder.cleanup()

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def write(self, work: Callable[[Transaction], Any]) -> Any:
        return self.run(self.database.write(work))

    def view(self, person: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.run(
            self.database.read(lambda rows: msgspec.json.decode(msgspec.json.encode(snapshot(rows, person))))
        )
        return found

    def row(self, name: str) -> QuestionRow:
        found: QuestionRow = self.run(self.database.read(lambda rows: question_by_public_id(rows, 1, name)))
        return found

    @rule(target=questions, person=st.sampled_from([ALI, SARA]), anonymous=st.booleans())
    def ask(self, person: Any, anonymous: bool) -> str:
        wish = AskQuestion(text=f"asked by {person.public_id}"[:8] + "?", anonymous=anonymous)
        try:
            name: str = self.write(lambda tx: ask(tx, person, wish, now=NOW)).question
        except Conflict:
            return ""
        self.model[name] = (State.WAITING, None)
        return name

    @rule(
        name=questions,
        step=st.sampled_from([*STEPS, None]),
        text=st.sampled_from(["", "because"]),
    )
    def step(self, name: str, step: Step | None, text: str) -> None:
        if not name:
            return
        state, before = self.model[name]
        version = self.row(name).version
        acts: dict[Step | None, Callable[[Transaction], Any]] = {
            Step.APPROVE: lambda tx: approve(tx, ZAINAB, ApproveQuestion(question=name), now=NOW),
            Step.DECLINE: lambda tx: decline(
                tx, ZAINAB, DeclineQuestion(question=name, reason=text), now=NOW
            ),
            Step.HIDE: lambda tx: hide(tx, ZAINAB, HideQuestion(question=name), now=NOW),
            Step.ANSWER: lambda tx: answer(tx, ZAINAB, AnswerQuestion(question=name, text=text), now=NOW),
            None: lambda tx: undo(
                tx, ZAINAB, UndoModeration(question=name, version=version), now=NOW, tell=nobody
            ),
        }
        following: tuple[State, State | None] | None = None
        if step is None:
            following = (before, None) if before is not None else None
        elif (reached := TRANSITIONS.get((state, step))) is not None:
            following = (state, before) if reached is state else (reached, state)
        if following is None:
            with pytest.raises(Conflict):
                self.write(acts[step])
        else:
            assert self.write(acts[step]).state is following[0]
            self.model[name] = following

    @rule(name=questions, pinned=st.booleans())
    def pin(self, name: str, pinned: bool) -> None:
        if name:
            try:
                self.write(lambda tx: pin(tx, ZAINAB, PinQuestion(question=name, pinned=pinned), now=NOW))
            except Conflict:
                assert self.model[name][0] not in VISIBLE

    @rule(name=questions, person=st.sampled_from([ALI, SARA]), on=st.booleans())
    def vote(self, name: str, person: Any, on: bool) -> None:
        if name:
            wish = VoteQuestion(question=name, on=on, counter=next(self.counter))
            try:
                self.write(lambda tx: vote(tx, person, wish))
            except MajlisError:
                assert self.model[name][0] is not State.APPROVED

    @invariant()
    def clients_that_follow_know_what_the_server_knows(self) -> None:
        self.write(lambda tx: count_votes(tx, lambda channel: True, now=NOW))
        for person, mirror in self.mirrors.values():
            for channel in person.channels:
                self.follow(person.name, mirror, channel)
            truth = Mirror()
            truth.start(self.view(person))
            assert mirror.state() == truth.state()

    def follow(self, name: str, mirror: Mirror, channel: str) -> None:
        reached = self.heads.get((name, channel), 0)
        for event in self.run(self.database.read(lambda rows: since(rows, channel, reached, 1000))):
            mirror.apply(msgspec.json.decode(event.body))
        self.heads[name, channel] = self.run(self.database.read(lambda rows: head(rows, channel)))

    @invariant()
    def states_are_those_of_the_table(self) -> None:
        for name, (state, before) in self.model.items():
            row = self.row(name)
            assert (row.state, row.before) == (state, before)
            assert not (row.pinned and state not in VISIBLE)


Moderation.TestCase.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestModerationMachine = Moderation.TestCase
