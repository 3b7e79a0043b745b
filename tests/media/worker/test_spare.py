"""A warm interpreter takes a dead worker's place; it outlives nobody."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from conference.media.worker.spare import Spare, begun
from conference.media.worker.supervisor import worker_command
from tests.media.peer import until
from tests.media.worker.conftest import GRACE, running_fleet

WAITING = [sys.executable, "-c", "import sys; sys.exit(bool(sys.stdin.buffer.read()))"]


async def test_the_spare_takes_the_place_of_a_killed_worker(tmp_path: Path) -> None:
    async with running_fleet(tmp_path / "media", 1, spare_seconds=0.0) as fleet:
        await until(lambda: fleet.supervisor.spare.pid, GRACE, "a spare is begun")
        spare = fleet.supervisor.spare.pid
        os.kill(await fleet.open_room("hall"), signal.SIGKILL)
        await until(lambda: fleet.house.reopened == ["hall"], GRACE, "the room is opened again")
        assert fleet.worker_of("hall") == spare
        await until(lambda: fleet.supervisor.spare.pid not in (0, spare), GRACE, "the next one is begun")
    assert fleet.supervisor.spare.pid == 0


async def test_a_worker_that_never_gets_settings_ends_with_whoever_began_it() -> None:
    process = begun(worker_command())
    assert process.stdin is not None
    process.stdin.close()
    assert await asyncio.to_thread(process.wait, GRACE) == 0


async def test_a_spare_that_died_is_replaced_when_it_is_needed() -> None:
    spare = Spare(WAITING, 0.0)
    spare.later()
    await until(lambda: spare.pid, GRACE)
    dead = spare.pid
    os.kill(dead, signal.SIGKILL)
    await until(lambda: not spare.pid, GRACE)
    process = spare.take()
    assert process.pid != dead
    assert process.stdin is not None
    process.stdin.close()
    assert await asyncio.to_thread(process.wait, GRACE) == 0
    await until(lambda: spare.pid, GRACE, "the next one waits")
    spare.close()
    assert spare.pid == 0


async def test_without_seconds_there_is_no_spare() -> None:
    spare = Spare(WAITING, None)
    spare.later()
    await asyncio.sleep(0)
    assert spare.pid == 0
