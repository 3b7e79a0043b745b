"""The servers under measurement, each a process of its own: our engine, and Debian's Janus for comparison."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any, Protocol

from scripts.bench.peer import Publisher, Remote, Viewer, answer

_PATIENCE = 60.0  # seconds
_PAUSE = 0.1
_STARTS = 10
_OTHER_PLUGINS = (
    "audiobridge", "duktape", "echotest", "lua", "nosip", "recordplay", "sip", "streaming", "textroom",
    "videocall", "voicemail",
)  # fmt: skip
_TICKS = os.sysconf("SC_CLK_TCK")


class Candidate(Protocol):
    """A server that forwards one publisher to its viewers."""

    name: str

    async def start(self) -> None: ...

    async def publish(self, peer: Publisher) -> None: ...

    async def view(self, peer: Viewer) -> None: ...

    def cpu(self) -> float: ...

    def memory(self) -> int: ...

    async def close(self) -> None: ...


class Process:
    """A child, measured by what the operating system says of it and ended by its own id."""

    def __init__(self) -> None:
        self.child: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()  # one request at a time

    async def spawn(self, *command: str, **streams: Any) -> asyncio.subprocess.Process:
        self.child = await asyncio.create_subprocess_exec(*command, **streams)
        return self.child

    @property
    def folder(self) -> Path:
        assert self.child is not None
        return Path("/proc") / str(self.child.pid)

    def cpu(self) -> float:
        """Seconds of processor time so far, user and system, all threads."""
        try:
            tasks = [task.read_text() for task in self.folder.glob("task/*/schedstat")]
            return sum(int(text.split()[0]) for text in tasks) / 1e9
        except OSError:  # a kernel without scheduler statistics
            fields = (self.folder / "stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self) -> int:
        """Bytes of proportional set size: what would be free again without this process."""
        lines = (self.folder / "smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024

    async def end(self) -> None:
        if self.child is None or self.child.returncode is not None:
            return
        self.child.terminate()
        try:
            await asyncio.wait_for(self.child.wait(), 10)
        except TimeoutError:
            self.child.kill()
            await self.child.wait()


class Majlis(Process):
    """Our engine in one process of its own."""

    name = "majlis"

    async def start(self) -> None:
        await self.spawn(
            sys.executable, "-m", "scripts.bench.server",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 20,
        )  # fmt: skip
        await self._line()

    async def _line(self) -> dict[str, Any]:
        assert self.child is not None
        assert self.child.stdout is not None
        line = await asyncio.wait_for(self.child.stdout.readline(), _PATIENCE)
        if not line:
            raise ConnectionError("the engine's process has ended")
        reply: dict[str, Any] = json.loads(line)
        return reply

    async def _ask(self, **request: Any) -> dict[str, Any]:
        assert self.child is not None
        assert self.child.stdin is not None
        async with self._turn:
            self.child.stdin.write(json.dumps(request).encode() + b"\n")
            return await self._line()

    async def publish(self, peer: Publisher) -> None:
        reply = await self._ask(publish="publisher", sdp=peer.offer(), tracks={"0": peer.SOURCE})
        await peer.connect(Remote.read(reply["sdp"]))

    async def view(self, peer: Viewer) -> None:
        name = f"viewer-{secrets.token_hex(6)}"
        offer = await self._ask(view=name)
        remote = Remote.read(offer["sdp"])
        peer.expect(remote)
        await self._ask(answer=name, version=offer["version"], sdp=answer(offer["sdp"], peer))
        await peer.connect(remote)

    async def close(self) -> None:
        if self.child is not None and self.child.stdin is not None:
            self.child.stdin.close()
            try:
                await asyncio.wait_for(self.child.wait(), 10)
            except TimeoutError:
                await self.end()


class Janus(Process):
    """Debian's Janus with its VideoRoom plugin, driven over its Unix socket; it leaves nothing behind."""

    name = "janus"
    ROOM = 1

    def __init__(self) -> None:
        super().__init__()
        self._configuration = tempfile.TemporaryDirectory(prefix="majlis-janus-")
        self._socket = Path(self._configuration.name) / "api"
        self._api = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._session = 0
        self._feed = 0

    @staticmethod
    def installed() -> bool:
        return shutil.which("janus") is not None

    def _configure(self) -> None:
        folder = Path(self._configuration.name)
        others = ",".join(f"libjanus_{name}.so" for name in _OTHER_PLUGINS)
        (folder / "janus.jcfg").write_text(
            "general: { debug_level = 2; log_to_stdout = true; session_timeout = 0 }\n"
            "nat: { ice_lite = true }\n"
            "media: { ipv6 = false }\n"
            'transports: { disable = "libjanus_http.so,libjanus_websockets.so,libjanus_mqtt.so,'
            'libjanus_nanomsg.so,libjanus_rabbitmq.so" }\n'
            'loggers: { disable = "libjanus_jsonlog.so" }\n'
            f'plugins: {{ disable = "{others}" }}\n'
        )
        (folder / "janus.transport.pfunix.jcfg").write_text(
            f'general: {{ enabled = true; json = "compact"; path = "{self._socket}"; '
            'type = "SOCK_SEQPACKET" }\n'
            "admin: { admin_enabled = false }\n"
        )
        (folder / "janus.plugin.videoroom.jcfg").write_text(
            "general: { }\n"
            f'room-{self.ROOM}: {{ description = "bench"; publishers = 3; bitrate = 0; fir_freq = 0; '
            'audiocodec = "opus"; videocodec = "vp8"; notify_joining = false }\n'
        )

    async def start(self) -> None:
        self._configure()
        # The Unix socket's thread of 1.1.2 sometimes ends before it has begun, and Janus with it.
        for _ in range(_STARTS):
            if await self._started():
                break
        else:
            raise ConnectionError("Janus does not start")
        self._session = (await self._ask(janus="create"))["data"]["id"]

    async def _started(self) -> bool:
        nothing = asyncio.subprocess.DEVNULL
        folder = self._configuration.name
        child = await self.spawn(
            "janus", "--configs-folder", folder, stdin=nothing, stdout=nothing, stderr=nothing
        )
        for _ in range(int(_PATIENCE / _PAUSE)):
            if self._reached():
                return True
            if child.returncode is not None:
                return False
            await asyncio.sleep(_PAUSE)
        await self.end()
        return False

    def _reached(self) -> bool:
        self._api.close()
        self._api = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._api.setblocking(False)
        try:
            self._api.connect(str(self._socket))
        except OSError:
            return False
        return True

    async def _ask(self, *, until: str = "success", **request: Any) -> dict[str, Any]:
        """A request and the reply of kind `until`; what comes between is of no interest here."""
        transaction = secrets.token_hex(6)
        loop = asyncio.get_running_loop()
        message = {"transaction": transaction, **request}
        if self._session:
            message["session_id"] = self._session
        async with self._turn, asyncio.timeout(_PATIENCE):
            await loop.sock_sendall(self._api, json.dumps(message).encode())
            while True:
                reply: dict[str, Any] = json.loads(await loop.sock_recv(self._api, 1 << 18))
                if reply.get("transaction") != transaction:
                    continue
                if reply["janus"] == "error":
                    raise ConnectionError(f"Janus refused: {reply['error']}")
                if reply["janus"] == until:
                    return reply

    async def _attach(self) -> int:
        reply = await self._ask(janus="attach", plugin="janus.plugin.videoroom")
        return int(reply["data"]["id"])

    async def _message(self, handle: int, body: dict[str, Any], **jsep: Any) -> dict[str, Any]:
        return await self._ask(until="event", janus="message", handle_id=handle, body=body, **jsep)

    async def publish(self, peer: Publisher) -> None:
        handle = await self._attach()
        joined = await self._message(handle, {"request": "join", "ptype": "publisher", "room": self.ROOM})
        self._feed = joined["plugindata"]["data"]["id"]
        offer = {"type": "offer", "sdp": peer.offer()}
        reply = await self._message(handle, {"request": "publish", "videocodec": "vp8"}, jsep=offer)
        await peer.connect(Remote.read(reply["jsep"]["sdp"]))

    async def view(self, peer: Viewer) -> None:
        handle = await self._attach()
        join = {
            "request": "join",
            "ptype": "subscriber",
            "room": self.ROOM,
            "streams": [{"feed": self._feed}],
        }
        reply: dict[str, Any] = {}
        for _ in range(int(_PATIENCE / _PAUSE)):
            reply = await self._message(handle, join)
            if "jsep" in reply:
                break
            await asyncio.sleep(
                _PAUSE
            )  # "no such feed": it has not noticed its publisher's first packets yet
        else:
            raise ConnectionError(f"Janus offers no stream: {reply}")
        offer = reply["jsep"]["sdp"]
        remote = Remote.read(offer)
        peer.expect(remote)
        accepted = {"type": "answer", "sdp": answer(offer, peer)}
        await self._message(handle, {"request": "start"}, jsep=accepted)
        await peer.connect(remote)

    async def close(self) -> None:
        self._api.close()
        await self.end()
        self._configuration.cleanup()
