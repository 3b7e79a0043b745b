"""How the loop feels: how late it runs, what it sends, what a packet costs. Pure: the time is handed in."""

from __future__ import annotations

from collections import deque

from conference.media.counters import Counters

_WINDOW = 5.0  # seconds that lag and cost look back
_FEW = 200  # packets; below this a packet's cost says more about the idle loop than about packets


class Pulse:
    """`bitrate` in bit/s sent over the last second, `lag` the latest wake-up in the window in s, `cpu` the
    CPU seconds of the threads that carry packets, `microseconds` of them per forwarded packet in the window
    (0: too few).
    """

    def __init__(self, counters: Counters) -> None:
        self.bitrate = 0
        self.lag = 0.0
        self.cpu = 0.0
        self.microseconds = 0.0
        self._counters = counters
        self._latest = 0.0
        self._marks: deque[tuple[float, float, int, int, float]] = deque()

    def late(self, seconds: float) -> None:
        """The loop woke up this much later than it should have."""
        self._latest = max(self._latest, seconds)

    def second(self, now: float, cpu: float) -> None:
        """About once a second: the monotonic time, and the CPU time of the threads that carry packets."""
        sent, packets = self._counters.bytes_out, self._counters.packets_forwarded
        if self._marks:
            before, _, sent_before, _, _ = self._marks[-1]
            self.bitrate = int((sent - sent_before) * 8 / max(1e-3, now - before))
        self._marks.append((now, cpu, sent, packets, self._latest))
        self._latest = 0.0
        while now - self._marks[0][0] > _WINDOW:
            self._marks.popleft()
        _, first_cpu, _, first_packets, _ = self._marks[0]
        self.cpu = cpu
        self.lag = max(mark[4] for mark in self._marks)
        forwarded = packets - first_packets
        self.microseconds = (cpu - first_cpu) * 1e6 / forwarded if forwarded >= _FEW else 0.0
