"""A running engine on a loopback port, with one open room called `hall`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from conference.media import EVERYTHING, EngineSettings, LocalEngine
from tests.media.capture import recording
from tests.media.peer import House
from tests.media.studio import Relay, Studio


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def engine(house: House) -> AsyncIterator[LocalEngine]:
    engine = LocalEngine(EngineSettings(host="127.0.0.1", consent_seconds=3.0, kept_seconds=4.0), house)
    house.engine = engine
    await engine.start()
    await engine.open_room("hall", others=EVERYTHING)
    yield engine
    await engine.close()
    assert engine._mux.occupancy == (0, 0), "transports left behind"


@pytest.fixture
def address() -> str:
    """Where browsers reach the relay."""
    return "127.0.0.1"


@pytest.fixture
async def relay(address: str) -> AsyncIterator[Relay]:
    relay = Relay(address)
    yield relay
    relay.close()


@pytest.fixture
def captured() -> Iterator[None]:
    """Keeps what the browsers send, when it is asked for (see capture.py)."""
    folder = os.environ.get("MAJLIS_CAPTURE")
    with recording(Path(folder)) if folder else nullcontext():
        yield


@pytest.fixture
def browser_flags() -> list[str]:
    """What Chromium is started with besides."""
    return []


@pytest.fixture
def kept_seconds() -> float:
    """How long a viewer that is not heard of is kept."""
    return EngineSettings().kept_seconds


@pytest.fixture
async def studio(
    captured: None,
    house: House,
    relay: Relay,
    address: str,
    browser_flags: list[str],
    kept_seconds: float,
    tmp_path: Path,
) -> AsyncIterator[Studio]:
    """Every browser goes through the relay: the engine advertises its port."""
    settings = EngineSettings(host=address, public_port=relay.port, kept_seconds=kept_seconds)
    engine = LocalEngine(settings, house)
    house.engine = engine
    await engine.start()
    relay.target = (address, (await engine.state()).port)
    await engine.open_room("hall", others=EVERYTHING)
    studio = Studio(engine, house, tmp_path)
    await studio.open(*browser_flags)
    yield studio
    await studio.close()
    await engine.close()
    assert engine._mux.occupancy == (0, 0), "transports left behind"
    assert studio.errors == []
