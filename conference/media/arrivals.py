"""When packets arrived, and what their delays say of the queue they stood in; pure, in the callers' time.

Delays are differences between two clocks that know nothing of each other: only how they change means
something. The shortest within twenty seconds stands for the way without a queue.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from conference.media.heard import GROUP, Group

_WINDOW = 1.2  # seconds of arrivals kept
_LATEST = 0.6  # of those that have waited because they were calm: no rate and no delay looks back further
_WAITED = 0.03  # seconds beyond the shortest way
_BASE_SECONDS = 20  # the shortest way within this time is the way without a queue


class _Slot:
    """Arrivals of 20 ms: the smallest delay among them, and their bytes."""

    __slots__ = ("at", "delay", "first", "last", "size")

    def __init__(self, first: float, last: float, delay: float, size: float) -> None:
        self.at = first + GROUP
        self.first = first
        self.last = last
        self.delay = delay
        self.size = size


class Arrivals:
    """`queue` is the delay beyond the shortest (`floor`), `growth` by how much it has grown lately, `jitter`
    how much delays differ without a queue (seconds); `acked` the bit/s of the last half second; `stepped`
    that the newest packet took a tenth of a second by itself."""

    def __init__(self) -> None:
        self.slots: deque[_Slot] = deque()
        self.queue = self.growth = self.jitter = self.floor = self.acked = 0.0
        self.stepped = False
        self._least = math.inf  # delay of what was taken last
        self._base: deque[list[float]] = deque()  # [until, smallest delay], one a second

    @property
    def open_until(self) -> float:
        """Arrivals before this belong to the latest slot."""
        return self.slots[-1].at if self.slots else -1e300

    def take(self, groups: Sequence[Group]) -> None:
        """Put arrivals into slots, as summed up with `open_until`."""
        slots = self.slots
        self._least = min([delay for _, _, delay, _ in groups], default=math.inf)
        since = groups[-1][0] - _LATEST if groups else 0.0
        for first, last, delay, size in groups:
            if first < since:
                continue
            slot = slots[-1] if slots else None
            if slot is None or first >= slot.at:
                slots.append(_Slot(first, last, delay, size))
                continue
            slot.size += size
            slot.delay = min(slot.delay, delay)
            slot.last = max(slot.last, last)

    def measure(self, end: float, now: float, *, calm: bool) -> None:
        """After `take`: `end` is the newest arrival. `calm`: no queue is known of, what differs is jitter."""
        slots = self.slots
        self.stepped = False
        while slots[0].at < end - _WINDOW:
            slots.popleft()
        delay, before = _recent(slots, end)
        base = self._base
        if not base or now >= base[-1][0]:
            base.append([now + 1.0, delay])
            while base[0][0] <= now + 1.0 - _BASE_SECONDS:
                base.popleft()
        base[-1][1] = min(base[-1][1], self._least, delay)
        floor = self.floor = min([entry[1] for entry in base])
        self.growth = delay - before
        self.queue = max(0.0, delay - floor)
        if len(slots) > 2:
            a, b, c = slots[-3].delay, slots[-2].delay, slots[-1].delay
            # One packet that took a tenth of a second to come out, behind one that already waited. Without
            # that it may be the first of those that all come at once when a pause is over: a radio that
            # slept, a program that was put aside.
            gap = slots[-1].first - slots[-2].last
            self.stepped = c - b > 0.09 and gap > 0.09 and c - floor > 0.2 and b - floor > _WAITED
            if calm and not a < b < c and not self.stepped:
                self.jitter += 0.05 * (min(abs(c - b), 0.3) - self.jitter)
        self.acked = self.rate(end - 0.5, end)

    def rate(self, start: float, end: float) -> float:
        """Bit/s of what arrived between the two."""
        total = 0.0
        for slot in reversed(self.slots):
            if slot.first <= start:
                break
            total += slot.size
        return total * 8 / max(0.1, end - start)

    def busy_rate(self, queue: float) -> float | None:
        """Bit/s out of a bottleneck that had a queue of so many seconds all the while lately; None when that
        was too short to say."""
        threshold = self.floor + queue
        total = start = end = previous = 0.0
        for slot in reversed(self.slots):
            if slot.delay < threshold:
                break
            total += previous
            previous = slot.size
            start = slot.first
            end = end or slot.last
        span = end - start
        return total * 8 / span if total and span >= 0.06 else None

    def rebase(self, delay: float, now: float) -> None:
        """The way has become longer: this delay is the one without a queue now."""
        self._base.clear()
        self._base.append([now + 1.0, delay])
        self.queue = 0.0


def _recent(slots: deque[_Slot], end: float) -> tuple[float, float]:
    """The smallest delay lately (a tenth of a second and two slots at least) and that of as many before."""
    now = before = slots[-1].delay
    count = len(slots)
    position = count
    while position > 0 and (slots[position - 1].last > end - 0.1 or count - position < 2):
        position -= 1
        now = min(now, slots[position].delay)
    middle = position
    before = slots[middle - 1].delay if middle else now
    while position > 0 and (slots[position - 1].last > end - 0.3 or middle - position < 2):
        position -= 1
        before = min(before, slots[position].delay)
    return now, before
