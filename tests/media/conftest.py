"""A running engine on a loopback port, with one open room called `hall`."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from conference.media import EngineSettings, LocalEngine
from tests.media.peer import House


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def engine(house: House) -> AsyncIterator[LocalEngine]:
    engine = LocalEngine(EngineSettings(host="127.0.0.1", consent_seconds=3.0), house, house)
    house.engine = engine
    await engine.start()
    await engine.open_room("hall")
    yield engine
    await engine.close()
    assert engine._mux.occupancy == (0, 0), "transports left behind"
