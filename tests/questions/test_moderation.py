"""The life of a question: every way through the table, by a machine that tries them all."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest

from conference.errors import Conflict, NotFound
from conference.people.permissions import Role
from conference.questions.asking import ask
from conference.questions.deciding import approve, decline, undo
from conference.questions.messages import (
    ApproveQuestion,
    AskQuestion,
    DeclineQuestion,
    UndoModeration,
)
from conference.questions.moderation import TRANSITIONS, State, Step, after
from conference.questions.snapshot import snapshot
from conference.storage.database import Database
from tests.questions.hall import caller

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
