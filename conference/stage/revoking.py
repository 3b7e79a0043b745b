"""When a browser session ends or rights shrink: the room hears of it at once, whatever the browser does."""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy import Connection

from conference.clock import Clock
from conference.live.hub import Hub
from conference.people.permissions import Capability, allowed
from conference.people.sessions import sessions_of
from conference.stage.enforcing import Enforcer
from conference.stage.rooms import LiveRoom, Rooms
from conference.storage.database import Database

log = logging.getLogger("majlis.stage")


class Revoker:
    """For `people.sessions.Revocations`: closes sockets and media within a second.

    Somebody whose rights changed but who is still signed in enters again, with the rights of now;
    their media go on only where they may still be.
    """

    def __init__(
        self, *, database: Database, clock: Clock, hub: Hub, rooms: Rooms, enforcer: Enforcer
    ) -> None:
        self._database = database
        self._clock = clock
        self._hub = hub
        self._rooms = rooms
        self._enforcer = enforcer
        self._tasks: set[asyncio.Task[None]] = set()

    def revoked(self, account_id: int, browser_session_id: int | None) -> None:
        """A listener: returns at once, the work follows in a task."""
        task = asyncio.get_running_loop().create_task(self._revoke(account_id, browser_session_id))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            log.error("a revocation failed", exc_info=task.exception())

    async def _revoke(self, account_id: int, browser_session_id: int | None) -> None:
        inside = [room for room in self._rooms.all() if room.people.participants_of(account_id)]

        def ask(rows: Connection) -> tuple[bool, list[LiveRoom]]:
            now = self._clock.now()
            stays = [
                room
                for room in inside
                if allowed(rows, account_id, Capability.ENTER_ROOM, room.place.scope, now=now)
            ]
            return bool(sessions_of(rows, account_id, now)), stays

        signed_in, stays = await self._database.read(ask)
        if browser_session_id is None and signed_in:
            await self._hub.readmit(account_id)
            ended = [room for room in inside if room not in stays]
        else:
            await self._hub.revoke(account_id, browser_session_id)
            ended = inside
        for room in ended:
            for participant in room.people.participants_of(account_id):
                await self._enforcer.leave(room.place, participant)
