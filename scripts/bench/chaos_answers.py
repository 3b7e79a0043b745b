"""What became of acknowledged answers to polls and of messages in the chat."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from conference.chat.tables import chat_message
from conference.live.channels import session_channel
from conference.live.tables import log_event
from conference.polls.reading import polls_of, tally_of
from conference.polls.tables import poll_answer, poll_voter
from scripts.bench.chaos_actor import Actor, ballot_of
from scripts.bench.chaos_findings import Done, Verdict
from tests.live.seminar import MORNING


def judge_answers(rows: Connection, verdict: Verdict, done: Done) -> None:
    """Each person has one answer to a poll, the last that was acknowledged, and is counted once."""
    newest: dict[tuple[str, int], tuple[int, list[str]]] = {}
    for actor, _, each in done:
        if each["type"] == "AnswerPoll":
            key, given = (each["poll"], actor.account), (each["counter"], each["choices"])
            if given[0] > newest.get(key, (0, []))[0]:
                newest[key] = given
    for row in polls_of(rows, 1):
        columns = (poll_answer.c.ballot, poll_answer.c.counter, poll_answer.c.answer)
        found = rows.execute(select(*columns).where(poll_answer.c.poll_id == row.id)).all()
        stored = {ballot: (counter, msgspec.json.decode(answer)) for ballot, counter, answer in found}
        answered = {account: given for (name, account), given in newest.items() if name == row.public_id}
        for account, (counter, choices) in answered.items():
            kept = stored.pop(_ballot(row.public_id, account, anonymous=row.anonymous), (0, {}))
            if (kept[0], kept[1].get("choices")) != (counter, choices):
                verdict.lose(f"answer {counter} of {account}: {choices} acknowledged, {kept} kept")
        if stored:
            verdict.double(f"{row.public_id} has answers that nobody knows of", len(stored))
        if (counted := tally_of(rows, row).answered) != len(answered):
            verdict.double(f"{row.public_id} counts {counted} of {len(answered)} people")
        if row.anonymous:
            voters = list(rows.scalars(select(poll_voter.c.account_id).where(poll_voter.c.poll_id == row.id)))
            if sorted(voters) != sorted(answered):
                verdict.lose(f"who has answered {row.public_id}")


def _ballot(poll: str, account: int, *, anonymous: bool) -> str:
    if not anonymous:
        return f"account:{account}"
    return hashlib.sha256(f"{poll} {ballot_of(account)}".encode()).hexdigest()


def judge_chat(rows: Connection, verdict: Verdict, done: Done) -> None:
    """Each acknowledged message is there once, was told once, and every client has the true words of it."""
    texts = Counter(rows.scalars(select(chat_message.c.text)))
    told = Counter[str]()
    room = select(log_event.c.body).where(
        log_event.c.channel == session_channel(MORNING), log_event.c.type == "ChatShown"
    )
    for body in rows.scalars(room):
        told[msgspec.json.decode(body)["message"]["text"]] += 1
    for _, _, each in done:
        if each["type"] == "SendChat" and not (texts[each["text"]] and told[each["text"]]):
            verdict.lose(f"message {each['text']}")
    for name, counted in (("message", texts), ("told", told)):
        for text, count in counted.items():
            if count > 1:
                verdict.double(f"{name} {text}", count - 1)


def knows_true_words(rows: Connection, actor: Actor) -> bool:
    """Whether every message *actor* shows says what it says on the server."""
    found = rows.execute(select(chat_message.c.public_id, chat_message.c.text))
    stored = {name: text for name, text in found}
    return all(stored.get(name) == text for name, text in actor.messages.items())


def same_polls(snapshot: dict[str, Any], actor: Actor) -> bool:
    """Whether *actor* shows of the polls what a new client is given."""
    fresh = type(actor.polls)()
    fresh.start(snapshot)
    return fresh.state() == actor.polls.state()
