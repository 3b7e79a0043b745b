"""Fixtures every test can ask for: a real database in a temporary file and a clock that stands still."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from conference.clock import ManualClock
from conference.schema import metadata
from conference.storage.database import Database

# How fast a machine is decides no verdict.
# The examples are the same each time, so that a red run is about the change that made it red;
# `--hypothesis-profile explore` looks for new ones.
settings.register_profile(
    "majlis", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.register_profile("explore", settings.get_profile("majlis"), derandomize=False)
settings.load_profile("majlis")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for browsers and other programs begins first: several files run at once, and the last one
    to begin decides when all are done."""
    items.sort(key=lambda item: not (item.get_closest_marker("browser") or item.get_closest_marker("slow")))


OPENING = datetime(2025, 10, 25, 6, 5, tzinfo=UTC)  # 09:05 in Karbala, first day


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(OPENING)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'majlis.sqlite3'}")
    await database.open()
    await database.write(lambda tx: metadata.create_all(tx.connection))
    yield database
    await database.close()
