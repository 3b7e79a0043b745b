"""Looks at viewers give way to packets, so a room may change between two of them."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from conference.media import EVERYTHING, LocalEngine, ticking
from tests.media.peer import House, Publisher, Watcher, until


def shown(viewer: Watcher, more_than: int) -> bool:
    picture = viewer.received.get("speaker~camera")
    return picture is not None and picture.frames > more_than


async def test_a_room_may_change_and_close_between_two_looks(
    engine: LocalEngine,
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(ticking, "_TURN", -1.0)  # everything else goes between each two looks
    speaker = Publisher()
    await speaker.publish(engine, "hall", "speaker")
    viewers = [await house.watch(f"viewer-{n}") for n in range(4)]
    for viewer in viewers:
        await until(partial(shown, viewer, 5))
    looks = engine._rooms["hall"].steer(0)
    next(looks)
    await engine.leave("hall", "viewer-2")
    await engine.leave("hall", "viewer-3")
    assert len(list(looks)) == 1, "who has left is not looked at"
    seen = viewers[1].received["speaker~camera"].frames
    await until(partial(shown, viewers[1], seen + 20))
    await engine.close_room("hall", "over")
    await engine.open_room("hall", others=EVERYTHING)
    await asyncio.sleep(3 * ticking._TICK)
    await speaker.close()
    for viewer in viewers:
        await viewer.close()
    assert not [record for record in caplog.records if "tick of media room" in record.message]
