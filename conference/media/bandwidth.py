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

from conference.media.arrivals import Arrivals
from conference.media.heard import Ack, Heard, Waited, sum_up
from conference.media.silence import Silence

MINIMUM = 10_000  # bit/s; below it nothing is left to decide
MAXIMUM = 20_000_000
UNKNOWN = 300_000  # bit/s assumed of a path nobody has measured: a small picture beside the voices

_LATE = 0.05  # seconds the newest arrival must be late for a pause in the news to mean a queue
_QUEUE = 0.07  # seconds of queue that matter, on a path without jitter
_BACK_OFF = 0.85
_FLAT = 1.2  # seconds a delay must stand still, at a lowered rate, to be the path and not a queue
_STALLED = 40_000  # bit/s while nothing is heard: voices in the lean mix, no pictures
_LOSS_SECONDS = 2.0
_POOR = 220_000  # bit/s that carry a voice, and a picture only without a queue
_DARK = 2.0  # seconds without anything that are no queue: what is sent into one comes out in the end
_DARK_RUN = 20  # packets lost together, on average
_NEXT = 0.06  # seconds in which more is told after a pause, if more has come
_ALONE = 0.3  # seconds after which what is heard of had nothing of ours before it but itself


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
        self.busy_at = math.inf  # when last more was sent than a packet now and then; told by who sends
        self._arrivals = Arrivals()
        self._losses: deque[tuple[float, int, int]] = deque()
        self._lost = self._counted = 0
        self._looks = 5
        self._before_stall = 0
        self._acked_to = 0.0
        self._crawl = 0.0
        self._silence = Silence()
        self._since = 0.0  # arrivals before this are not used to raise the estimate
        self._sudden = False
        self._suspected = False
        self._shape: deque[tuple[float, float]] = deque()  # (now, delay) while draining
        self._lowered_at = -1e9
        self._standing: float | None = None

    # ---------------------------------------------------------------- feedback

    def feedback(self, acks: Sequence[Ack], now: float, unreported: int = 0) -> None:
        """Packets in sending order. `unreported` bytes were sent before them and no report will come: the
        feedback that told of them was lost, which says nothing about them."""
        self.take(sum_up(acks, self.open_until), now, unreported)

    @property
    def at_ease(self) -> bool:
        """Whether nothing stands, nothing is awaited, and nothing has to be found out."""
        troubled = self.draining or self.collapsed or self.stalled
        return self.known and not troubled and bool(self._arrivals.slots)

    @property
    def suspects(self) -> bool:
        """Whether something looks like a collapse, and the next tenth of a second will tell."""
        return self._suspected

    @property
    def floor(self) -> float:
        """The shortest delay lately, as the groups of `heard.Heard` have delays."""
        return self._arrivals.floor

    @property
    def open_until(self) -> float:
        """What the next feedback is to be summed up with."""
        return self._arrivals.open_until

    def take(self, heard: Heard, now: float, unreported: int = 0) -> None:
        """The same as `feedback`, summed up with `open_until`."""
        was_stalled = self.stalled
        # Nothing at all came through for a while: the link was not there. What it carries is another matter.
        dark = was_stalled and now - self.heard_at > _DARK and heard.lost >= _DARK_RUN * heard.runs
        self._sudden = self._barely_moved(heard, now)
        self._ends_silence(now, heard.first if heard.packets else now)
        arrivals = self._arrivals
        arrivals.take(heard.groups)
        lost = 0 if dark else heard.lost
        if heard.runs and not self.draining:
            self.burst += 0.05 * (min(lost / heard.runs, 10.0) - self.burst)
        self._note_loss(lost, heard.packets - (heard.lost - lost), now)
        if heard.newest is None:
            self._decide(now)
            return
        sent, end = heard.newest
        if unreported:
            arrivals.slots[-1].size += unreported
        rtt = now - sent
        self.rtt = rtt if not self.rtt else min(rtt, self.rtt + 0.1 * (rtt - self.rtt))
        arrivals.measure(end, now, calm=not self.draining and not self._sudden)
        self.queue, self.jitter, self.acked = arrivals.queue, arrivals.jitter, arrivals.acked
        self._sudden = self._sudden or arrivals.stepped
        if was_stalled and self.queue <= self.patience and lost <= 0.3 * heard.packets:
            # The way here was clear all the time; it was the way back that failed, or somebody was asleep.
            self.bitrate = max(self.bitrate, int(0.9 * self._before_stall))
            if not dark:
                self._silence.was_nothing(now)
            self._recovered()
        if self.draining and sent - self.busy_at > _ALONE:
            # What has left a queue in the order it came in leaves nothing of ours behind: a delay that is
            # still there is the way's, however much it trembles.
            self._rebase(arrivals.slots[-1].delay, now)
        self._decide(now)

    def take_calm(self, waited: Waited) -> None:
        """Reports that came while all was well, which changes little: judged as one, when the last came."""
        for at, first in waited.came:
            self._ends_silence(at, first)
        self.take(waited.heard, waited.at, waited.skipped)

    def _barely_moved(self, heard: Heard, now: float) -> bool:
        """A pause, and then news of hardly anything of what was sent in it: it went into a queue."""
        if not heard.packets or not self.rtt:
            return False
        passed = now - self.heard_at
        last = heard.last
        moved = last - self._acked_to
        self._acked_to = last
        behind = now - last - self.rtt
        if passed <= max(0.1, 2 * self._silence.gap) or moved >= 0.15 * passed or behind <= 0.25:
            return False
        self._crawl = heard.received * 8 / passed
        return True

    def _ends_silence(self, now: float, first_sent: float) -> None:
        self._silence.ends(now, first_sent, meant_something=self.stalled)
        self.stalled = False

    def _note_loss(self, lost: int, counted: int, now: float) -> None:
        self._losses.append((now, lost, counted))
        self._lost += lost
        self._counted += counted
        while self._losses[0][0] < now - _LOSS_SECONDS:
            _, lost, counted = self._losses.popleft()
            self._lost -= lost
            self._counted -= counted
        self.loss = self._lost / self._counted if self._counted else 0.0

    @property
    def patience(self) -> float:
        """Seconds of queue that are put down to jitter."""
        return min(0.3, _QUEUE + 2.0 * self.jitter)

    # ---------------------------------------------------------------- judgement

    def _decide(self, now: float) -> None:
        growing = self._arrivals.growth > 0.01
        if self._is_sudden():
            # What comes out of a pause may be the first of much that comes at once: the next news tells.
            if self._suspected or self._arrivals.stepped:
                self._overused(now)
            self._suspected = not self.draining
            return
        self._suspected = False
        if self.queue > self.patience:
            if self._standing is None:
                self._standing = now
            if growing or (not self.draining and now - self._standing > 1.0):
                self._overused(now)
            elif self.draining:
                self._refine()
            if self.draining and self._is_path(now):
                self._rebase(min([d for _, d in self._shape]), now)
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

    def _is_sudden(self) -> bool:
        slots = self._arrivals.slots
        late = bool(slots) and slots[-1].delay - self._arrivals.floor > _LATE
        return late and not self.draining and (self._sudden or self._suspected)

    def _overused(self, now: float) -> None:
        self._suspected = False
        rate = self._arrivals.busy_rate(0.5 * self.patience)
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
                self.collapsed = self.draining = True  # only what drains is ever seen to have recovered
            self.bitrate = int(rate)
            self._lowered_at = now
        self.known = True
        if self._arrivals.slots:
            self._since = self._arrivals.slots[-1].last

    def _refine(self) -> None:
        """The queue shrinks: its busy rate is still the capacity, now measured over more packets."""
        rate = self._arrivals.busy_rate(0.5 * self.patience)
        if rate is not None:
            self.bitrate = int(max(self.bitrate, min(_BACK_OFF * rate, MAXIMUM)))

    def _is_path(self, now: float) -> bool:
        """A delay that neither grows nor shrinks although less is sent is a longer way, not a queue."""
        delay = self._arrivals.slots[-1].delay
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

    def _rebase(self, delay: float, now: float) -> None:
        self._arrivals.rebase(delay, now)
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
        slots = self._arrivals.slots
        if not slots:
            return
        end = slots[-1].last
        start = max(end - 0.5, self._since)
        if end - start < 0.35:
            return
        rate = self.acked if start == end - 0.5 else self._arrivals.rate(start, end)
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
    def heard_at(self) -> float:
        """When the latest feedback that has been judged came, −infinity before the first."""
        return self._silence.heard_at

    @property
    def silence(self) -> float:
        """Seconds without feedback that mean a collapse."""
        return self._silence.limit

    def looked(self, now: float) -> None:
        """Instead of `tick`, by who knows that something has just been heard."""
        self._silence.looked(now)

    def tick(self, now: float, unheard_since: float | None) -> None:
        """`unheard_since` is when the oldest packet was sent after which nothing was heard; None when there
        is none."""
        late = self._silence.looked(now)
        if self._suspected and now - self.heard_at > _NEXT:
            self._sudden = True
            self._overused(now)
        if not self.stalled and self._silence.is_too_long(now, late, unheard_since):
            self.stalled = True
            self.collapsed = self.draining = True
            self.overuses += 1
            self.overused_at = now
            self._shape.clear()
            self._before_stall = self.bitrate
            if self.bitrate > 4 * _STALLED:
                self._lower(_STALLED, now)
