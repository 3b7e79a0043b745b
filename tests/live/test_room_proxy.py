"""config/Caddyfile.processes leads everybody in one room to one process, by a Caddy that runs."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.live.seminar import GRACE, until

RULES = Path(__file__).parents[2] / "config" / "Caddyfile.processes"
ROOMS = [f"ROOM{number:02}" for number in range(24)]
ADDRESSES = (
    "/live/ticket?room={}",
    "/live/socket/?room={}&EIO=4&transport=websocket",
    "/live/command?room={}",
    "/karbala/session/{}/live",
    "/karbala/session/{}/whip/abc",
)


@asynccontextmanager
async def process(name: str) -> AsyncIterator[web.AppRunner]:
    """A server that only says which one it is."""
    app = web.Application()

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=name)

    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner
    finally:
        await runner.cleanup()


def port_of(runner: web.AppRunner) -> int:
    port: int = runner.addresses[0][1]
    return port


@asynccontextmanager
async def caddy(folder: Path, one: int, other: int) -> AsyncIterator[str]:
    """Caddy with the rules as they are, but for the names and ports, at the address it gives."""
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("caddy is missing: sudo apt-get install caddy")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    rules = RULES.read_text(encoding="utf-8")
    for old, new in (
        ("conference.example.org {", f"http://127.0.0.1:{port} {{"),
        ("127.0.0.1:8000", f"127.0.0.1:{one}"),
        ("127.0.0.1:8001", f"127.0.0.1:{other}"),
    ):
        assert old in rules
        rules = rules.replace(old, new)
    file = folder / "Caddyfile"
    file.write_text("{\n\tadmin off\n\tauto_https off\n}\n" + rules, encoding="utf-8")
    started = await asyncio.create_subprocess_exec(
        program, "run", "--config", str(file), "--adapter", "caddyfile",
        env={"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await until(lambda: started.returncode is not None or _listens(port))
        assert started.returncode is None, "Caddy does not take the rules"
        yield f"http://127.0.0.1:{port}"
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_everybody_in_a_room_is_led_to_one_process_and_to_another_when_it_ends(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(process("one"))
        other = await stack.enter_async_context(process("other"))
        url = await stack.enter_async_context(caddy(tmp_path, port_of(one), port_of(other)))
        http = await stack.enter_async_context(aiohttp.ClientSession())

        async def who(address: str, **headers: str) -> str:
            async with http.get(url + address, headers=headers) as response:
                return await response.text() if response.status == 200 else ""

        home: dict[str, str] = {}
        for room in ROOMS:
            answered = {await who(address.format(room)) for address in ADDRESSES}
            assert len(answered) == 1, room
            (home[room],) = answered
            # Nobody chooses a process for themselves.
            assert await who(ADDRESSES[0].format(room), **{"X-Majlis-Room": "ROOM99"}) == home[room]
        assert set(home.values()) == {"one", "other"}

        await one.cleanup()
        async with asyncio.timeout(6 * GRACE):
            for room in ROOMS:
                moved = ""
                while not moved:  # noted as gone after the first attempts
                    moved = await who(ADDRESSES[0].format(room))
                assert moved == "other"
