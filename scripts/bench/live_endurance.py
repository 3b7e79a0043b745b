"""Floods, clients that stop reading, and a restart: what the others notice of it."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp

from scripts.bench.live_audience import Member, gather
from scripts.bench.live_load import BODY, ENTER, Hall, busy_room, gone, percentile

PATH = "/live/socket/"


async def flood(server: Hall, members: list[Member], seconds: float, people: int) -> dict[str, Any]:
    """One client after the other sends 10,000 commands a second; how long it could, and the others' p99."""
    calm = await busy_room(server, members, seconds, questions=5, votes=100)
    cut: list[float] = []
    loop = asyncio.get_running_loop()

    async def flooding() -> None:
        while True:
            (flooder,) = await gather(server.url, await server.logins(1, people), path=PATH, enter=ENTER)
            started = loop.time()
            while not flooder.lost:
                for _ in range(100):
                    flooder.command("VoteQuestion", lambda answer: None, question="x", on=True, counter=1)
                await asyncio.sleep(0.01)
            cut.append(loop.time() - started)
            await asyncio.sleep(0.5)

    task = asyncio.create_task(flooding())
    stormy = await busy_room(server, members, seconds, questions=5, votes=100, first=1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return {
        "floods": len(cut),
        "cut_off_within_s": round(max(cut, default=0), 2),
        "p99_calm_ms": calm["p99"],
        "p99_ms": stormy["p99"],
    }


async def stalled(server: Hall, members: list[Member], share: float = 0.01) -> dict[str, Any]:
    """A share of the clients stops reading while 4 MB are sent to each; what the server holds for each."""
    ill = members[: max(1, int(len(members) * share))]
    await server.ask(do="broadcast", rounds=20, pause=0.005, body=BODY)  # what is built once is built
    before = await server.ask(do="usage")
    for member in ill:
        member.transport.pause_reading()
        line = member.transport.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # or the kernel here takes it all
    body = BODY[:-1] + ', "more": "' + "x" * 2000 + '"}'
    await server.ask(do="broadcast", rounds=2000, pause=0.005, body=body)
    after = await server.ask(do="usage")
    for member in ill:
        member.transport.abort()
    return {
        "stalled": len(ill),
        "kb_each": round((after["kb"] - before["kb"]) / len(ill)),  # of the process; the kernel has 128 more
        "resyncs": after["resyncs"] - before["resyncs"],
    }


async def restart(
    start: Callable[[], AbstractAsyncContextManager[Hall]], first_account: int, people: int
) -> dict[str, Any]:
    """The server ends while *people* are in a room; seconds until each is in again, as browsers come back."""
    loop = asyncio.get_running_loop()
    async with start() as server:
        members = await gather(server.url, await server.logins(people), path=PATH, enter=ENTER)
    ended = loop.time()
    await gone(members)
    back: list[float] = []

    async def come_back(account: int) -> None:
        jar = aiohttp.CookieJar(unsafe=True)
        tries = 0
        async with aiohttp.ClientSession(cookies={"name": str(account)}, cookie_jar=jar) as http:
            while True:
                await asyncio.sleep(min(10, 0.5 * 2**tries) * (0.5 + random.random() / 2))
                tries += 1
                try:
                    async with http.post(f"{server.url}/live/ticket") as response:
                        login = '40{"ticket":"' + (await response.json())["ticket"] + '"}'
                    members.extend(await gather(server.url, [login], path=PATH, enter=ENTER))
                    break
                except (aiohttp.ClientError, OSError):
                    continue
        back.append(loop.time() - ended)

    members = []
    async with start() as server:
        await asyncio.gather(*(come_back(first_account + number) for number in range(people)))
        await gone(members)
    back.sort()
    return {
        "clients": people,
        "back_p50_s": percentile(back, 50) / 1000,
        "back_p95_s": percentile(back, 95) / 1000,
    }
