"""Servers to be killed: each line of the input forks one, which serves until SIGKILL.

    python -m scripts.bench.chaos_hall DATABASE_FILE PORT

Everything is imported before the fork, so that a restart takes as long as opening the database and no longer.
A server says ``pid address`` once it accepts connections.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys

from conference.clock import SystemClock
from conference.storage.database import Database
from scripts.bench.chaos_room import open_room


async def serve(file: str, port: int) -> None:
    await free(port)
    database = Database(f"sqlite:///{file}")
    await database.open()
    async with open_room(database, SystemClock(), port=port) as hall:
        sys.stdout.write(f"{os.getpid()} {hall.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


async def free(port: int) -> None:
    """Wait until the one that was killed has let go of *port*."""
    async with asyncio.timeout(60):
        while True:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                    probe.listen()
                    return
                except OSError:
                    await asyncio.sleep(0.02)


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the killed are nobody's zombies
    for _ in sys.stdin:
        if os.fork() == 0:
            asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
            os._exit(0)


if __name__ == "__main__":
    main()
