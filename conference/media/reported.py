"""The estimate for a viewer whose client sends no transport-wide feedback: reception reports and REMB.

Reports come once a second or less and know only the loss and the round trip, so this is the coarser of the
two estimators; it has the same face as `bandwidth.Estimator`.
"""

from __future__ import annotations

_START = 4_000_000  # bit/s: such clients are players and encoders on good lines more often than phones
_MINIMUM = 20_000
_MAXIMUM = 20_000_000
_HEAVY_LOSS = 0.2
_LONGER = 0.4  # seconds of round trip above the shortest that mean a queue
_SILENCE = 6.0


class ReportEstimator:
    """`bitrate` bit/s; `collapsed` while the round trip says that a queue stands, or nothing is reported."""

    def __init__(self, bitrate: int | None = None) -> None:
        self.bitrate = bitrate or _START
        self.known = True
        self.collapsed = False
        self.draining = False
        self.loss = 0.0
        self.rtt = 0.0
        self.queue = 0.0
        self.acked = 0.0
        self.overuses = 0
        self.overused_at = -1e9
        self._shortest = 1e9
        self._heard_at: float | None = None
        self._lowered_at = -1e9

    @property
    def usual_loss(self) -> float:
        """Reports come once a second or less: the last one is all there is."""
        return self.loss

    def report(self, loss: float, rtt: float | None, sending: float, now: float) -> None:
        """One reception report: `loss` is the worst stream's fraction, `sending` our bit/s to this viewer."""
        self._heard_at = now
        self.loss = loss
        self.acked = sending * (1 - loss)
        if rtt is not None:
            self._shortest = min(rtt, self._shortest + 0.01 * (rtt - self._shortest))
            self.rtt = rtt
            self.queue = rtt - self._shortest
        if self.queue > _LONGER:
            self._lower(0.5 * sending, now)
            self.collapsed = self.draining = True
        elif loss > _HEAVY_LOSS:
            self._lower(0.8 * self.acked, now)
        else:
            self.collapsed = self.draining = False
            if now - self._lowered_at > 5.0:
                self.bitrate = int(min(_MAXIMUM, self.bitrate * 1.08))

    def _lower(self, bitrate: float, now: float) -> None:
        if now - self._lowered_at < 1.5:
            return
        self._lowered_at = self.overused_at = now
        self.overuses += 1
        self.bitrate = int(max(_MINIMUM, min(self.bitrate, bitrate)))

    def told(self, bitrate: int) -> None:
        """The receiver's own estimate (REMB) is a limit, never a reason to send more."""
        if 0 < bitrate < self.bitrate:
            self.bitrate = max(_MINIMUM, bitrate)

    def tick(self, now: float, unheard_since: float | None) -> None:
        """Nothing reported for long while packets go out is a collapse."""
        heard = self._heard_at
        if heard is not None and unheard_since is not None and now - heard > _SILENCE and not self.collapsed:
            self.collapsed = self.draining = True
            self._lower(_MINIMUM * 2, now)
