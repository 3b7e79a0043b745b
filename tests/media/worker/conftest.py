"""Worker processes on free loopback ports, with the engine that spreads rooms over them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from conference.media import EVERYTHING, EngineSettings
from conference.media.worker.engine import WorkerEngine
from conference.media.worker.supervisor import Supervisor, worker_command
from conference.media_worker import Started
from conference.settings import LogSettings
from tests.media.peer import House, until

GRACE = 120.0


class Fleet:
    """A supervisor with its workers, and a server's engine."""

    def __init__(self, folder: Path, workers: int, engine: EngineSettings, **more: Any) -> None:
        self.supervisor = Supervisor(
            folder,
            engine,
            workers,
            command=worker_command(),
            wrap=lambda settings: Started(settings, LogSettings("info", json=False)),
            **{"spare_seconds": None, **more},  # of a spare, only its own tests have any use
        )
        self.house = House()
        self.engine = WorkerEngine(self.supervisor.sockets, self.house)
        self.house.engine = self.engine

    async def start(self) -> None:
        await self.supervisor.start()
        await self.engine.start()
        workers = len(self.supervisor.sockets)
        await until(lambda: len(self.engine._fleet.links) == workers, GRACE, "every worker is there")

    async def new_server(self) -> WorkerEngine:
        """The server is gone without a word, and another comes."""
        await self.engine.close()
        self.engine = WorkerEngine(self.supervisor.sockets, self.house)
        self.house.engine = self.engine
        await self.engine.start()
        return self.engine

    async def open_room(self, room_id: str) -> int:
        """The process the room was opened in."""
        await self.engine.open_room(room_id, others=EVERYTHING)
        return self.worker_of(room_id)

    def worker_of(self, room_id: str) -> int:
        return self.supervisor.pids[self.engine._fleet.rooms[room_id].worker]


@asynccontextmanager
async def running_fleet(
    folder: Path, workers: int = 2, engine: EngineSettings | None = None, **more: Any
) -> AsyncIterator[Fleet]:
    fleet = Fleet(folder, workers, engine or EngineSettings(host="127.0.0.1"), **more)
    try:
        await fleet.start()
        yield fleet
    finally:
        await fleet.engine.close()
        await fleet.supervisor.end_workers()
        await fleet.supervisor.close()
        await asyncio.gather(*fleet.house.tasks, return_exceptions=True)


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    async with running_fleet(tmp_path / "media") as fleet:
        yield fleet
