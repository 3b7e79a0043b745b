"""How much one simulcast layer takes: bit rate, pictures per second, and the part of each temporal layer."""

from __future__ import annotations

_BUCKETS = 10
_DECAY = 0.5  # per second, of what is known about the temporal layers


class LayerRate:
    """Sums over the last second in tenths; the time comes from the caller."""

    __slots__ = ("_bytes", "_frames", "_slot", "_start", "_temporal", "temporal_share")

    def __init__(self) -> None:
        self._slot = self._start = -1
        self._bytes = [0] * _BUCKETS
        self._frames = [0] * _BUCKETS
        self._temporal = [0.0, 0.0, 0.0]
        self.temporal_share = (1.0, 1.0, 1.0)

    def note(self, size: int, starts: bool, temporal: int, now: float) -> None:
        """One packet: its size in bytes, whether a picture begins with it, its temporal layer (0..2)."""
        slot = int(now * _BUCKETS)
        if slot != self._slot:
            self._roll(slot)
        self._bytes[slot % _BUCKETS] += size
        if starts:
            self._frames[slot % _BUCKETS] += 1
        self._temporal[temporal if temporal < 3 else 2] += size

    def _roll(self, slot: int) -> None:
        passed = slot - self._slot
        if self._slot < 0 or passed >= 2 * _BUCKETS:
            self._start = slot  # after a silence the rate is that of what has come since
        for step in range(min(passed, _BUCKETS)) if self._slot >= 0 else ():
            self._bytes[(slot - step) % _BUCKETS] = 0
            self._frames[(slot - step) % _BUCKETS] = 0
        if slot // _BUCKETS != self._slot // _BUCKETS:
            total = sum(self._temporal)
            if total > 0:
                low, middle, _ = self._temporal
                self.temporal_share = (low / total, (low + middle) / total, 1.0)
                self._temporal = [part * _DECAY for part in self._temporal]
        self._slot = slot

    def _per_second(self, counts: list[int], now: float) -> float:
        slot = int(now * _BUCKETS)
        if self._slot < 0 or slot - self._slot >= _BUCKETS:
            return 0.0
        if slot != self._slot:
            self._roll(slot)
        # Whole tenths only: the one that is filling now would make every reading too small.
        tenths = min(_BUCKETS - 1, slot - self._start)
        if tenths <= 0:
            return counts[slot % _BUCKETS] * float(_BUCKETS)
        return sum(counts[(slot - n) % _BUCKETS] for n in range(1, tenths + 1)) * _BUCKETS / tenths

    def bitrate(self, now: float) -> float:
        return 8 * self._per_second(self._bytes, now)

    def fps(self, now: float) -> float:
        return self._per_second(self._frames, now)
