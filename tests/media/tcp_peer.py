"""The synthetic client over TCP: its connection's socket replaced by one that frames what it sends."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from typing import Any

from conference.media.framing import Deframer, frame
from tests.media.peer import Connection


class FramedSocket:
    """A TCP connection in the manner of a datagram socket; it connects with the first packet."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._deframer = Deframer()
        self._arrived: deque[bytes] = deque()
        self._unsent = b""
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)

    def sendto(self, data: bytes, remote: tuple[str, int]) -> None:
        if not self._connected():
            self.sock.connect(remote)
            self.sock.setblocking(False)
            readable: Any = self._connection._readable
            asyncio.get_running_loop().add_reader(self.sock.fileno(), readable, self)
        self._unsent += frame(data)
        try:
            self._unsent = self._unsent[self.sock.send(self._unsent) :]
        except (BlockingIOError, ConnectionError):
            pass  # as a datagram would be lost

    def _connected(self) -> bool:
        try:
            self.sock.getpeername()
        except OSError:
            return False
        return True

    def recv(self, size: int) -> bytes:
        """The next packet; raises BlockingIOError when there is none, ConnectionError at the end."""
        while not self._arrived:
            data = self.sock.recv(65536)
            if not data:
                asyncio.get_running_loop().remove_reader(self.sock.fileno())
                raise ConnectionResetError
            self._arrived.extend(self._deframer.feed(data))
            assert not self._deframer.broken
        return self._arrived.popleft()

    def fileno(self) -> int:
        return self.sock.fileno()

    def close(self) -> None:
        self.sock.close()


def use_tcp(connection: Connection) -> FramedSocket:
    """From now on over a new TCP connection: before connecting, or as a client that changes its network."""
    old: Any = connection.sock
    asyncio.get_running_loop().remove_reader(old.fileno())
    old.close()
    framed: Any = FramedSocket(connection)
    connection.sock = framed
    if connection.remote[0]:
        framed.sendto(connection.check_request(), connection.remote)
    return framed  # type: ignore[no-any-return]  # Any only to stand in for a socket
