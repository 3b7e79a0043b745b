"""The worker process: an engine, and the socket at which it is asked.

It serves one server, any number of watchers, and goes on without either: rooms, people and their rights stay
as they are until a server comes back. Without one it ends by itself after a while: nothing is left behind.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from conference import __version__
from conference.media.collecting import calm_collector
from conference.media.engine import EngineSettings
from conference.media.errors import Draining, MediaError
from conference.media.local_engine import LocalEngine
from conference.media.worker import messages as w
from conference.media.worker.addresses import listening
from conference.media.worker.frames import BadFrame, read_message, write_message

log = logging.getLogger(__name__)

BEAT_SECONDS = 0.5
HELLO_SECONDS = 5.0
MAX_AT_WORK = 500


class WorkerSettings(msgspec.Struct, frozen=True):
    """`lonely_seconds`: how long it lives without server and viewers; `orphan_seconds`: without a server.
    `drain_seconds`: the limit of a drain that was asked for by signal.
    """

    socket: str
    index: int
    engine: EngineSettings
    lonely_seconds: float = 60.0
    orphan_seconds: float = 600.0
    drain_seconds: float = 1800.0


class Worker:
    """`run` returns when the process ought to end."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self.engine = LocalEngine(settings.engine, _Reporter(self._tell))
        self._server: asyncio.StreamWriter | None = None
        self._peers: dict[asyncio.StreamWriter, w.Role] = {}
        self._port = 0
        self._ending = asyncio.Event()
        self._alone_since = time.monotonic()
        self._drain_until: float | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Raises MediaError, OSError when the port or the socket cannot be had."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._ending.set)
        loop.add_signal_handler(signal.SIGUSR1, self.drain, self._settings.drain_seconds)
        for ignored in (signal.SIGINT, signal.SIGHUP):  # a terminal's, meant for the server
            loop.add_signal_handler(ignored, lambda: None)
        await self.engine.start()
        self._port = (await self.engine.state()).port
        calm_collector()
        # Only now: who finds the socket may expect an answer at once.
        server = await self._listen(listening(Path(self._settings.socket)))
        beating = loop.create_task(self._beat_forever())
        try:
            await self._ending.wait()
        finally:
            beating.cancel()
            server.close()
            with suppress(FileNotFoundError):
                os.unlink(self._settings.socket)
            await self.engine.close()  # everybody is told goodbye
            for peer in list(self._peers):
                peer.transport.abort()

    async def _listen(self, bound: socket.socket) -> asyncio.Server:
        return await asyncio.start_unix_server(self._serve, sock=bound)

    def drain(self, limit: float) -> None:
        """No new rooms; the process ends with its last room, at the latest after *limit* seconds."""
        if self._drain_until is None:
            log.info("draining: ends when empty, or after %.0f s", limit)
        self._drain_until = time.monotonic() + limit

    # -- connections ------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                hello = await read_message(reader, w.from_server)
            if not isinstance(hello, w.Hello) or hello.protocol != w.PROTOCOL:
                write_message(writer, w.Refused(w.PROTOCOL, __version__))
                await writer.drain()
                return
            self._enter(writer, hello.role)
            at_work = asyncio.Semaphore(MAX_AT_WORK)
            while True:
                message = await read_message(reader, w.from_server)
                if not isinstance(message, w.Asked):
                    raise BadFrame(f"{type(message).__name__} out of turn")
                await at_work.acquire()  # a server that asks faster than we answer is not read from
                task = asyncio.get_running_loop().create_task(self._answer(writer, message))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                task.add_done_callback(lambda _: at_work.release())
        except BadFrame as error:
            log.error("a message on the worker's socket: %s", error)
        except (asyncio.IncompleteReadError, OSError, TimeoutError):
            pass  # the other side is gone
        finally:
            self._left(writer)
            writer.close()

    def _enter(self, writer: asyncio.StreamWriter, role: w.Role) -> None:
        self._peers[writer] = role
        write_message(writer, w.Welcome(w.PROTOCOL, __version__, self._settings.index, self._port))
        if role == "server":
            older, self._server = self._server, writer
            if older is not None:
                log.warning("another server has taken over")
                older.transport.abort()

    def _left(self, writer: asyncio.StreamWriter) -> None:
        role = self._peers.pop(writer, None)
        if self._server is writer:
            self._server = None
        if role in ("server", "supervisor"):
            self._alone_since = time.monotonic()

    async def _answer(self, writer: asyncio.StreamWriter, asked: w.Asked) -> None:
        try:
            value = await self._perform(asked.what)
            write_message(writer, w.Answered(asked.id, msgspec.Raw(w.encoder.encode(value))))
        except MediaError as error:
            write_message(writer, w.Failed(asked.id, error.code, error.detail))
        except Exception:  # the edge of the process: the caller is answered, the reason is in the log
            log.exception("%s failed", type(asked.what).__name__)
            write_message(writer, w.Failed(asked.id, MediaError.default_code, "see the worker's log"))

    async def _perform(self, ask: w.AnyAsk) -> Any:
        if isinstance(ask, w.Drain):
            self.drain(ask.limit)
            return None
        draining = self._drain_until is not None
        if draining and isinstance(ask, w.OpenRoom) and not self.engine.has_room(ask.room_id):
            raise Draining("this worker takes no new rooms")
        # The tags of `AnyAsk` are a closed list of the engine's methods; the decoder lets no other through.
        method: Callable[..., Any] = getattr(self.engine, str(ask.__struct_config__.tag))
        return await method(**{name: getattr(ask, name) for name in ask.__struct_fields__})

    # -- telling ----------------------------------------------------------------------------------

    def _tell(self, news: w.AnyNews) -> None:
        if self._server is not None:
            write_message(self._server, w.Told(news))

    async def _beat_forever(self) -> None:
        before, spent = time.monotonic(), time.process_time()
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            now, cpu = time.monotonic(), time.process_time()
            rooms, publishers, viewers = self.engine.counts()
            busy = (cpu - spent) / max(1e-9, now - before)
            beat = w.Beat(rooms, publishers, viewers, busy, self._drain_until is not None)
            before, spent = now, cpu
            for peer in self._peers:
                write_message(peer, beat)
            if self._is_over(now, rooms, viewers):
                self._ending.set()

    def _is_over(self, now: float, rooms: int, viewers: int) -> bool:
        if self._drain_until is not None and (rooms == 0 or now >= self._drain_until):
            log.info("drained with %d rooms left", rooms)
            return True
        roles = set(self._peers.values())
        if "server" in roles or ("supervisor" in roles and rooms == 0):
            self._alone_since = now
            return False
        alone = now - self._alone_since
        if alone > self._settings.orphan_seconds or (
            alone > self._settings.lonely_seconds and viewers == 0 and "supervisor" not in roles
        ):
            log.warning("no server for %.0f s: ending", alone)
            return True
        return False


class _Reporter:
    """The engine's listener in a worker: everything becomes a message."""

    def __init__(self, tell: Callable[[w.AnyNews], None]) -> None:
        self._tell = tell

    def on_offer(self, room_id: str, participant_id: str, version: int, sdp: str) -> None:
        self._tell(w.Offered(room_id, participant_id, version, sdp))

    def on_track(self, room_id: str, participant_id: str, source: str, published: bool) -> None:
        self._tell(w.TrackChanged(room_id, participant_id, source, published))

    def on_speaking(self, room_id: str, participant_ids: list[str]) -> None:
        self._tell(w.Speaking(room_id, participant_ids))

    def on_gone(self, room_id: str, participant_id: str) -> None:
        self._tell(w.Gone(room_id, participant_id))

    def on_layers(self, room_id: str, participant_id: str, source: str, rids: tuple[str, ...]) -> None:
        self._tell(w.Layers(room_id, participant_id, source, rids))

    def on_rung(self, room_id: str, participant_id: str, rung: str, reason: str) -> None:
        self._tell(w.Rung(room_id, participant_id, rung, reason))

    def on_recording_failed(self, room_id: str, code: str) -> None:
        self._tell(w.RecordingFailed(room_id, code))

    def on_reopened(self, room_id: str) -> None:
        """Rooms are reopened by the server's engine, never by a worker's."""
