"""Websocket frames encoded once (RFC 6455), and the websocket that python-socketio's engine is given.

Frames from a server are not masked, so the bytes of one frame are right for every client of a channel, and
writing them to a transport is all that a delivery costs. So that they fit between whatever else a client is
sent, everything the engine says goes through here too: no message depends on the one before it
(RFC 7692, section 7.2.3: a message may be compressed by itself or not at all, whatever was negotiated).
"""

from __future__ import annotations

import asyncio
import socket
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

FULL_WINDOW = 15  # bits; who asked for a smaller window gets plain frames
WORTH_PACKING = 256  # bytes; below that the same words rarely come twice
ROOM = 65_536  # bytes that may wait in a transport before somebody waits for it to empty
# What the kernel holds for one client; it would let this grow to megabytes for one that has stopped reading.
# It doubles the number for its own bookkeeping.
KERNEL_ROOM = 65_536
LOOK_AGAIN = 0.05  # seconds between looks at a transport that is full


def plain(message: bytes) -> bytes:
    """One unfragmented text frame."""
    return _frame(0x81, message)


def packed(message: bytes) -> bytes | None:
    """The same for who negotiated permessage-deflate; None when it would not be smaller."""
    if len(message) < WORTH_PACKING:
        return None
    deflate = zlib.compressobj(6, zlib.DEFLATED, -FULL_WINDOW)
    body = deflate.compress(message) + deflate.flush(zlib.Z_SYNC_FLUSH)
    body = body.removesuffix(b"\x00\x00\xff\xff")
    return _frame(0xC1, body) if len(body) < len(message) else None


def _frame(first: int, payload: bytes) -> bytes:
    length = len(payload)
    if length < 126:
        return bytes((first, length)) + payload
    if length < 65_536:
        return bytes((first, 126)) + length.to_bytes(2, "big") + payload
    return bytes((first, 127)) + length.to_bytes(8, "big") + payload


class Line:
    """The transport of one websocket, closed from its closing frame on.

    No data may follow that frame (RFC 6455, section 5.5.1): browsers take it for a fault of the server.
    """

    __slots__ = ("_socket", "_transport", "get_write_buffer_size", "write")

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        self._socket = socket
        self._transport = transport
        self.write = transport.write
        self.get_write_buffer_size = transport.get_write_buffer_size

    def is_closing(self) -> bool:
        return self._socket.closed or self._transport.is_closing()


class WebSocket:
    """As the engine's aiohttp driver has one: called once with the environ, then wait, send and close."""

    def __init__(self, handler: Callable[[WebSocket], Awaitable[object]], server: Any) -> None:
        self._handler = handler
        self._socket = web.WebSocketResponse(max_msg_size=server.max_http_buffer_size)
        self.line: Line | None = None
        self.packs = False
        # Once somebody is logged in, their events never get as far as the engine: it would need five tasks
        # and two queues for each of them. Returns whether the message was one of those.
        self.hear: Callable[[str], Awaitable[bool]] | None = None

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        request: web.Request = environ["aiohttp.request"]
        await self._socket.prepare(request)
        if (transport := request.transport) is not None:
            self.line = Line(self._socket, transport)
            kernel: socket.socket | None = transport.get_extra_info("socket")
            if kernel is not None:
                kernel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_ROOM)
        self.packs = self._socket.compress == FULL_WINDOW
        request[WEBSOCKET] = self
        await self._handler(self)
        return self._socket

    async def wait(self) -> str | bytes:
        """The next message that is the engine's; `OSError` when there is none any more."""
        while True:
            data = (await self._socket.receive()).data
            if not isinstance(data, (str, bytes)):
                raise OSError("the websocket was closed")
            if self.hear is None or isinstance(data, bytes) or not await self.hear(data):
                return data

    async def send(self, message: str) -> None:
        """Write one message; returns when the line has room for more, `OSError` when it is gone."""
        line = self.line
        if line is None or line.is_closing():
            raise OSError("the websocket was closed")
        raw = message.encode()
        line.write((packed(raw) if self.packs else None) or plain(raw))
        while line.get_write_buffer_size() > ROOM:  # it reads slowly, or never
            await asyncio.sleep(LOOK_AGAIN)
            if line.is_closing():
                raise OSError("the websocket was closed")

    async def close(self) -> None:
        await self._socket.close()


WEBSOCKET = web.RequestKey("websocket", WebSocket)
