"""The polls of a session as files, for those who run it: results, and the answers behind them.

CSV for spreadsheets (`serving.spreadsheet_text`), JSON for programs. Drafts are in none. An anonymous
poll's answers are listed in the order of a hash, without anything that leads to a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from conference.polls.content import SCALES, Content, Kind
from conference.polls.life import Stage
from conference.polls.listing import NamedAnswer, answers_of
from conference.polls.messages import FiledPoll
from conference.polls.reading import counted_answers, filed, polls_of, sorting_of
from conference.polls.tables import PollRow
from conference.polls.tally import Tally, tally
from conference.polls.text_groups import grouped
from conference.serving.spreadsheet_text import Cell, csv_bytes

RESULTS = (
    "number", "kind", "names", "question", "answer", "right", "hidden", "count", "share_percent", "points",
    "mean_place", "answered", "mean", "median",
)  # fmt: skip
ANSWERS = ("number", "kind", "question", "name", "answer", "right")


class Exported(msgspec.Struct, frozen=True):
    """A poll with all its results, also the groups that do not fit a screen, and every answer."""

    row: PollRow
    result: Tally
    answers: list[NamedAnswer]


def polls_to_export(rows: Connection, session_id: int) -> list[Exported]:
    """Every poll of a session that was ever opened, in its order."""
    there = [row for row in polls_of(rows, session_id) if row.stage is not Stage.DRAFT]
    return [Exported(row, _whole(rows, row), answers_of(rows, row)) for row in there]


def results_csv(polls: Sequence[Exported]) -> bytes:
    """A head of `RESULTS` and a line for each option, step or group of each poll."""
    return csv_bytes([RESULTS, *_result_lines(polls)])


def answers_csv(polls: Sequence[Exported]) -> bytes:
    """A head of `ANSWERS` and a line for each answer."""
    return csv_bytes([ANSWERS, *_answer_lines(polls)])


class _PollOut(msgspec.Struct, frozen=True, kw_only=True):
    poll: FiledPoll
    answers: list[NamedAnswer]


def export_json(polls: Sequence[Exported], code: str, *, at: datetime) -> bytes:
    """`{session, exported_at, polls: [{poll: {…as the desk sees it}, answers: [{name?, answer}]}]}`."""
    told = [_PollOut(poll=filed(each.row, each.result), answers=each.answers) for each in polls]
    document = {"session": code, "exported_at": at, "polls": told}
    return msgspec.json.format(msgspec.json.encode(document), indent=2)


def _whole(rows: Connection, row: PollRow) -> Tally:
    counted = counted_answers(rows, row.id)
    if row.kind is not Kind.TEXT:
        return tally(row.content, counted)
    texts = [(answer.text, count) for answer, count in counted]
    groups = grouped(texts, sorting_of(rows, row.id))
    return Tally(answered=sum(count for _, count in texts), groups=tuple(groups))


def _result_lines(polls: Sequence[Exported]) -> Iterator[list[Cell]]:
    for number, each in enumerate(polls, start=1):
        row, result = each.row, each.result
        names = "no" if row.anonymous else "yes"
        start: list[Cell] = [number, row.kind.value, names, row.content.question]
        end: list[Cell] = [result.answered, result.mean, result.median]
        for line in _lines(row.content, result):
            yield [*start, *line, *end]


def _lines(content: Content, result: Tally) -> Iterator[list[Cell]]:
    """Answer, right, hidden, count, share, points and mean place of each line."""

    def share(count: int) -> float | None:
        return round(100 * count / result.answered, 1) if result.answered else None

    if content.kind is Kind.TEXT:
        for group in result.groups:
            hidden = "yes" if group.hidden else ""
            yield [group.label, "", hidden, group.count, share(group.count), None, None]
    elif content.kind in SCALES:
        for step in range(1, content.points + 1):
            count = result.counts.get(str(step), 0)
            yield [_step(content, step), "", "", count, share(count), None, None]
    elif content.kind is Kind.ORDERING:
        for option in content.options:
            points, place = result.points.get(option.id, 0), result.ranks.get(option.id)
            yield [option.text, "", "", None, None, points, place]
    else:
        for option in content.options:
            count, right = result.counts.get(option.id, 0), "yes" if option.id in content.right else ""
            yield [option.text, right, "", count, share(count), None, None]


def _step(content: Content, step: int) -> str:
    end = content.low if step == 1 else content.high if step == content.points else ""
    return f"{step} ({end})" if end else str(step)


def _answer_lines(polls: Sequence[Exported]) -> Iterator[list[Cell]]:
    for number, each in enumerate(polls, start=1):
        content = each.row.content
        texts = {option.id: option.text for option in content.options}
        joined = " > " if content.kind is Kind.ORDERING else "; "
        for given in each.answers:
            answer = given.answer
            said = joined.join(texts[choice] for choice in answer.choices) or answer.text or str(answer.value)
            right = "yes" if answer.choices and answer.choices[0] in content.right else ""
            yield [number, content.kind.value, content.question, given.name or "", said, right]
