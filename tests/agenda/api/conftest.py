"""The running API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conference.clock import ManualClock
from conference.storage.database import Database
from tests.agenda.api.client import Api, serving


@pytest.fixture
async def api(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Api]:
    async with serving(database, clock, tmp_path) as running:
        yield running
