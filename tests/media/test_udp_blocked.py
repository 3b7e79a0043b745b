"""A network that lets no UDP through: Chromium finds the TCP candidate by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.media.peer import until
from tests.media.studio import Relay, Studio, seen, wait_until
from tests.media.tcp_relay import TcpRelay

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = 90.0


@pytest.fixture
async def relays(address: str) -> AsyncIterator[tuple[Relay, TcpRelay]]:
    relay, tcp = await TcpRelay.beside(address)
    yield relay, tcp
    await tcp.close()
    relay.close()


@pytest.fixture
def relay(relays: tuple[Relay, TcpRelay]) -> Relay:
    """In place of the usual one, so that the studio's browser goes through this pair."""
    return relays[0]


async def test_sound_and_picture_come_over_tcp_and_survive_a_cut(
    studio: Studio, relay: Relay, relays: tuple[Relay, TcpRelay]
) -> None:
    relay.dark = True
    tcp = relays[1]
    speaker = await studio.page("speaker", watch=False)
    viewer = await studio.page("viewer")
    assert await speaker.evaluate("publishDrawing('camera')") == ""
    assert await speaker.evaluate("publish('microphone')") == ""
    await wait_until(viewer, "(await seen())['speaker~camera']?.frames > 5", LONG)
    await wait_until(viewer, "(await seen())['speaker~microphone']?.energy > 0.001", LONG)
    room = studio.engine._rooms["hall"]
    transports = [p.transport for p in room.publishers] + [v.transport for v in room.viewers]
    assert [transport.kind for transport in transports] == ["tcp", "tcp"]

    tcp.cut()
    await until(lambda: not any(t.ice.path for t in transports), LONG)
    for page in (speaker, viewer):
        await wait_until(page, "report().state !== 'connected'", LONG)
    tcp.mend()
    for page in (speaker, viewer):
        await wait_until(page, "report().state === 'connected'", LONG)
    await wait_until(viewer, "(await seen())['speaker~camera']?.frames >= 0", LONG)
    frames = (await seen(viewer))["speaker~camera"]["frames"]
    await wait_until(viewer, f"(await seen())['speaker~camera']?.frames > {frames} + 5", LONG)
