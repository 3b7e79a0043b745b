"""The live edge of how people hear and are heard: for those who run the room, while they look."""

from __future__ import annotations

from contextlib import suppress

import msgspec

from conference.live.commands import Caller, LiveCommand
from conference.media.engine import Engine, RoomStats
from conference.media.errors import MediaError
from conference.people.permissions import Capability
from conference.stage.connections import State, Why, connections_in
from conference.stage.messages import ListConnections
from conference.stage.rooms import Rooms


class ConnectionShown(msgspec.Struct, frozen=True):
    """One device of a person: what its person notices and why; figures are on the organizers' page."""

    person: str
    state: State
    why: Why
    rung: str
    gaps: bool


class ConnectionDesk:
    """Asks the media engine when somebody asks."""

    def __init__(self, rooms: Rooms, engine: Engine) -> None:
        self._rooms, self._engine = rooms, engine

    def commands(self) -> list[LiveCommand]:
        """For the list in `app.py`."""
        return [LiveCommand(ListConnections, self.list, Capability.MODERATE, durable=False)]

    async def list(self, caller: Caller, command: ListConnections, client_id: str) -> object:
        room = self._rooms.get(caller.session_code)
        stats: RoomStats | None = None
        with suppress(MediaError):
            stats = await self._engine.stats(caller.session_code)
        found = connections_in(room.people.tabs(), stats) if room is not None else []
        return {
            "connections": [
                ConnectionShown(
                    person=one.person,
                    state=one.state,
                    why=one.why,
                    rung=one.viewing.rung if one.viewing else "",
                    gaps=one.gaps,
                )
                for one in found
            ]
        }
