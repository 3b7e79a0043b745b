"""A server for the crash test, on a database that is there already. Prints its address; dies by SIGKILL."""

from __future__ import annotations

import asyncio
import sys

from conference.clock import SystemClock
from conference.storage.database import Database
from tests.questions.hall import open_hall


async def serve(url: str, port: int) -> None:
    database = Database(url)
    await database.open()
    async with open_hall(database, SystemClock(), port=port) as hall:
        sys.stdout.write(f"{hall.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
