"""The running API."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from conference.clock import ManualClock
from conference.storage.database import Database
from tests.agenda.api.client import Api, serving


@pytest.fixture
async def api(database: Database, clock: ManualClock) -> AsyncIterator[Api]:
    async with serving(database, clock) as running:
        yield running
