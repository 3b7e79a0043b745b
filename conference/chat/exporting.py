"""The chat of a session as a table and as JSON, for those who moderate it. Direct messages are in neither."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection

from conference.chat.messages import ChatView
from conference.chat.reading import filed, messages_of_session
from conference.serving.spreadsheet_text import csv_bytes

COLUMNS = ["id", "sent_at", "name", "role", "to", "text", "answers", "edited", "state", "earlier texts"]


def chat_of(rows: Connection, session_id: int) -> list[ChatView]:
    """Everything said to the room and to its moderators, as moderators see it, oldest first."""
    return [filed(rows, row) for row in messages_of_session(rows, session_id)]


def export_csv(messages: Iterable[ChatView]) -> bytes:
    """A line for each message (RFC 4180, UTF-8 with a mark, safe from formulas); moments are UTC."""
    lines: list[list[str]] = [COLUMNS]
    for each in messages:
        lines.append(
            [
                each.id,
                each.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                each.name or "",
                each.role or "attendee",
                each.to.value,
                each.text,
                each.reply or "",
                "yes" if each.edited else "",
                each.state.value,
                "\n\n".join(each.before),
            ]
        )
    return csv_bytes(lines)


def export_json(messages: Iterable[ChatView]) -> bytes:
    """`{"messages": [...]}`, each as moderators are told of it (docs/live-protocol.md)."""
    return msgspec.json.format(msgspec.json.encode({"messages": list(messages)}), indent=1)
