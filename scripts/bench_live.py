"""What the live channel costs: the table of docs/live-protocol.md, measured.

    scripts/bench_live [--quick] [--json] [--clients 100,1000,3000] [--node FOLDER]

The server (hub, questions, permissions, SQLite with ``synchronous=FULL``) runs in a process of its own, all
clients in this one, over real websockets on the loopback.

- us_per_delivery: CPU microseconds of the server's process for each event delivered to a client, while a
  broadcast of about 150 bytes is sent again and again to everybody; median of the windows.
- node_us_per_delivery: the same of socket.io on Node.js, in the same run; null without Node.js.
- commit_to_receipt_ms: from the commit of an event to its receipt by a client, over all events and clients,
  with 20 questions and 500 votes a second at 1,000 clients.
- durable_votes_per_s: votes acknowledged after the commit, 400 voters who wait for each acknowledgement.
- kb_per_client: growth of the server's resident memory for each client.
- flood, stalled, restart (not with --quick): one client that sends 10,000 commands a second beside 200
  others (windows with and without it take turns), 1 % of 500 that stop reading, and 500 that come back after
  the server was killed and started again.
- connects_per_s: ticket shown, room entered, snapshot received.

Processor time varies less than a clock, but caches and clock speed are shared: run it on a quiet machine.
--quick takes less than 50 s. --json prints one object on the last line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from conference.media.collecting import calm_collector
from scripts.bench.live_endurance import flood, restart, stalled
from scripts.bench.live_hall import FIRST
from scripts.bench.live_load import (
    audience,
    broadcast_cost,
    busy_room,
    gone,
    hall,
    new_loop,
    open_files,
    our_hall,
    votes_per_second,
)

ROOT = Path(__file__).parents[1]
BUSY = 1000  # clients of the busy room


@dataclass
class Figures:
    """The result; keys are part of the script's interface."""

    us_per_delivery: dict[str, float] = field(default_factory=dict)
    node_us_per_delivery: dict[str, float] | None = None
    ratio: dict[str, float] | None = None
    commit_to_receipt_ms: dict[str, float] = field(default_factory=dict)
    durable_votes_per_s: float = 0.0
    kb_per_client: float = 0.0
    connects_per_s: float = 0.0
    arrived: float = 1.0
    flood: dict[str, Any] | None = None
    stalled: dict[str, Any] | None = None
    restart: dict[str, Any] | None = None


async def measure(sizes: list[int], node: Path | None, *, quick: bool) -> Figures:
    figures = Figures()
    windows, seconds = (3, 0.7) if quick else (5, 2.0)
    with tempfile.TemporaryDirectory() as folder:
        async with hall(*our_hall(f"{folder}/hall.sqlite3", max(sizes))) as server:
            for size in sizes:
                before = await server.ask(do="usage")
                members, connects = await audience(server, size)
                grown = (await server.ask(do="usage"))["kb"] - before["kb"]
                cost, arrived = await broadcast_cost(server, members, windows, seconds)
                figures.us_per_delivery[str(size)] = round(cost, 2)
                figures.arrived = min(figures.arrived, round(arrived, 4))
                figures.connects_per_s = round(connects, 1)
                print(
                    f"{size:5} clients {cost:5.1f} µs/delivery, {connects:.0f}/s come in, {arrived:.1%} heard"
                )
                if size == min(sizes, key=lambda each: abs(each - BUSY)):
                    figures.kb_per_client = round(grown / size, 1)
                    room, _ = await busy_room(server, members, 4 if quick else 20)
                    figures.commit_to_receipt_ms = {"p50": room["p50"], "p99": room["p99"]}
                    votes = await votes_per_second(members, 3 if quick else 10)
                    figures.durable_votes_per_s = round(votes)
                    print(f"      busy room {room}\n      {votes:.0f} durable votes/s")
                    print(f"      {figures.kb_per_client} kB/client")
                await gone(members)
        if not quick:
            await _endure(figures, f"{folder}/endurance.sqlite3")
    if node is not None:
        await _compare(figures, sizes, node, windows, seconds)
    return figures


async def _endure(figures: Figures, file: str) -> None:
    async with hall(*our_hall(file, 600)) as server:
        members, _ = await audience(server, 200)
        calm_collector()  # or the clients' own pauses are the longest of all
        figures.flood = await flood(server, members, 599)
        print(f"      flood {figures.flood}")
        await gone(members)
        members, _ = await audience(server, 500)
        figures.stalled = await stalled(server, members)
        print(f"      stalled {figures.stalled}")
        await gone(members)
        port = server.url.rsplit(":", 1)[1]
    figures.restart = await restart(lambda: hall(*our_hall(file, 600), port), FIRST, 500)
    print(f"      restart {figures.restart}")


async def _compare(figures: Figures, sizes: list[int], node: Path, windows: int, seconds: float) -> None:
    figures.node_us_per_delivery, figures.ratio = {}, {}
    async with hall("node", str(ROOT / "scripts/bench/live_node.mjs"), str(node)) as server:
        for size in sizes:
            members, _ = await audience(server, size, node=True)
            cost, _ = await broadcast_cost(server, members, windows, seconds)
            ratio = figures.us_per_delivery[str(size)] / cost
            figures.node_us_per_delivery[str(size)] = round(cost, 2)
            figures.ratio[str(size)] = round(ratio, 2)
            print(f"{size:5} clients  {cost:5.1f} µs/delivery on Node.js: ours is {ratio:.2f} of it")
            await gone(members)


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--quick", action="store_true")
    options.add_argument("--json", action="store_true")
    options.add_argument("--clients", default="")
    options.add_argument(
        "--node", type=Path, default=ROOT, help="the folder whose node_modules has socket.io"
    )
    chosen = options.parse_args()
    sizes = [
        int(each) for each in (chosen.clients or ("100,1000" if chosen.quick else "100,1000,3000")).split(",")
    ]
    if not open_files(2 * max(sizes) + 200):
        raise SystemExit(f"{max(sizes)} clients need more open files: ulimit -Hn {2 * max(sizes) + 200}")
    has_node = shutil.which("node") and (chosen.node / "node_modules" / "socket.io").is_dir()
    with asyncio.Runner(loop_factory=new_loop) as runner:
        figures = runner.run(measure(sizes, chosen.node if has_node else None, quick=chosen.quick))
    if chosen.json:
        print(json.dumps(asdict(figures)))


if __name__ == "__main__":
    main()
