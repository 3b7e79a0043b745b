"""Nothing acknowledged is lost, nothing counts twice: the live channel while everything goes wrong.

    scripts/chaos_live [--kills 200] [--clients 200] [--seed N] [--json]

Scripted clients ask, vote, answer polls, chat and decide while their server (SQLite, ``synchronous=FULL``) is
killed with SIGKILL at random moments, connections are cut, acknowledgements lost, commands doubled and
re-ordered. At the end every acknowledged action has to be in the log exactly once, and every client has to
show what the server has.
--json prints one object on the last line. The exit status is 1 when something was lost, doubled or diverged.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from scripts.bench.chaos import chaos


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--clients", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    running = chaos(
        kills=chosen.kills,
        clients=chosen.clients,
        seed=chosen.seed,
        told=lambda line: print(line, flush=True),
    )
    kills, verdict = asyncio.run(running)
    for note in verdict.notes[:20]:
        print(note)
    figures = {
        "kills": kills,
        "acknowledged": verdict.acknowledged,
        "lost": verdict.lost,
        "doubled": verdict.doubled,
        "diverged_clients": verdict.diverged_clients,
    }
    print(
        json.dumps(figures) if chosen.json else ", ".join(f"{key} {value}" for key, value in figures.items())
    )
    return 1 if verdict.lost or verdict.doubled or verdict.diverged_clients else 0


if __name__ == "__main__":
    sys.exit(main())
