"""Every socket of the engine, and which ICE agent a check of connectivity is for.

STUN finds its agent by the left half of USERNAME and must carry a valid MESSAGE-INTEGRITY. Everything else is
taken only from a path that has passed such a check: a stranger's ClientHello or junk never reaches DTLS
or SRTP, and nothing is ever sent to an address that did not prove it knows the password.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Sequence
from typing import Protocol

from conference.media.counters import Counters
from conference.media.errors import PortTaken
from conference.media.paths import Path
from conference.media.tcp import TcpListener
from conference.media.udp import UdpListener

log = logging.getLogger(__name__)

_TRIES = 20  # a port the system chose for one socket may be taken for another
_NO_SUCH_FAMILY = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL})


class Agent(Protocol):
    """What the mux needs of an ICE agent."""

    def check(self, message: bytes, ufrag: str, path: Path, now: float) -> bytes | None: ...


class Mux:
    """Owns the sockets: for each address one of UDP and one of TCP, all with the same port number."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._agents: dict[str, Agent] = {}
        self.listeners: list[UdpListener | TcpListener] = []
        self.hosts: list[str] = []  # those listened on
        self.port = 0

    def open(self, hosts: Sequence[str], port: int, *, tcp: bool = True) -> None:
        """Bind and start reading on the running loop; port 0 lets the system choose. Raises PortTaken.

        The wildcard of a protocol version this machine does not have is left out when there is another host.
        """
        for remaining in range(_TRIES if port == 0 else 1, 0, -1):
            try:
                self._open_all(hosts, port, tcp)
                return
            except PortTaken:
                self.close()
                if remaining == 1:
                    raise

    def _open_all(self, hosts: Sequence[str], port: int, tcp: bool) -> None:
        for host in hosts:
            try:
                udp = UdpListener(self.stun, self._counters, host, self.port or port)
            except PortTaken as error:
                cause = error.__cause__
                lacking = isinstance(cause, OSError) and cause.errno in _NO_SUCH_FAMILY
                if host == "::" and len(hosts) > 1 and lacking:
                    log.info("media: no IPv6 on this machine")
                    continue
                raise
            self.listeners.append(udp)
            self.port = udp.port
            if tcp:
                self.listeners.append(TcpListener(self.stun, self._counters, host, self.port))
            self.hosts.append(host)

    def collect(self) -> float:
        """Count what threads have taken in by themselves; the processor time they have taken."""
        spent = 0.0
        for listener in self.listeners:
            if isinstance(listener, UdpListener):
                listener.collect()
                spent += listener.cpu
        return spent

    def close(self) -> None:
        for listener in self.listeners:
            listener.close()
        self.listeners.clear()
        self.hosts.clear()
        self.port = 0

    def add(self, ufrag: str, agent: Agent) -> None:
        self._agents[ufrag] = agent

    def remove(self, ufrag: str) -> None:
        self._agents.pop(ufrag, None)

    @property
    def occupancy(self) -> tuple[int, int]:
        """(ufrags, paths) bound now; both are zero when every transport has been closed."""
        return len(self._agents), sum(len(listener.paths) for listener in self.listeners)

    def stun(self, data: bytes, path: Path, now: float) -> bool:
        """Answer a check, or keep silent; True when it was authenticated."""
        ufrag = local_ufrag(data)
        agent = self._agents.get(ufrag) if ufrag is not None else None
        reply = None if agent is None or ufrag is None else agent.check(data, ufrag, path, now)
        if reply is None:
            self._counters.dropped_stun += 1
            return False
        path.send(reply)
        return True


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
