"""Trying out one's connection before going in: bytes to time, and a room of one's own that sends sound back.

The room in the engine has one speaker and one listener, both the same browser. Nobody else knows its name,
and it is gone after `LASTS` seconds whatever the browser does.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import suppress

from conference.clock import Clock
from conference.errors import N_, NotFound, TooMany
from conference.media.engine import EVERYTHING, Engine, SubscribeOffer
from conference.media.errors import MediaError
from conference.media.turn import TurnSettings, ice_servers

LASTS = 20.0
MOST_AT_ONCE = 40
LARGEST_DOWN = 120_000
LARGEST_UP = 100_000


class Checks:
    """Rooms for trying out; one a person."""

    def __init__(self, engine: Engine, clock: Clock, turn: TurnSettings) -> None:
        self._engine = engine
        self._clock = clock
        self._turn = turn
        self._open: dict[int, str] = {}
        self._endings: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def ice_servers(self) -> list[dict[str, object]]:
        """TURN servers as the browser takes them, with credentials that work for a while."""
        return ice_servers(self._turn, "check", self._clock.now().timestamp())

    async def publish(self, account_id: int, sdp: str, sources: Mapping[str, str]) -> str:
        """The answer to the offer of the one who sends. Begins a check; an earlier one of theirs ends."""
        await self.end(account_id)
        if len(self._open) >= MOST_AT_ONCE:
            raise TooMany(
                N_("Many people are trying out their connection just now. Try again in a minute."),
                retry_after=60,
                code="stage.checks-busy",
            )
        room_id = f"check-{secrets.token_urlsafe(12)}"
        self._open[account_id] = room_id
        loop = asyncio.get_running_loop()
        self._endings[room_id] = loop.call_later(LASTS, self._end_soon, account_id, room_id)
        await self._engine.open_room(room_id, max_publishers=1, max_viewers=1, others=EVERYTHING)
        return await self._engine.publish(room_id, "speaker", sdp, sources)

    async def subscribe(self, account_id: int) -> SubscribeOffer:
        """An offer of the sound that was published."""
        return await self._engine.subscribe(self._room(account_id), "listener")

    async def answer(self, account_id: int, version: int, sdp: str) -> None:
        await self._engine.subscribe_answer(self._room(account_id), "listener", version, sdp)

    async def end(self, account_id: int) -> None:
        """The check of this person is over, if there is one."""
        room_id = self._open.pop(account_id, None)
        if room_id is None:
            return
        self._endings.pop(room_id).cancel()
        with suppress(MediaError):
            await self._engine.close_room(room_id, "the check is over")

    def _end_soon(self, account_id: int, room_id: str) -> None:
        if self._open.get(account_id) == room_id:
            task = asyncio.get_running_loop().create_task(self.end(account_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _room(self, account_id: int) -> str:
        room_id = self._open.get(account_id)
        if room_id is None:
            raise NotFound(N_("This check is over. Begin another."), code="stage.check-over")
        return room_id
