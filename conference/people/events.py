"""What people need to know of events; the agenda stands above and is handed in by `app.py`."""

from __future__ import annotations

from typing import Protocol

import msgspec
from aiohttp import web
from sqlalchemy import Connection


class EventFacts(msgspec.Struct, frozen=True):
    """An event in a mail or on a page."""

    id: int
    slug: str
    title: dict[str, str]
    is_public: bool


class SessionFacts(msgspec.Struct, frozen=True):
    """A session that roles can be granted for."""

    id: int
    code: str
    title: dict[str, str]


class Events(Protocol):
    """Answers about events. All three read only."""

    def facts(self, rows: Connection, event_id: int) -> EventFacts: ...

    def sessions(self, rows: Connection, event_id: int) -> list[SessionFacts]: ...

    def names_on_programme(self, rows: Connection, event_id: int, *, without: int | None) -> list[str]:
        """Speakers, chairs and moderators as printed, in every language, except the account's own."""
        ...


EVENTS: web.AppKey[Events] = web.AppKey("events", Events)
