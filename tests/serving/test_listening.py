"""Listening: ready is told once connections are accepted; a busy port is one clear sentence."""

from __future__ import annotations

import asyncio
import os
import signal
import socket

import pytest
from aiohttp import ClientSession, web

from conference.errors import BadInput, Unavailable
from conference.serving.listening import listen


async def test_listen_serves_until_it_is_told_to_stop() -> None:
    stopped = asyncio.Event()
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def hello(_request: web.Request) -> web.Response:
        return web.Response(text="here")

    async def cleanup(_app: web.Application) -> None:
        stopped.set()

    app = web.Application()
    app.router.add_get("/", hello)
    app.on_cleanup.append(cleanup)
    serving = asyncio.create_task(listen(app, "127.0.0.1", 0, ready.set_result))
    port = await ready
    async with ClientSession() as client, client.get(f"http://127.0.0.1:{port}/") as answer:
        assert await answer.text() == "here"
    os.kill(os.getpid(), signal.SIGTERM)
    await serving
    assert stopped.is_set()


async def test_a_busy_port_is_told_with_what_to_do() -> None:
    with socket.socket() as other_program:
        other_program.bind(("127.0.0.1", 0))
        other_program.listen()
        port = other_program.getsockname()[1]
        with pytest.raises(Unavailable) as refused:
            await listen(web.Application(), "127.0.0.1", port, lambda _port: None)
    assert refused.value.code == "listen.busy"
    assert f"--port {port + 1}" in str(refused.value)


@pytest.mark.parametrize(
    ("host", "port"), [("not an address", 8000), ("127.0.0.1", 70_000), ("203.0.113.7", 8000)]
)
async def test_an_impossible_address_is_told(host: str, port: int) -> None:
    with pytest.raises(BadInput) as refused:
        await listen(web.Application(), host, port, lambda _port: None)
    assert refused.value.code == "listen.address"
