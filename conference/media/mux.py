"""One UDP socket for every peer of the engine (RFC 7983 demultiplexing).

STUN finds its agent by the left half of USERNAME and must carry a valid MESSAGE-INTEGRITY. Everything else is
taken only from an address that has passed such a check: a stranger's ClientHello or junk never reaches DTLS
or SRTP, and nothing is ever sent to an address that did not prove it knows the password.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import Callable
from typing import Protocol

from conference.media.counters import Counters
from conference.media.errors import PortTaken

Address = tuple[str, int]
Receive = Callable[[bytes, float], None]

_BUFFER_BYTES = 4 << 20  # a key frame to hundreds of viewers leaves in one burst
_READS_PER_WAKEUP = 64
_MAX_DATAGRAM = 2048


class Agent(Protocol):
    """What the mux needs of an ICE agent."""

    def check(self, message: bytes, ufrag: str, address: Address, now: float) -> bytes | None: ...


class UdpMux:
    """Owns the socket; `add`/`remove` bind ufrags, `route`/`unroute` bind addresses that passed a check."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._agents: dict[str, Agent] = {}
        self._routes: dict[Address, Receive] = {}
        self._socket: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.port = 0

    def open(self, host: str, port: int) -> None:
        """Bind and start reading on the running loop. Raises PortTaken."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, _BUFFER_BYTES)
        try:
            sock.bind((host, port))
        except OSError as error:
            sock.close()
            raise PortTaken(f"UDP {host}:{port} cannot be bound: {error.strerror}") from error
        self._socket = sock
        self.port = sock.getsockname()[1]
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(sock.fileno(), self._readable)

    def close(self) -> None:
        if self._socket is not None and self._loop is not None:
            self._loop.remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def add(self, ufrag: str, agent: Agent) -> None:
        self._agents[ufrag] = agent

    def remove(self, ufrag: str) -> None:
        self._agents.pop(ufrag, None)

    def route(self, address: Address, receive: Receive) -> None:
        self._routes[address] = receive

    def unroute(self, address: Address, receive: Receive) -> None:
        if self._routes.get(address) == receive:
            del self._routes[address]

    @property
    def occupancy(self) -> tuple[int, int]:
        """(ufrags, addresses) bound now; both are zero when every transport has been closed."""
        return len(self._agents), len(self._routes)

    def send(self, data: bytes, address: Address) -> None:
        """Send or drop: media that waits is worth nothing, and the drop is counted."""
        try:
            self._socket.sendto(data, address)  # type: ignore[union-attr]  # None only after close
        except (OSError, AttributeError):
            self._counters.dropped_send += 1
        else:
            self._counters.datagrams_out += 1
            self._counters.bytes_out += len(data)

    def _readable(self) -> None:
        sock = self._socket
        counters = self._counters
        for _ in range(_READS_PER_WAKEUP):
            if sock is None or sock is not self._socket:
                return
            try:
                data, source = sock.recvfrom(_MAX_DATAGRAM)
            except BlockingIOError:
                return
            except OSError:  # an ICMP error from an earlier send; the next datagram is unaffected
                continue
            counters.datagrams_in += 1
            counters.bytes_in += len(data)
            if not data:
                continue
            address = source[:2]
            if data[0] < 4:
                self._stun(data, address)
                continue
            receive = self._routes.get(address)
            if receive is None:
                counters.dropped_unknown_address += 1
            else:
                receive(data, time.monotonic())

    def _stun(self, data: bytes, address: Address) -> None:
        ufrag = local_ufrag(data)
        agent = self._agents.get(ufrag) if ufrag is not None else None
        reply = (
            None if agent is None or ufrag is None else agent.check(data, ufrag, address, time.monotonic())
        )
        if reply is None:
            self._counters.dropped_stun += 1
        else:
            self.send(reply, address)


def local_ufrag(data: bytes) -> str | None:
    """The left half of USERNAME of a STUN Binding request (RFC 8489 §5, RFC 8445 §7.2.2), else None.

    Cheap on purpose: a flood of junk is turned away here before any attribute is decoded.
    """
    if len(data) < 20 or data[:2] != b"\x00\x01" or data[4:8] != b"\x21\x12\xa4\x42":
        return None
    position = 20
    while position + 4 <= len(data):
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        if data[position : position + 2] == b"\x00\x06":
            name = data[position + 4 : position + 4 + length].partition(b":")[0]
            return name.decode("ascii", "replace")
        position += 4 + length + (-length & 3)
    return None


def reachable_address(host: str) -> str:
    """An address clients can use for a socket bound to `host`: itself, or the default route's."""
    if not ipaddress.ip_address(host).is_unspecified:
        return host
    family, probe = (socket.AF_INET6, "2001:db8::1") if ":" in host else (socket.AF_INET, "192.0.2.1")
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((probe, 9))  # chooses a route; UDP connect sends nothing
            return str(sock.getsockname()[0])
        except OSError:
            return "::1" if ":" in host else "127.0.0.1"
