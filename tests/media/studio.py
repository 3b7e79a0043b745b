"""What the browser tests stand on: the test page, its signalling, Chromium, and a relay to cut."""

from __future__ import annotations

import asyncio
import json
import math
import shutil
import socket
import struct
import subprocess
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web
from playwright.async_api import BrowserContext, Page, async_playwright

from conference.media import LocalEngine, MediaError
from tests.media.peer import House

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
]


def bundle(folder: Path) -> Path:
    """The test page's script, built from the real browser code."""
    out = folder / "harness.js"
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    source = Path(__file__).parent / "page" / "harness.ts"
    subprocess.run(
        [str(esbuild), str(source), "--bundle", "--format=iife", "--target=es2022", f"--outfile={out}"],
        check=True,
        capture_output=True,
        cwd=ROOT,
    )
    return out


def speech_like(path: Path) -> Path:
    """Two seconds of syllables: a 140 Hz buzz with formants, 5 bursts a second, never silent for long."""
    rate = 48_000
    samples = bytearray()
    for n in range(rate * 2):
        t = n / rate
        syllable = max(0.0, math.sin(2 * math.pi * 2.5 * t)) + 0.15
        voice = sum(math.sin(2 * math.pi * 140 * k * t) / k for k in range(1, 6))
        samples += struct.pack("<h", int(max(-1, min(1, 0.3 * voice * syllable)) * 32000))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(samples))
    return path


HEADERS = 20 + 8


class Relay:
    """A UDP relay in front of the engine that can go dark, without root and without touching the engine."""

    def __init__(self, host: str) -> None:
        self._host = host
        self.target: tuple[str, int] = ("", 0)
        self.dark = False
        # Bytes towards the engine and back, with the headers of IPv4 and UDP.
        self.inward = self.outward = 0
        self._back: dict[Any, socket.socket] = {}
        self._loop = asyncio.get_running_loop()
        self._front = self._open(host)
        self.port = self._front.getsockname()[1]
        self._loop.add_reader(self._front.fileno(), self._inward)

    @staticmethod
    def _open(host: str) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        # This process may be stopped for a moment: that is no loss on the way.
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, 2 << 20)
        sock.bind((host, 0))
        return sock

    def _inward(self) -> None:
        for _ in range(64):
            try:
                data, source = self._front.recvfrom(2048)
            except OSError:
                return
            back = self._back.get(source)
            if back is None:
                back = self._back[source] = self._open(self._host)
                self._loop.add_reader(back.fileno(), self._outward, back, source)
            if not self.dark:
                self.inward += len(data) + HEADERS
                self._send(back, data, self.target)

    def _outward(self, back: socket.socket, source: Any) -> None:
        for _ in range(64):
            try:
                data = back.recv(2048)
            except OSError:
                return
            if not self.dark:
                self.outward += len(data) + HEADERS
                self._send(self._front, data, source)

    @staticmethod
    def _send(sock: socket.socket, data: bytes, to: Any) -> None:
        try:
            sock.sendto(data, to)
        except OSError:
            pass

    def close(self) -> None:
        for sock in (self._front, *self._back.values()):
            self._loop.remove_reader(sock.fileno())
            sock.close()


class Studio:
    """One Chromium, one HTTP server, one engine."""

    def __init__(self, engine: LocalEngine, house: House, folder: Path) -> None:
        self.engine = engine
        self.house = house
        self.folder = folder
        self.context: BrowserContext
        self.url = ""
        self.errors: list[str] = []
        self.rewrite_answer: Callable[[str], str] = lambda sdp: sdp
        self._sockets: dict[str, web.WebSocketResponse] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        house.on_offer = self._on_offer  # type: ignore[method-assign]  # the page answers, not a synthetic watcher
        house.on_layers = self._on_layers  # type: ignore[method-assign]

    async def open(self, *flags: str) -> None:
        script = bundle(self.folder).read_text()
        page = "<!doctype html><meta charset=utf-8><link rel=icon href=data:,><title>media</title><body>"

        async def index(request: web.Request) -> web.Response:
            return web.Response(text=f"{page}<script>{script}</script>", content_type="text/html")

        app = web.Application()
        app.router.add_get("/", index)
        app.router.add_get("/signal", self._signal)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/"
        self._playwright = await async_playwright().start()
        audio = speech_like(self.folder / "speech.wav")
        self.context = await self._playwright.chromium.launch_persistent_context(
            str(self.folder / "profile"),
            executable_path=shutil.which("chromium") or "/usr/bin/chromium",
            headless=True,
            args=[*FLAGS, f"--use-file-for-fake-audio-capture={audio}", *flags],
        )

    async def close(self) -> None:
        await self.context.close()
        await self._playwright.stop()
        await self._runner.cleanup()

    async def page(self, name: str, *, watch: bool = True) -> Page:
        page = await self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{name}: {error}"))
        await page.goto(self.url)
        await page.evaluate("([n, w]) => join('hall', n, w)", [name, watch])
        return page

    def _on_offer(self, room_id: str, participant_id: str, version: int, sdp: str) -> None:
        socket = self._sockets.get(participant_id)
        if socket is not None:
            self._later(socket, {"offer": {"version": version, "sdp": sdp}})

    def _on_layers(self, room_id: str, participant_id: str, source: str, rids: tuple[str, ...]) -> None:
        self.house.layers.append((participant_id, source, rids))
        socket = self._sockets.get(participant_id)
        if socket is not None:
            self._later(socket, {"layers": {"source": source, "rids": rids}})

    def _later(self, socket: web.WebSocketResponse, message: dict[str, Any]) -> None:
        async def send() -> None:
            try:
                await socket.send_str(json.dumps(message))
            except ConnectionError:
                pass

        task = asyncio.ensure_future(send())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _signal(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        room, name = request.query["room"], request.query["name"]
        self._sockets[name] = socket
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            body = json.loads(message.data)
            reply: dict[str, Any] = {"id": body["id"]}
            try:
                reply["result"] = await self._act(room, name, body)
            except MediaError as error:
                reply["code"] = error.code
            self._later(socket, reply)
        return socket

    async def _act(self, room: str, name: str, body: dict[str, Any]) -> Any:
        engine = self.engine
        if body["act"] == "publish":
            answer = await engine.publish(room, name, body["sdp"], body["sources"])
            return self.rewrite_answer(answer)
        if body["act"] == "answer":
            return await engine.subscribe_answer(room, name, body["version"], body["sdp"])
        restart = body["act"] == "restart"
        offer = await (engine.restart_subscribe if restart else engine.subscribe)(room, name)
        return {"version": offer.version, "sdp": offer.sdp}


async def seen(page: Page) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = await page.evaluate("seen()")
    return found


async def wait_until(page: Page, expression: str, seconds: float = 60) -> None:
    """Until a JavaScript expression (which may await) is true; on failure say what the page sees instead."""
    end = time.monotonic() + seconds
    while not await page.evaluate(f"(async () => ({expression}))()"):
        if time.monotonic() > end:
            state = await page.evaluate("(async () => [await seen(), shown(), report()])()")
            raise AssertionError(f"not reached in {seconds} s: {expression}; {state}")
        await asyncio.sleep(0.15)


async def wait_until_moves(page: Page, stream: str, measure: str = "frames", seconds: float = 60) -> None:
    """Until more of a stream has come than at first; a new connection begins to count at nothing."""
    end = time.monotonic() + seconds
    least: float | None = None
    while True:
        now = (await seen(page)).get(stream, {}).get(measure)
        if now is not None:
            least = now if least is None else min(least, now)
            if now > least + 5:
                return
        assert time.monotonic() < end, f"{stream} does not move: {await seen(page)}"
        await asyncio.sleep(0.15)
