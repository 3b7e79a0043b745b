"""What was decided about the floor at another server process, carried out for the people of this one.

Who stands where is in the database and told in the log, which every process follows. Here the memory and the
media of this process are brought to it: somebody who was sent back to the audience, muted, removed or had the
doors shut on them at one process is heard at none.
"""

from __future__ import annotations

import asyncio
import logging

import msgspec
from sqlalchemy import Connection

from conference.errors import NotFound
from conference.live.tables import LogEvent
from conference.stage.decisions import decision_of
from conference.stage.enforcing import Enforcer
from conference.stage.floor import Floor
from conference.stage.messages import FloorChanged, HandsLowered, RoomChanged
from conference.stage.rooms import LiveRoom, Rooms
from conference.stage.standing import Standing, account_of, standing_of
from conference.storage.database import Database

log = logging.getLogger("majlis.stage")

_decoder = msgspec.json.Decoder(FloorChanged | HandsLowered | RoomChanged)
_marks = tuple(f'"type":"{each.__name__}"' for each in (FloorChanged, HandsLowered, RoomChanged))


class Obeying:
    """A listener of `live.elsewhere.Elsewhere`. What was decided here is known, and changes nothing."""

    def __init__(self, database: Database, rooms: Rooms, enforcer: Enforcer) -> None:
        self._database, self._rooms, self._enforcer = database, rooms, enforcer
        self._tasks: set[asyncio.Task[None]] = set()

    def heard(self, event: LogEvent) -> None:
        """Returns at once; what is to be done follows in a task."""
        room = self._rooms.get(event.channel.removeprefix("session:"))
        if room is None or event.channel != room.place.channel:
            return
        if not any(mark in event.body[:40] for mark in _marks):
            return
        task = asyncio.get_running_loop().create_task(self._carry_out(room, _decoder.decode(event.body)))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def _carry_out(self, room: LiveRoom, news: FloorChanged | HandsLowered | RoomChanged) -> None:
        """By what the database says now: the event may be an old one."""
        place = room.place
        if isinstance(news, RoomChanged):
            decision = await self._database.read(lambda rows: decision_of(rows, place.session_id))
            if decision.closed_at is not None:
                self._enforcer.room_closed(place)
            return
        person = news.person if isinstance(news, FloorChanged) else None

        def ask(rows: Connection) -> list[Standing]:
            return [standing_of(rows, place.session_id, each) for each in _concerned(rows, room, person)]

        for standing in await self._database.read(ask):
            if room.people.stands_as(standing.account_id) != (standing.state, standing.stopped):
                self._enforcer.stands(place, standing)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            log.error("what was decided at another process was not carried out", exc_info=task.exception())


def _concerned(rows: Connection, room: LiveRoom, person: str | None) -> list[int]:
    """The accounts at this process whom news of *person* concern; None: everybody whose hand is up."""
    if person is None:
        return [each.account_id for each in room.people.own() if each.state is Floor.HAND_RAISED]
    try:
        account_id = account_of(rows, person)
    except NotFound:  # a machine, or erased meanwhile
        return []
    return [account_id] if room.people.stands_as(account_id) else []
