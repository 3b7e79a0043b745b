"""An ICE-lite agent (RFC 8445 §2.5): answers checks, never makes them.

The server is reachable at public addresses, so it needs no candidates of its clients and keeps none: a
client cannot make it send anywhere. It sends over the path the client nominates (USE-CANDIDATE), be it UDP or
TCP, and moves when the client nominates another one. Consent (RFC 7675) is judged by `last_check`.

Each agent has two sets of credentials, one in use and a spare: a client that was told both restarts ICE with
the other set (RFC 8445 §9) without asking, which it could not do while nobody answers it. A lite agent needs
none of the client's credentials, so its first check says everything.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from conference.media.binding import read_check, role_conflict, success
from conference.media.intake import Opened, Peer
from conference.media.mux import Mux
from conference.media.paths import Path, Receive
from conference.media.sockaddr import socket_address

_SETS = 2  # of credentials that are valid when no former ones are left
_MAX_PATHS = 8  # a client behind a flapping NAT comes from a few addresses, not from hundreds


class IceAgent:
    """One transport's side of ICE.

    `receive` gets everything but STUN of an authenticated path; `on_selected` is called when the path to send
    over changes, or the client has restarted by itself. `send` sends over `path`, or drops while there is
    none.
    """

    __slots__ = (
        "_checked",
        "_mux",
        "_on_selected",
        "_passwords",
        "_paths",
        "opened",
        "password",
        "path",
        "peer",
        "receive",
        "send",
        "spare",
        "ufrag",
    )

    def __init__(self, mux: Mux, receive: Receive, on_selected: Callable[[], None]) -> None:
        self._mux = mux
        self.receive = receive
        self._on_selected = on_selected
        self._passwords: dict[str, bytes] = {}
        self._paths: list[Path] = []
        self.path: Path | None = None
        self.peer: Peer | None = None
        self.opened: Opened = _unopened
        self.send: Callable[[bytes], None] = _nowhere
        self._checked = 0.0
        self.restart()

    def restart(self) -> None:
        """New credentials (RFC 8445 §9). The old ones stay valid until a pair of the new ones is used."""
        for stale in list(self._passwords)[:-_SETS]:
            self._forget(stale)
        (self.ufrag, self.password), self.spare = self._issue(), self._issue()
        self._settled()

    def _issue(self) -> tuple[str, str]:
        ufrag, password = secrets.token_hex(4), secrets.token_hex(16)
        self._passwords[ufrag] = password.encode()
        self._mux.add(ufrag, self)
        return ufrag, password

    def open(self, peer: Peer | None, opened: Opened) -> None:
        """The keys are there: `peer` takes packets in, and `opened` gets what it leaves."""
        self.peer, self.opened = peer, opened
        for path in self._paths:
            path.bind(self)
        self._settled()

    @property
    def last_check(self) -> float:
        """Monotonic time of the latest authenticated check, 0 before the first."""
        return self._checked if self.peer is None else max(self._checked, self.peer.checked)

    def _settled(self) -> None:
        """Let C answer the checks from which nothing would follow: over the present path, under the name in
        use, once there are no former ones to be forgotten."""
        if self.peer is None:
            return
        if self.path is None or self.path.kind != "udp" or len(self._passwords) > _SETS:
            self.peer.answers("", b"", b"")
        else:
            self.peer.answers(self.ufrag, self._passwords[self.ufrag], socket_address(self.path.remote))

    def check(self, message: bytes, ufrag: str, path: Path, now: float) -> bytes | None:
        """Answer a Binding request; None (silence) unless it is well-formed and authenticated.

        Silence rather than an error response: whoever does not know the password gets no packet out of us.
        """
        password = self._passwords.get(ufrag)
        request = read_check(message, password) if password is not None else None
        if request is None or password is None:
            return None
        if request.controlled:  # the full agent must control (RFC 8445 §6.1.1)
            return role_conflict(request, password)
        self._checked = now
        self._remember(path)
        if self.path is None or request.nominates:
            restarted = ufrag == self.spare[0]
            if restarted:
                (self.ufrag, self.password), self.spare = self.spare, (self.ufrag, self.password)
            if ufrag == self.ufrag:
                for old in [u for u in self._passwords if u not in (ufrag, self.spare[0])]:
                    self._forget(old)
            if path is not self.path or restarted:
                self._select(path)
            self._settled()
        return success(request, path.remote, password)

    def _select(self, path: Path) -> None:
        self.path = path
        self.send = path.send
        self._on_selected()

    def lost(self, path: Path) -> None:
        """A TCP connection has ended. The client's next check, over whatever path, says where to go on."""
        if path in self._paths:
            self._paths.remove(path)
        if path is self.path:
            self.path = None
            self.send = _nowhere
            self._settled()

    def _remember(self, path: Path) -> None:
        if path not in self._paths:
            if len(self._paths) >= _MAX_PATHS:
                oldest = next(p for p in self._paths if p is not self.path)
                self._paths.remove(oldest)
                oldest.unbind(self)
            self._paths.append(path)
        # Bound again every time: the same client port may by now belong to a newer transport of the client.
        path.bind(self)

    def _forget(self, ufrag: str) -> None:
        self._passwords.pop(ufrag, None)
        self._mux.remove(ufrag)

    def close(self) -> None:
        for ufrag in list(self._passwords):
            self._forget(ufrag)
        paths, self._paths = self._paths, []
        self.path = None
        self.send = _nowhere
        for path in paths:
            path.unbind(self)


def _unopened(what: int, data: bytes, now: float) -> None:
    """Nothing is opened before there are keys."""


def _nowhere(data: bytes) -> None:
    """No path yet, or no longer: what would be sent has nobody to reach."""
