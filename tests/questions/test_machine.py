"""Everything people can do to questions, in any order, by a machine that tries: against a model, and clients
that follow."""

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
from sqlalchemy import Connection, select

from conference.clock import ManualClock
from conference.errors import Conflict, MajlisError
from conference.live.log import head, since
from conference.people.permissions import Role
from conference.questions import messages as m
from conference.questions.answering import answer_now
from conference.questions.asking import ask
from conference.questions.deciding import answer, approve, decline, hide, pin, undo
from conference.questions.editing import edit
from conference.questions.lining_up import line_up
from conference.questions.merging import merge
from conference.questions.moderation import TAKES_OTHERS, TRANSITIONS, VISIBLE, State, Step
from conference.questions.reading import question_by_public_id, questions, rows_of
from conference.questions.snapshot import snapshot
from conference.questions.tables import QuestionRow, question, question_merge, question_vote
from conference.questions.tagging import tag
from conference.questions.views import Naming
from conference.questions.voting import count_votes, vote
from conference.schema import metadata
from conference.storage.database import Database, Transaction
from tests.live.seminar import furnish
from tests.questions.hall import Mirror, caller

NOW = datetime(2025, 10, 25, 6, 5, tzinfo=UTC)
ALI, SARA = caller("ali", Role.ATTENDEE), caller("sara", Role.ATTENDEE)
ZAINAB = caller("zainab", Role.CHAIR)
PEOPLE = st.sampled_from([ALI, SARA, ZAINAB])
STEPS = [step for step in Step if step is not Step.MERGE]
NAMINGS = st.sampled_from(list(Naming))


def nobody(channel: str, news: object) -> None:
    """Nobody listens."""


class Moderation(RuleBasedStateMachine):
    """Random acts of two askers and a moderator, on a real database, against a model of one line each."""

    asked = Bundle("asked")

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

    def state(self, name: str) -> State:
        return self.model[name][0]

    @rule(target=asked, person=st.sampled_from([ALI, SARA]), name=NAMINGS)
    def ask(self, person: Any, name: Naming) -> str:
        wish = m.AskQuestion(text=f"asked by {person.public_id}"[:8] + "?", name=name)
        try:
            asked: str = self.write(lambda tx: ask(tx, person, wish, now=NOW)).question
        except Conflict:
            return ""
        self.model[asked] = (State.WAITING, None)
        return asked

    @rule(name=asked, step=st.sampled_from([*STEPS, None]), text=st.sampled_from(["", "because"]))
    def step(self, name: str, step: Step | None, text: str) -> None:
        if not name:
            return
        state, before = self.model[name]
        version = self.row(name).version
        acts: dict[Step | None, Callable[[Transaction], Any]] = {
            Step.APPROVE: lambda tx: approve(tx, ZAINAB, m.ApproveQuestion(question=name), now=NOW),
            Step.DECLINE: lambda tx: decline(
                tx, ZAINAB, m.DeclineQuestion(question=name, reason=text), now=NOW
            ),
            Step.HIDE: lambda tx: hide(tx, ZAINAB, m.HideQuestion(question=name), now=NOW),
            Step.ANSWER: lambda tx: answer(tx, ZAINAB, m.AnswerQuestion(question=name, text=text), now=NOW),
            None: lambda tx: undo(
                tx, ZAINAB, m.UndoModeration(question=name, version=version), now=NOW, tell=nobody
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

    @rule(into=asked, part=asked)
    def merge(self, into: str, part: str) -> None:
        if not into or not part:
            return
        wish = m.MergeQuestions(into=into, questions=[part])
        repeat = self.state(part) is State.MERGED and self.row(part).into == into
        fits = into != part and self.state(into) in TAKES_OTHERS
        fits = fits and (repeat or (self.state(part), Step.MERGE) in TRANSITIONS)
        if not fits:
            with pytest.raises(Conflict):
                self.write(lambda tx: merge(tx, ZAINAB, wish, now=NOW, tell=nobody))
            return
        self.write(lambda tx: merge(tx, ZAINAB, wish, now=NOW, tell=nobody))
        if not repeat:
            self.model[part] = (State.MERGED, self.state(part))

    @rule(name=asked, pinned=st.booleans())
    def pin(self, name: str, pinned: bool) -> None:
        if name:
            try:
                self.write(lambda tx: pin(tx, ZAINAB, m.PinQuestion(question=name, pinned=pinned), now=NOW))
            except Conflict:
                assert self.state(name) not in VISIBLE

    @rule(name=asked, place=st.none() | st.integers(0, 3))
    def line_up(self, name: str, place: int | None) -> None:
        if name:
            wish = m.LineUpQuestion(question=name, place=place)
            try:
                self.write(lambda tx: line_up(tx, ZAINAB, wish, now=NOW))
            except Conflict:
                assert self.state(name) is not State.APPROVED

    @rule(name=asked, on=st.booleans())
    def answer_now(self, name: str, on: bool) -> None:
        if name:
            try:
                self.write(lambda tx: answer_now(tx, ZAINAB, m.AnswerNow(question=name, on=on), now=NOW))
            except MajlisError:
                assert self.state(name) is not State.APPROVED

    @rule(name=asked, text=st.sampled_from(["other words", "asked by?"]), tags=st.booleans())
    def reword(self, name: str, text: str, tags: bool) -> None:
        if name:
            edits = self.row(name).edits
            self.write(
                lambda tx: edit(tx, ZAINAB, m.EditQuestion(question=name, text=text, edits=edits), now=NOW)
            )
            wish = m.TagQuestion(question=name, tags=["dose"] if tags else [])
            self.write(lambda tx: tag(tx, ZAINAB, wish, now=NOW))

    @rule(name=asked, person=PEOPLE, on=st.booleans())
    def vote(self, name: str, person: Any, on: bool) -> None:
        if name:
            wish = m.VoteQuestion(question=name, on=on, counter=next(self.counter))
            try:
                self.write(lambda tx: vote(tx, person, wish))
            except MajlisError:
                assert self.state(name) not in (State.APPROVED, State.MERGED)

    @invariant()
    def clients_that_follow_know_what_the_server_knows(self) -> None:
        self.write(lambda tx: count_votes(tx, lambda channel: True, now=NOW))
        self.run(self.database.read(self.follow))

    def follow(self, rows: Connection) -> None:
        for person, mirror in self.mirrors.values():
            for channel in person.channels:
                reached = self.heads.get((person.name, channel), 0)
                for event in since(rows, channel, reached, 1000):
                    mirror.apply(msgspec.json.decode(event.body))
                self.heads[person.name, channel] = head(rows, channel)
            truth = Mirror()
            truth.start(msgspec.json.decode(msgspec.json.encode(snapshot(rows, person))))
            assert mirror.state() == truth.state()

    @invariant()
    def states_are_those_of_the_table(self) -> None:
        self.run(self.database.read(self.compare))

    def compare(self, rows: Connection) -> None:
        check_votes(rows)
        kept = {row.public_id: row for row in rows_of(rows, questions())}
        assert kept.keys() == self.model.keys()
        answered_now = 0
        for name, (state, before) in self.model.items():
            row = kept[name]
            assert (row.state, row.before) == (state, before)
            assert not (row.pinned and state not in VISIBLE)
            assert not (state is not State.APPROVED and (row.is_answering or row.place is not None))
            assert (row.into is not None) is (state is State.MERGED)
            assert row.original != row.text
            answered_now += row.is_answering
        assert answered_now <= 1


def check_votes(rows: Connection) -> None:
    """Counts are those of the voters; whoever counts through a part has voted for it, and it is a part."""
    votes = {(question_id, voter): (on, through) for question_id, voter, on, through in rows.execute(
        select(*(question_vote.c[name] for name in ("question_id", "account_id", "on", "through")))
    )}  # fmt: skip
    merges = rows.execute(select(question_merge.c.question_id, question_merge.c.into_id))
    parts: dict[int, int] = {part: into for part, into in merges}
    for number, counted in rows.execute(select(question.c.id, question.c.votes)):
        assert counted == sum(on for (one, _), (on, _) in votes.items() if one == number)
    for (number, voter), (on, through) in votes.items():
        if through is not None:
            assert on
            assert parts[through] == number
            assert votes[through, voter][0]
        # Nobody's vote is lost: it counts for the whole unless its voter said otherwise there.
        if on and number in parts and votes.get((parts[number], voter), (False, 1))[1] is not None:
            assert votes[parts[number], voter][0]


Moderation.TestCase.settings = settings(
    max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestModerationMachine = Moderation.TestCase
