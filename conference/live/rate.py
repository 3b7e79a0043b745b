"""A token bucket: so many a second over time, so many at once."""

from __future__ import annotations

from collections.abc import Callable


class Bucket:
    """`take()` is False when the caller has to slow down. *monotonic* is in seconds and never goes back."""

    __slots__ = ("_at", "_burst", "_left", "_monotonic", "_rate")

    def __init__(self, rate: float, burst: float, monotonic: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._monotonic = monotonic
        self._at = monotonic()

    def take(self) -> bool:
        now = self._monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
