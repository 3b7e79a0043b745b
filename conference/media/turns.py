"""An event loop that gives its turn away while it waits, to threads that take packets in (`native/watch.c`).

Python's thread and those of the sockets take turns: whatever runs on this loop finds the media plane as if
there were no other thread. On other loops packets are taken in by the loop itself.
"""

from __future__ import annotations

import asyncio
import os
import selectors
from typing import Any

from conference.media import compiled


class TurnSelector(selectors.DefaultSelector):
    """Waits outside its turn, while there is anybody to take turns with."""

    def __init__(self) -> None:
        super().__init__()
        self.others = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        library = compiled.LIBRARY
        if not self.others or library is None:
            return super().select(timeout)
        library.leave()
        try:
            return super().select(timeout)
        finally:
            library.enter()

    def wanted(self) -> bool:
        """Whether somebody waits for the turn: whoever has more to do should let the loop wait a moment."""
        return self.others > 0 and compiled.LIBRARY is not None and bool(compiled.LIBRARY.wanted())


class TurnLoop(asyncio.SelectorEventLoop):
    """For processes that do nothing but media; elsewhere whatever runs long would keep packets waiting."""

    def __init__(self) -> None:
        self.turns = TurnSelector()
        super().__init__(self.turns)


class Watch:
    """A thread that takes in what comes to a listener's socket. `bell` is readable while it has left
    something; `fetched` lets it go on when that has been dealt with."""

    def __init__(self, listener: Any, turns: TurnSelector) -> None:
        """`struct majlis_listener`. Raises OSError."""
        library = compiled.LIBRARY
        assert library is not None
        self._turns = turns
        self._library = library
        self.bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._hatch = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.totals = library.new("taken")
        cdata = self._cdata = library.new("watch")
        cdata.listener, cdata.crypto, cdata.totals = listener, library.crypto, self.totals
        cdata.bell, cdata.hatch = self.bell, self._hatch
        self.taken, self.arrivals = cdata.taken, cdata.arrivals
        self._kept = listener
        self._nothing = bytes(self._library.ffi.offsetof("struct majlis_taken", "event"))
        if not turns.others:
            library.hasten()
            library.enter()
        turns.others += 1
        failed = library.watch_start(cdata)
        if failed:
            self.close()
            raise OSError(failed, os.strerror(failed))

    @property
    def cpu(self) -> float:
        """Seconds of processor time it has taken."""
        return float(self._library.watch_cpu(self._cdata))

    @property
    def now(self) -> float:
        """When the thread looked last, in monotonic seconds."""
        return float(self._cdata.now)

    def forget(self) -> None:
        """`totals` have been counted."""
        self._library.ffi.memmove(self.totals, self._nothing, len(self._nothing))

    def fetched(self) -> None:
        self._library.watch_fetched(self._cdata)

    def close(self) -> None:
        """The thread has ended when this returns."""
        if self.bell < 0:
            return
        self._library.watch_stop(self._cdata)
        self._turns.others -= 1
        if not self._turns.others:
            self._library.leave()
        for descriptor in (self.bell, self._hatch):
            os.close(descriptor)
        self.bell = -1


def new_watch(listener: Any, loop: asyncio.AbstractEventLoop) -> Watch | None:
    """None on a loop that does not take turns, and where nothing was compiled."""
    if compiled.LIBRARY is None or not isinstance(loop, TurnLoop):
        return None
    return Watch(listener, loop.turns)
