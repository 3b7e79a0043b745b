"""How the numbers of a source map to those a viewer sees: runs of constant offsets, one clock for all layers.

A viewer must never see a gap that we made: it would ask for packets that do not exist and hold back pictures.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from conference.media.incoming import IncomingStream
from conference.media.rtcp import SenderReport

_STRETCHES_KEPT = (
    128  # at most one per picture: four seconds and more, longer than a retransmission is wanted
)
_AHEAD_AT_MOST = 10.0  # seconds; a report that says more is not believed
_BEHIND_AT_MOST = 1.0


class Stretch(NamedTuple):
    """The packets `first` <= index < `end` of one source, which went out with these offsets.

    Every index in it has its own outgoing number, those that were missing when it was their turn as well.
    `cap` is the highest temporal layer that was forwarded then.
    """

    source: IncomingStream | None
    first: int
    end: int
    offset: int
    timestamp_offset: int
    picture_offset: int
    tl0_offset: int
    cap: int


class Past:
    """The stretches before the present one, for packets that come late and for retransmissions."""

    __slots__ = ("_stretches",)

    def __init__(self) -> None:
        self._stretches: deque[Stretch] = deque(maxlen=_STRETCHES_KEPT)

    def add(self, stretch: Stretch) -> None:
        if stretch.end > stretch.first:
            self._stretches.append(stretch)

    def of_index(self, source: IncomingStream, index: int) -> Stretch | None:
        for stretch in reversed(self._stretches):
            if stretch.first <= index < stretch.end and stretch.source is source:
                return stretch
        return None

    def of_sequence(self, sequence: int) -> Stretch | None:
        """By the outgoing number, without wrapping."""
        for stretch in reversed(self._stretches):
            if stretch.first + stretch.offset <= sequence:
                return stretch if sequence < stretch.end + stretch.offset else None
        return None


class Sent(NamedTuple):
    """Where an outgoing clock stands: the offset of its source, the last timestamp (modulo 2**32) and when.

    `ahead` is how far the source runs before its own time, because two pictures may not share a timestamp.
    """

    offset: int
    ahead: int
    timestamp: int
    at: float


def continued(sent: Sent, old: IncomingStream, new: IncomingStream, timestamp: int, now: float) -> Sent:
    """The clock when `new` takes over from `old` with a packet of `timestamp`; its offset modulo 2**32.

    Sender reports tell which timestamps of two layers mean the same instant (RFC 3550 §6.4.1). Without them,
    or across senders, whose wall clocks need not agree, the time that has passed is added.
    """
    rate = new.clock_rate
    a, b = old.sender_report, new.sender_report
    if a is not None and b is not None and old.track is new.track:
        passed = (b.ntp - a.ntp) * rate >> 32
        offset = sent.offset - sent.ahead + a.rtp_timestamp + passed - b.rtp_timestamp
        step = _signed(timestamp + offset - sent.timestamp)
        if -rate * _BEHIND_AT_MOST < step < rate * (_AHEAD_AT_MOST + now - sent.at):
            ahead = max(0, 1 - step)
            return sent._replace(offset=offset + ahead & 0xFFFFFFFF, ahead=ahead)
    step = max(1, int((now - sent.at) * rate))
    return sent._replace(offset=sent.timestamp + step - timestamp & 0xFFFFFFFF, ahead=0)


def _signed(value: int) -> int:
    return (value + 0x80000000 & 0xFFFFFFFF) - 0x80000000


def extrapolated(report: SenderReport, clock_rate: int, seconds: float) -> SenderReport:
    """The report as its sender would have made it `seconds` later."""
    return SenderReport(
        report.ssrc,
        report.ntp + int(seconds * (1 << 32)) & 0xFFFFFFFFFFFFFFFF,
        report.rtp_timestamp + int(seconds * clock_rate) & 0xFFFFFFFF,
        report.packets,
        report.octets,
    )
