"""How much one simulcast layer takes: bit rate, pictures per second, and the part of each temporal layer."""

from __future__ import annotations

from array import array

_BUCKETS = 10
_BYTES, _FRAMES = 2, 2 + _BUCKETS  # where they are in `LayerRate.counts`
_DECAY = 0.5  # per second, of what is known about the temporal layers


class LayerRate:
    """Sums over the last second in tenths; the time comes from the caller."""

    __slots__ = ("counts", "shares")

    def __init__(self) -> None:
        # Arrays, because C notes packets in them too: the tenth that fills now, the first of all, and bytes
        # and pictures of ten tenths; bytes by temporal layer, and the shares of the lowest and the lower two.
        self.counts = array("q", [-1, -1] + [0] * (2 * _BUCKETS))
        self.shares = array("d", (0.0, 0.0, 0.0, 1.0, 1.0))

    @property
    def temporal_share(self) -> tuple[float, float, float]:
        """The fraction it takes to forward temporal layers up to 0, 1 and 2."""
        return self.shares[3], self.shares[4], 1.0

    def note(self, size: int, starts: bool, temporal: int, now: float) -> None:
        """One packet: its size in bytes, whether a picture begins with it, its temporal layer (0..2)."""
        slot = int(now * _BUCKETS)
        counts = self.counts
        if slot != counts[0]:
            self._roll(slot)
        counts[_BYTES + slot % _BUCKETS] += size
        if starts:
            counts[_FRAMES + slot % _BUCKETS] += 1
        self.shares[temporal if temporal < 3 else 2] += size

    def _roll(self, slot: int) -> None:
        counts, shares = self.counts, self.shares
        known = counts[0]
        passed = slot - known
        if known < 0 or passed >= 2 * _BUCKETS:
            counts[1] = slot  # after a silence the rate is that of what has come since
        for step in range(min(passed, _BUCKETS)) if known >= 0 else ():
            counts[_BYTES + (slot - step) % _BUCKETS] = 0
            counts[_FRAMES + (slot - step) % _BUCKETS] = 0
        if slot // _BUCKETS != known // _BUCKETS:
            low, middle, high = shares[:3]
            total = low + middle + high
            if total > 0:
                shares[3], shares[4] = low / total, (low + middle) / total
                shares[0], shares[1], shares[2] = low * _DECAY, middle * _DECAY, high * _DECAY
        counts[0] = slot

    def _per_second(self, first: int, now: float) -> float:
        slot = int(now * _BUCKETS)
        counts = self.counts
        if counts[0] < 0 or slot - counts[0] >= _BUCKETS:
            return 0.0
        if slot != counts[0]:
            self._roll(slot)
        # Whole tenths only: the one that is filling now would make every reading too small.
        tenths = min(_BUCKETS - 1, slot - counts[1])
        if tenths <= 0:
            return counts[first + slot % _BUCKETS] * float(_BUCKETS)
        return sum(counts[first + (slot - n) % _BUCKETS] for n in range(1, tenths + 1)) * _BUCKETS / tenths

    def bitrate(self, now: float) -> float:
        return 8 * self._per_second(_BYTES, now)

    def fps(self, now: float) -> float:
        return self._per_second(_FRAMES, now)
