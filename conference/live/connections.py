"""The open connections of this process: one for each tab whose ticket was good."""

from __future__ import annotations

from collections.abc import Callable

from conference.errors import N_, NotAllowed
from conference.live.commands import Caller, Identity
from conference.live.counters import Counters
from conference.live.delivery import Behind, Mailbox
from conference.live.rate import Bucket
from conference.live.sockets import Socket
from conference.settings import LiveSettings


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

    def entered(self) -> Caller:
        """Who it is, in the place it is in; `NotAllowed` before it entered one."""
        if self.caller is None:
            raise NotAllowed(N_("You are not in this room."), code="live.not-entered")
        return self.caller


class Connections:
    """All of them, by the id each has in Socket.IO."""

    def __init__(self, settings: LiveSettings, counters: Counters) -> None:
        self._settings = settings
        self._counters = counters
        self._open: dict[str, Connection] = {}
        self.behind = Behind()

    def __contains__(self, sid: str) -> bool:
        return sid in self._open

    def __len__(self) -> int:
        return len(self._open)

    def all(self) -> list[Connection]:
        return list(self._open.values())

    def of(self, account_id: int) -> list[Connection]:
        """Every tab of one account."""
        return [each for each in self._open.values() if each.identity.account_id == account_id]

    def get(self, sid: str) -> Connection | None:
        return self._open.get(sid)

    def speaking(self, sid: str) -> Connection:
        """The one that says something; `OSError` when it was put out while its last words were being read."""
        connection = self._open.get(sid)
        if connection is None:
            raise OSError("the connection was closed")
        return connection

    def open(
        self, sid: str, socket: Socket, identity: Identity, monotonic: Callable[[], float]
    ) -> Connection:
        line = socket.websocket.line
        assert line is not None
        limits = self._settings
        mailbox = Mailbox(
            line,
            self.behind,
            limits.queue_messages,
            limits.queue_bytes,
            self._counters,
            packs=socket.websocket.packs,
        )
        bucket = Bucket(limits.commands_per_second, limits.command_burst, monotonic)
        self._open[sid] = connection = Connection(sid, socket, identity, mailbox, bucket)
        self._counters.connections += 1
        return connection

    def close(self, connection: Connection) -> bool:
        """Forget it; False when that was done before."""
        if self._open.pop(connection.sid, None) is None:
            return False
        self._counters.connections -= 1
        self.behind.discard(connection.mailbox)
        return True
