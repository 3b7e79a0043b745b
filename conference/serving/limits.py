"""Rate limits: pure counters over a clock, in memory, bounded."""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime, timedelta

from conference.clock import Clock

MAX_KEYS = 20_000


class Window:
    """At most *limit* events for each key within any *period* (a sliding window).

    In memory: nobody outside can make the server forget by restarting it. With more than
    `MAX_KEYS` keys the least recently counted are dropped.
    """

    def __init__(self, limit: int, period: timedelta, clock: Clock) -> None:
        self.limit = limit
        self.period = period
        self._clock = clock
        self._counted: dict[str, deque[datetime]] = {}

    def wait(self, *keys: str) -> int:
        """Seconds until an event for all *keys* would be allowed; 0: now. Counts nothing."""
        now = self._clock.now()
        longest = 0.0
        for key in keys:
            times = self._recent(key, now)
            if len(times) >= self.limit:
                longest = max(longest, (times[-self.limit] + self.period - now).total_seconds())
        return math.ceil(longest)

    def take(self, *keys: str) -> int:
        """Count an event for all *keys* and return 0; or count nothing and return the seconds to wait."""
        seconds = self.wait(*keys)
        if not seconds:
            for key in keys:
                times = self._counted.pop(key, deque())
                times.append(self._clock.now())
                self._counted[key] = times  # last in the order: most recently counted
            while len(self._counted) > MAX_KEYS:
                del self._counted[next(iter(self._counted))]
        return seconds

    def give_back(self, key: str) -> None:
        """Forget the last event of *key*: it turned out to be in order."""
        times = self._counted.get(key)
        if times:
            times.pop()

    def _recent(self, key: str, now: datetime) -> deque[datetime]:
        times = self._counted.get(key)
        if times is None:
            return deque()
        while times and now - times[0] >= self.period:
            times.popleft()
        if not times:
            del self._counted[key]
        return times
