"""The other processes that serve the same rooms: they hear of what is committed here, and this one of theirs.

What is decided about a person here has to be carried out everywhere, so it is written into the log, too: in
the channel `SERVERS`, which is followed by processes only; nobody is ever let into it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

import msgspec

from conference.clock import Clock
from conference.live.doorbell import Doorbell
from conference.live.following import POLL_SECONDS, Following
from conference.live.log import append
from conference.live.messages import PersonPutOut, PersonSignedOut, RightsChanged
from conference.live.tables import LogEvent
from conference.storage.database import Database

log = logging.getLogger("majlis.live")

SERVERS = "servers"
Decision = PersonSignedOut | PersonPutOut | RightsChanged
_decoder = msgspec.json.Decoder(Decision)


class Here(Protocol):
    """The hub of this process."""

    def deliver(self, event: LogEvent) -> None: ...
    def pass_on(self, channel: str, body: str) -> None: ...
    async def remove_here(self, account_id: int, session_code: str, reason: str) -> None: ...
    async def revoke_here(self, account_id: int, browser_session_id: int | None) -> None: ...
    async def readmit_here(self, account_id: int) -> None: ...


class Elsewhere:
    """The link to the other processes. `start()` with this one's hub, `close()` at the end.

    `listeners` hear every event that was committed, here or there; they return at once.
    """

    def __init__(
        self, database: Database, clock: Clock, doorbell: Doorbell, *, poll: float = POLL_SECONDS
    ) -> None:
        self._database = database
        self._clock = clock
        self._doorbell = doorbell
        self._following = Following(database, self._deliver, poll=poll)
        self._obeying: set[asyncio.Task[None]] = set()
        self._here: Here | None = None
        self.listeners: list[Callable[[LogEvent], None]] = []

    async def start(self, here: Here) -> None:
        self._here = here
        await self._following.start()
        await self._doorbell.start(self._following.ring, here.pass_on)

    async def close(self) -> None:
        await self._doorbell.close()
        await self._following.close()

    def committed(self) -> None:
        """An event was committed here. It is read from the log as well: what others committed comes first."""
        self._following.ring()
        self._doorbell.ring()

    def tell(self, channel: str, body: str) -> None:
        """An ephemeral announcement for the clients of the others."""
        self._doorbell.tell(channel, body)

    async def decide(self, decision: Decision) -> None:
        """Let the others carry *decision* out."""
        ours = msgspec.structs.replace(decision, origin=self._doorbell.origin)
        await self._database.write(lambda tx: append(tx, SERVERS, ours, actor=None, at=self._clock.now()))

    def _deliver(self, event: LogEvent) -> None:
        assert self._here is not None
        if event.channel != SERVERS:
            self._here.deliver(event)
            for listener in self.listeners:
                listener(event)
            return
        obeying = asyncio.create_task(self._obey(self._here, _decoder.decode(event.body)))
        self._obeying.add(obeying)
        obeying.add_done_callback(self._done)

    async def _obey(self, here: Here, decision: Decision) -> None:
        if decision.origin == self._doorbell.origin:
            return
        match decision:
            case PersonSignedOut():
                await here.revoke_here(decision.account, decision.browser_session)
            case PersonPutOut():
                await here.remove_here(decision.account, decision.session, decision.reason)
            case RightsChanged():
                await here.readmit_here(decision.account)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._obeying.discard(task)
        if not task.cancelled() and task.exception():
            log.error("a decision of another process failed", exc_info=task.exception())
