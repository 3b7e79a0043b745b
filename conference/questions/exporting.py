"""The questions of a session as files, for those who run it: everything the desk knows.

CSV for spreadsheets (`serving.spreadsheet_text`), JSON for programs. Moments are ISO 8601: in the event's
zone in the table, in UTC in JSON.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection

from conference.questions.moderation import State
from conference.questions.reading import filed, questions, rows_of
from conference.questions.rules import rules_of
from conference.questions.tables import QuestionRow, question
from conference.questions.views import FiledQuestion
from conference.serving.spreadsheet_text import Cell, csv_bytes

COLUMNS = (
    "id", "state", "asked_at", "arrived_at", "slide", "asker", "shown_as", "pseudonym", "question",
    "original", "votes", "tags", "identifiers", "merged_into", "assigned_to", "answered", "answered_at",
    "recording", "recording_seconds", "answer", "reason",
)  # fmt: skip


def rows_to_export(rows: Connection, session_id: int) -> list[QuestionRow]:
    """Every question of a session, in the order of asking."""
    query = (
        questions().where(question.c.session_id == session_id).order_by(question.c.asked_at, question.c.id)
    )
    return list(rows_of(rows, query))


def export_csv(listed: list[QuestionRow], zone: str) -> bytes:
    """A head of `COLUMNS` and a line for each question."""
    return csv_bytes([COLUMNS, *(_line(row, ZoneInfo(zone)) for row in listed)])


def export_json(
    rows: Connection, session_id: int, code: str, listed: list[QuestionRow], *, at: datetime
) -> bytes:
    """`{session, exported_at, rules, questions: [{…as the desk sees it, votes}]}`."""
    asked = [{**msgspec.to_builtins(_whole(row)), "votes": row.votes} for row in listed]
    document = {"session": code, "exported_at": at, "rules": rules_of(rows, session_id), "questions": asked}
    return msgspec.json.format(msgspec.json.encode(document), indent=2)


def _whole(row: QuestionRow) -> FiledQuestion:
    # Undo is for the live desk only; the hour of arrival is told here always.
    return msgspec.structs.replace(filed(row), undoable=False, arrived_at=row.arrived_at)


def _line(row: QuestionRow, zone: ZoneInfo) -> list[Cell]:
    def local(at: datetime | None) -> str:
        return at.astimezone(zone).isoformat(timespec="seconds") if at else ""

    shown_as = "anonymous" if row.anonymous else "pseudonym" if row.pseudonym else "named"
    is_answered = row.state is State.ANSWERED
    answered = ("in writing" if row.answer else "live") if is_answered else ""
    return [
        row.public_id, row.state.value, local(row.asked_at), local(row.arrived_at), row.slide,
        row.asker or "", shown_as, row.pseudonym, row.text, row.original, row.votes, "; ".join(row.tags),
        "; ".join(row.flags), row.into or "", row.assigned or "", answered,
        local(row.answered_at) if is_answered else "",
        row.recording if is_answered else "", row.recording_seconds if is_answered else None, row.answer,
        row.reason,
    ]  # fmt: skip
