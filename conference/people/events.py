"""What people need to know of events; the agenda stands above and is handed in by `app.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import msgspec
from aiohttp import web
from sqlalchemy import Connection


class EventFacts(Protocol):
    """An event as mails and pages show it; `agenda.rows.EventRow` fits."""

    @property
    def id(self) -> int: ...
    @property
    def slug(self) -> str: ...
    @property
    def title(self) -> dict[str, str]: ...
    @property
    def zone(self) -> str: ...
    @property
    def accent(self) -> Any: ...
    @property
    def is_public(self) -> bool: ...


class SessionFacts(Protocol):
    """A session that roles can be granted for; `agenda.rows.SessionRow` fits."""

    @property
    def id(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def title(self) -> dict[str, str]: ...


class Events(msgspec.Struct, frozen=True):
    """Questions to the agenda, all read-only.

    `by_id` raises `NotFound`. `names_on_programme(rows, event_id, without)` gives the speakers,
    chairs and moderators as printed, in every language, except the account *without*.
    """

    by_id: Callable[[Connection, int], EventFacts]
    sessions: Callable[[Connection, int], Sequence[SessionFacts]]
    names_on_programme: Callable[[Connection, int, int | None], Iterable[str]]


EVENTS: web.AppKey[Events] = web.AppKey("events", Events)


def title_in(title: dict[str, str], lang: str) -> str:
    """A title in the reader's language, else in the first it has."""
    return title.get(lang) or next(iter(title.values()), "")
