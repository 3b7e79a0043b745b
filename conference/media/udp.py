"""One UDP socket for every peer (RFC 7983 demultiplexing)."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any, Final

from conference.media.counters import Counters
from conference.media.errors import PortTaken
from conference.media.fanout import Socket
from conference.media.intake import LEFT, RAW, Event, Opened, events_of, new_reception, send_left
from conference.media.paths import HandleStun, Owner, PathKind, Receive
from conference.media.sockaddr import address_of, socket_address
from conference.media.turns import new_watch

_BUFFER_BYTES = 4 << 20  # a key frame to hundreds of viewers leaves in one burst
_READS_PER_WAKEUP = 64
_MAX_DATAGRAM = 2048


class UdpPath:
    """One address of a peer, seen from one socket."""

    __slots__ = (
        "_counters",
        "_listener",
        "_packed",
        "_sendto",
        "opened",
        "owner",
        "receive",
        "remote",
        "socket",
    )

    kind: Final[PathKind] = "udp"

    def __init__(self, listener: UdpListener, remote: tuple[Any, ...]) -> None:
        self.remote = remote
        self._packed = socket_address(remote)
        self.owner: Owner | None = None
        self.receive: Receive | None = None
        self.opened: Opened | None = None
        self._listener = listener
        self._sendto = listener.sendto
        self.socket = listener.shared
        self._counters = listener.counters

    def send(self, data: bytes) -> None:
        try:
            self._sendto(data, self.remote)
        except OSError:  # the socket's buffer is full, or it has been closed
            self._counters.dropped_send += 1
        else:
            counters = self._counters
            counters.datagrams_out += 1
            counters.bytes_out += len(data)

    def bind(self, owner: Owner) -> None:
        self.owner = owner
        self.receive, self.opened = owner.receive, owner.opened
        self._listener.paths[self._packed] = self
        if self._listener.reception is not None:
            self._listener.reception.bind(self._packed, owner.peer)

    def unbind(self, owner: Owner) -> None:
        if self.owner is owner:
            self.owner = self.receive = self.opened = None
            self._listener.paths.pop(self._packed, None)
            if self._listener.reception is not None:
                self._listener.reception.bind(self._packed, None)


class UdpListener:
    """The socket, and the paths that have passed a check by the peer's address."""

    def __init__(self, stun: HandleStun, counters: Counters, host: str, port: int) -> None:
        """Bind and start reading on the running loop. Raises PortTaken."""
        self.counters = counters
        self.paths: dict[bytes, UdpPath] = {}  # by the socket address, as the system has it
        self._stun = stun
        self._socket = _open(host, port)
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self.sendto = self._socket.sendto
        self.shared = Socket(self._socket.fileno())
        self.port: int = self._socket.getsockname()[1]
        self.reception = new_reception(self._socket.fileno(), counters)
        self._watch = None if self.reception is None else new_watch(self.reception.cdata, self._loop)
        if self._watch is not None:
            self._loop.add_reader(self._watch.bell, self._fetch)
        else:
            take = self._take_each if self.reception is None else self._take_many
            self._loop.add_reader(self._socket.fileno(), take)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            if self._watch is not None:
                self._loop.remove_reader(self._watch.bell)
                self._watch.close()
            else:
                self._loop.remove_reader(self._socket.fileno())
            self.shared.close()
            self._socket.close()

    def _take_many(self) -> None:
        """In C; what is left, and an ICMP error from an earlier send, wakes us again or is over."""
        reception = self.reception
        assert reception is not None
        now = time.monotonic()
        self._go_through(reception.take(now), now)

    def _fetch(self) -> None:
        """What the thread has taken in and left to us."""
        watch = self._watch
        assert watch is not None
        self.collect()
        try:
            self._go_through(events_of(watch.taken, watch.arrivals), watch.now)
        finally:
            if not self._closed:
                watch.fetched()

    def collect(self) -> None:
        """Count what the thread has done by itself."""
        if self._watch is not None and self.reception is not None:
            self.reception.count(self._watch.totals)
            self._watch.forget()

    @property
    def cpu(self) -> float:
        """Seconds of processor time the thread has taken."""
        return self._watch.cpu if self._watch is not None and not self._closed else 0.0

    def _go_through(self, events: list[Event], now: float) -> None:
        for event in events:
            if event.what == RAW:
                self._take(event.data, event.source, now)
            elif event.what == LEFT:
                send_left(event.stream, event.number, event.places, now)
            else:
                path = self.paths.get(event.source)
                if path is not None and path.opened is not None:
                    path.opened(event.what, event.data, now)

    def _take_each(self) -> None:
        receive_from = self._socket.recvfrom
        for _ in range(_READS_PER_WAKEUP):
            if self._closed:
                return
            try:
                data, source = receive_from(_MAX_DATAGRAM)
            except BlockingIOError:
                return
            except OSError:  # an ICMP error from an earlier send; the next datagram is unaffected
                continue
            self._take(data, socket_address(source), time.monotonic())

    def _take(self, data: bytes, source: bytes, now: float) -> None:
        counters = self.counters
        counters.datagrams_in += 1
        counters.bytes_in += len(data)
        if not data or self._closed:
            return
        path = self.paths.get(source)
        if data[0] < 4:
            self._stun(data, path or UdpPath(self, address_of(source)), now)
        elif path is None or path.receive is None:
            counters.dropped_unknown_address += 1
        else:
            path.receive(data, now)


def _open(host: str, port: int) -> socket.socket:
    try:
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    except OSError as error:
        raise PortTaken(f"UDP {host} port {port} cannot be bound: {error.strerror}") from error
    try:
        sock.setblocking(False)
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # IPv4 has its own socket
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, _BUFFER_BYTES)
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise PortTaken(f"UDP {host} port {port} cannot be bound: {error.strerror}") from error
    return sock
