"""Real time for a room's lean sound: a timer on the loop, and a thread for decoding and encoding.

One round takes about two milliseconds; on the loop it would hold up everybody's packets for as long.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from conference.media.lean import LeanSound

log = logging.getLogger(__name__)

_AGAIN = 0.005  # seconds until the thread is looked at again when it is late


class LeanClock:
    """Owns the thread, which exists only while the mix is awake."""

    def __init__(self) -> None:
        self.lean = LeanSound(self._spawn, self._woke)
        self._thread: ThreadPoolExecutor | None = None
        self._timer: asyncio.TimerHandle | None = None

    def _woke(self, awake: bool) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if awake:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="lean-mix")
            self._wait()
        elif self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._thread = None

    def _wait(self) -> None:
        wait = max(_AGAIN, self.lean.due() - time.monotonic())
        self._timer = asyncio.get_running_loop().call_later(wait, self._tick)

    def _tick(self) -> None:
        self.lean.run(time.monotonic())
        self._wait()

    def _spawn(self, work: Callable[[], None], done: Callable[[], None]) -> None:
        loop, thread = asyncio.get_running_loop(), self._thread
        if thread is None:
            return

        def run() -> None:
            try:
                work()
            except Exception:  # an edge: a fault in one round must not end the sound
                log.exception("a round of the lean mix failed")
            if not loop.is_closed():
                loop.call_soon_threadsafe(done)

        thread.submit(run)
