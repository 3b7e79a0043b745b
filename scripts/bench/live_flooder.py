"""A client that floods the live channel, in a process of its own: what it spends is not spent by the others.

    python -m scripts.bench.live_flooder URL

Each line of its input is a login (`40{"ticket":…}`); it goes in with it, sends 10,000 commands a second until
it is cut off, and answers with a line: for how many seconds it could, and how many it sent.
"""

from __future__ import annotations

import asyncio
import sys

from scripts.bench.live_audience import gather
from scripts.bench.live_load import ENTER, PATH, new_loop

A_HUNDREDTH = 100  # commands in each hundredth of a second


async def flood(url: str, login: str) -> tuple[float, int]:
    (flooder,) = await gather(url, [login], path=PATH, enter=ENTER)
    loop = asyncio.get_running_loop()
    started, sent = loop.time(), 0
    while not flooder.lost:
        for _ in range(A_HUNDREDTH):
            flooder.command("VoteQuestion", lambda answer: None, question="x", on=True, counter=1)
        sent += A_HUNDREDTH
        await asyncio.sleep(max(0.0, started + sent / (A_HUNDREDTH * 100) - loop.time()))
    return loop.time() - started, sent


async def run(url: str) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        seconds, sent = await flood(url, line.decode().strip())
        print(f"{seconds:.3f} {sent}", flush=True)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(run(sys.argv[1]))
