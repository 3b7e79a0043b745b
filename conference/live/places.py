"""Going into a place and out of it: who is where, and what a client is told so that it is current."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from conference.errors import N_, BadInput, NotAllowed
from conference.live.commands import Admit, Caller, Place
from conference.live.connections import Connection, Connections
from conference.live.counters import Counters
from conference.live.delivery import Delivery
from conference.live.presence import Presence
from conference.live.snapshot import SnapshotPart, catch_up, current_state
from conference.storage.database import Database

log = logging.getLogger("majlis.live")

Told = Callable[[Caller], Awaitable[None]]


class Enter(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Go into the live room of `session`, or to `event`; `last`: the last seq it has of each channel."""

    session: str | None = None
    event: str | None = None
    last: dict[str, int] = msgspec.field(default_factory=dict)


class CatchUp(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Everything of `channel` after seq `after`."""

    channel: str
    after: int


class Places:
    """Which connection is in which place of this process."""

    def __init__(
        self,
        database: Database,
        connections: Connections,
        delivery: Delivery,
        *,
        admit: Admit,
        parts: Sequence[SnapshotPart],
        on_enter: Sequence[Told],
        on_leave: Sequence[Told],
        limit: int,
        counters: Counters,
    ) -> None:
        self.presence = Presence()
        self._database = database
        self._connections = connections
        self._delivery = delivery
        self._admit = admit
        self._parts = parts
        self._on_enter = list(on_enter)
        self._on_leave = list(on_leave)
        self._limit = limit
        self._counters = counters

    async def enter(self, connection: Connection, message: object) -> dict[str, Any]:
        """Let *connection* into the place that *message* names; what it needs to be current there."""
        wish: Enter = _convert(message, Enter)
        place = Place.named(wish.session, wish.event)
        sid, identity = connection.sid, connection.identity
        caller = await self._database.read(lambda rows: self._admit(rows, identity, place, sid))
        if connection.caller != caller:
            await self._move(connection, caller)
        state = await self._database.read(
            lambda rows: current_state(rows, caller, wish.last, self._parts, self._limit)
        )
        if state["events"] is None:
            self._counters.snapshots += 1
        me = {"id": caller.public_id, "name": caller.name, "connection": sid, "roles": sorted(caller.roles)}
        return {"me": me, **state}

    async def _move(self, connection: Connection, caller: Caller) -> None:
        await self.leave(connection)
        if connection.sid not in self._connections:  # gone or put out while we were asking
            raise NotAllowed(N_("You are not in this room."), code="live.not-entered")
        # Listening comes first: what is committed from here on is heard, or in the snapshot, or both.
        connection.caller = caller
        self._delivery.join(connection.mailbox, caller.channels)
        self.presence.enter(caller)
        try:
            for told in self._on_enter if caller.kind == "session" else ():
                await told(caller)
        except BaseException:
            await self.leave(connection)
            raise

    async def leave(self, connection: Connection) -> None:
        """Out of the place it is in, if any: it hears nothing more."""
        caller, connection.caller = connection.caller, None
        if caller is None:
            return
        self._delivery.leave(connection.mailbox, caller.channels)
        connection.mailbox.clear()  # what waits was for somebody with other rights
        self.presence.leave(caller)
        for told in self._on_leave if caller.kind == "session" else ():
            try:
                await told(caller)
            except Exception:
                log.exception("a listener failed when somebody left")

    async def missed(self, connection: Connection, message: object) -> dict[str, Any]:
        """What *connection* has missed of one channel."""
        wish: CatchUp = _convert(message, CatchUp)
        caller = connection.entered()
        if wish.channel not in caller.channels:
            raise NotAllowed(N_("You are not in this room."), code="live.not-entered", field="channel")
        self._counters.catch_ups += 1
        return await self._database.read(lambda rows: catch_up(rows, wish.channel, wish.after, self._limit))


def _convert(message: object, wanted: type[Any]) -> Any:
    try:
        return msgspec.convert(message, wanted)
    except msgspec.ValidationError as error:
        raise BadInput(N_("The message could not be understood."), code="live.malformed") from error
