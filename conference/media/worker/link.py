"""One side's connection to a worker: asking, being told, and noticing that it is gone."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from conference.media.errors import Overloaded, WorkerLost
from conference.media.worker.addresses import connected, peer_pid
from conference.media.worker.frames import BadFrame, read_message, write_message
from conference.media.worker.messages import (
    ANSWERS,
    PROTOCOL,
    Answered,
    AnyAsk,
    Asked,
    Beat,
    Failed,
    Hello,
    News,
    Refused,
    Role,
    Told,
    Welcome,
    error_of,
    from_worker,
)

log = logging.getLogger(__name__)

ASK_SECONDS = 15.0
MAX_PENDING = 2000


class OtherVersion(ConnectionError):
    """The worker is of another version; nothing can be asked of it."""


class Unresponsive(ConnectionError):
    """Somebody listens, but does not answer; `pid` is the process."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"process {pid} does not answer")
        self.pid = pid


class WorkerLink:
    """Connected by `connect`; `lost` is set when the worker or its process is gone."""

    def __init__(self, path: Path, role: Role, on_news: Callable[[News], None] | None = None) -> None:
        self.lost = asyncio.Event()
        self.welcome: Welcome | None = None
        self.beat: Beat | None = None
        self.beat_at = 0.0
        self.pid = 0
        self._path = path
        self._role = role
        self._on_news = on_news
        self._pending: dict[int, asyncio.Future[Any]] = {}
        self._next = 0
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def connect(self, seconds: float) -> Welcome:
        """Raises OSError when nobody listens, Unresponsive when nobody answers, OtherVersion."""
        sock = await connected(self._path)
        self.pid = peer_pid(sock)
        reader, writer = await asyncio.open_unix_connection(sock=sock)
        write_message(writer, Hello(PROTOCOL, self._role))
        try:
            # Not wait_for: before Python 3.12 it can swallow a cancellation that comes with the answer.
            async with asyncio.timeout(seconds):
                answer = await read_message(reader, from_worker)
        except TimeoutError as error:
            writer.transport.abort()
            raise Unresponsive(self.pid) from error
        except BadFrame as error:
            writer.transport.abort()
            raise OtherVersion(str(error)) from error
        except asyncio.IncompleteReadError as error:
            writer.transport.abort()
            raise ConnectionResetError("the worker ended") from error
        except BaseException:
            writer.transport.abort()
            raise
        if not isinstance(answer, Welcome):
            writer.transport.abort()
            version = answer.version if isinstance(answer, Refused) else "unknown"
            raise OtherVersion(f"it is of version {version}")
        self.welcome, self.beat_at, self._writer = answer, time.monotonic(), writer
        self._reading = asyncio.get_running_loop().create_task(self._read(reader))
        return answer

    async def ask(self, what: AnyAsk, seconds: float = ASK_SECONDS) -> Any:
        """The answer, of the type `ANSWERS` names. Raises what the engine raised, WorkerLost, Overloaded."""
        if self._writer is None or self.lost.is_set():
            raise WorkerLost("not connected")
        if len(self._pending) >= MAX_PENDING:
            raise Overloaded(f"{MAX_PENDING} calls of this worker are unanswered")
        self._next = number = self._next + 1
        answer = self._pending[number] = asyncio.get_running_loop().create_future()
        try:
            write_message(self._writer, Asked(number, what))
            async with asyncio.timeout(seconds):
                raw = await answer
        except TimeoutError as error:
            raise Overloaded(f"no answer to {type(what).__name__} in {seconds:.0f} s") from error
        finally:
            self._pending.pop(number, None)
        wanted = ANSWERS[type(what)]
        try:
            return None if wanted is None else msgspec.msgpack.decode(raw, type=wanted)
        except msgspec.DecodeError as error:
            self._writer.transport.abort()
            raise WorkerLost(f"its answer to {type(what).__name__} cannot be read: {error}") from error

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        self._end()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                self._take(await read_message(reader, from_worker))
        except BadFrame as error:
            log.error("worker %s: %s", self.pid, error)
        except (asyncio.IncompleteReadError, OSError):
            pass  # the worker is gone
        finally:
            self._end()

    def _take(self, message: object) -> None:
        self.beat_at = time.monotonic()  # anything it says shows that it runs
        if isinstance(message, Answered):
            self._settle(message.id, lambda answer: answer.set_result(message.value))
        elif isinstance(message, Failed):
            error = error_of(message.code, message.detail)
            self._settle(message.id, lambda answer: answer.set_exception(error))
        elif isinstance(message, Beat):
            self.beat = message
        elif isinstance(message, Told) and self._on_news is not None:
            try:
                self._on_news(message.what)
            except Exception:  # an edge: the application's trouble must not cost it the worker
                log.exception("the application failed on news from a worker")

    def _settle(self, number: int, settle: Callable[[asyncio.Future[Any]], None]) -> None:
        answer = self._pending.get(number)  # none: its caller has given up
        if answer is not None and not answer.done():
            settle(answer)

    def _end(self) -> None:
        if self.lost.is_set():
            return
        self.lost.set()
        if self._writer is not None:
            with suppress(OSError):
                self._writer.transport.abort()
        for answer in self._pending.values():
            if not answer.done():
                answer.set_exception(WorkerLost("its process ended"))
