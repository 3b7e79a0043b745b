"""Fixtures of the stage: a furnished database, and a running auditorium."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from conference.clock import ManualClock
from conference.storage.database import Database
from tests.stage.auditorium import Auditorium, auditorium, furnish
from tests.stage.site import Site, opened_site


@pytest.fixture
async def furnished(database: Database, clock: ManualClock) -> Database:
    await database.write(lambda tx: furnish(tx, clock))
    return database


@pytest.fixture
async def room(furnished: Database, clock: ManualClock) -> AsyncIterator[Auditorium]:
    async with auditorium(furnished, clock) as running:
        yield running


@pytest.fixture
async def site(furnished: Database, clock: ManualClock) -> AsyncIterator[Site]:
    async with opened_site(furnished, clock) as opened:
        yield opened
