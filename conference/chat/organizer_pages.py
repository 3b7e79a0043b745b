"""The organizers' page of what holds in all live rooms, and of announcements to the event.

Chat, questions and hands each know their own defaults; this page is told of them by `app.py` (`SECTIONS`),
because siblings do not import each other. One form saves all of them, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.organizing import showing
from conference.agenda.organizing.typed import Typed, read_typed
from conference.agenda.rows import EventRow
from conference.chat.announcing import announce, standing, withdraw
from conference.chat.rules import LONGEST_HISTORY, LONGEST_PAUSE, Mode
from conference.chat.settings import ChatDefaults, change_defaults, defaults_of
from conference.errors import BadInput, Conflict
from conference.storage.database import Transaction


class Section(msgspec.Struct, frozen=True):
    """One domain's part of the page: its template, what it shows, and how what was typed is stored.

    `read(rows, event_id)` gives the fields by name; `parse(typed)` notes what is wrong and returns what
    `save(tx, event_id, parsed, by, now)` stores; `kept(rows, event_id)` is what it stored last.
    """

    template: str
    read: Callable[[Connection, int], Mapping[str, object]]
    parse: Callable[[Typed], Any]
    save: Callable[[Transaction, int, Any, int, datetime], None]
    kept: Callable[[Connection, int], Any]

    def copy(self, tx: Transaction, source_id: int, event_id: int, by: int, now: datetime) -> None:
        """A cloned event begins with what holds in the rooms of its source."""
        self.save(tx, event_id, self.kept(tx.connection, source_id), by, now)


SECTIONS: web.AppKey[list[Section]] = web.AppKey("live_sections", list)


async def live_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/live``"""
    return await _page(request, None)


async def save(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/live``: the defaults of all live rooms."""
    typed = await read_typed(request)
    by, now = showing.account_of(request), showing.now_of(request)
    parsed = [(section, section.parse(typed)) for section in request.app[SECTIONS]]

    def store(tx: Transaction, event: EventRow) -> None:
        typed.check()
        for section, values in parsed:
            section.save(tx, event.id, values, by, now)

    try:
        await showing.act(request, store)
    except BadInput:
        return await _page(request, typed)
    raise showing.done(request, "live")


async def make_announcement(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/live/announcements``: ``text_ar``, ``text_en`` …"""
    typed = await read_typed(request)
    by, now = showing.account_of(request), showing.now_of(request)
    text = {
        name.removeprefix("text_"): typed[name] for name in sorted(typed.values) if name.startswith("text_")
    }

    def store(tx: Transaction, event: EventRow) -> None:
        tongues = showing.tongues_of(event)
        offered = {tag: words for tag, words in text.items() if tag in tongues}
        announce(tx, event.id, offered, by=by, now=now)

    try:
        await showing.act(request, store)
    except (BadInput, Conflict) as error:
        typed.refuse(error, error.field or "text")
        return await _page(request, typed)
    raise showing.done(request, "live#announcements", "announced")


async def withdraw_announcement(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/live/announcements/{announcement}/withdraw``"""
    by, now = showing.account_of(request), showing.now_of(request)
    public_id = request.match_info["announcement"]
    await showing.act(request, lambda tx, event: withdraw(tx, event.id, public_id, by=by, now=now))
    raise showing.done(request, "live#announcements", "withdrawn")


async def _page(request: web.Request, typed: Typed | None) -> web.StreamResponse:
    sections = request.app[SECTIONS]

    def read(rows: Connection, event: EventRow) -> dict[str, Any]:
        stored: dict[str, object] = {}
        for section in sections:
            stored |= section.read(rows, event.id)
        return {"stored": stored, "standing": standing(rows, event.id)}

    values = await showing.with_event(request, read)
    stored = Typed.of(**values.pop("stored"))
    if typed is None:
        shown = stored
    elif any(name.startswith("text_") for name in typed.values):
        # An announcement that was refused: the other form of the page shows what is stored.
        shown = typed
        shown.values = stored.values | typed.values
    else:
        shown = typed
    return showing.form_page(
        request,
        "live",
        shown,
        tongues=showing.tongues_of(values["event"]),
        sections=[section.template for section in sections],
        **values,
    )


# -- the chat's own section ------------------------------------------------------------------------


def _read(rows: Connection, event_id: int) -> dict[str, object]:
    found = defaults_of(rows, event_id)
    return {
        "chat_mode": found.mode.value,
        "chat_slow": found.slow_seconds,
        "chat_direct": found.direct,
        "chat_history": found.history_days,
    }


def _parse(typed: Typed) -> ChatDefaults:
    mode = typed.choice("chat_mode", {mode.value: mode for mode in Mode}, needed=True)
    slow = typed.number("chat_slow", least=0, most=LONGEST_PAUSE)
    history = typed.number("chat_history", least=0, most=LONGEST_HISTORY)
    return ChatDefaults(
        mode=mode or Mode.OPEN,
        slow_seconds=slow or 0,
        direct=typed.truth("chat_direct"),
        history_days=history or 0,
    )


def _save(tx: Transaction, event_id: int, wanted: ChatDefaults, by: int, now: datetime) -> None:
    change_defaults(tx, event_id, wanted, by=by, now=now)


CHAT = Section("chat/defaults.html", _read, _parse, _save, defaults_of)
