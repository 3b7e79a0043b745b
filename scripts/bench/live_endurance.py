"""Floods, clients that stop reading, and a restart: what the others notice of it."""

from __future__ import annotations

import asyncio
import random
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiohttp

from scripts.bench.live_audience import Member, gather
from scripts.bench.live_load import BODY, ENTER, PATH, Hall, busy_room, gone, percentile

WINDOW = 10.0  # seconds


async def flood(server: Hall, members: list[Member], people: int, windows: int = 8) -> dict[str, Any]:
    """A client comes in and sends 10,000 commands a second; how long it could, and the others' p99.

    Windows of `WINDOW` seconds without and with a flood take turns, so that whatever else the machine does
    falls on both alike. The p99 is of what the others wait for the acknowledgement of a command.
    """
    calm: list[list[float]] = []
    stormy: list[list[float]] = []
    cut: list[float] = []
    async with _flooder(server.url) as flooder:
        for number in range(2 * windows):
            room = busy_room(server, members, WINDOW, questions=2, votes=100, first=number)
            if number % 2:
                (_, waits), lasted = await asyncio.gather(room, _flood(flooder, server, people))
                stormy.append(waits)
                cut.append(lasted)
            else:
                calm.append((await room)[1])
    return {"floods": len(cut), "cut_off_within_s": round(max(cut, default=0), 2), **_compared(calm, stormy)}


def _compared(calm: list[list[float]], stormy: list[list[float]]) -> dict[str, Any]:
    """The p99 of what was waited in windows of either kind.

    A p99 is made by the few worst moments and moves by itself: `moved_between_percent` are the 5th and 95th
    percentile of what comes out when the same windows are drawn again (bootstrap, by window).
    """
    drawn = sorted(
        _moved(random.choices(calm, k=len(calm)), random.choices(stormy, k=len(stormy))) for _ in range(500)
    )
    return {
        "p99_calm_ms": _p99(calm),
        "p99_ms": _p99(stormy),
        "moved_percent": round(_moved(calm, stormy), 1),
        "moved_between_percent": [round(drawn[25], 1), round(drawn[-25], 1)],
    }


def _p99(windows: list[list[float]]) -> float:
    """Milliseconds."""
    return percentile(sorted(wait for window in windows for wait in window), 99)


def _moved(calm: list[list[float]], stormy: list[list[float]]) -> float:
    return (_p99(stormy) / _p99(calm) - 1) * 100


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


async def _flood(flooder: asyncio.subprocess.Process, server: Hall, people: int) -> float:
    """Seconds until it is cut off; it begins in the middle of a window."""
    assert flooder.stdin is not None
    assert flooder.stdout is not None
    (login,) = await server.logins(1, people)
    await asyncio.sleep(WINDOW / 3)
    flooder.stdin.write(login.encode() + b"\n")
    return float((await flooder.stdout.readline()).split()[0])


async def stalled(
    server: Hall, members: list[Member], share: float = 0.01, windows: int = 4
) -> dict[str, Any]:
    """A share of the clients stops reading while 4 MB are sent to each; what the server holds for each, and
    what the others wait for acknowledgements meanwhile: windows without and with it take turns."""
    ill = members[: max(1, int(len(members) * share))]
    others = members[len(ill) :]
    await server.ask(do="broadcast", rounds=20, pause=0.005, body=BODY)  # what is built once is built
    calm: list[list[float]] = []
    stormy: list[list[float]] = []
    kept: list[float] = []
    resyncs = 0
    for number in range(windows):
        calm.append((await busy_room(server, others, WINDOW, questions=2, votes=100, first=2 * number))[1])
        before = await server.ask(do="usage")
        for member in ill:
            _stop_reading(member)
        body = BODY[:-1] + ', "more": "' + "x" * 2000 + '"}'
        await server.ask(do="broadcast", rounds=2000, pause=0.005, body=body)
        after = await server.ask(do="usage")
        kept.append((after["kb"] - before["kb"]) / len(ill))  # of the process; the kernel has 128 more
        room = busy_room(server, others, WINDOW, questions=2, votes=100, first=2 * number + 1)
        stormy.append((await room)[1])
        resyncs += after["resyncs"] - before["resyncs"]
        for member in ill:
            member.transport.resume_reading()
        await asyncio.sleep(2)
    for member in ill:
        member.transport.abort()
    return {"stalled": len(ill), "kb_each": round(max(kept)), "resyncs": resyncs, **_compared(calm, stormy)}


def _stop_reading(member: Member) -> None:
    member.transport.pause_reading()
    line = member.transport.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # or the kernel here takes it all


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
