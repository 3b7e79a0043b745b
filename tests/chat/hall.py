"""The chat in the live tests' small world: the whole domain on the real hub, acts without a server, and a
client that follows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from conference.chat.live import ChatDesk
from conference.chat.reading import page_before, snapshot
from conference.clock import Clock
from conference.live.channels import desk_channel, event_channel, person_channel, session_channel
from conference.live.commands import Caller
from conference.live.snapshot import SnapshotPart
from conference.people.permissions import Role, Scope
from conference.storage.database import Database
from tests.live.seminar import DESK, MORNING, Seminar, account_id, live_settings, running

PARTS = [SnapshotPart("chat", snapshot)]


@asynccontextmanager
async def open_hall(database: Database, clock: Clock, **options: Any) -> AsyncIterator[Seminar]:
    """A running server with the chat's commands."""
    # The chat's own limits are meant here, not those of the channel.
    settings = live_settings(commands_per_second=10_000, command_burst=10_000)
    commands = ChatDesk(database, clock).commands()
    async with running(database, clock, commands, PARTS, settings=settings, **options) as seminar:
        yield seminar


def caller(name: str, role: Role, *, session_id: int = 1, code: str = MORNING) -> Caller:
    """Somebody in a room, for acts that are tested without a server."""
    channels = [session_channel(code), event_channel(1), person_channel(f"{name}-public-id")]
    if role in DESK:
        channels.append(desk_channel(code))
    return Caller(
        account_id=account_id(name), public_id=f"{name}-public-id", name=name.title(), language="en",
        connection_id=name, scope=Scope(event_id=1, session_id=session_id), session_code=code,
        roles=frozenset({role}), channels=tuple(channels),
    )  # fmt: skip


ALI, SARA = caller("ali", Role.ATTENDEE), caller("sara", Role.ATTENDEE)
ZAINAB = caller("zainab", Role.CHAIR)


class Mirror:
    """What a client knows: the rule of web/src/chat/state.ts in Python.

    Of two views of a message the newer counts, of two of one version the fuller.
    """

    ROOM, OWN, DESK = range(3)

    def __init__(self, *, moderates: bool) -> None:
        self.moderates = moderates
        self.known: dict[str, tuple[int, int, dict[str, Any]]] = {}

    def take(self, view: dict[str, Any], rank: int) -> None:
        version = view.get("version", 1)
        before = self.known.get(view["id"])
        if before is None or (version, rank) >= before[:2]:
            self.known[view["id"]] = (version, rank, view)

    def listed(self, views: list[dict[str, Any]]) -> None:
        for view in views:
            direct = view.get("to") == "direct"
            self.take(view, self.DESK if self.moderates and not direct else self.OWN)

    def apply(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "ChatShown":
                self.take(event["message"], self.ROOM)
            case "ChatFiled":
                self.take(event["message"], self.DESK)
            case "ChatNoted":
                self.take(event["message"], self.OWN)
            case "ChatGone":
                gone = {"id": event["message"], "version": event["version"], "state": "gone"}
                self.take(gone, self.ROOM)
            case "ChatErased":
                before = moment(event["before"])
                self.known = {
                    name: entry
                    for name, entry in self.known.items()
                    if "at" in entry[2] and moment(entry[2]["at"]) >= before
                }

    def visible(self) -> dict[str, tuple[str, str, bool, list[str]]]:
        """What the person reads: text, state, whether edited, and (moderators) what was there before."""
        seen = {}
        for name, (_, _, view) in self.known.items():
            state = view.get("state", "shown")
            if state == "gone" or (state == "deleted" and (not self.moderates or view.get("to") == "direct")):
                continue
            seen[name] = (view["text"], state, view.get("edited", False), view.get("before", []))
        return seen


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def everything_for(rows: Connection, one: Caller) -> list[dict[str, Any]]:
    """All pages of the history, oldest first, as on the wire."""
    views: list[dict[str, Any]] = []
    before: str | None = None
    while True:
        page = page_before(rows, one, before)
        views = msgspec.to_builtins(page.messages) + views
        if not page.more:
            return views
        before = page.messages[0].id
