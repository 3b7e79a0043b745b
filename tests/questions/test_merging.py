"""Merged questions: votes add up, each voter once, and taking a part out again restores what was."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from conference.clock import ManualClock
from conference.errors import Conflict
from conference.people.permissions import Role
from conference.people.tables import notification
from conference.questions import messages as m
from conference.questions.asking import ask
from conference.questions.deciding import answer, approve, decline, undo
from conference.questions.merging import merge
from conference.questions.moderation import State
from conference.questions.reading import question_by_public_id
from conference.questions.snapshot import own_votes, snapshot
from conference.questions.tables import question, question_vote
from conference.questions.voting import vote
from conference.schema import metadata
from conference.storage.database import Database, Transaction
from tests.live.seminar import account_id, furnish
from tests.questions.hall import caller
from tests.questions.test_machine import check_votes

NOW = datetime(2025, 10, 25, 6, 5, tzinfo=UTC)
ALI, SARA, OMAR = (caller(name, Role.ATTENDEE) for name in ("ali", "sara", "omar"))
ZAINAB = caller("zainab", Role.CHAIR)


def nobody(channel: str, news: object) -> None:
    """Nobody listens."""


def asked(tx: Transaction, person: Any, text: str, *, shown: bool = True) -> str:
    name = ask(tx, person, m.AskQuestion(text=text), now=NOW).question
    if shown:
        approve(tx, ZAINAB, m.ApproveQuestion(question=name), now=NOW)
    return name


def voted(tx: Transaction, person: Any, name: str, *, on: bool = True, counter: int = 1) -> None:
    vote(tx, person, m.VoteQuestion(question=name, on=on, counter=counter))


def merged(tx: Transaction, into: str, *parts: str) -> dict[str, int]:
    return merge(tx, ZAINAB, m.MergeQuestions(into=into, questions=list(parts)), now=NOW, tell=nobody).merged


def taken_out(tx: Transaction, part: str) -> None:
    version = question_by_public_id(tx.connection, 1, part).version
    undo(tx, ZAINAB, m.UndoModeration(question=part, version=version), now=NOW, tell=nobody)


def votes(rows: Connection, name: str) -> int:
    return question_by_public_id(rows, 1, name).votes


async def test_votes_add_up_and_who_voted_for_both_counts_once(furnished: Database) -> None:
    def work(tx: Transaction) -> tuple[int, int, dict[str, tuple[bool, int]]]:
        one, other = asked(tx, ALI, "Which dose?"), asked(tx, SARA, "What dose?")
        for person in (ALI, SARA):
            voted(tx, person, one)
        for person in (SARA, OMAR):
            voted(tx, person, other)
        merged(tx, one, other)
        together = votes(tx.connection, one)
        taken_out(tx, other)
        return together, votes(tx.connection, one), own_votes(tx.connection, OMAR)

    together, alone, omars = await furnished.write(work)
    assert (together, alone) == (3, 2)
    assert [on for on, _ in omars.values()] == [True]


async def test_vote_that_arrives_after_the_merge_counts_for_the_whole(furnished: Database) -> None:
    told: list[Any] = []

    def work(tx: Transaction) -> list[int]:
        one, other = asked(tx, ALI, "Which dose?"), asked(tx, SARA, "What dose?")
        merged(tx, one, other)
        late = m.VoteQuestion(question=other, on=True, counter=1)
        counts = []
        vote(tx, OMAR, late, lambda channel, news: told.append((channel, news)))
        counts.append(votes(tx.connection, one))
        voted(tx, OMAR, other, on=False, counter=2)
        counts.append(votes(tx.connection, one))
        return counts

    assert await furnished.write(work) == [1, 0]
    assert [(channel, news.on) for channel, news in told] == [("person:omar-public-id", True)]


async def test_word_about_the_whole_stands_whatever_becomes_of_the_parts(furnished: Database) -> None:
    def work(tx: Transaction) -> list[int]:
        one, other = asked(tx, ALI, "Which dose?"), asked(tx, SARA, "What dose?")
        voted(tx, OMAR, other)
        merged(tx, one, other)
        voted(tx, OMAR, one, on=False)
        counts = [votes(tx.connection, one)]
        voted(tx, OMAR, one, on=True, counter=2)
        taken_out(tx, other)
        return [*counts, votes(tx.connection, one), votes(tx.connection, other)]

    assert await furnished.write(work) == [0, 1, 1]


async def test_all_askers_are_told_and_share_the_answer(furnished: Database) -> None:
    def work(tx: Transaction) -> tuple[Any, Any, list[tuple[int, str]]]:
        one, other = asked(tx, ALI, "Which dose?"), asked(tx, SARA, "What dose?", shown=False)
        merged(tx, one, other)
        answer(tx, ZAINAB, m.AnswerQuestion(question=one, text="Half."), now=NOW)
        sara = snapshot(tx.connection, SARA)
        kinds = tx.connection.execute(select(notification.c.account_id, notification.c.kind)).all()
        return sara.own[0], sara.shown, sorted((who, kind) for who, kind in kinds)

    own, shown, notices = await furnished.write(work)
    assert (own.state, own.answered, own.answer, own.into_text) == (
        State.MERGED, True, "Half.", "Which dose?"
    )  # fmt: skip
    assert [(each.text, each.merged) for each in shown] == [("Which dose?", 1)]
    assert notices == sorted(
        (account_id(name), kind)
        for name in ("ali", "sara")
        for kind in ("question-merged", "question-answered")
    )


async def test_what_was_merged_into_a_declined_one_is_told_why_and_stays_unseen(furnished: Database) -> None:
    def work(tx: Transaction) -> tuple[Any, Any]:
        one, other = asked(tx, ALI, "Which dose?"), asked(tx, SARA, "My patient's dose?", shown=False)
        merged(tx, one, other)
        decline(tx, ZAINAB, m.DeclineQuestion(question=one, reason="Off topic."), now=NOW)
        return snapshot(tx.connection, SARA), snapshot(tx.connection, OMAR)

    sara, omar = await furnished.write(work)
    assert (sara.own[0].reason, sara.own[0].into_text) == ("Off topic.", "")
    assert (omar.shown, omar.own, omar.filed) == ([], [], None)


@pytest.mark.parametrize("shown", [True, False])
async def test_nothing_is_merged_when_one_of_them_cannot_be(furnished: Database, shown: bool) -> None:
    def furnish_some(tx: Transaction) -> tuple[str, str, str]:
        one, other = asked(tx, ALI, "Which dose?"), asked(tx, SARA, "What dose?", shown=shown)
        done = asked(tx, SARA, "Done?")
        answer(tx, ZAINAB, m.AnswerQuestion(question=done), now=NOW)
        return one, other, done

    one, other, done = await furnished.write(furnish_some)
    for parts in ([other, done], [other, one], [other, "unknown"]):
        with pytest.raises(Exception, match=r"cannot|itself|no such"):
            await furnished.write(lambda tx, parts=parts: merged(tx, one, *parts))  # type: ignore[misc]  # bound now
    with pytest.raises(Conflict):
        await furnished.write(lambda tx: decline_and_merge(tx, one, other))
    assert (await furnished.read(lambda rows: question_by_public_id(rows, 1, other))).into is None


def decline_and_merge(tx: Transaction, into: str, part: str) -> None:
    decline(tx, ZAINAB, m.DeclineQuestion(question=into), now=NOW)
    merged(tx, into, part)


# -- any votes, any order ------------------------------------------------------------------------------


class TakenBack(Exception):
    """Ends a unit of work so that the next example finds the database as it was."""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Database]]:
    folder: Path = tmp_path_factory.mktemp("merging")
    with asyncio.Runner() as runner:
        database = Database(f"sqlite:///{folder / 'merging.sqlite3'}")
        runner.run(database.open())
        runner.run(database.write(lambda tx: metadata.create_all(tx.connection)))
        runner.run(database.write(lambda tx: furnish(tx, ManualClock(NOW))))
        yield runner, database
        runner.run(database.close())


BALLOTS = st.lists(st.tuples(st.integers(0, 4), st.integers(1, 5), st.booleans()), max_size=20)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(ballots=BALLOTS, merges=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=5))
def test_merging_and_undoing_it_restores_every_vote(
    hall: tuple[asyncio.Runner, Database], ballots: list[Any], merges: list[tuple[int, int]]
) -> None:
    runner, database = hall

    def work(tx: Transaction) -> None:
        rows = tx.connection
        names = [f"q{number}" for number in range(5)]
        for name in names:
            values = {"public_id": name, "session_id": 1, "account_id": 2, "text": name, "asked_at": NOW}
            rows.execute(insert(question).values(**values, state=State.APPROVED))
        for number, (at, voter, on) in enumerate(ballots, start=1):
            person = caller(["zainab", "ali", "sara", "omar", "huda"][voter - 1], Role.ATTENDEE)
            voted(tx, person, names[at], on=on, counter=number)
        before = [everything(rows, names)]
        done: list[str] = []
        for into, part in merges:
            try:
                with rows.begin_nested():
                    merged(tx, names[into], names[part])
            except Conflict:
                continue
            if names[part] not in done:
                done.append(names[part])
                before.append(everything(rows, names))
            check_votes(rows)
        for name in reversed(done):
            before.pop()
            taken_out(tx, name)
            check_votes(rows)
            assert everything(rows, names) == before[-1]
        raise TakenBack

    with pytest.raises(TakenBack):
        runner.run(database.write(work))


def everything(rows: Connection, names: list[str]) -> tuple[list[Any], list[int]]:
    columns = [question_vote.c[name] for name in ("question_id", "account_id", "on", "counter", "through")]
    kept = rows.execute(select(*columns).order_by(*columns[:2])).all()
    return [tuple(row) for row in kept], [votes(rows, name) for name in names]
