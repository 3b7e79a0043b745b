"""Media over TCP for networks that drop UDP: passive ICE candidates (RFC 6544), framed by RFC 4571.

A connection carries nothing on before a check with a valid MESSAGE-INTEGRITY has come over it. Until then
whatever else it says ends it, and so does silence; there is room for a limited number of such strangers, and
a newcomer takes the place of the oldest, so that idle connections cannot lock anybody out.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import time
from typing import Any, Final

from conference.media.counters import Counters
from conference.media.errors import PortTaken
from conference.media.framing import Backlog, Deframer, frame
from conference.media.paths import HandleStun, Owner, PathKind, Receive

log = logging.getLogger(__name__)

STRANGER_SECONDS = 20.0  # a check on a 64 kbit/s link with 5 % loss is there in five
MAX_STRANGERS = 256

_ACCEPTS_PER_WAKEUP = 16
_READ_BYTES = 32 << 10
_UNSENT_BYTES = 16 << 10  # what the kernel may hold beyond the window: more would only be delay
_PAUSE_SECONDS = 1.0
_OUT_OF_FILES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class TcpPath:
    """One accepted connection."""

    __slots__ = (
        "_backlog",
        "_deframer",
        "_fileno",
        "_listener",
        "_patience",
        "_socket",
        "_writing",
        "closed",
        "owner",
        "receive",
        "remote",
    )

    kind: Final[PathKind] = "tcp"

    def __init__(
        self, listener: TcpListener, sock: socket.socket, remote: tuple[Any, ...], seconds: float
    ) -> None:
        self.remote = remote
        self.owner: Owner | None = None
        self.receive: Receive | None = None
        self.closed = False
        self._listener = listener
        self._socket = sock
        self._fileno = sock.fileno()
        self._deframer = Deframer()
        self._backlog = Backlog()
        self._writing = False
        self._patience = listener.loop.call_later(seconds, self._refuse)
        listener.loop.add_reader(self._fileno, self._readable)

    # --------------------------------------------------------------- ownership

    def bind(self, owner: Owner) -> None:
        if not self.closed:
            self._patience.cancel()
            self.owner = owner
            self.receive = owner.receive
            self._listener.authenticated(self)

    def unbind(self, owner: Owner) -> None:
        if self.owner is owner:
            self.owner = self.receive = None
            self.close()

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        self._patience.cancel()
        loop = self._listener.loop
        loop.remove_reader(self._fileno)
        if self._writing:
            loop.remove_writer(self._fileno)
        self._socket.close()
        self._listener.ended(self)

    def _refuse(self) -> None:
        """It did not behave as a peer does."""
        self._listener.counters.dropped_tcp += 1
        self._end()

    def _end(self) -> None:
        owner, self.owner, self.receive = self.owner, None, None
        self.close()
        if owner is not None:
            owner.lost(self)

    # ------------------------------------------------------------------- send

    def send(self, data: bytes) -> None:
        framed = frame(data)
        counters = self._listener.counters
        if self.closed:
            counters.dropped_send += 1
            return
        counters.datagrams_out += 1
        counters.bytes_out += len(framed)
        if not self._backlog:
            written = self._write(framed)
            if written == len(framed) or self.closed:
                return
            if written:
                self._backlog.begun(framed[written:])
                self._write_later()
                return
        self._backlog.add(framed, time.monotonic())
        self._count_dropped()
        self._write_later()

    def _write(self, data: bytes) -> int:
        try:
            return self._socket.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            self._end()
            return 0

    def _write_later(self) -> None:
        if not self._writing and self._backlog:
            self._writing = True
            self._listener.loop.add_writer(self._fileno, self._writable)

    def _writable(self) -> None:
        backlog, now = self._backlog, time.monotonic()
        while data := backlog.take(now):
            written = self._write(data)
            if self.closed:
                return
            if written < len(data):
                backlog.begun(data[written:])
                break
        self._count_dropped()
        if not backlog:
            self._writing = False
            self._listener.loop.remove_writer(self._fileno)

    def _count_dropped(self) -> None:
        self._listener.counters.dropped_backlog += self._backlog.dropped
        self._backlog.dropped = 0

    # ---------------------------------------------------------------- receive

    def _readable(self) -> None:
        try:
            data = self._socket.recv(_READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._end()
            return
        counters = self._listener.counters
        counters.bytes_in += len(data)
        packets = self._deframer.feed(data)
        counters.datagrams_in += len(packets)
        now = time.monotonic()
        for packet in packets:
            self._packet(packet, now)
            if self.closed:
                return
        if self._deframer.broken:
            self._refuse()

    def _packet(self, packet: bytes, now: float) -> None:
        if packet and packet[0] < 4:
            if not self._listener.stun(packet, self, now) and self.owner is None:
                self._refuse()
        elif self.receive is None:
            self._refuse()
        elif packet:
            self.receive(packet, now)


class TcpListener:
    """The listening socket and all its connections."""

    def __init__(
        self,
        stun: HandleStun,
        counters: Counters,
        host: str,
        port: int,
        *,
        stranger_seconds: float = STRANGER_SECONDS,
        max_strangers: int = MAX_STRANGERS,
    ) -> None:
        """Bind and start accepting on the running loop. Raises PortTaken."""
        self.stun = stun
        self.counters = counters
        self.loop = asyncio.get_running_loop()
        self.strangers: dict[TcpPath, None] = {}  # oldest first
        self.paths: set[TcpPath] = set()
        self._stranger_seconds = stranger_seconds
        self._max_strangers = max_strangers
        self._socket = _open(host, port)
        self._resume: asyncio.TimerHandle | None = None
        self._closed = False
        self.port: int = self._socket.getsockname()[1]
        self._listen()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._resume is not None:
            self._resume.cancel()
        self.loop.remove_reader(self._socket.fileno())
        self._socket.close()
        for path in [*self.strangers, *self.paths]:
            path.close()

    def authenticated(self, path: TcpPath) -> None:
        self.strangers.pop(path, None)
        self.paths.add(path)

    def ended(self, path: TcpPath) -> None:
        self.strangers.pop(path, None)
        self.paths.discard(path)

    def _listen(self) -> None:
        self._resume = None
        self.loop.add_reader(self._socket.fileno(), self._acceptable)

    def _acceptable(self) -> None:
        for _ in range(_ACCEPTS_PER_WAKEUP):
            try:
                sock, remote = self._socket.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _OUT_OF_FILES:
                    self._make_room(error)
                    return
                continue  # the peer has gone again
            self._welcome(sock, remote)

    def _welcome(self, sock: socket.socket, remote: tuple[Any, ...]) -> None:
        if len(self.strangers) >= self._max_strangers:
            self._drop_oldest()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES)
        self.counters.tcp_accepted += 1
        self.strangers[TcpPath(self, sock, remote, self._stranger_seconds)] = None

    def _drop_oldest(self) -> None:
        self.counters.dropped_tcp += 1
        next(iter(self.strangers)).close()

    def _make_room(self, error: OSError) -> None:
        """No file descriptor is left: the oldest stranger goes, or we ask again in a second."""
        if self.strangers:
            self._drop_oldest()
            return
        log.warning("media: no TCP connection can be accepted: %s", error)
        self.loop.remove_reader(self._socket.fileno())
        self._resume = self.loop.call_later(_PAUSE_SECONDS, self._listen)


def _open(host: str, port: int) -> socket.socket:
    try:
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    except OSError as error:
        raise PortTaken(f"TCP {host} port {port} cannot be bound: {error.strerror}") from error
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a restart need not wait out TIME_WAIT
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, port))
        sock.listen(128)
    except OSError as error:
        sock.close()
        raise PortTaken(f"TCP {host} port {port} cannot be bound: {error.strerror}") from error
    return sock
