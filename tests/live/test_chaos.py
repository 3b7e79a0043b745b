"""SIGKILL in the middle: what was acknowledged is there, once, and everybody sees the same."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, update

from conference.chat.messages import SendChat
from conference.chat.sending import send
from conference.chat.tables import chat_message
from conference.clock import ManualClock
from conference.live.log import heads, once
from conference.live.tables import command, log_event
from conference.people.permissions import Role
from conference.polls.answering import answer
from conference.polls.messages import AnswerPoll
from conference.polls.reading import polls_of
from conference.polls.reading import snapshot as polls_snapshot
from conference.polls.tables import poll_answer
from conference.questions.asking import ask
from conference.questions.deciding import approve
from conference.questions.messages import ApproveQuestion, AskQuestion, VoteQuestion
from conference.questions.snapshot import snapshot
from conference.questions.tables import question, question_vote
from conference.questions.voting import vote
from conference.storage.database import Database, Transaction
from scripts.bench.chaos import chaos
from scripts.bench.chaos_actor import Actor, Network, ballot_of
from scripts.bench.chaos_findings import Verdict
from scripts.bench.chaos_room import open_polls
from scripts.bench.chaos_verdict import judge
from tests.live.seminar import account_id, new_id
from tests.questions.hall import caller


@pytest.mark.slow
async def test_nothing_acknowledged_is_lost_or_doubled_by_kill_nine() -> None:
    kills, verdict = await chaos(kills=3, clients=6, seed=3, pause=0.6)
    assert kills == 3
    assert verdict.acknowledged > 0
    assert (verdict.lost, verdict.doubled, verdict.diverged_clients) == (0, 0, 0), verdict.notes


# -- the verdict itself: it has to notice ----------------------------------------------------------------


@pytest.fixture
async def after(furnished: Database, clock: ManualClock) -> tuple[Database, Actor]:
    """A room with one question, approved and voted for, and the client who did it all."""
    zainab, now = caller("zainab", Role.CHAIR), clock.now()
    actor = Actor(account_id("zainab"), True, lambda: "", Network(1))

    async def act(kind: str, work: Any, **wish: Any) -> Any:
        client_id = new_id()
        reply = await furnished.write(
            lambda tx: once(tx, zainab.account_id, client_id, lambda: work(tx), at=now)
        )
        actor.acknowledged[client_id] = {"type": kind, **wish, "reply": reply.reply}
        return reply.reply

    asked = await act(
        "AskQuestion", lambda tx: ask(tx, zainab, AskQuestion(text="Why?"), now=now), text="Why?"
    )
    name = asked["question"]
    wish = ApproveQuestion(question=name)
    await act("ApproveQuestion", lambda tx: approve(tx, zainab, wish, now=now), question=name)
    ballot = VoteQuestion(question=name, on=True, counter=1)
    await act("VoteQuestion", lambda tx: vote(tx, zainab, ballot), question=name, on=True, counter=1)
    await furnished.write(lambda tx: open_polls(tx, zainab, now=now))
    for public_id in await furnished.read(lambda rows: [each.public_id for each in polls_of(rows, 1)]):
        given: dict[str, Any] = {"poll": public_id, "counter": 1, "choices": ["b"]}
        answering = AnswerPoll(**given, ballot=ballot_of(zainab.account_id))
        await act("AnswerPoll", lambda tx, wish=answering: answer(tx, zainab, wish).reply, **given)
    said = SendChat(text="Hello")
    await act("SendChat", lambda tx: send(tx, zainab, said, now=now), text="Hello")
    await show(furnished, actor)
    return furnished, actor


async def show(database: Database, actor: Actor) -> None:
    """Let *actor* be current, as a client after entering."""
    zainab = caller("zainab", Role.CHAIR)
    actor.mirror.start(await database.read(lambda rows: msgspec.to_builtins(snapshot(rows, zainab))))
    encoded = await database.read(lambda rows: msgspec.json.encode(polls_snapshot(rows, zainab)))
    actor.polls.start(msgspec.json.decode(encoded))
    actor._last = await database.read(lambda rows: heads(rows, zainab.channels))


async def verdict_after(after: tuple[Database, Actor], damage: Any = None) -> Verdict:
    database, actor = after
    if damage is not None:

        def spoil(tx: Transaction) -> None:
            tx.connection.execute(damage)

        await database.write(spoil)
        await show(database, actor)
    return await database.read(lambda rows: judge(rows, [actor]))


async def test_sound_room_has_nothing_to_tell(after: tuple[Database, Actor]) -> None:
    verdict = await verdict_after(after)
    assert (verdict.acknowledged, verdict.notes) == (6, [])


@pytest.mark.parametrize(
    ("damage", "lost", "doubled"),
    [
        (delete(command), 4, 0),
        (update(question).values(text="Other"), 1, 0),
        (update(question).values(version=1), 1, 0),
        (update(question).values(version=3), 1, 1),
        (delete(question_vote), 1, 1),
        (update(question).values(votes=2), 0, 1),
        (update(log_event).values(seq=log_event.c.seq + 10), 3, 0),
        (delete(log_event).where(log_event.c.type == "QuestionFiled"), 2, 0),
        (delete(poll_answer), 2, 2),
        (update(poll_answer).values(counter=2), 2, 0),
        (update(poll_answer).values(answer='{"choices":["a"]}'), 2, 0),
        (delete(chat_message), 1, 0),
        (delete(log_event).where(log_event.c.type == "ChatShown"), 1, 0),
    ],
    ids=[
        "reply",
        "text",
        "step",
        "step twice",
        "vote",
        "vote twice",
        "gap",
        "event",
        "answer",
        "newer answer",
        "other answer",
        "message",
        "message untold",
    ],
)
async def test_damage_is_noticed(after: tuple[Database, Actor], damage: Any, lost: int, doubled: int) -> None:
    verdict = await verdict_after(after, damage)
    assert (verdict.lost > 0, verdict.doubled > 0) == (lost > 0, doubled > 0), verdict.notes


async def test_client_that_shows_something_else_is_noticed(after: tuple[Database, Actor]) -> None:
    _, actor = after
    actor.mirror.shown.clear()
    assert (await verdict_after(after)).diverged_clients == 1
    await show(*after)
    actor._last.pop(next(iter(actor._last)))
    assert (await verdict_after(after)).diverged_clients == 1
