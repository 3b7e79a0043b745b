"""The world of the tests that go through the whole thing: the real server as a program of its own.

`running_server()` starts `python -m conference demo` (or `serve`) on free ports with a folder of its own,
and can kill, restart and stop it. `running_app()` composes the same application inside the test, where a
clock that stands still is needed. Both listen on real ports: nothing here is a stand-in.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from aiohttp import web

from conference.app import compose
from conference.assets import built_folder
from conference.clock import Clock
from conference.settings import Settings
from conference.storage.database import Database

ROOT = Path(__file__).parents[1]
EVENT = "karbala-2025"
GRACE = 120.0  # seconds any condition may take on a busy machine; nothing waits this long when all is well

# The demo's five, by the labels its command prints.
ORGANIZER, CHAIR, SPEAKER, BASRA, MOSUL = "Organizer", "Chair", "Speaker", "Attendee 1", "Attendee 2"
LANGUAGES = {ORGANIZER: "en", CHAIR: "ar", SPEAKER: "en", BASRA: "ar", MOSUL: "en"}

T = TypeVar("T")


def _own_ports() -> Iterator[int]:
    """Ports of this test process alone, below those that the system gives away.

    From those (`net.ipv4.ip_local_port_range`) every connection and every socket bound to port 0 of the tests
    beside this one gets its own: one of them could take the port of a server that is about to start, or to
    start again.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    ports = range(20_000 + worker * 1_500, 20_000 + (worker + 1) * 1_500)
    begin = random.SystemRandom().randrange(len(ports))  # other test runs on this machine begin elsewhere
    return itertools.cycle([*ports[begin:], *ports[:begin]])


_ports = _own_ports()


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port nobody listens on, and nobody will by chance."""
    for port in _ports:
        with socket.socket(socket.AF_INET, kind) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("the ports never end")


def build_browser_code() -> None:
    """The pages' styles and scripts, when a checkout has none yet."""
    if (built_folder() / "manifest.json").exists():
        return
    node = shutil.which("node") or str(ROOT / ".venv" / "bin" / "node")
    subprocess.run([node, "web/build.mjs"], cwd=ROOT, check=True, capture_output=True)


def majlis(*arguments: str | Path, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "conference", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False,
    )  # fmt: skip


async def until(
    condition: Callable[[], Awaitable[T | None]], what: str, *, seconds: float = GRACE, every: float = 0.05
) -> T:
    """Wait for *condition* to give something true, and return that; the limit is only for what is broken."""
    end = time.monotonic() + seconds
    while True:
        found = await condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:.0f} s: {what} (last seen: {found!r})")
        await asyncio.sleep(every)


class Server:
    """One Majlis as its own process; it keeps its port, its folder and its data over restarts."""

    def __init__(
        self, folder: Path, command: str, port: int, config: Path | None, more: Sequence[str]
    ) -> None:
        self.folder = folder
        self.port = port
        self.url = f"http://localhost:{port}"
        self.log_file = folder / "server.log"
        self._config = ["--config", str(config)] if config else []
        self._command = [command, "--port", str(port), "--data", str(folder)]
        # Rooms in the server's own process start fastest; the flows of media workers say otherwise.
        self._more = list(more) if "--media-workers" in more else ["--media-workers", "0", *more]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """Everything it has said, over all its lives."""
        return self.log_file.read_text(encoding="utf-8", errors="replace") if self.log_file.exists() else ""

    @property
    def links(self) -> dict[str, str]:
        """The demo's personal links by label, as printed last."""
        return dict(re.findall(r"^  (\w[\w ]*?)\s+(http://\S+/join/\S+)$", self.log, re.MULTILINE))

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server is not running"
        return self._process.pid

    async def start(self, *more: str) -> None:
        """Start it and wait until /healthz says that it is ready."""
        said = self.log_file.open("ab")
        with said:
            self._process = subprocess.Popen(  # noqa: ASYNC220  # it only forks
                [sys.executable, "-m", "conference", *self._command, *self._config, *self._more, *more],
                cwd=ROOT, stdout=said, stderr=said, env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        await until(self._is_ready, f"{self.url}/healthz is ready")

    async def health(self) -> dict[str, Any]:
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}/healthz") as answer:
            return dict(await answer.json())

    async def _is_ready(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(
                f"the server ended with status {self._process.returncode}:\n{self.log[-3000:]}"
            )
        with suppress(aiohttp.ClientError, OSError, ValueError):
            return bool((await self.health())["status"] == "ready")
        return False

    def kill(self) -> None:
        """`kill -9`: no goodbye, no flush."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(timeout=GRACE)
            self._process = None

    async def stop(self) -> int:
        """SIGTERM, as systemd does it; returns the exit status."""
        assert self._process is not None
        process, self._process = self._process, None
        process.terminate()
        return await asyncio.to_thread(process.wait, GRACE)


@asynccontextmanager
async def running_server(
    folder: Path, *, command: str = "demo", config: Path | None = None, more: Sequence[str] = ()
) -> AsyncIterator[Server]:
    """A running server with its data in *folder*; ended with the block, however that ends."""
    build_browser_code()
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  # once, on a local disk
    server = Server(folder, command, free_port(), config, more)
    try:
        await server.start()
        yield server
    finally:
        server.kill()


@asynccontextmanager
async def running_app(settings: Settings, clock: Clock, database: Database) -> AsyncIterator[web.Application]:
    """The composed application on `settings.server.port`, in this process and by *clock*."""
    build_browser_code()
    app = compose(settings, clock, database)
    runner = web.AppRunner(app, shutdown_timeout=1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", settings.server.port).start()
    try:
        yield app
    finally:
        await runner.cleanup()
