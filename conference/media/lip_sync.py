"""When a recorded frame was taken: RTP timestamps of several sources brought onto one clock, the server's.

Sender reports say which moment of the sender's wall clock a timestamp stands for (RFC 3550 §6.4.1); all
sources of one participant share that clock, so lips and voice fit to the millisecond. Where the sender's
clock stands on ours is known only up to the journey of the report, which shifts the participant as a whole.
Until the first report, the quickest packet so far is the best guess.
"""

from __future__ import annotations

from conference.media.rtcp import SenderReport
from conference.media.rtp import unwrap

_MOST_SLEW = 0.001  # seconds per report: a sender's clock drifts, it does not jump
_BELIEVED = 5.0  # a report this far from what arrival says is of a broken clock
_JUMP = 5.0  # seconds: a source that leaps like this has started anew


class SenderClock:
    """One participant's wall clock as the server sees it. `offset`: server minus sender time, seconds."""

    __slots__ = ("offset",)

    def __init__(self) -> None:
        self.offset: float | None = None

    def heard(self, ntp: float, arrived: float) -> None:
        target = arrived - ntp
        if self.offset is None or abs(target - self.offset) > _BELIEVED:
            self.offset = target
        else:
            self.offset += max(-_MOST_SLEW, min(_MOST_SLEW, target - self.offset))


class SourceClock:
    """One source's timestamps as server time. Times are monotonic seconds, timestamps without wrapping."""

    __slots__ = ("_anchor", "_by_arrival", "_rate", "_seen", "_sender")

    def __init__(self, rate: int, sender: SenderClock) -> None:
        self._rate = rate
        self._sender = sender
        self._by_arrival: float | None = None
        self._anchor: tuple[float, int] | None = None  # sender's wall clock, timestamp
        self._seen: SenderReport | None = None

    def report(self, report: SenderReport, arrived: float, timestamp: int) -> None:
        """A sender report; `timestamp` is a recent one of the same source, to unwrap the report's."""
        if report is self._seen:
            return
        self._seen = report
        ntp = report.ntp / 2**32
        self._sender.heard(ntp, arrived)
        self._anchor = (ntp, unwrap(report.rtp_timestamp, timestamp, 32))

    def seconds(self, timestamp: int, arrived: float) -> float:
        """When the frame with this timestamp was taken."""
        media = timestamp / self._rate
        guess = arrived - media
        if self._by_arrival is None or guess < self._by_arrival or guess - self._by_arrival > _JUMP:
            self._by_arrival = guess
        if self._anchor is not None and self._sender.offset is not None:
            ntp, at = self._anchor
            taken = ntp + (timestamp - at) / self._rate + self._sender.offset
            if abs(taken - (media + self._by_arrival)) < _BELIEVED:
                return taken
        return media + self._by_arrival
