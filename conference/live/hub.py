"""The hub: sockets that showed a ticket, the room each is in, and what they are told.

    client → server   enter {session | event, last}   command {client_id, type, …}   catch_up {channel, after}
    server → client   event   ephemeral   resync   closed                    (docs/live-protocol.md)

Nothing is sent before the ticket was checked and a room entered; rooms are chosen by `admit`, never by
the client. The hub subscribes to what the database commits: an event is on disk before anybody hears it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import msgspec
import socketio.exceptions

from conference.errors import N_, MajlisError, TooMany
from conference.live.commands import Admit, Caller, Commands, failure, refusal
from conference.live.connections import Connection, Connections
from conference.live.counters import Counters
from conference.live.delivery import Delivery
from conference.live.elsewhere import Elsewhere
from conference.live.messages import Announcement, PersonPutOut, PersonSignedOut, RightsChanged
from conference.live.places import Places, Told
from conference.live.snapshot import SnapshotPart
from conference.live.sockets import SOCKET, Sockets
from conference.live.tables import LogEvent
from conference.live.tickets import Tickets
from conference.live.wire import closed_frame, direct_frame, ephemeral_frame, event_frame, resync_frame
from conference.serving.translation import translate
from conference.settings import LiveSettings
from conference.storage.database import Database

log = logging.getLogger("majlis.live")

SWEEP_SECONDS = 5


class Hub:
    """All live connections of this process. `start()` in the running loop, `close()` at the end.

    *on_enter* and *on_leave* hear of the live rooms of sessions only: in an event nobody is seen.
    Other processes may serve the same rooms (*elsewhere*).
    """

    def __init__(
        self,
        *,
        settings: LiveSettings,
        origins: Collection[str],
        database: Database,
        tickets: Tickets,
        admit: Admit,
        commands: Commands,
        parts: Sequence[SnapshotPart],
        counters: Counters,
        on_enter: Sequence[Told] = (),
        on_leave: Sequence[Told] = (),
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self.counters = counters
        self._tickets = tickets
        self._commands = commands
        self._elsewhere = elsewhere
        self._connections = Connections(settings, counters)
        self._delivery = Delivery(counters)
        self._places = Places(
            database,
            self._connections,
            self._delivery,
            admit=admit,
            parts=parts,
            on_enter=on_enter,
            on_leave=on_leave,
            limit=settings.catch_up_limit,
            counters=counters,
        )
        self._sweeper: asyncio.Task[None] | None = None
        self.sockets = Sockets(settings, origins, counters)
        self.sockets.sio.on("connect", self._connect)
        self.sockets.sio.on("disconnect", self._disconnect)
        self._answers = {"enter": self._enter, "command": self._command, "catch_up": self._catch_up}
        database.subscribe(self._committed)

    async def start(self) -> None:
        if self._elsewhere is not None:
            await self._elsewhere.start(self)
        self._sweeper = asyncio.create_task(self._sweep_forever(), name="live sweeper")

    async def close(self) -> None:
        """Tell everybody that the server restarts, close their sockets, stop."""
        if self._sweeper:
            self._sweeper.cancel()
        await self.sockets.shutdown(lambda: closed_frame("live.restarting", ""))
        for connection in self._connections.all():
            await self._forget(connection)
        self._connections.behind.close()
        if self._elsewhere is not None:
            await self._elsewhere.close()
            self._elsewhere = None

    # -- what the parts above tell -------------------------------------------------------------------

    def tell(self, channel: str, announcement: Announcement) -> None:
        """Ephemeral: to whoever is in *channel* now, dropped for those whose line is full."""
        if self._delivery.has(channel) or self._elsewhere is not None:
            body = msgspec.json.encode(announcement).decode()
            self.pass_on(channel, body)
            if self._elsewhere is not None:
                self._elsewhere.tell(channel, body)

    def tell_here(self, channel: str, announcement: Announcement) -> None:
        """As `tell`, to the clients of this process alone: the others have their own to say."""
        if self._delivery.has(channel):
            self.pass_on(channel, msgspec.json.encode(announcement).decode())

    def pass_on(self, channel: str, body: str) -> None:
        """An ephemeral announcement as JSON, to the clients of this process."""
        if self._delivery.has(channel):
            self._delivery.publish(channel, ephemeral_frame(channel, body))

    def send(self, connection_id: str, announcement: Announcement) -> None:
        """To one tab, while it is connected."""
        connection = self._connections.get(connection_id)
        if connection is not None:
            self._delivery.send(connection.mailbox, direct_frame(announcement))

    def presence(self, channel: str) -> list[Caller]:
        """Every tab in *channel*, in the order they came."""
        return self._places.presence.callers(channel)

    def people(self, channel: str) -> list[Caller]:
        """One caller for each account in *channel*."""
        return self._places.presence.people(channel)

    async def remove(self, account_id: int, session_code: str, reason: str) -> None:
        """Put a person out of a room: every tab is told *reason* (a msgid) and closed within 1 s."""
        await self.remove_here(account_id, session_code, reason)
        if self._elsewhere is not None:
            await self._elsewhere.decide(
                PersonPutOut(account=account_id, session=session_code, reason=reason)
            )

    async def remove_here(self, account_id: int, session_code: str, reason: str) -> None:
        for connection in self._connections.of(account_id):
            if connection.caller and connection.caller.session_code == session_code:
                await self._shut(connection, "live.removed", reason)

    async def revoke(self, account_id: int, browser_session_id: int | None) -> None:
        """Close every socket of one browser session, or (None) of the whole account, within 1 s."""
        await self.revoke_here(account_id, browser_session_id)
        if self._elsewhere is not None:
            await self._elsewhere.decide(
                PersonSignedOut(account=account_id, browser_session=browser_session_id)
            )

    async def revoke_here(self, account_id: int, browser_session_id: int | None) -> None:
        self._tickets.revoke(account_id, browser_session_id)
        for connection in self._connections.of(account_id):
            if connection.identity.belongs_to(account_id, browser_session_id):
                await self._shut(connection, "live.signed-out", N_("You were signed out."))

    async def readmit(self, account_id: int) -> None:
        """A person's rights changed: their tabs enter again, into the channels they may read now."""
        await self.readmit_here(account_id)
        if self._elsewhere is not None:
            await self._elsewhere.decide(RightsChanged(account=account_id))

    async def readmit_here(self, account_id: int) -> None:
        for connection in self._connections.of(account_id):
            await self._places.leave(connection)
            self._delivery.send(connection.mailbox, resync_frame())

    def _committed(self, news: object) -> None:
        if isinstance(news, LogEvent):
            if self._elsewhere is None:
                self.deliver(news)
            else:
                self._elsewhere.committed()

    def deliver(self, event: LogEvent) -> None:
        """To every client of this process that is in its channel."""
        if self._delivery.has(event.channel):
            self._delivery.publish(event.channel, event_frame(event))

    # -- the life of a connection --------------------------------------------------------------------

    async def _connect(self, sid: str, environ: dict[str, Any], auth: object = None) -> None:
        ticket = auth.get("ticket") if isinstance(auth, dict) else None
        identity = self._tickets.redeem(ticket) if isinstance(ticket, str) else None
        if identity is None:
            raise socketio.exceptions.ConnectionRefusedError("live.ticket")
        socket = environ["aiohttp.request"][SOCKET]
        self._connections.open(sid, socket, identity, asyncio.get_running_loop().time)
        self.sockets.log_in(socket, sid, self._answers)

    async def _disconnect(self, sid: str, reason: str) -> None:
        connection = self._connections.get(sid)
        if connection is not None:
            await self._forget(connection)

    async def _forget(self, connection: Connection) -> None:
        if self._connections.close(connection):
            await self._places.leave(connection)

    async def _shut(self, connection: Connection, code: str, reason: str) -> None:
        message = translate(connection.identity.language, reason)
        await self._places.leave(connection)  # deaf at once, even while the line is still closing
        await self.sockets.close(connection.socket, closed_frame(code, message))

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.sockets.sweep()

    # -- what clients say ----------------------------------------------------------------------------

    async def _enter(self, sid: str, message: object) -> dict[str, Any]:
        return await self._answer(sid, lambda connection: self._places.enter(connection, message))

    async def _catch_up(self, sid: str, message: object) -> dict[str, Any]:
        return await self._answer(sid, lambda connection: self._places.missed(connection, message))

    async def _command(self, sid: str, message: object) -> dict[str, Any]:
        connection = self._connections.speaking(sid)
        client_id = message.get("client_id") if isinstance(message, dict) else None
        try:
            await self._slow_down(connection)
            caller = connection.entered()
        except MajlisError as error:
            return {"client_id": client_id, "error": refusal(error, connection.identity.language)}
        return await self._commands.run(caller, message)

    async def _answer(
        self, sid: str, act: Callable[[Connection], Awaitable[dict[str, Any]]]
    ) -> dict[str, Any]:
        """What *act* returns, or its error for the wire: the edge of everything but commands."""
        connection = self._connections.speaking(sid)
        try:
            await self._slow_down(connection)
            return await act(connection)
        except MajlisError as error:
            return {"error": refusal(error, connection.identity.language)}
        except Exception:
            log.exception("a live request failed")
            self.counters.failed += 1
            return {"error": failure(connection.identity.language)}

    async def _slow_down(self, connection: Connection) -> None:
        if not connection.bucket.take():
            self.counters.limited += 1
            # What is refused waits for nothing: a flood that was read at once would be answered in one go.
            await asyncio.sleep(0)
            raise TooMany(N_("That was very fast. Wait a moment."), retry_after=1, code="live.too-fast")
