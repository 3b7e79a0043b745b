"""Finding out whether a path carries more than is sent over it, with padding (RFC 3550 §5.1) on RTX SSRCs.

A *train* is a few packets sent back to back: how far apart they arrive is the rate of the bottleneck. It
costs a kilobyte or two. Only when trains say that the next better picture would fit, a *fill* adds padding
to what is sent for half a second, which shows whether the path bears that rate without a queue. People pay
for these bytes, so nothing is sent that could not change what they get, and a minute has a limit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Literal

from conference.media.bandwidth import Estimator
from conference.media.heard import Ack

PADDING = 255  # bytes of padding, the most one packet can hold
PROBE_SIZE = PADDING + 72  # on the wire
MINUTE_LIMIT = 400_000  # bytes of probes a minute
TRAIN_LIMIT = 60_000  # the same of trains alone
SCARCE_LIMIT = 20_000  # and on a path that carries only sound

_FIRST_TRAIN = 6
_FILL_SECONDS = 0.6
_SCARCE = 150_000  # bit/s
_RETRY = 4.0  # seconds after a train that found nothing, at first
_RETRY_TRAIN = 8.0  # and after many
_RETRY_MOST = 60.0
_PULLED_APART = 0.008  # seconds of jitter


class Prober:
    """Decides when padding is due. `step` is called with every tick, `acked` with every feedback.

    `spent` counts the bytes of all probes; `failures` the fills that met an over-use.
    """

    def __init__(self, estimator: Estimator) -> None:
        self.spent = 0
        self.failures = 0
        self.successes = 0
        self._estimator = estimator
        self._stage: Literal["idle", "train", "fill", "settle"] = "idle"
        self._due = 0.0
        self._retry = _RETRY
        self._passed = 0
        self._train_at = 0.0
        self._train_size = 0
        self._arrivals: list[float] = []
        self._lost = 0
        self._fill_rate = 0.0
        self._fill_from = 0.0
        self._owed = 0.0
        self._sent = 0
        self._stepped = 0.0
        self._overuses = 0
        self._climbed_at = -1e9
        self._log: deque[tuple[float, int]] = deque()
        self._minute = 0
        self._trains: deque[tuple[float, int, bool]] = deque()  # when, bytes, whether the path was scarce
        self._minute_of_trains = [0, 0]
        self._last_rate = 0.0
        self._next_rate = 0
        self._short = 0
        self._patience = _RETRY

    @property
    def idle(self) -> bool:
        return self._stage == "idle"

    @property
    def training(self) -> bool:
        """Whether a train is under way, and `acked` of use."""
        return self._stage == "train"

    @property
    def filling(self) -> bool:
        return self._stage == "fill"

    # ------------------------------------------------------------------- ticks

    def step(self, now: float, next_rate: int, best_rate: int, sending: float, sent: int) -> int:
        """Bytes of padding to send now. `next_rate` is the estimate at which the viewer would get something
        better, 0 for nothing to gain; `best_rate` the one that gives all; `sending` the media's bit/s;
        `sent` the bytes of everything so far."""
        estimator = self._estimator
        self._forget(now)
        if estimator.overuses != self._overuses:
            self._overuses = estimator.overuses
            self._met_overuse(now)
        if estimator.draining or estimator.collapsed:
            return 0
        if self._stage == "fill":
            return self._fill(now, sent)
        if self._stage == "train":
            if now - self._train_at > max(1.0, 2 * estimator.rtt + 0.6):
                self._train_failed(now)
            return 0
        self._next_rate = next_rate
        if self._stage == "settle":
            if now - self._due > estimator.rtt + 0.3:
                self._settled(now)
            return 0
        if not estimator.known:
            return self._start_train(now, _FIRST_TRAIN)
        if not next_rate or now < self._due or estimator.bitrate >= next_rate:
            return 0
        if self._passed >= (1 if next_rate < 2 * estimator.bitrate else 2):
            return self._start_fill(now, next_rate, best_rate, sending, sent)
        wanted = 0.04 * estimator.bitrate / 8 * (1 + self._passed)
        return self._start_train(now, max(3 + 5 * self._passed, min(24, int(wanted / PROBE_SIZE))))

    def _forget(self, now: float) -> None:
        while self._log and self._log[0][0] < now - 60:
            self._minute -= self._log.popleft()[1]
        while self._trains and self._trains[0][0] < now - 60:
            _, size, scarce = self._trains.popleft()
            self._minute_of_trains[scarce] -= size

    def _charge(self, now: float, size: int) -> int:
        self.spent += size
        self._minute += size
        self._log.append((now, size))
        return size

    def _met_overuse(self, now: float) -> None:
        """Whatever was being tried, it was too much; after a climb that failed wait longer each time."""
        if self._stage in ("fill", "settle") or now - self._climbed_at < 6.0:
            self.failures += 1
            self._retry = min(_RETRY_MOST, self._retry * 2)
            self._idle(now + self._retry)
        else:
            self._patience = _RETRY
            self._idle(now + 1.5)  # it may have been a moment's shadow: one cheap look soon

    def _idle(self, due: float) -> None:
        self._stage = "idle"
        self._passed = 0
        self._due = due

    def ping(self, now: float) -> int:
        """One packet, for the sake of the answer."""
        return self._charge(now, PROBE_SIZE)

    # ------------------------------------------------------------------ trains

    def _start_train(self, now: float, packets: int) -> int:
        size = packets * PROBE_SIZE
        # A path that has just become scarce is not to be charged for trains of when it was wide: it would
        # not be looked at again for a minute, whatever it carries meanwhile.
        scarce = self._estimator.bitrate < _SCARCE
        limit = SCARCE_LIMIT if scarce else TRAIN_LIMIT
        if self._minute_of_trains[scarce] + size > limit or self._minute + size > MINUTE_LIMIT:
            self._due = now + _RETRY
            return 0
        self._trains.append((now, size, scarce))
        self._minute_of_trains[scarce] += size
        self._stage = "train"
        self._train_at = now
        self._train_size = packets
        self._arrivals = []
        self._lost = 0
        return self._charge(now, size)

    def acked(self, acks: Sequence[Ack], now: float) -> None:
        """Collect the arrivals of the train under way."""
        if self._stage != "train":
            return
        later = False
        for sent, size, arrival in acks:
            if sent == self._train_at:
                if arrival is None:
                    self._lost += 1
                elif size == PROBE_SIZE:
                    self._arrivals.append(arrival)
            later = later or sent > self._train_at
        if len(self._arrivals) + self._lost >= self._train_size or (later and self._arrivals):
            self._judge_train(now)

    def _judge_train(self, now: float) -> None:
        arrivals = self._arrivals
        if len(arrivals) < max(2, self._train_size // 2):
            self._train_failed(now)
            return
        span = max(0.001, max(arrivals) - min(arrivals))
        rate = (len(arrivals) - 1) * PROBE_SIZE * 8 / span
        estimator = self._estimator
        self._last_rate = rate
        if not estimator.known:
            # Half of it, and not much more than a small picture: a train this short flatters some radios.
            estimator.learned(min(0.8 * rate, max(250_000.0, min(0.4 * rate, 700_000.0))))
            self._idle(now)
            return
        self._stage = "idle"
        more = rate > 1.3 * estimator.bitrate
        enough = more and rate >= self._next_rate
        # Jitter pulls trains apart: when they fall short because of it, a careful fill has to tell.
        if not enough and estimator.bitrate > _SCARCE and (more or estimator.jitter > _PULLED_APART):
            self._short += 1
            enough = self._short >= 2
        if enough:
            self._short = 0
            self._passed += 1
            self._due = now
        else:
            self._train_failed(now)

    def _train_failed(self, now: float) -> None:
        if not self._estimator.known:
            self._stage = "idle"
            self._due = now + 1.0
            return
        self._idle(now + self._patience)
        self._patience = min(_RETRY_TRAIN, 1.25 * self._patience)

    # ------------------------------------------------------------------- fills

    def _start_fill(self, now: float, next_rate: int, best_rate: int, sending: float, sent: int) -> int:
        most = max(1.5 * self._estimator.bitrate, min(0.6 * self._last_rate, 8 * self._estimator.bitrate))
        rate = min(1.03 * best_rate, most)
        if rate < 1.03 * next_rate <= min(self._last_rate, 8 * self._estimator.bitrate):
            rate = 1.03 * next_rate
        size = (rate - sending) / 8 * _FILL_SECONDS
        if size > MINUTE_LIMIT - self._minute:
            self._idle(now + 10.0)
            return 0
        if size <= 0:
            self._idle(now + 1.0)
            return 0
        self._stage = "fill"
        self._fill_rate = rate
        self._fill_from = self._stepped = now
        self._owed, self._sent = 0.0, sent
        return 0

    def _fill(self, now: float, sent: int) -> int:
        """What is missing to the rate by what has really been sent: a picture may have come or gone since."""
        if self._estimator.queue > self._estimator.patience:
            self._met_overuse(now)
            return 0
        passed = min(now - self._stepped, 0.1)
        self._stepped = now
        self._owed += self._fill_rate / 8 * passed - (sent - self._sent)  # padding shows in the next `sent`
        self._sent = sent
        packets = max(0, int(min(self._owed, self._fill_rate / 8 * 0.1) / PROBE_SIZE))
        if now - self._fill_from >= _FILL_SECONDS:
            self._stage = "settle"
            self._due = now
        return self._charge(now, packets * PROBE_SIZE) if packets else 0

    def _settled(self, now: float) -> None:
        if self._estimator.bitrate >= 0.85 * self._fill_rate:
            self.successes += 1
            self._patience = _RETRY
            self._climbed_at = now
            self._retry = max(_RETRY, self._retry * 0.7)
            self._idle(now)
        else:
            self._idle(now + 2.0)
