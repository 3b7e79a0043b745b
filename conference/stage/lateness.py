"""The chair's word that the room runs late, or is back on time."""

from __future__ import annotations

from sqlalchemy import Connection

from conference.agenda.reading import event_by_id
from conference.agenda.releasing.published import find_session
from conference.agenda.releasing.saying_late import Late, run_late, run_on_time
from conference.clock import Clock
from conference.errors import N_, Conflict
from conference.live.commands import Caller, LiveCommand
from conference.live.log import once
from conference.people.permissions import Capability
from conference.stage.live import place_of
from conference.stage.messages import RunLate, RunOnTime
from conference.stage.standing import Place
from conference.storage.database import Database, Transaction


class LateDesk:
    """Both commands take effect once: a second tap on a bad link must not count twice."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def commands(self) -> list[LiveCommand]:
        """For the list in `app.py`."""
        return [
            LiveCommand(RunLate, self.run_late, Capability.MODERATE),
            LiveCommand(RunOnTime, self.run_on_time, Capability.MODERATE),
        ]

    async def run_late(self, caller: Caller, command: RunLate, client_id: str) -> object:
        return await self._once(caller, client_id, command.minutes)

    async def run_on_time(self, caller: Caller, command: RunOnTime, client_id: str) -> object:
        return await self._once(caller, client_id, None)

    async def _once(self, caller: Caller, client_id: str, minutes: int | None) -> object:
        place, by, now = place_of(caller), caller.account_id, self._clock.now()

        def say(tx: Transaction) -> Late:
            room = room_of(tx.connection, place)
            if minutes is None:
                return run_on_time(tx, place.event_id, room, by=by, at=now)
            return run_late(tx, place.event_id, room, minutes, by=by, at=now)

        return await self._database.write(
            lambda tx: once(tx, caller.account_id, client_id, lambda: say(tx), at=now).reply
        )


def room_of(rows: Connection, place: Place) -> int:
    """The hall a session is in by the published programme. `Conflict` when it is in none."""
    found = find_session(rows, event_by_id(rows, place.event_id), place.code)
    if found is None or found.room is None:
        raise Conflict(N_("This session has no room in the programme."), code="stage.no-hall")
    return found.room.id
