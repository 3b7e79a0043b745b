"""What has arrived from one SSRC, what is missing of it and is asked for again (RFC 3550 appendix A)."""

from __future__ import annotations

import math
from array import array
from bisect import insort
from itertools import count
from typing import TYPE_CHECKING, Any

from conference.media.cache import PacketCache
from conference.media.layer_rate import LayerRate
from conference.media.rtcp import ReportBlock, SenderReport
from conference.media.rtp import unwrap

if TYPE_CHECKING:
    from conference.media.outgoing import OutgoingStream
    from conference.media.track import Track

_numbers = count(1)

SILENT_SECONDS = 1.0  # a source without packets for this long is not there

_NACK_INTERVAL = 0.1
_NACK_INTERVAL_MAX = 1.0
_NACK_TRIES = 10
_WIDEST_GAP = 200  # beyond this the sender restarted or was away: a key frame is worth more than the past
_HOLES_KEPT = 256
_MOST_MISSING = 512
_EARLIEST = 32
_SOUND_KEPT = 64  # as many as C may leave to Python at once; viewers keep what they may ask for again


class _Counted:
    """An integer that C counts too: a place in `IncomingStream.counts`."""

    def __init__(self, place: int) -> None:
        self._place = place

    def __get__(self, stream: IncomingStream, owner: type) -> int:
        return stream.counts[self._place]

    def __set__(self, stream: IncomingStream, value: int) -> None:
        stream.counts[self._place] = value


class _Measured:
    """The same of `IncomingStream.measures`."""

    def __init__(self, place: int) -> None:
        self._place = place

    def __get__(self, stream: IncomingStream, owner: type) -> float:
        return stream.measures[self._place]

    def __set__(self, stream: IncomingStream, value: float) -> None:
        stream.measures[self._place] = value


class IncomingStream:
    """Reception state of one SSRC.

    `index` numbers are sequence numbers without wrapping. `place` additionally closes the holes that padding
    leaves, so that a viewer never asks for a packet that had nothing in it.

    `layer` is 0 for the lowest; `width`, `height` are those of the last key frame, 0 before it. `active` says
    that packets flow (kept by the publisher and its tick). `awaited` counts the viewers that wait for a key
    frame to begin or to switch; `urgent` that one of them sees nothing yet; `key_wanted` that one lost its
    picture.
    """

    __slots__ = (
        "__weakref__",
        "_base",
        "_expected_before",
        "_holes",
        "_missing",
        "_received_before",
        "_repair_seconds",
        "active",
        "admitted",
        "awaited",
        "cache",
        "clock_rate",
        "counts",
        "height",
        "kept",
        "key_wanted",
        "last_key",
        "last_pli",
        "layer",
        "measures",
        "nacks",
        "native",
        "number",
        "payload_type",
        "plis",
        "rate",
        "recovered",
        "repairable",
        "rid",
        "sender_report",
        "sender_report_at",
        "ssrc",
        "track",
        "urgent",
        "viewers",
        "voice",
        "width",
    )

    def __init__(
        self, track: Track, ssrc: int, payload_type: int, repairable: bool, layer: int = 0, rid: str = ""
    ) -> None:
        self.track = track
        self.ssrc = ssrc
        self.payload_type = payload_type
        self.clock_rate = 90_000 if track.kind == "video" else 48_000
        self.repairable = repairable
        self.layer = layer
        self.rid = rid
        self.width = self.height = 0
        self.active = False
        self.awaited = 0
        self.urgent = False
        self.number = next(_numbers)  # never used again, unlike an SSRC
        self.forget_packets()
        self.rate = LayerRate()
        self.sender_report: SenderReport | None = None
        self.sender_report_at = 0.0
        # Arrays, because C counts in them too (`intake.py`); what is where is said below.
        self.counts = array("q", (-1, -1, -1, 0, 0, 0))
        self.measures = array("d", (-10.0, 0.0, math.nan))
        self.admitted = False  # C takes what follows in order
        self.native: Any = None  # what C knows of this stream, and what must live as long
        self.kept: tuple[Any, ...] = ()
        self.viewers: tuple[OutgoingStream, ...] = ()
        self.voice: array[float] | None = None
        self.recovered = self.nacks = self.plis = 0
        self.key_wanted = False
        self.last_key = self.last_pli = -10.0
        self._base = -1
        self._holes: list[int] = []
        self._missing: dict[int, tuple[float, float, int]] = {}  # first asked, last asked, times
        self._repair_seconds = _NACK_INTERVAL
        self._expected_before = self._received_before = 0

    def forget_packets(self) -> None:
        """None of them will be asked for again."""
        self.cache = PacketCache() if self.track.kind == "video" else PacketCache(_SOUND_KEPT)

    def dismiss(self) -> None:
        """The next packet goes through Python."""
        if self.admitted:
            self.admitted = False
            self.native.open = 0

    # Numbers that C counts too.
    _highest = _Counted(0)
    delivered = _Counted(1)  # highest index whose place has been given
    top = _Counted(2)  # and that place
    received = _Counted(3)
    bytes = _Counted(4)
    _hole_count = _Counted(5)
    last_at = _Measured(0)
    jitter = _Measured(1)

    def live(self, now: float) -> bool:
        """Whether a packet came within the last second."""
        return now - self.last_at <= SILENT_SECONDS

    def bitrate(self, now: float) -> float:
        """Bit/s over the last second, RTP headers included."""
        return self.rate.bitrate(now)

    def fps(self, now: float) -> float:
        """Pictures per second over the last second."""
        return self.rate.fps(now)

    @property
    def temporal_share(self) -> tuple[float, float, float]:
        """The fraction of `bitrate` it takes to forward temporal layers up to 0, 1 and 2; the last is 1."""
        return self.rate.temporal_share

    def receive(self, sequence: int, timestamp: int, size: int, now: float) -> tuple[int, list[int]]:
        """Note a packet; its index and the indexes it shows to be missing (to be asked for at once).

        The index is −1 for a packet that came before, or too late to be of use.
        """
        measures = self.measures
        measures[0] = now
        transit = now * self.clock_rate - timestamp
        step = abs(transit - measures[2])
        if step < self.clock_rate * 10:  # not before the first: nothing is less than NaN, or more
            measures[1] += (step - measures[1]) / 16
        measures[2] = transit
        if self._base < 0:
            # One cycle up, so that a packet that was overtaken still has a positive index.
            self._base = self._highest = sequence + 0x10000
            self._count(size)
            return self._highest, []
        index = unwrap(sequence, self._highest)
        gap = index - self._highest
        if gap <= 0:
            if self._missing.pop(index, None) is None and not self._before_first(index, now):
                return -1, []
            self._count(size)
            return index, []
        self._count(size)
        lost: list[int] = []
        if gap > _WIDEST_GAP:
            self._missing.clear()
            self.key_wanted = True
        elif gap > 1:
            lost = list(range(self._highest + 1, index))
            for absent in lost:
                self._missing[absent] = (now, now, 1)
            if len(self._missing) > _MOST_MISSING:
                for absent in list(self._missing)[:-_MOST_MISSING]:
                    del self._missing[absent]
            if self.repairable:
                self.nacks += len(lost)
            else:
                lost = []
        self._highest = index
        return index, lost

    def _count(self, size: int) -> None:
        self.received += 1
        self.bytes += size

    def _before_first(self, index: int, now: float) -> bool:
        """The very first packets may be overtaken too: then the sequence begins earlier than was thought."""
        if not 0 < self._base - index <= _EARLIEST:
            return False
        for absent in range(index + 1, self._base):
            self._missing[absent] = (now, now, 0)
        self._base = index
        return True

    def recover(self, sequence: int, size: int, now: float) -> int | None:
        """The index of a retransmitted packet if it was really missing; None for a copy or a probe."""
        index = unwrap(sequence, self._highest)
        asked = self._missing.pop(index, None)
        if asked is None:
            return None
        # Measured from the first request, because there is no telling which one was answered.
        took = now - asked[0]
        self._repair_seconds += (took - self._repair_seconds) / (8 if took > self._repair_seconds else 2)
        self._count(size)
        self.recovered += 1
        return index

    def overdue(self, now: float) -> list[int]:
        """Missing indexes to be asked for again; those asked for often enough are given up.

        The interval follows the time repairs take: asking twice within a round trip brings the packet twice.
        """
        due: list[int] = []
        interval = min(_NACK_INTERVAL_MAX, max(_NACK_INTERVAL, 1.25 * self._repair_seconds))
        for index, (first, last, tries) in list(self._missing.items()):
            if now - last < interval:
                continue
            if tries >= _NACK_TRIES:
                del self._missing[index]
                continue
            self._missing[index] = (first, now, tries + 1)
            due.append(index)
        if not self.repairable:
            return []
        self.nacks += len(due)
        return due

    @property
    def lacks(self) -> bool:
        """Whether a packet is missing that may still be asked for."""
        return bool(self._missing)

    def drop_hole(self, index: int) -> bool:
        """A packet without payload: close its place. False when packets after it have gone out already."""
        if index <= self.delivered:
            return False
        if index not in self._holes:
            insort(self._holes, index)
            self._hole_count += 1
            if len(self._holes) > _HOLES_KEPT:
                del self._holes[0]
        return True

    def place(self, index: int) -> int:
        """The index among forwarded packets."""
        place = index - self._hole_count
        holes = self._holes
        if holes and index < holes[-1]:
            place += sum(1 for hole in holes if hole > index)
        if index > self.delivered:
            self.delivered = index
            self.top = place
        return place

    @property
    def lost(self) -> int:
        return max(0, self._highest - self._base + 1 - self.received) if self._base >= 0 else 0

    def report(self, now: float) -> ReportBlock | None:
        """The reception report block since the last one (RFC 3550 §6.4.1), None before the first packet."""
        if self._base < 0:
            return None
        expected = self._highest - self._base + 1
        interval = expected - self._expected_before
        arrived = self.received - self._received_before
        self._expected_before, self._received_before = expected, self.received
        fraction = max(0, min(255, ((interval - arrived) << 8) // interval)) if interval > 0 else 0
        last, delay = 0, 0
        if self.sender_report is not None:
            last = self.sender_report.ntp >> 16 & 0xFFFFFFFF
            delay = min(0xFFFFFFFF, int((now - self.sender_report_at) * 65536))
        jitter = min(0xFFFFFFFF, int(self.jitter))
        return ReportBlock(
            self.ssrc, fraction, expected - self.received, self._highest & 0xFFFFFFFF, jitter, last, delay
        )
