"""Keeping Python's cyclic garbage collector out of the packets' way."""

from __future__ import annotations

import gc

_YOUNG = 50_000  # objects more than at the last collection; by default 700, a few milliseconds of media
_MIDDLE, _OLD = 20, 100


def calm_collector() -> None:
    """For a process that forwards media; call it once, when everything is loaded.

    A full collection walks every object of the process: tens of milliseconds in which no packet is forwarded.
    What was there at the start is exempted, and what media leaves behind is freed without the collector, so
    it need not come often. Connections that have ended do leave cycles; they are still found.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
