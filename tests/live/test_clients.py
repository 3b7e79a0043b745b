"""The clients everybody has, against our server; and all that python-socketio can do, on our websocket."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import socketio
from aiohttp import web

from conference.clock import ManualClock
from conference.live.channels import session_channel
from conference.live.websocket import WebSocket
from conference.storage.database import Database
from tests.live.saying import Podium
from tests.live.seminar import GRACE, MORNING, Seminar, new_id, running, tab

ROOT = Path(__file__).parents[2]
LONG = "ما هي الجرعة المناسبة لهذه الحالة؟ " * 20


class Node:
    """The JavaScript client in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def hear(self) -> Any:
        assert self._process.stdout
        async with asyncio.timeout(3 * GRACE):
            line = await self._process.stdout.readline()
        assert line, "the client has ended"
        return json.loads(line)

    async def ask(self, **wish: Any) -> Any:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(wish).encode() + b"\n")
        return await self.hear()

    async def command(self, kind: str, **fields: Any) -> Any:
        return await self.ask(emit="command", body={"client_id": new_id(), "type": kind, **fields})


@asynccontextmanager
async def node(url: str, path: str, namespace: str = "/", **auth: str) -> AsyncIterator[Node]:
    program = shutil.which("node")
    assert program, "Node.js is needed"
    process = await asyncio.create_subprocess_exec(
        program, str(Path(__file__).parent / "client.mjs"), url, path, url, namespace, json.dumps(auth),
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Node(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
async def seminar(furnished: Database, clock: ManualClock) -> AsyncIterator[Seminar]:
    async with running(furnished, clock, Podium(furnished, clock).commands()) as seminar:
        yield seminar


async def test_javascript_and_python_clients_share_a_room(seminar: Seminar) -> None:
    async with (
        tab(seminar, "sara") as sara,
        node(seminar.url, "/live/socket", ticket=seminar.ticket("ali")) as ali,
    ):
        # It takes compressed frames, as browsers do; the Python client does not.
        assert await ali.hear() == {"connected": True, "packs": True}
        entered = await ali.ask(emit="enter", body={"session": MORNING, "last": {}})
        assert entered["me"]["name"] == "Ali"
        assert (await ali.command("Say", text="hello"))["reply"] == {"seq": 1}
        assert (await sara.command("Say", text=LONG))["reply"] == {"seq": 2}
        heard = await ali.ask(heard=2)
        assert [name for name, _ in heard] == ["event", "event"]
        assert [(body["channel"], body["text"]) for _, body in heard] == [
            (session_channel(MORNING), "hello"),
            (session_channel(MORNING), LONG),
        ]
        missed = await ali.ask(emit="catch_up", body={"channel": session_channel(MORNING), "after": 0})
        assert [event["text"] for event in missed["events"]] == ["hello", LONG]


async def test_javascript_client_without_a_ticket_is_told_so(seminar: Seminar) -> None:
    async with node(seminar.url, "/live/socket", ticket="made up") as stranger:
        assert await stranger.hear() == {"refused": "live.ticket"}


@pytest.fixture
async def plain_server() -> AsyncIterator[tuple[socketio.AsyncServer, str]]:
    """python-socketio as it comes, but for our websocket: two namespaces, a room, an echo."""
    sio = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*")
    sio.eio._async = {**sio.eio._async, "websocket": WebSocket}

    async def echo(sid: str, body: object) -> object:
        return {"echo": body}

    async def join(sid: str, body: object) -> str:
        await sio.enter_room(sid, "hall", namespace="/other")
        return "joined"

    sio.on("echo", echo)
    sio.on("echo", echo, namespace="/other")
    sio.on("join", join, namespace="/other")
    app = web.Application()
    sio.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield sio, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await sio.shutdown()
    await runner.cleanup()


async def test_namespaces_rooms_and_acknowledgements_work_on_our_websocket(
    plain_server: tuple[socketio.AsyncServer, str],
) -> None:
    sio, url = plain_server
    async with node(url, "/socket.io", "/other") as inside, node(url, "/socket.io") as outside:
        assert (await inside.hear())["connected"]
        assert (await outside.hear())["connected"]
        assert await inside.ask(emit="echo", body=LONG) == {"echo": LONG}
        assert await outside.ask(emit="echo", body=[1, None]) == {"echo": [1, None]}
        assert await inside.ask(emit="join", body={}) == "joined"
        await sio.emit("news", {"text": LONG}, room="hall", namespace="/other")
        await sio.emit("news", "for the default namespace")
        assert await inside.ask(heard=1) == [["news", {"text": LONG}]]
        assert await outside.ask(heard=1) == [["news", "for the default namespace"]]

    async with socketio.AsyncSimpleClient() as python:
        await python.connect(url, namespace="/other", transports=["websocket"])
        assert await python.call("echo", LONG) == {"echo": LONG}
        await python.call("join", {})
        await sio.emit("news", 7, room="hall", namespace="/other")
        async with asyncio.timeout(GRACE):
            assert await python.receive() == ["news", 7]
