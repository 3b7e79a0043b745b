"""The Socket.IO server with its doors shut: what python-socketio leaves open is closed here.

Websocket only; Origin required; text frames of our event names only; one login per socket, and soon;
closed sockets are cut, not waited for. Touched library internals (pinned by a test): `sio.eio`'s three
handlers, `sio._handle_eio_*`, the websocket class in `sio.eio._async`, and an Engine.IO socket's `queue`.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import engineio.packet
import msgspec
import socketio
from aiohttp import web

from conference.live.counters import Counters
from conference.live.rate import Bucket
from conference.live.websocket import WEBSOCKET, WebSocket
from conference.live.wire import Frame, WirePacket
from conference.settings import LiveSettings

log = logging.getLogger("majlis.live")

# CONNECT or DISCONNECT of the default namespace: all that python-socketio is asked to read. Anything else is
# no client of ours: it would let an event named "connect" call the login handler with a forged environ.
_allowed = re.compile(r"0(\{.*)?|1", re.DOTALL)

# An event of who is logged in, with the number its acknowledgement is to have.
_event = re.compile(r"42(\d{0,9})(\[.*)", re.DOTALL)

LOGIN_SECONDS = 10  # from the open socket to a ticket that was checked
LINGER_SECONDS = 0.8  # for a closed socket to say goodbye; with what precedes it a revocation takes ≤ 1 s
FLOOD = 5  # times the settled rate and burst: nobody's browser, so it is cut off instead of answered


# Answers an event: (sid, its one argument) -> its acknowledgement. It never raises for what a client did.
Answer = Callable[[str, object], Awaitable[dict[str, Any]]]


class Socket:
    """One open Engine.IO socket, logged in or not."""

    def __init__(self, eio_sid: str, request: web.Request, flood: Bucket) -> None:
        self.eio_sid = eio_sid
        self._request = request
        self.transport = request.transport
        self.opened = asyncio.get_running_loop().time()
        self.flood = flood
        self.asked = False  # a login was sent
        self.logged_in = False

    @property
    def websocket(self) -> WebSocket:
        return self._request[WEBSOCKET]


SOCKET: web.RequestKey[Socket] = web.RequestKey("live socket", Socket)


class Sockets:
    """The Socket.IO server of the live channel and its open sockets."""

    def __init__(self, settings: LiveSettings, origins: Collection[str], counters: Counters) -> None:
        self._settings = settings
        self._origins = origins
        self._counters = counters
        self._open: dict[str, Socket] = {}
        self._stopped = False
        self.sio = socketio.AsyncServer(
            async_mode="aiohttp",
            async_handlers=False,  # one client's messages in the order it sent them
            serializer=WirePacket,
            transports=["websocket"],
            allow_upgrades=False,
            cors_allowed_origins=sorted(origins),
            ping_interval=settings.ping_seconds,
            ping_timeout=settings.ping_timeout_seconds,
            max_http_buffer_size=settings.max_message_bytes,
        )
        self.sio.eio._async = {**self.sio.eio._async, "websocket": WebSocket}
        self.sio.eio.on("connect", self._opened)
        self.sio.eio.on("message", self._received)
        self.sio.eio.on("disconnect", self._gone)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The HTTP handler of the socket's address."""
        try:
            response: web.StreamResponse = await self.sio.handle_request(request)
        except ConnectionError:  # gone while the socket was being opened: nothing to tell and no fault
            await self._clear_away(request.get(SOCKET))
            return web.Response(status=400)
        except Exception:
            # The library lets a packet it cannot read escape, and with it its writer and its bookkeeping.
            log.info("a live connection sent something unreadable", exc_info=True)
            await self._clear_away(request.get(SOCKET))
            return web.Response(status=400)
        return response

    async def _clear_away(self, socket: Socket | None) -> None:
        engine = self.sio.eio.sockets.pop(socket.eio_sid, None) if socket is not None else None
        if socket is None or engine is None:
            return
        self.cut_off(socket)
        await engine.queue.put(None)
        await engine.close(wait=False, abort=True)

    async def _opened(self, eio_sid: str, environ: dict[str, Any]) -> bool:
        # The library checks an Origin that is there; only a browser is made to send one, so it must be.
        if self._stopped or environ.get("HTTP_ORIGIN") not in self._origins:
            return False
        request: web.Request = environ["aiohttp.request"]
        rate, burst = self._settings.commands_per_second * FLOOD, self._settings.command_burst * FLOOD
        flood = Bucket(rate, burst, asyncio.get_running_loop().time)
        self._open[eio_sid] = Socket(eio_sid, request, flood)
        request[SOCKET] = self._open[eio_sid]
        await self.sio._handle_eio_connect(eio_sid, environ)
        return True

    async def _received(self, eio_sid: str, data: object) -> None:
        socket = self._open.get(eio_sid)
        if socket is None:
            return  # already closed by us; what still arrives is nobody's
        if not isinstance(data, str) or not _allowed.fullmatch(data) or not socket.flood.take():
            self.cut_off(socket)
            return
        if data[0] == "0":
            if socket.asked:
                self.cut_off(socket)
                return
            socket.asked = True
        try:
            await self.sio._handle_eio_message(eio_sid, data)
        except Exception:
            # Our handlers answer for themselves, so this is a message that could not be taken apart.
            log.info("a live message was malformed; its connection is closed", exc_info=True)
            self.cut_off(socket)

    async def _gone(self, eio_sid: str, reason: str) -> None:
        socket = self._open.pop(eio_sid, None)
        await self.sio._handle_eio_disconnect(eio_sid, reason)
        if socket is not None and socket.transport is not None:
            # A client that stopped reading would keep the library waiting for its last byte for ever.
            asyncio.get_running_loop().call_later(LINGER_SECONDS, socket.transport.abort)

    def log_in(self, socket: Socket, sid: str, answers: Mapping[str, Answer]) -> None:
        """The ticket was good: from now on the events named in *answers* are answered, in their order."""

        async def hear(data: str) -> bool:
            event = _event.fullmatch(data)
            if event is None:
                return False
            if socket.flood.take() and await self._answer(socket, sid, answers, event[1], event[2]):
                return True
            self.cut_off(socket)
            raise OSError("cut off")

        socket.logged_in = True
        socket.websocket.hear = hear

    async def _answer(
        self, socket: Socket, sid: str, answers: Mapping[str, Answer], number: str, text: str
    ) -> bool:
        """Answer one event; False when it is none of ours."""
        try:
            name, body = msgspec.json.decode(text, type=tuple[str, Any])
            answer = answers[name]
        except (msgspec.DecodeError, KeyError, RecursionError):
            return False
        acknowledgement = await answer(sid, body)
        if number:
            await socket.websocket.send(f"43{number}[{msgspec.json.encode(acknowledgement).decode()}]")
        return True

    def cut_off(self, socket: Socket) -> None:
        """End a connection that does what no client of ours does, without a word."""
        self._counters.cut_off += 1
        self._open.pop(socket.eio_sid, None)
        if socket.transport is not None:
            socket.transport.abort()

    async def close(self, socket: Socket, last: Frame | None = None) -> None:
        """Say *last*, close, and cut the line after `LINGER_SECONDS` whatever the client does."""
        engine = self.sio.eio.sockets.get(socket.eio_sid)
        if engine is not None:
            if last is not None and not engine.closed:
                await engine.send(engineio.packet.Packet(engineio.packet.MESSAGE, last.text))
            await engine.close(wait=False)

    def sweep(self) -> None:
        """Cut the sockets that never logged in."""
        now = asyncio.get_running_loop().time()
        for socket in list(self._open.values()):
            if not socket.logged_in and now - socket.opened > LOGIN_SECONDS:
                self.cut_off(socket)

    async def shutdown(self, last: Callable[[], Frame]) -> None:
        """Close every socket and stop the library's own tasks."""
        await asyncio.gather(*(self.close(socket, last()) for socket in list(self._open.values())))
        if self.sio.eio.service_task_handle is not None:  # a second time it would await nothing and fail
            await self.sio.shutdown()
