"""What is in the database after the chaos, held against what was acknowledged and what every client shows."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from conference.live.channels import desk_channel, session_channel
from conference.live.commands import Identity, Place
from conference.live.log import heads
from conference.live.tables import command, log_event
from conference.polls.reading import snapshot as polls_snapshot
from conference.polls.tables import poll_due
from conference.questions.reading import questions, rows_of
from conference.questions.snapshot import found, snapshot, visible_to
from conference.questions.tables import question, question_vote, tally_due
from scripts.bench.chaos_actor import COUNTED, Actor
from scripts.bench.chaos_answers import judge_answers, judge_chat, knows_true_words, same_polls
from scripts.bench.chaos_findings import Done, Verdict
from tests.live.seminar import MORNING, admit
from tests.questions.hall import Mirror


def judge(rows: Connection, actors: list[Actor]) -> Verdict:
    """Every acknowledged action is in the log exactly once, and every client shows what the server has."""
    verdict = Verdict(acknowledged=sum(len(actor.acknowledged) for actor in actors))
    done = [(actor, client_id, each) for actor in actors for client_id, each in actor.acknowledged.items()]
    verdict.doubled += sum(actor.contradictions for actor in actors)
    _questions(rows, verdict, done)
    _votes(rows, verdict, done)
    judge_answers(rows, verdict, done)
    judge_chat(rows, verdict, done)
    _log(rows, verdict)
    for actor in actors:
        if not _agrees(rows, actor):
            verdict.diverged_clients += 1
            verdict.notes.append(f"account {actor.account} shows something else")
    return verdict


def _questions(rows: Connection, verdict: Verdict, done: Done) -> None:
    stored = rows.execute(select(question.c.public_id, question.c.text, question.c.version)).all()
    times = Counter(text for _, text, _ in stored)
    ids = {public_id: (text, version) for public_id, text, version in stored}
    kept = {
        (account, client_id)
        for account, client_id in rows.execute(select(command.c.account_id, command.c.client_id))
    }
    versions: defaultdict[str, set[int]] = defaultdict(set)
    for actor, client_id, each in done:
        if each["type"] in COUNTED:
            continue
        if (actor.account, client_id) not in kept:
            verdict.lose(f"{each['type']} {client_id}")
        if each["type"] == "SendChat":
            continue
        if each["type"] != "AskQuestion":
            versions[each["question"]].add(each["reply"]["version"])
        elif ids.get(each["reply"]["question"], ("", 0))[0] != each["text"]:
            verdict.lose(f"question {each['text']}")
    for text, count in times.items():
        if count > 1:
            verdict.double(f"question {text}", count - 1)
    for public_id, (_, version) in ids.items():
        steps = versions[public_id] - {1}
        if max(steps, default=1) > version:
            verdict.lose(f"a decision on {public_id}")
        elif len(steps) < version - 1:
            verdict.double(f"a decision on {public_id}", version - 1 - len(steps))


def _votes(rows: Connection, verdict: Verdict, done: Done) -> None:
    public = {
        number: public_id for number, public_id in rows.execute(select(question.c.id, question.c.public_id))
    }
    stored = {
        (account, public[question_id]): (on, counter)
        for question_id, account, on, counter, _ in rows.execute(select(question_vote))
    }
    newest: dict[tuple[int, str], tuple[bool, int]] = {}
    for actor, _, each in done:
        if each["type"] == "VoteQuestion":
            key, vote = (actor.account, each["question"]), (each["on"], each["counter"])
            if vote[1] > newest.get(key, (False, 0))[1]:
                newest[key] = vote
    for key, vote in newest.items():
        if stored.get(key) != vote:
            verdict.lose(f"vote {key}: {vote} acknowledged, {stored.get(key)} kept")
    on = Counter(public_id for (_, public_id), (is_on, _) in stored.items() if is_on)
    for public_id, votes in rows.execute(select(question.c.public_id, question.c.votes)):
        if votes != on[public_id]:
            verdict.double(
                f"{public_id} counts {votes} votes of {on[public_id]} voters", abs(votes - on[public_id])
            )


def _log(rows: Connection, verdict: Verdict) -> None:
    spans = select(log_event.c.channel, func.min(log_event.c.seq), func.max(log_event.c.seq), func.count())
    for channel, first, last, count in rows.execute(spans.group_by(log_event.c.channel)):
        if (first, last - first + 1) != (1, count):
            verdict.lose(f"events of {channel}: {count} from {first} to {last}", last - count)
    filed = Counter[tuple[str, int]]()
    for body in rows.scalars(select(log_event.c.body).where(log_event.c.channel == desk_channel(MORNING))):
        event = msgspec.json.decode(body)
        if event["type"] == "QuestionFiled":
            filed[event["question"]["id"], event["question"]["version"]] += 1
    for public_id, version in rows.execute(select(question.c.public_id, question.c.version)):
        for step in range(1, version + 1):
            if filed[public_id, step] == 0:
                verdict.lose(f"the event of {public_id}, step {step}")
            elif filed[public_id, step] > 1:
                verdict.double(f"the event of {public_id}, step {step}", filed[public_id, step] - 1)


def is_current(rows: Connection, actor: Actor) -> bool:
    """Whether *actor* has heard everything that was logged for it."""
    return heads(rows, actor.last) == actor.last and session_channel(MORNING) in actor.last


def nothing_due(rows: Connection) -> bool:
    """Whether every count has been told."""
    due = (rows.scalar(select(func.count()).select_from(table)) for table in (tally_due, poll_due))
    return not any(due)


def _on_the_wire(part: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(part))


def _agrees(rows: Connection, actor: Actor) -> bool:
    caller = admit(rows, Identity(actor.account, 1, "en"), Place("session", MORNING), "")
    polls = _on_the_wire(polls_snapshot(rows, caller))
    if not same_polls(polls, actor) or not knows_true_words(rows, actor):
        return False
    fresh, truth, known = Mirror(), Mirror(), actor.mirror.state()
    first = _on_the_wire(snapshot(rows, caller))
    fresh.start(first)
    everything = select(question.c.id).where(question.c.session_id == caller.session_id, visible_to(caller))
    listed = list(rows_of(rows, questions().where(question.c.id.in_(everything))))
    truth.start({**first, **_on_the_wire(found(rows, caller, listed))})
    # A snapshot leaves out what comes on request: what a client knows is true, and it knows all it was given.
    everything_true = truth.state()
    for view in ("shown", "filed", "own"):
        given, told = fresh.state()[view], known[view]
        if given.keys() - told.keys() or any(everything_true[view].get(name) != told[name] for name in told):
            return False
    same = ("rules", "next", "now", "blocked")
    if any(fresh.state()[name] != known[name] for name in same):
        return False
    return is_current(rows, actor)
