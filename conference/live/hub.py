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

from conference.errors import N_, BadInput, MajlisError, NotAllowed, TooMany
from conference.live.commands import Admit, Caller, Commands, Identity, Place, failure, refusal
from conference.live.counters import Counters
from conference.live.delivery import Behind, Delivery, Mailbox
from conference.live.messages import Announcement
from conference.live.presence import Presence
from conference.live.rate import Bucket
from conference.live.snapshot import SnapshotPart, catch_up, current_state
from conference.live.sockets import SOCKET, Socket, Sockets
from conference.live.tables import LogEvent
from conference.live.tickets import Tickets
from conference.live.wire import closed_frame, direct_frame, ephemeral_frame, event_frame, resync_frame
from conference.serving.translation import translate
from conference.settings import LiveSettings
from conference.storage.database import Database

log = logging.getLogger("majlis.live")

SWEEP_SECONDS = 5

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


class Connection:
    """A socket whose ticket was good: one tab."""

    def __init__(
        self, sid: str, socket: Socket, identity: Identity, mailbox: Mailbox, bucket: Bucket
    ) -> None:
        self.sid = sid
        self.socket = socket
        self.identity = identity
        self.mailbox = mailbox
        self.bucket = bucket
        self.caller: Caller | None = None


class Hub:
    """All live connections of this process. `start()` in the running loop, `close()` at the end.

    *on_enter* and *on_leave* hear of the live rooms of sessions only: in an event nobody is seen.
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
    ) -> None:
        self.counters = counters
        self._settings = settings
        self._database = database
        self._tickets = tickets
        self._admit = admit
        self._commands = commands
        self._parts = parts
        self._on_enter = list(on_enter)
        self._on_leave = list(on_leave)
        self._connections: dict[str, Connection] = {}
        self._delivery = Delivery(counters)
        self._behind = Behind()
        self._presence = Presence()
        self._sweeper: asyncio.Task[None] | None = None
        self.sockets = Sockets(settings, origins, counters)
        self.sockets.sio.on("connect", self._connect)
        self.sockets.sio.on("disconnect", self._disconnect)
        self._answers = {"enter": self._enter, "command": self._command, "catch_up": self._catch_up}
        database.subscribe(self._committed)

    async def start(self) -> None:
        self._sweeper = asyncio.create_task(self._sweep_forever(), name="live sweeper")

    async def close(self) -> None:
        """Tell everybody that the server restarts, close their sockets, stop."""
        if self._sweeper:
            self._sweeper.cancel()
        await self.sockets.shutdown(lambda: closed_frame("live.restarting", ""))
        for connection in list(self._connections.values()):
            await self._forget(connection)
        self._behind.close()

    # -- what the parts above tell -------------------------------------------------------------------

    def tell(self, channel: str, announcement: Announcement) -> None:
        """Ephemeral: to whoever is in *channel* now, dropped for those whose line is full."""
        if self._delivery.has(channel):
            self._delivery.publish(channel, ephemeral_frame(channel, announcement))

    def send(self, connection_id: str, announcement: Announcement) -> None:
        """To one tab, while it is connected."""
        connection = self._connections.get(connection_id)
        if connection is not None:
            self._delivery.send(connection.mailbox, direct_frame(announcement))

    def presence(self, channel: str) -> list[Caller]:
        """Every tab in *channel*, in the order they came."""
        return self._presence.callers(channel)

    def people(self, channel: str) -> list[Caller]:
        """One caller for each account in *channel*."""
        return self._presence.people(channel)

    async def remove(self, account_id: int, session_code: str, reason: str) -> None:
        """Put a person out of a room: every tab is told *reason* (a msgid) and closed within 1 s."""
        for connection in self._of(account_id):
            if connection.caller and connection.caller.session_code == session_code:
                await self._shut(connection, "live.removed", reason)

    async def revoke(self, account_id: int, browser_session_id: int | None) -> None:
        """Close every socket of one browser session, or (None) of the whole account, within 1 s."""
        self._tickets.revoke(account_id, browser_session_id)
        for connection in self._of(account_id):
            if connection.identity.belongs_to(account_id, browser_session_id):
                await self._shut(connection, "live.signed-out", N_("You were signed out."))

    async def readmit(self, account_id: int) -> None:
        """A person's rights changed: their tabs enter again, into the channels they may read now."""
        for connection in self._of(account_id):
            await self._leave(connection)
            self._delivery.send(connection.mailbox, resync_frame())

    def _of(self, account_id: int) -> list[Connection]:
        return [each for each in self._connections.values() if each.identity.account_id == account_id]

    def _committed(self, news: object) -> None:
        if isinstance(news, LogEvent) and self._delivery.has(news.channel):
            self._delivery.publish(news.channel, event_frame(news))

    # -- the life of a connection --------------------------------------------------------------------

    async def _connect(self, sid: str, environ: dict[str, Any], auth: object = None) -> None:
        ticket = auth.get("ticket") if isinstance(auth, dict) else None
        identity = self._tickets.redeem(ticket) if isinstance(ticket, str) else None
        if identity is None:
            raise socketio.exceptions.ConnectionRefusedError("live.ticket")
        socket = environ["aiohttp.request"][SOCKET]
        assert socket.transport is not None
        limits = self._settings
        mailbox = Mailbox(
            socket.transport,
            self._behind,
            limits.queue_messages,
            limits.queue_bytes,
            self.counters,
            packs=socket.websocket.packs,
        )
        monotonic = asyncio.get_running_loop().time
        bucket = Bucket(limits.commands_per_second, limits.command_burst, monotonic)
        self._connections[sid] = Connection(sid, socket, identity, mailbox, bucket)
        self.sockets.log_in(socket, sid, self._answers)
        self.counters.connections += 1

    async def _disconnect(self, sid: str, reason: str) -> None:
        connection = self._connections.get(sid)
        if connection is not None:
            await self._forget(connection)

    async def _forget(self, connection: Connection) -> None:
        if self._connections.pop(connection.sid, None) is None:
            return
        self.counters.connections -= 1
        self._behind.discard(connection.mailbox)
        await self._leave(connection)

    async def _shut(self, connection: Connection, code: str, reason: str) -> None:
        message = translate(connection.identity.language, reason)
        await self._leave(connection)  # deaf at once, even while the line is still closing
        await self.sockets.close(connection.socket, closed_frame(code, message))

    async def _leave(self, connection: Connection) -> None:
        caller, connection.caller = connection.caller, None
        if caller is None:
            return
        self._delivery.leave(connection.mailbox, caller.channels)
        connection.mailbox.clear()  # what waits was for somebody with other rights
        self._presence.leave(caller)
        for told in self._on_leave if caller.kind == "session" else ():
            try:
                await told(caller)
            except Exception:
                log.exception("a listener failed when somebody left")

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.sockets.sweep()

    # -- what clients say ----------------------------------------------------------------------------

    async def _enter(self, sid: str, message: object) -> dict[str, Any]:
        return await self._answer(sid, lambda connection: self._let_in(connection, _convert(message, Enter)))

    async def _catch_up(self, sid: str, message: object) -> dict[str, Any]:
        return await self._answer(
            sid, lambda connection: self._missed(connection, _convert(message, CatchUp))
        )

    async def _command(self, sid: str, message: object) -> dict[str, Any]:
        connection = self._connection(sid)
        client_id = message.get("client_id") if isinstance(message, dict) else None
        try:
            self._slow_down(connection)
            caller = _entered(connection)
        except MajlisError as error:
            return {"client_id": client_id, "error": refusal(error, connection.identity.language)}
        return await self._commands.run(caller, message)

    async def _answer(
        self, sid: str, act: Callable[[Connection], Awaitable[dict[str, Any]]]
    ) -> dict[str, Any]:
        """What *act* returns, or its error for the wire: the edge of everything but commands."""
        connection = self._connection(sid)
        try:
            self._slow_down(connection)
            return await act(connection)
        except MajlisError as error:
            return {"error": refusal(error, connection.identity.language)}
        except Exception:
            log.exception("a live request failed")
            self.counters.failed += 1
            return {"error": failure(connection.identity.language)}

    async def _let_in(self, connection: Connection, wish: Enter) -> dict[str, Any]:
        sid, identity = connection.sid, connection.identity
        place = Place.named(wish.session, wish.event)
        caller = await self._database.read(lambda rows: self._admit(rows, identity, place, sid))
        if connection.caller != caller:
            await self._leave(connection)
            if sid not in self._connections:  # gone or put out while we were asking
                raise NotAllowed(N_("You are not in this room."), code="live.not-entered")
            # Listening comes first: what is committed from here on is heard, or in the snapshot, or both.
            connection.caller = caller
            self._delivery.join(connection.mailbox, caller.channels)
            self._presence.enter(caller)
            try:
                for told in self._on_enter if caller.kind == "session" else ():
                    await told(caller)
            except BaseException:
                await self._leave(connection)
                raise
        limit = self._settings.catch_up_limit
        state = await self._database.read(
            lambda rows: current_state(rows, caller, wish.last, self._parts, limit)
        )
        if state["events"] is None:
            self.counters.snapshots += 1
        me = {"id": caller.public_id, "name": caller.name, "connection": sid, "roles": sorted(caller.roles)}
        return {"me": me, **state}

    async def _missed(self, connection: Connection, wish: CatchUp) -> dict[str, Any]:
        caller = _entered(connection)
        if wish.channel not in caller.channels:
            raise NotAllowed(N_("You are not in this room."), code="live.not-entered", field="channel")
        self.counters.catch_ups += 1
        limit = self._settings.catch_up_limit
        return await self._database.read(lambda rows: catch_up(rows, wish.channel, wish.after, limit))

    def _connection(self, sid: str) -> Connection:
        connection = self._connections.get(sid)
        if connection is None:  # put out while its last words were being read
            raise OSError("the connection was closed")
        return connection

    def _slow_down(self, connection: Connection) -> None:
        if not connection.bucket.take():
            self.counters.limited += 1
            raise TooMany(N_("That was very fast. Wait a moment."), retry_after=1, code="live.too-fast")


def _entered(connection: Connection) -> Caller:
    if connection.caller is None:
        raise NotAllowed(N_("You are not in this room."), code="live.not-entered")
    return connection.caller


def _convert(message: object, wanted: type[Any]) -> Any:
    try:
        return msgspec.convert(message, wanted)
    except msgspec.ValidationError as error:
        raise BadInput(N_("The message could not be understood."), code="live.malformed") from error
