"""A link without root for the pages themselves: a relay in front of the web server that a power cut can cut.

What is on its way then stays away, and who knocks meanwhile is not answered.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from contextlib import suppress

_FIRST_REPEAT = 0.3  # seconds after which TCP sends again; each further time takes twice as long
_FULL = 3  # connections that fill an accept queue of length 0
_CHUNK = 16_384


def comes_after(dark: float) -> float:
    """Seconds after the end of an outage at which TCP delivers what it first sent `dark` seconds before that
    end (RFC 6298 §5.5: the timer is doubled each time, at most to 120 s)."""
    at, pause = _FIRST_REPEAT, _FIRST_REPEAT
    while at < dark:
        pause = min(120.0, 2 * pause)
        at += pause
    return at - dark


class Door:
    """In front of `target` on localhost. `round_trip` seconds pass between a question and its answer,
    whatever their size. The server is told its own address, as by a reverse proxy: it takes no sockets of
    another origin.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self.round_trip = 0.0
        self._target = target
        self._loop = asyncio.get_running_loop()
        self._listener = socket.socket()
        self._listener.setblocking(False)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(100)
        self.port = int(self._listener.getsockname()[1])
        self._names = f"localhost:{self.port}".encode(), f"localhost:{target[1]}".encode()
        self._light = asyncio.Event()
        self._light.set()
        self._knocking: list[socket.socket] = []
        self._streams: set[asyncio.Task[None]] = set()
        self._accepting = self._loop.create_task(self._accept())

    def darken(self) -> None:
        """While the accept queue is full the kernel drops who wants to connect: as if nobody were there."""
        self._light.clear()
        self._accepting.cancel()
        self._listener.listen(0)
        for _ in range(_FULL):
            knocking = socket.socket()
            knocking.setblocking(False)
            with suppress(BlockingIOError):
                knocking.connect(("127.0.0.1", self.port))
            self._knocking.append(knocking)

    def lighten(self) -> None:
        while self._knocking:
            self._knocking.pop().close()
        self._listener.listen(100)
        self._light.set()
        self._accepting = self._loop.create_task(self._accept())

    async def _accept(self) -> None:
        while True:
            near, _ = await self._loop.sock_accept(self._listener)
            stream = self._loop.create_task(self._carry(near))
            self._streams.add(stream)
            stream.add_done_callback(self._streams.discard)

    async def _carry(self, near: socket.socket) -> None:
        await asyncio.sleep(self.round_trip)  # the handshake
        with suppress(OSError):
            near_reader, near_writer = await asyncio.open_connection(sock=near)
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            await asyncio.gather(
                self._one_way(near_reader, far_writer, self._names),
                self._one_way(far_reader, near_writer, (b"", b"")),
            )

    async def _one_way(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, names: tuple[bytes, bytes]
    ) -> None:
        waiting: deque[tuple[float, bytes]] = deque()
        filled = asyncio.Event()
        reading = self._loop.create_task(self._read(reader, waiting, filled))
        try:
            data = b"-"
            while data:
                while not waiting:
                    filled.clear()
                    await filled.wait()
                at, data = waiting.popleft()
                await asyncio.sleep(max(0.0, at - self._loop.time()))
                await self._passage()
                if data:
                    writer.write(data.replace(*names) if names[0] else data)
                    await writer.drain()
        except OSError:
            pass
        finally:
            reading.cancel()
            writer.close()

    async def _read(
        self, reader: asyncio.StreamReader, waiting: deque[tuple[float, bytes]], filled: asyncio.Event
    ) -> None:
        data = b"-"
        while data:
            try:
                data = await reader.read(_CHUNK)
            except OSError:
                data = b""
            waiting.append((self._loop.time() + self.round_trip / 2, data))
            filled.set()

    async def _passage(self) -> None:
        """Until the first repetition that finds the link whole."""
        while not self._light.is_set():
            sent = self._loop.time()
            await self._light.wait()
            await asyncio.sleep(comes_after(self._loop.time() - sent))

    async def close(self) -> None:
        for task in (self._accepting, *self._streams):
            task.cancel()
        await asyncio.gather(self._accepting, *self._streams, return_exceptions=True)
        for sock in (self._listener, *self._knocking):
            sock.close()
