"""Floods, clients that stop reading, and a restart: what the others notice of it."""

from __future__ import annotations

import asyncio
import random
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from statistics import median, quantiles
from typing import Any

import aiohttp

from scripts.bench.live_audience import Member, gather
from scripts.bench.live_load import BODY, ENTER, PATH, Hall, busy_room, gone, percentile

WINDOW = 3.0  # seconds
PAUSE = 0.5  # seconds between two floods


async def flood(server: Hall, members: list[Member], people: int, windows: int = 15) -> dict[str, Any]:
    """One client after the other sends 10,000 commands a second; how long it could, and the others' p99.

    Windows of `WINDOW` seconds without and with floods take turns, so that whatever else the machine does
    falls on both alike; the p99 of each window, the median of each kind. A p99 of one window is a handful of
    events and moves by tens of percent by itself: `p99_spread_percent` is how far those without a flood
    lie apart (half of them lie within).
    """
    calm: list[float] = []
    stormy: list[float] = []
    cut: list[float] = []
    async with _flooder(server.url) as flooder:
        for number in range(2 * windows):
            flooding = number % 2 == 1
            over = asyncio.Event()
            task = asyncio.create_task(_floods(flooder, server, people, cut, over)) if flooding else None
            room = await busy_room(server, members, WINDOW, questions=2, votes=100, first=number)
            over.set()
            if task is not None:
                await asyncio.wait_for(task, 60)  # the last flood is cut off as well
            (stormy if flooding else calm).append(room["p99"])
    quarter, _, three_quarters = quantiles(calm, n=4)
    return {
        "floods": len(cut),
        "cut_off_within_s": round(max(cut, default=0), 2),
        "p99_calm_ms": round(median(calm), 2),
        "p99_ms": round(median(stormy), 2),
        "moved_percent": round((median(stormy) / median(calm) - 1) * 100, 1),
        "p99_spread_percent": round((three_quarters - quarter) / median(calm) * 100, 1),
    }


@asynccontextmanager
async def _flooder(url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scripts.bench.live_flooder", url,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def _floods(
    flooder: asyncio.subprocess.Process, server: Hall, people: int, cut: list[float], over: asyncio.Event
) -> None:
    """One flood after the other, each until it is cut off; none begins once it is *over*."""
    assert flooder.stdin is not None
    assert flooder.stdout is not None
    while not over.is_set():
        (login,) = await server.logins(1, people)
        flooder.stdin.write(login.encode() + b"\n")
        cut.append(float((await flooder.stdout.readline()).split()[0]))
        await asyncio.sleep(PAUSE)


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
