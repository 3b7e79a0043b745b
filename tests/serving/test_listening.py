"""Listening: ready is told once connections are accepted; a busy port is one clear sentence."""

from __future__ import annotations

import asyncio
import os
import signal
import socket

import pytest
from aiohttp import ClientSession, web

from conference.errors import BadInput, Unavailable
from conference.serving.listening import listen, taken_port


async def test_listen_serves_until_it_is_told_to_stop() -> None:
    stopped, ready = asyncio.Event(), asyncio.Event()

    async def hello(_request: web.Request) -> web.Response:
        return web.Response(text="here")

    async def cleanup(_app: web.Application) -> None:
        stopped.set()

    app = web.Application()
    app.router.add_get("/", hello)
    app.on_cleanup.append(cleanup)
    with taken_port("127.0.0.1", 0) as bound:
        serving = asyncio.create_task(listen(app, bound, ready.set))
        await ready.wait()
        port = bound.getsockname()[1]
        async with ClientSession() as client, client.get(f"http://127.0.0.1:{port}/") as answer:
            assert await answer.text() == "here"
        os.kill(os.getpid(), signal.SIGTERM)
        await serving
    assert stopped.is_set()


def test_a_busy_port_is_told_with_what_to_do() -> None:
    with socket.socket() as other_program:
        other_program.bind(("127.0.0.1", 0))
        other_program.listen()
        port = other_program.getsockname()[1]
        with pytest.raises(Unavailable) as refused, taken_port("127.0.0.1", port):
            pass
    assert refused.value.code == "listen.busy"
    assert f"--port {port + 1}" in str(refused.value)


@pytest.mark.parametrize(
    ("host", "port"), [("not an address", 8000), ("127.0.0.1", 70_000), ("203.0.113.7", 8000)]
)
def test_an_impossible_address_is_told(host: str, port: int) -> None:
    with pytest.raises(BadInput) as refused, taken_port(host, port):
        pass
    assert refused.value.code == "listen.address"
