"""How quickly the planner shows what an organizer does, on a large event in Chromium: to reach is 100 ms.

    scripts/bench_planner [--sessions N] [--moves N] [--json]

From the key or the button to the frame that shows the session in its new place, as planner_redraw.py in
scripts/bench measures it; `processor`: of that, the page's own work. Server and browser share this machine.
--json prints one object on the last line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import tempfile
from pathlib import Path
from statistics import median, quantiles

from scripts.bench.planner_redraw import Redraws, Took, redraws
from scripts.bench.programme import serving

REACH = 100  # ms


def main() -> int:
    options = argparse.ArgumentParser(prog="scripts/bench_planner", description=str(__doc__).splitlines()[0])
    options.add_argument("--sessions", type=int, default=1000, help="size of the event (1000)")
    options.add_argument("--moves", type=int, default=20, help="moves by keys, and as many by the mouse (20)")
    options.add_argument("--json", action="store_true", help="one JSON object on the last line")
    chosen = options.parse_args()
    logging.disable(logging.WARNING)
    load = os.getloadavg()[0]
    found = asyncio.run(_run(chosen.sessions, max(2, chosen.moves)))
    kinds = (("step", found.step), ("put_down", found.put_down), ("drop", found.drop))
    figures = {name: _figures(took) for name, took in kinds}
    print(f"{chosen.sessions} sessions, {found.blocks} blocks on the day shown, load {load:.1f} before")
    print(f"{'ms until it is seen':24}{'p50':>8}{'p95':>8}{'processor':>11}   to reach {REACH}")
    for name, words in (
        ("step", "a step with a key"),
        ("put_down", "put down with Enter"),
        ("drop", "dropped"),
    ):
        told = figures[name]
        print(f"{words:24}{told['p50']:8}{told['p95']:8}{told['processor_p50']:11}")
    if chosen.json:
        print(json.dumps({"planner_redraw_ms": figures, "blocks": found.blocks}))
    return 0


def _figures(took: list[Took]) -> dict[str, float]:
    seen, worked = [one.seen for one in took], [one.processor for one in took]
    return {
        "p50": round(median(seen), 1),
        "p95": round(quantiles(seen, n=20)[-1], 1),
        "processor_p50": round(median(worked), 1),
    }


async def _run(sessions: int, moves: int) -> Redraws:
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder), sessions) as event:
            return await redraws(event, moves)


if __name__ == "__main__":
    raise SystemExit(main())
