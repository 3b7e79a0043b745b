"""Socket addresses as the system has them: `struct sockaddr_in` and `sockaddr_in6`."""

from __future__ import annotations

import socket
import struct
from typing import Any

_IPV4 = struct.Struct("=HH4s8x")
_IPV6 = struct.Struct("=HHI16sI")


def address_of(packed: bytes) -> tuple[Any, ...]:
    """The counterpart of `socket_address`, as Python's sockets have it."""
    if len(packed) == _IPV4.size:
        _, port, host = _IPV4.unpack(packed)
        return socket.inet_ntop(socket.AF_INET, host), socket.ntohs(port)
    _, port, flow, host, scope = _IPV6.unpack(packed)
    return socket.inet_ntop(socket.AF_INET6, host), socket.ntohs(port), socket.ntohl(flow), scope


def socket_address(remote: tuple[Any, ...]) -> bytes:
    """`struct sockaddr_in` or `sockaddr_in6` of an address as Python's sockets have it."""
    port = socket.htons(remote[1])
    if len(remote) == 2:
        return _IPV4.pack(socket.AF_INET, port, socket.inet_pton(socket.AF_INET, remote[0]))
    host = remote[0].partition("%")[0]
    return _IPV6.pack(
        socket.AF_INET6, port, socket.htonl(remote[2]), socket.inet_pton(socket.AF_INET6, host), remote[3]
    )
