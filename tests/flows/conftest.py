"""The town behind the whole composed application, on a real port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conference.clock import ManualClock
from conference.settings import load_settings
from conference.storage.database import Database
from tests.flows.hall import Hall
from tests.flows.town import furnish
from tests.flows.visitor import Site
from tests.world import free_port, running_app


@pytest.fixture
async def site(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Site]:
    """Everything composed as in production; only the limits against haste are lifted."""
    settings = load_settings(
        overrides={
            "server": {"port": free_port()},
            "storage": {"folder": str(tmp_path)},
            "people": {"sign_in_tries": 10_000},
            "live": {"commands_per_second": 10_000.0, "command_burst": 10_000},
            "media": {"host": "127.0.0.1", "port": 0, "public_address": "127.0.0.1"},
        }
    )
    mail = await database.write(lambda tx: furnish(tx, clock))
    async with running_app(settings, clock, database):
        yield Site(settings.public_url, database, clock, mail)


@pytest.fixture
async def hall(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Hall]:
    settings = load_settings(
        overrides={
            "server": {"port": free_port()},
            "storage": {"folder": str(tmp_path)},
            "media": {"host": "127.0.0.1", "port": 0, "public_address": "127.0.0.1"},
        }
    )
    mail = await database.write(lambda tx: furnish(tx, clock))
    async with running_app(settings, clock, database) as app:
        hall = Hall(app, Site(settings.public_url, database, clock, mail), database, clock)
        yield hall
        for machine in hall.machines:
            await machine.close()
