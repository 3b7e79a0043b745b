"""An event loop that takes turns with the threads that take packets in: nobody notices that they are many."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import threading
from collections.abc import Coroutine
from functools import partial
from pathlib import Path as File
from typing import Any

import pytest

from conference.media import EVERYTHING, EngineSettings, LocalEngine, compiled
from conference.media.counters import Counters
from conference.media.paths import Path
from conference.media.turns import TurnLoop, TurnSelector
from conference.media.udp import UdpListener
from tests.media.peer import House, Publisher, until
from tests.media.test_forwarding import flows, shows

pytestmark = pytest.mark.skipif(compiled.LIBRARY is None, reason="the compiled loop is not there")


def run(scenario: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=TurnLoop) as runner:
        runner.run(scenario)


def threads() -> set[str]:
    """The threads that C has started are not Python's to count."""
    return {each.name for each in File("/proc/self/task").iterdir()}


def files() -> set[str]:
    return {each.name for each in File("/proc/self/fd").iterdir()}


def test_packets_are_taken_in_by_a_thread_and_a_mute_holds() -> None:
    run(_forward_and_mute())


async def _forward_and_mute() -> None:
    house = House()
    engine = house.engine = LocalEngine(EngineSettings(host="127.0.0.1"), house)
    await engine.start()
    await engine.open_room("hall", others=EVERYTHING)
    viewer = await house.watch("viewer")
    speaker = Publisher(("camera",))
    await speaker.publish(engine, "hall", "speaker")
    await until(partial(shows, viewer, {"speaker~camera"}))
    picture = viewer.received["speaker~camera"]
    await until(partial(flows, picture, 50))
    assert picture.missing() == []
    (listener,) = [each for each in engine._mux.listeners if isinstance(each, UdpListener)]
    assert listener.cpu > 0
    room = engine._rooms["hall"]
    (track,) = room.tracks
    (stream,) = track.streams
    assert stream.admitted
    await engine.mute("hall", "speaker", "camera", True)
    sent, dropped = track.outgoing[0].packets, engine._counters.dropped_muted
    await until(lambda: engine._counters.dropped_muted > dropped + 30)
    assert track.outgoing[0].packets == sent
    await engine.mute("hall", "speaker", "camera", False)
    await until(lambda: track.outgoing[0].packets > sent + 30)
    state = await engine.state()
    assert state.totals["packets_in"] >= stream.received - 1
    await speaker.close()
    await viewer.close()
    await engine.close()


def _more_than(heard: list[bytes], count: int) -> bool:
    return len(heard) > count


def _ignore(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """It would be in the log."""


def test_what_breaks_over_one_datagram_does_not_stop_the_next() -> None:
    run(_break_once())


async def _break_once() -> None:
    heard: list[bytes] = []

    def stun(data: bytes, path: Path, now: float) -> bool:
        heard.append(data)
        if len(heard) == 1:
            raise ValueError("as a mistake would")
        return False

    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_ignore)
    listener = UdpListener(stun, Counters(), "127.0.0.1", 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.connect(("127.0.0.1", listener.port))
        for n in range(3):
            peer.send(bytes([0, n]))
            await until(partial(_more_than, heard, n))
    listener.close()


def _nobody(data: bytes, path: Path, now: float) -> bool:
    return False


def test_a_closed_listener_leaves_no_thread_and_no_descriptor() -> None:
    run(_open_and_close())


async def _open_and_close() -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, TurnLoop)
    threads_before, files_before = threads(), files()
    listeners = [UdpListener(_nobody, Counters(), "127.0.0.1", 0) for _ in range(3)]
    begun = threads() - threads_before
    assert (loop.turns.others, len(begun)) == (3, 3)
    await asyncio.sleep(0)
    for listener in listeners:
        listener.close()
        listener.close()
    assert loop.turns.others == 0
    # A thread that was joined is in the kernel's list for a moment longer.
    await until(lambda: not threads() & begun)
    # The descriptor with which the folder is read is in the list, under the first free number.
    assert len(files()) <= len(files_before)


def test_who_carries_packets_is_looked_at_often_where_the_kernel_lets_it_be_asked() -> None:
    """In a thread of its own, which takes the wish with it when it ends."""
    library = compiled.LIBRARY
    assert library is not None
    slices: list[int] = []
    nice = os.nice(0)
    asking = threading.Thread(target=lambda: slices.append(library.hasten()))
    asking.start()
    asking.join()
    release = tuple(int(part) for part in re.findall(r"\d+", os.uname().release)[:2])
    assert slices in (([100_000], [0]) if _filtered() else ([100_000],) if release >= (6, 12) else ([0],))
    assert os.nice(0) == nice


def _filtered() -> bool:
    """Whether system calls pass a filter, as in a container, which may refuse this one."""
    return "Seccomp:\t0" not in File("/proc/self/status").read_text(encoding="utf-8")


def test_turns_are_never_taken_by_two() -> None:
    library = compiled.LIBRARY
    assert library is not None
    count = 0

    def take_turns() -> None:
        nonlocal count
        for _ in range(500):
            library.enter()
            seen = count
            threading.Event().wait(0)  # lets others run
            count = seen + 1
            library.leave()

    crowd = [threading.Thread(target=take_turns) for _ in range(4)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert count == 2000


def test_whoever_has_the_turn_can_see_that_another_waits() -> None:
    library, turns = compiled.LIBRARY, TurnSelector()
    assert library is not None
    turns.others = 1
    had = threading.Event()

    def take_a_turn() -> None:
        library.enter()
        had.set()
        library.leave()

    library.enter()
    assert not turns.wanted()
    other = threading.Thread(target=take_a_turn)
    other.start()
    while not turns.wanted():
        threading.Event().wait(0.001)
    assert not had.is_set()
    library.leave()
    other.join()
    assert had.is_set()
    library.enter()
    assert not turns.wanted()
    library.leave()
    turns.close()
