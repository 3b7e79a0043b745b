"""An ICE-lite agent (RFC 8445 §2.5): answers checks, never makes them.

The server is reachable at one public address, so it needs no candidates of its clients and keeps none: a
client cannot make it send anywhere. It sends to the address of the pair the client nominates (USE-CANDIDATE)
and moves when the client nominates another one. Consent (RFC 7675) is judged by `last_check`.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable

from aioice import stun

from conference.media.mux import Address, Receive, UdpMux

_MAX_ADDRESSES = 8  # a client behind a flapping NAT comes from a few addresses, not from hundreds


class IceAgent:
    """One transport's side of ICE.

    `receive` gets every other datagram of an authenticated address; `selected` is called when the address to
    send to changes. `last_check` is the monotonic time of the latest authenticated check, 0 before the first.
    """

    __slots__ = (
        "_addresses",
        "_mux",
        "_on_selected",
        "_passwords",
        "_receive",
        "address",
        "last_check",
        "password",
        "ufrag",
    )

    def __init__(self, mux: UdpMux, receive: Receive, on_selected: Callable[[], None]) -> None:
        self._mux = mux
        self._receive = receive
        self._on_selected = on_selected
        self._passwords: dict[str, bytes] = {}
        self._addresses: list[Address] = []
        self.address: Address | None = None
        self.last_check = 0.0
        self.restart()

    def restart(self) -> None:
        """New credentials (RFC 8445 §9). The old ones stay valid until a pair of the new ones is used."""
        for stale in list(self._passwords)[:-1]:
            self._forget(stale)
        self.ufrag, self.password = secrets.token_hex(4), secrets.token_hex(16)
        self._passwords[self.ufrag] = self.password.encode()
        self._mux.add(self.ufrag, self)

    def check(self, message: bytes, ufrag: str, address: Address, now: float) -> bytes | None:
        """Answer a Binding request; None (silence) unless it is well-formed and authenticated.

        Silence rather than an error response: whoever does not know the password gets no packet out of us.
        """
        request = parse_stun(message)
        password = self._passwords.get(ufrag)
        if request is None or password is None or not request.check_message_integrity(password):
            return None
        if "ICE-CONTROLLED" in request.attributes:  # the full agent must control (RFC 8445 §6.1.1)
            return _response(request, stun.Class.ERROR, {"ERROR-CODE": (487, "Role Conflict")}, password)
        self.last_check = now
        self._remember(address)
        if self.address is None or "USE-CANDIDATE" in request.attributes:
            if ufrag == self.ufrag:
                for old in [u for u in self._passwords if u != ufrag]:
                    self._forget(old)
            if address != self.address:
                self.address = address
                self._on_selected()
        return _response(request, stun.Class.RESPONSE, {"XOR-MAPPED-ADDRESS": address}, password)

    def _remember(self, address: Address) -> None:
        if address not in self._addresses:
            if len(self._addresses) >= _MAX_ADDRESSES:
                oldest = next(a for a in self._addresses if a != self.address)
                self._addresses.remove(oldest)
                self._mux.unroute(oldest, self._receive)
            self._addresses.append(address)
        # Bound again every time: the same client port may by now belong to a newer transport of the client.
        self._mux.route(address, self._receive)

    def _forget(self, ufrag: str) -> None:
        self._passwords.pop(ufrag, None)
        self._mux.remove(ufrag)

    def close(self) -> None:
        for ufrag in list(self._passwords):
            self._forget(ufrag)
        for address in self._addresses:
            self._mux.unroute(address, self._receive)
        self._addresses.clear()
        self.address = None


def parse_stun(data: bytes) -> stun.Message | None:
    """A STUN message, or None: the decoder raises several kinds of error on hostile input."""
    try:
        return stun.parse_message(data)
    except (ValueError, IndexError, struct.error):
        return None


def _response(
    request: stun.Message, kind: stun.Class, attributes: dict[str, object], password: bytes
) -> bytes:
    response = stun.Message(stun.Method.BINDING, kind, request.transaction_id, attributes)
    response.add_message_integrity(password)
    return bytes(response)
