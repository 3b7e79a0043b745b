"""Starting workers, and starting them again: one loop of care per worker.

Whoever holds the lock in the folder is the supervisor, `majlis media` or else the server itself. Workers are
processes of their own sessions, so they outlive it; the next one finds them by their sockets. A worker whose
loop stands still says nothing, and is ended by force: its rooms are better off on another.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec

from conference.media.engine import EngineSettings
from conference.media.errors import MediaError
from conference.media.worker.addresses import SUPERVISOR_LOCK, locked, socket_of
from conference.media.worker.link import OtherVersion, Unresponsive, WorkerLink
from conference.media.worker.process import WorkerSettings
from conference.media.worker.spare import Spare

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.25
_SPAWN_SECONDS = 60.0  # a machine that is busy starting everything else
_LIVED_LONG = 20.0  # a worker that ended sooner is started again with growing pauses
_LONGEST_PAUSE = 15.0
_END_SECONDS = 8.0
_SPARE_SECONDS = 5.0


class Supervisor:
    """`start()` takes the lock; with `elsewhere` set another process has it, and nothing is done here.

    `command` is the program of a worker, which reads its settings as JSON from standard input: what `wrap`
    makes of `WorkerSettings`. `hang_seconds` is how long a worker may be silent, `spare_seconds` when the
    next warm interpreter is begun after the last was needed (see `spare`).
    """

    def __init__(
        self,
        folder: Path,
        engine: EngineSettings,
        workers: int,
        *,
        command: list[str],
        hang_seconds: float = 10.0,
        wrap: Callable[[WorkerSettings], object] = lambda settings: settings,
        lonely_seconds: float = 60.0,
        orphan_seconds: float = 600.0,
        spare_seconds: float | None = _SPARE_SECONDS,
    ) -> None:
        self.elsewhere = False
        self.sockets = [socket_of(folder, index) for index in range(workers)]
        self._folder = folder
        self.spare = Spare(command, spare_seconds)
        self.hang_seconds = hang_seconds
        self._wrap = wrap
        self._settings = [
            WorkerSettings(str(path), index, _on_ports(engine, index), lonely_seconds, orphan_seconds)
            for index, path in enumerate(self.sockets)
        ]
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._pids: dict[int, int] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._lock: int | None = None

    # ------------------------------------------------------------------- life

    async def start(self) -> None:
        self._lock = locked(self._folder / SUPERVISOR_LOCK)
        if self._lock is None:
            self.elsewhere = True
            log.info("the media workers are looked after by another process")
            return
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._care(index)) for index in range(len(self.sockets))]
        self.spare.later()

    async def close(self) -> None:
        """Stop caring. The workers go on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        self.spare.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        for child in self._children.values():
            child.returncode = child.poll() or 0  # it is nobody's child from now on, and that is no mistake
        self._children.clear()

    async def end_workers(self) -> None:
        """Ask every worker that is looked after here to end, and wait for it."""
        self.spare.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(self._end(index) for index in list(self._pids)))

    @property
    def pids(self) -> dict[int, int]:
        """The processes by index, as far as known."""
        return dict(self._pids)

    # ------------------------------------------------------------------- care

    async def _care(self, index: int) -> None:
        pause, began = 0.0, 0.0
        while True:
            try:
                link = await self._reach(index)
                began = time.monotonic()
                await self._watch(index, link)
            except (OSError, MediaError) as error:
                log.error("media worker %d: %s", index, error)
            if began and time.monotonic() - began > _LIVED_LONG:
                pause = 0.0
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 2 or 0.25)

    async def _reach(self, index: int) -> WorkerLink:
        """A connection to a worker that runs: the one that is there, or a new one. Raises OSError."""
        link = WorkerLink(self.sockets[index], "supervisor")
        try:
            await link.connect(self.hang_seconds)
        except Unresponsive as silent:
            log.error("media worker %d (process %d) does not answer and is ended", index, silent.pid)
            self._pids[index] = silent.pid
            await self._kill(index)
        except OtherVersion as error:
            log.warning("media worker %d is replaced: %s", index, error)
            self._pids[index] = link.pid
            await self._end(index)
        except OSError:
            pass  # nobody is there
        else:
            self._pids[index] = link.pid
            return link
        return await self._spawn(index)

    async def _spawn(self, index: int) -> WorkerLink:
        child = self.spare.take()
        self._children[index], self._pids[index] = child, child.pid
        if child.stdin is not None:
            with suppress(BrokenPipeError), child.stdin:
                child.stdin.write(msgspec.json.encode(self._wrap(self._settings[index])))
        until = time.monotonic() + _SPAWN_SECONDS
        while True:
            if child.poll() is not None:
                raise ConnectionError(f"its process ended with status {child.returncode}")
            link = WorkerLink(self.sockets[index], "supervisor")
            try:
                await link.connect(self.hang_seconds)
                return link
            except OSError as error:
                await link.close()
                if time.monotonic() > until or isinstance(error, Unresponsive):
                    await self._kill(index)
                    raise ConnectionError(f"it does not come up: {error}") from error
            await asyncio.sleep(0.02)

    async def _watch(self, index: int, link: WorkerLink) -> None:
        """Returns when the worker has ended, by itself or by force."""
        try:
            while not link.lost.is_set():
                silent = time.monotonic() - link.beat_at
                if silent > self.hang_seconds:
                    log.error("media worker %d has said nothing for %.1f s and is ended", index, silent)
                    await self._kill(index)
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_SECONDS):
                        await link.lost.wait()
        finally:
            await link.close()
        log.warning("media worker %d has ended", index)
        await self._gone(index, _END_SECONDS)

    # -------------------------------------------------------------------- ends

    async def _end(self, index: int) -> None:
        self._signal(index, signal.SIGTERM)
        if not await self._gone(index, _END_SECONDS):
            await self._kill(index)

    async def _kill(self, index: int) -> None:
        self._signal(index, signal.SIGKILL)
        await self._gone(index, _END_SECONDS)

    def _signal(self, index: int, number: signal.Signals) -> None:
        if self._pids.get(index):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self._pids[index], number)

    async def _gone(self, index: int, seconds: float) -> bool:
        """Wait until the process has ended, and with it its hold on the port."""
        until = time.monotonic() + seconds
        while self._runs(index):
            if time.monotonic() > until:
                return False
            await asyncio.sleep(0.02)
        self._pids.pop(index, None)
        self._children.pop(index, None)
        return True

    def _runs(self, index: int) -> bool:
        child, pid = self._children.get(index), self._pids.get(index, 0)
        if child is not None and child.pid == pid:
            return child.poll() is None
        if pid <= 0:
            return False
        with suppress(ChildProcessError):  # a child of this process after all: it must be taken leave of
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                return False
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return True


def _on_ports(engine: EngineSettings, index: int) -> EngineSettings:
    """Each worker has the port after its neighbour's; a port of 0 stays what it is."""
    return replace(
        engine,
        port=engine.port and engine.port + index,
        public_port=engine.public_port and engine.public_port + index,
    )


def worker_command() -> list[str]:
    """The program that runs one worker."""
    return [sys.executable, "-m", "conference.media_worker"]
