"""A server for the crash test, on a database that is there already. Prints its address; dies by SIGKILL."""

from __future__ import annotations

import asyncio
import sys

from conference.clock import SystemClock
from conference.live.doorbell import Doorbell
from conference.live.elsewhere import Elsewhere
from conference.storage.database import Database
from tests.questions.hall import open_hall


async def serve(url: str, port: int, redis: str = "", interval: str = "0.05") -> None:
    """On *port* (0: any), with other processes on the same database when there is a *redis* between them.

    Counts are told every *interval* seconds.
    """
    database, clock = Database(url), SystemClock()
    await database.open()
    elsewhere = Elsewhere(database, clock, Doorbell(redis)) if redis else None
    look = 0.1 if redis else None
    async with open_hall(
        database, clock, interval=float(interval), look=look, port=port, elsewhere=elsewhere
    ) as hall:
        sys.stdout.write(f"{hall.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
