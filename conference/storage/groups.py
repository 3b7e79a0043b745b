"""Threads that take waiting units of work in groups: a transaction and a commit are paid once for many."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

log = logging.getLogger("majlis.storage")


class Waiting:
    """A unit of work, and what came of it."""

    __slots__ = ("error", "future", "result", "told", "work")

    def __init__(self, work: Callable[[Any], Any], future: asyncio.Future[Any]) -> None:
        self.work = work
        self.future = future
        self.result: Any = None
        self.error: BaseException | None = None
        self.told: Callable[[], None] | None = None


class Groups:
    """*threads* threads, each of which runs `serve()` once, and that takes groups until there are no more.

    What a group came to is handed back to the event loop in one step, in the order of its units.
    """

    def __init__(self, name: str, threads: int, most: int) -> None:
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._name = name
        self._count = threads
        self._most = most
        self._threads: list[Thread] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = False

    @property
    def is_open(self) -> bool:
        return self._loop is not None and not self._closing

    def start(self, serve: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        names = (f"{self._name} {number}" for number in range(self._count))
        self._threads = [Thread(target=serve, name=name, daemon=True) for name in names]
        for thread in self._threads:
            thread.start()

    async def run(self, work: Callable[[Any], Any]) -> Any:
        """The result of *work*; a caller that is cancelled does not undo it."""
        assert self._loop is not None, "open() first"
        waiting = Waiting(work, self._loop.create_future())
        self._queue.put(waiting)
        return await waiting.future

    def take(self) -> list[Waiting]:
        """In a thread: the units that wait, oldest first, as soon as there is one; none at the end."""
        first = self._queue.get()
        if first is None:
            return []
        group = [first]
        # What waits is shared between the threads, or one would run all of it while the others look on.
        share = min(self._most - 1, self._queue.qsize() // self._count)
        try:
            for _ in range(share):
                following = self._queue.get_nowait()
                if following is None:
                    self._queue.put(None)  # for when this group is done
                    break
                group.append(following)
        except Empty:
            pass
        return group

    def settle(self, group: Sequence[Waiting]) -> None:
        """In a thread: hand back what became of *group*."""
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(_settle, group)
        except RuntimeError:  # the loop has ended: nobody waits any more
            log.warning("the event loop ended before %d units of work were told", len(group))

    async def close(self) -> None:
        """Finish what waits, then end the threads."""
        self._closing = True
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)
        self._threads = []


def _settle(group: Sequence[Waiting]) -> None:
    for waiting in group:
        if waiting.error is not None:
            if not waiting.future.done():
                waiting.future.set_exception(waiting.error)
                waiting.future.exception()  # a caller that went away must not cause "never retrieved"
            continue
        if waiting.told is not None:
            waiting.told()
        if not waiting.future.done():
            waiting.future.set_result(waiting.result)
