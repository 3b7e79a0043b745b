"""A bad link without root: a relay in front of the media port that holds up, queues and loses packets.

UDP and TCP on one port number. Flows that were there before `shape` pass freely: they are the speaker's,
whose link is good. Those that come later are the listener's.
"""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

HEADERS = 28  # bytes of IPv4 and UDP on top of each datagram
_READS = 64
_TRIES = 20


@dataclass(frozen=True)
class Conditions:
    """Of one direction. `rate` in bit/s, 0: any; `delay` in seconds; `queue` in seconds of waiting at `rate`.

    `burst` is the mean number of packets lost in a row: 1 is independent loss, more is Gilbert's model.
    """

    rate: int = 0
    delay: float = 0.0
    loss: float = 0.0
    burst: float = 1.0
    queue: float = 0.6


class Direction:
    """One way through the link: when a packet comes out, if it does."""

    def __init__(self, dice: random.Random) -> None:
        self.conditions = Conditions()
        self.dark = False
        self.packets = self.bytes = self.lost = self.overflown = 0
        self._dice = dice
        self._free = 0.0
        self._losing = False

    def passes(self, size: int, now: float) -> float | None:
        """Monotonic time of arrival; None when it is lost. `size` in bytes with all headers."""
        wanted = self.conditions
        if self.dark or self._is_lost(wanted):
            self.lost += 1
            return None
        begin = max(now, self._free)
        if wanted.rate:
            if begin - now > wanted.queue:
                self.overflown += 1
                return None
            begin += size * 8 / wanted.rate
            self._free = begin
        self.packets += 1
        self.bytes += size
        return begin + wanted.delay

    def _is_lost(self, wanted: Conditions) -> bool:
        if wanted.loss <= 0:
            return False
        if wanted.burst <= 1:
            return self._dice.random() < wanted.loss
        stay = 1 - 1 / wanted.burst
        enter = (1 - stay) * wanted.loss / (1 - wanted.loss)
        self._losing = self._dice.random() < (stay if self._losing else enter)
        return self._losing


class Relay:
    """In front of `target`; `up` is towards the server. `first_down` is when media last came down again."""

    def __init__(self, host: str = "127.0.0.1", seed: int = 1) -> None:
        dice = random.Random(seed)  # the same losses in every run
        self.up, self.down = Direction(dice), Direction(dice)
        self.target: tuple[str, int] = ("", 0)
        self.udp_blocked = False
        self._shaping = False
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._back: dict[Any, tuple[socket.socket, bool]] = {}
        self._front = self._datagram_socket()
        self.port = 0
        self._tcp: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. Raises OSError when no port number is free for both UDP and TCP."""
        for remaining in range(_TRIES, 0, -1):
            self.port = self._front.getsockname()[1]
            try:
                self._tcp = await asyncio.start_server(self._connected, self._host, self.port)
                break
            except OSError:  # a TCP connection of somebody else's has this number
                if remaining == 1:
                    raise
                self._front.close()
                self._front = self._datagram_socket()
        self._loop.add_reader(self._front.fileno(), self._inward)

    def shape(self) -> None:
        """From now on new flows are the listener's."""
        self._shaping = True

    def _datagram_socket(self) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        sock.bind((self._host, 0))
        return sock

    def _inward(self) -> None:
        for _ in range(_READS):
            try:
                data, source = self._front.recvfrom(2048)
            except OSError:
                return
            if source not in self._back:
                sock = self._datagram_socket()
                self._back[source] = (sock, self._shaping)
                self._loop.add_reader(sock.fileno(), self._outward, sock, source, self._shaping)
            back, shaped = self._back[source]
            self._carry(self.up if shaped else None, data, back, self.target)

    def _outward(self, back: socket.socket, source: Any, shaped: bool) -> None:
        for _ in range(_READS):
            try:
                data = back.recv(2048)
            except OSError:
                return
            self._carry(self.down if shaped else None, data, self._front, source)

    def _carry(self, way: Direction | None, data: bytes, sock: socket.socket, to: Any) -> None:
        if way is None:
            _send(sock, data, to)
            return
        now = time.monotonic()
        arrival = None if self.udp_blocked else way.passes(len(data) + HEADERS, now)
        if arrival is not None:
            self._loop.call_later(max(0.0, arrival - now), _send, sock, data, to)

    # ----------------------------------------------------------------------- TCP

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        shaped = self._shaping
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.target)
        except OSError:
            writer.close()
            return
        ways = (self.up, self.down) if shaped else (None, None)
        await asyncio.gather(
            self._stream(reader, far_writer, ways[0]), self._stream(far_reader, writer, ways[1])
        )

    async def _stream(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Direction | None
    ) -> None:
        """Bytes in order; a lost segment comes again a round trip later, and holds up what is behind it."""
        waiting: deque[tuple[float, bytes]] = deque()
        behind = 0.0
        filled = asyncio.Event()

        async def write() -> None:
            while True:
                while not waiting:
                    filled.clear()
                    await filled.wait()
                at, data = waiting.popleft()
                if not data:
                    return
                await asyncio.sleep(max(0.0, at - time.monotonic()))
                writer.write(data)
                await writer.drain()

        writing = self._loop.create_task(write())
        try:
            while data := await reader.read(1200):
                now = time.monotonic()
                while way is not None and (arrival := way.passes(len(data) + 40, now)) is None:
                    await asyncio.sleep(max(0.05, 2 * way.conditions.delay))
                    now = time.monotonic()
                behind = max(behind, arrival if way is not None and arrival is not None else now)
                waiting.append((behind, data))
                filled.set()
            waiting.append((behind, b""))
            filled.set()
            await writing
        except (OSError, asyncio.CancelledError):
            writing.cancel()
        finally:
            writer.close()

    def close(self) -> None:
        if self._tcp is not None:
            self._tcp.close()
        for sock in (self._front, *(sock for sock, _ in self._back.values())):
            self._loop.remove_reader(sock.fileno())
            sock.close()


def _send(sock: socket.socket, data: bytes, to: Any) -> None:
    try:
        sock.sendto(data, to)
    except OSError:
        pass  # the receiver has gone
