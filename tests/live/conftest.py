"""The small world of `seminar.py` in the database of every live test."""

from __future__ import annotations

import pytest

from conference.clock import ManualClock
from conference.storage.database import Database
from tests.live.seminar import furnish


@pytest.fixture
async def furnished(database: Database, clock: ManualClock) -> Database:
    """The database with the seminar's people, sessions and roles."""
    await database.write(lambda tx: furnish(tx, clock))
    return database
