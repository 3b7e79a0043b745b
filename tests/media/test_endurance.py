"""A thousand people come and go, one in twenty without a word: nothing of them stays in the engine.

Every join asks for an offer, answers it and passes a real connectivity check from its own socket, so that
it takes its place in the mux; one in twenty goes through the whole DTLS handshake (that takes a hundred times
longer, and what it leaves behind shows after twenty as well as after a thousand). Every tenth also publishes.
"""

from __future__ import annotations

import asyncio
import gc
import os

from conference.media import LocalEngine
from conference.media.sdp import parse_sdp
from tests.media.peer import House, Publisher, Watcher, until

PEOPLE = 1000
AT_ONCE = 20
SILENT = 20  # one in so many leaves without goodbye
GRACE = 120.0


async def comes_and_goes(engine: LocalEngine, number: int) -> None:
    name, silent = f"p{number}", number % SILENT == 0
    watcher = Watcher()
    offer = await engine.subscribe("hall", name)
    await engine.subscribe_answer("hall", name, offer.version, watcher.answer(offer.sdp))
    publisher = Publisher(("microphone",)) if number % 10 == 5 else None
    if publisher is not None:
        answer = await engine.publish("hall", name, publisher.offer(), publisher.tracks)
        publisher.connection.take(parse_sdp(answer))
    if number % 20 == 1:
        await watcher.connection.connect(parse_sdp(offer.sdp))
    else:
        line = watcher.connection
        while not line.checked.is_set():
            line.sock.sendto(line.check_request(), line.remote)
            await asyncio.sleep(0.02)
    if not silent:
        await engine.leave("hall", name)
    for peer in (watcher, publisher):
        if peer is not None:
            await peer.close(goodbye=False)


async def a_crowd(engine: LocalEngine, first: int, people: int) -> None:
    """So many people, some at the same time; returns when the engine has noticed that all are gone."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with places:
            await comes_and_goes(engine, number)

    await asyncio.gather(*(one(number) for number in range(first, first + people)))
    await until(lambda: engine._mux.occupancy == (0, 0), GRACE, "every transport is closed")
    await until(lambda: not engine._connections.closing, GRACE, "everything begun has ended")


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def objects() -> int:
    gc.collect()
    return len(gc.get_objects())


async def test_a_thousand_people_leave_nothing_behind(engine: LocalEngine, house: House) -> None:
    await a_crowd(engine, 1, 60)  # what is made once and kept: caches, tables, pools
    tasks, files, before = len(asyncio.all_tasks()), open_files(), objects()

    await a_crowd(engine, 1000, PEOPLE)

    await until(lambda: len(asyncio.all_tasks()) <= tasks, GRACE, "no task is left")
    assert open_files() <= files
    room = engine._rooms["hall"]
    assert (room.participants, room.rights) == ({}, {})
    assert engine.counts() == (1, 0, 0)
    house.tracks.clear()
    house.rungs.clear()
    house.layers.clear()
    house.gone.clear()
    grown = objects() - before
    assert grown < PEOPLE, f"{grown} objects more than before: something is kept of everybody"
