"""How much the path to one viewer carries, from transport-wide feedback; pure, in the caller's time.

What is read from each feedback is how long packets were on their way beyond the shortest time lately (the
queue in front of the bottleneck), whether that grows, how many got lost, and how fast they came out. While
a queue stands, packets leave the bottleneck at exactly its rate: this *busy rate* is the capacity, and the
only figure an over-use lowers the estimate to. Loss alone is not over-use: radio links lose a tenth of what
they are sent whatever its rate, so only loss well beyond the usual counts. Nothing heard while packets are
on their way counts as a collapse, because behind a link that has become thirty times slower the news of it
would come seconds late.

See draft-ietf-rmcat-gcc-02 for the controller this departs from: it adds to the estimate on a timer and
lets the sender find the limit by overrunning it, which a voice on 64 kbit/s cannot afford.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

MINIMUM = 10_000  # bit/s; below it nothing is left to decide
MAXIMUM = 20_000_000
UNKNOWN = 300_000  # bit/s assumed of a path nobody has measured: a small picture beside the voices

_SLOT = 0.02  # seconds of arrivals that are looked at as one
_WINDOW = 1.2  # seconds of arrivals kept
_BASE_SECONDS = 20  # the shortest way within this time is the way without a queue
_TICK = 0.1  # seconds between two looks
_LATE = 0.05  # seconds the newest arrival must be late for a pause in the news to mean a queue
_QUEUE = 0.07  # seconds of queue that matter, on a path without jitter
_BACK_OFF = 0.85
_FLAT = 1.2  # seconds a delay must stand still, at a lowered rate, to be the path and not a queue
_STALLED = 40_000  # bit/s while nothing is heard: voices in the lean mix, no pictures
_LOSS_SECONDS = 2.0
_POOR = 220_000  # bit/s that carry a voice, and a picture only without a queue


# One packet the viewer reported on: when it was sent (our clock), its bytes on the wire, and when it arrived
# (seconds on the viewer's clock), None if it did not. A plain tuple, because there is one for every packet.
Ack = tuple[float, int, float | None]


class _Slot:
    """Arrivals of 20 ms: the smallest delay among them, and their bytes."""

    __slots__ = ("at", "delay", "first", "last", "size")

    def __init__(self, arrival: float, delay: float, size: int) -> None:
        self.at = arrival + _SLOT
        self.first = self.last = arrival
        self.delay = delay
        self.size = size


class Estimator:
    """Feed it every feedback, ask it every 100 ms.

    `bitrate` is what the path is believed to carry (bit/s, on the wire below UDP); `collapsed` that a severe
    over-use, or silence, was seen and has not passed; `draining` that a queue stands and must shrink before
    anything is added; `queue`, `loss`, `rtt` and `acked` are the measures behind it (seconds, fraction,
    seconds, bit/s).
    """

    def __init__(self, bitrate: int | None = None) -> None:
        self.known = bitrate is not None
        self.bitrate = bitrate if bitrate is not None else UNKNOWN
        self.collapsed = False
        self.draining = False
        self.stalled = False
        self.queue = 0.0
        self.loss = 0.0
        self.usual_loss = 0.0
        self.burst = 1.0  # packets lost together, on average
        self.acked = 0.0
        self.rtt = 0.0
        self.jitter = 0.0
        self.overuses = 0
        self.overused_at = -1e9
        self._slots: deque[_Slot] = deque()
        self._base: deque[list[float]] = deque()  # [until, smallest delay], one a second
        self._losses: deque[tuple[float, int, int]] = deque()
        self._lost = self._counted = 0
        self._looks = 5
        self._before_stall = 0
        self._acked_to = 0.0
        self._crawl = 0.0
        self._floor = 0.0
        self._ticked = 0.0
        self._heard_at: float | None = None
        self._gap = 0.1
        self._gap_deviation = 0.05
        self._since = 0.0  # arrivals before this are not used to raise the estimate
        self._growth = 0.0
        self._sudden = False
        self._shape: deque[tuple[float, float]] = deque()  # (now, delay) while draining
        self._lowered_at = -1e9
        self._standing: float | None = None

    # ---------------------------------------------------------------- feedback

    def feedback(self, acks: Sequence[Ack], now: float, unreported: int = 0) -> None:
        """Packets in sending order. `unreported` bytes were sent before them and no report will come: the
        feedback that told of them was lost, which says nothing about them."""
        was_stalled = self.stalled
        self._sudden = self._barely_moved(acks, now)
        self._note_gap(now, acks[0][0] if acks else now)
        lost, runs, newest = self._take(acks)
        if runs and not self.draining:
            self.burst += 0.05 * (min(lost / runs, 10.0) - self.burst)
        self._note_loss(lost, len(acks), now)
        if newest is None:
            self._decide(now)
            return
        sent, end = newest
        if unreported:
            self._slots[-1].size += unreported
        rtt = now - sent
        self.rtt = rtt if not self.rtt else min(rtt, self.rtt + 0.1 * (rtt - self.rtt))
        while self._slots and self._slots[0].at < end - _WINDOW:
            self._slots.popleft()
        self._measure(end, now)
        if was_stalled and self.queue <= self.patience and lost <= 0.3 * len(acks):
            # The way here was clear all the time; it was the way back that failed.
            self.bitrate = max(self.bitrate, int(0.9 * self._before_stall))
            self._recovered()
        self._decide(now)

    def _barely_moved(self, acks: Sequence[Ack], now: float) -> bool:
        """A pause, and then news of hardly anything of what was sent in it: it went into a queue."""
        if not acks or self._heard_at is None or not self.rtt:
            return False
        passed = now - self._heard_at
        last = acks[-1][0]
        moved = last - self._acked_to
        self._acked_to = last
        behind = now - last - self.rtt
        if passed <= max(0.1, 2 * self._gap) or moved >= 0.15 * passed or behind <= 0.25:
            return False
        self._crawl = sum(size for _, size, arrival in acks if arrival is not None) * 8 / passed
        return True

    def _note_gap(self, now: float, first_sent: float) -> None:
        if self._heard_at is not None and not self.stalled:
            gap = min(now - max(self._heard_at, first_sent), 2.0)
            self._gap_deviation += 0.1 * (abs(gap - self._gap) - self._gap_deviation)
            self._gap += 0.1 * (gap - self._gap)
        self._heard_at = now
        self.stalled = False

    def _take(self, acks: Sequence[Ack]) -> tuple[int, int, tuple[float, float] | None]:
        """Put arrivals into slots; packets lost, runs of losses, and when the newest was sent and arrived."""
        slots = self._slots
        slot = slots[-1] if slots else None
        lost = runs = 0
        whole = True
        sent = end = -1.0
        for at, size, arrival in acks:
            if arrival is None:
                lost += 1
                runs += whole
                whole = False
                continue
            whole = True
            sent, end = at, arrival
            delay = arrival - at
            if slot is not None and arrival < slot.at:
                slot.size += size
                if delay < slot.delay:
                    slot.delay = delay
                if arrival > slot.last:
                    slot.last = arrival
            else:
                slot = _Slot(arrival, delay, size)
                slots.append(slot)
        return lost, runs, None if sent < 0 else (sent, end)

    def _note_loss(self, lost: int, counted: int, now: float) -> None:
        self._losses.append((now, lost, counted))
        self._lost += lost
        self._counted += counted
        while self._losses[0][0] < now - _LOSS_SECONDS:
            _, lost, counted = self._losses.popleft()
            self._lost -= lost
            self._counted -= counted
        self.loss = self._lost / self._counted if self._counted else 0.0

    def _measure(self, end: float, now: float) -> None:
        slots = self._slots
        delay, before = _recent(slots, end)
        base = self._base
        if not base or now >= base[-1][0]:
            base.append([now + 1.0, delay])
            if len(base) > _BASE_SECONDS:
                base.popleft()
        smallest = min(slots[-1].delay, delay)
        base[-1][1] = min(base[-1][1], smallest)
        floor = self._floor = min([entry[1] for entry in base])
        self._growth = delay - before
        self.queue = max(0.0, delay - floor)
        if len(slots) > 2:
            a, b, c = slots[-3].delay, slots[-2].delay, slots[-1].delay
            # One packet that took a tenth of a second to come out, behind one that already waited.
            gap = slots[-1].first - slots[-2].last
            self._sudden = self._sudden or (c - b > 0.09 and gap > 0.09 and c - floor > 0.2)
            if not self.draining and not a < b < c and not self._sudden:
                self.jitter += 0.05 * (min(abs(c - b), 0.3) - self.jitter)
        self.acked = self._rate(end - 0.5, end)

    def _rate(self, start: float, end: float) -> float:
        total = 0
        for slot in reversed(self._slots):
            if slot.first <= start:
                break
            total += slot.size
        return total * 8 / max(0.1, end - start)

    @property
    def patience(self) -> float:
        """Seconds of queue that are put down to jitter."""
        return min(0.3, _QUEUE + 2.0 * self.jitter)

    # ---------------------------------------------------------------- judgement

    def _decide(self, now: float) -> None:
        growing = self._growth > 0.01
        if self._sudden and not self.draining and self._slots[-1].delay - self._floor > _LATE:
            self._overused(now)
            return
        if self.queue > self.patience:
            if self._standing is None:
                self._standing = now
            if growing or (not self.draining and now - self._standing > 1.0):
                self._overused(now)
            elif self.draining:
                self._refine()
            if self.draining and self._is_path(now):
                self._rebase(now)
            return
        self._standing = None
        if self._too_lossy():
            self._lossy(now)
            return
        if self.draining and self.queue < 0.7 * self.patience:
            self._recovered()
        if not self.draining and now - self._lowered_at > 0.5:
            self._usual(now)
            self._raise()

    def _overused(self, now: float) -> None:
        rate = self._busy_rate()
        if not self.draining:
            self.overuses += 1
            self.draining = True
            self._shape.clear()
        self.overused_at = now
        if self._sudden and rate is None:
            rate = max(self._crawl, _STALLED)  # a glimpse: no more than a reason to go down to sound
        elif rate is None:
            rate = self.acked if self.queue < 0.3 else min(self.acked, 0.5 * self.bitrate)
        factor = 0.7 if self.queue > 0.5 else _BACK_OFF
        self._lower(factor * rate, now)

    def _lower(self, rate: float, now: float) -> None:
        rate = max(MINIMUM, rate)
        if rate < self.bitrate:
            if rate < 0.5 * self.bitrate and (rate < _POOR or self.queue > 0.5):
                self.collapsed = True
            self.bitrate = int(rate)
            self._lowered_at = now
        self.known = True
        if self._slots:
            self._since = self._slots[-1].last

    def _busy_rate(self) -> float | None:
        """Bytes a second out of a bottleneck that had a queue all the while; None when that was too short."""
        threshold = self._floor + 0.5 * self.patience
        total = 0
        start = end = 0.0
        previous = 0
        for slot in reversed(self._slots):
            if slot.delay < threshold:
                break
            total += previous
            previous = slot.size
            start = slot.first
            end = end or slot.last
        span = end - start
        return total * 8 / span if total and span >= 0.06 else None

    def _refine(self) -> None:
        """The queue shrinks: its busy rate is still the capacity, now measured over more packets."""
        rate = self._busy_rate()
        if rate is not None:
            self.bitrate = int(max(self.bitrate, min(_BACK_OFF * rate, MAXIMUM)))

    def _is_path(self, now: float) -> bool:
        """A delay that neither grows nor shrinks although less is sent is a longer way, not a queue."""
        delay = self._slots[-1].delay
        self._shape.append((now, delay))
        while self._shape[0][0] < now - _FLAT:
            self._shape.popleft()
        delays = [d for _, d in self._shape]
        long_enough = now - self._shape[0][0] > 0.8 * _FLAT and now - self._lowered_at > _FLAT
        quiet = self.loss < max(0.15, self.usual_loss + 0.1)
        middle = len(delays) // 2
        if middle < 2 or not long_enough or not quiet:
            return False
        drift: float = min(delays[middle:]) - min(delays[:middle])
        return bool(abs(drift) < 0.01 + 0.3 * self.jitter)

    def _rebase(self, now: float) -> None:
        delay = min(d for _, d in self._shape)
        self._base.clear()
        self._base.append([now + 1.0, delay])
        self.queue = 0.0
        self._standing = None
        self._recovered()

    def _recovered(self) -> None:
        self.draining = self.collapsed = False
        self._shape.clear()

    # -------------------------------------------------------------------- loss

    def _too_lossy(self) -> bool:
        if self._counted < 20:
            return False
        usual = self.usual_loss
        margin = 3 * math.sqrt((usual + 0.02) * self.burst / self._counted)
        return self.loss > max(0.15, usual + 0.1) + margin

    def _lossy(self, now: float) -> None:
        """A bottleneck that drops instead of queueing: what came through is what it carries."""
        recent = [(lost, counted) for at, lost, counted in self._losses if at > now - 0.7]
        fraction = sum(lost for lost, _ in recent) / max(1, sum(counted for _, counted in recent))
        if fraction < 0.15 or now - self._lowered_at < 0.7:
            return
        self.overuses += 1
        self.overused_at = now
        heavy = fraction > 0.5 and self._counted >= 40
        if heavy:
            self.collapsed = self.draining = True
            self._shape.clear()
        # What is lost at a rate far below the estimate is lost at any rate: only a heavy loss lowers it then.
        sending = self.acked / (1 - min(fraction, 0.9))
        if sending > 0.6 * self.bitrate or heavy:
            self._lower(min(self.bitrate * 0.9, max(self.acked, MINIMUM)), now)
        self.usual_loss = min(0.3, self.usual_loss + 0.25 * (fraction - self.usual_loss))

    def _usual(self, now: float) -> None:
        if self._counted < 20:
            return
        self._looks += 1
        weight = max(0.01 if self.loss > self.usual_loss else 0.03, 1 / self._looks)
        self.usual_loss += weight * (min(self.loss, 0.3) - self.usual_loss)

    # ------------------------------------------------------------------ raising

    def _raise(self) -> None:
        """What has come through without a queue can be sent again."""
        slots = self._slots
        if not slots:
            return
        end = slots[-1].last
        start = max(end - 0.5, self._since)
        if end - start < 0.35:
            return
        rate = self.acked if start == end - 0.5 else self._rate(start, end)
        if rate > self.bitrate:
            self.bitrate = int(min(rate, MAXIMUM))
            self.known = True

    def proven(self, bitrate: float) -> None:
        """A burst of ours has shown this much (see `probing.py`)."""
        if not self.draining and bitrate > self.bitrate:
            self.bitrate = int(min(bitrate, MAXIMUM))
        self.known = True

    def learned(self, bitrate: float) -> None:
        """The first measurement of a path nobody knew."""
        self.bitrate = int(max(MINIMUM, min(bitrate, MAXIMUM)))
        self.known = True

    # -------------------------------------------------------------------- time

    @property
    def silence(self) -> float:
        """Seconds without feedback that mean a collapse: about four missing reports."""
        return min(2.5, max(0.25, 4 * self._gap + 4 * self._gap_deviation))

    def tick(self, now: float, unheard_since: float | None) -> None:
        """`unheard_since` is when the oldest packet was sent after which nothing was heard; None when there
        is none."""
        late, self._ticked = now - self._ticked - _TICK, now
        if self._heard_at is None or unheard_since is None or self.stalled:
            return
        if late > 0.05:
            # We were kept from looking, and what we have not read yet cannot be counted as silence.
            self._heard_at = min(now, self._heard_at + late)
        if now - self._heard_at > self.silence and now - unheard_since > self.silence:
            self.stalled = True
            self.collapsed = self.draining = True
            self.overuses += 1
            self.overused_at = now
            self._shape.clear()
            self._before_stall = self.bitrate
            if self.bitrate > 4 * _STALLED:
                self._lower(_STALLED, now)


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
