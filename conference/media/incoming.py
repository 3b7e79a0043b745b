"""What a publisher sends: one published track and, per SSRC, what has arrived of it (RFC 3550 appendix A)."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from conference.media.cache import MediaPacket, PacketCache
from conference.media.rtcp import ReportBlock, SenderReport
from conference.media.rtp import unwrap

if TYPE_CHECKING:
    from conference.media.outgoing import OutgoingStream

Source = Literal["camera", "microphone", "screen", "screen-audio"]
# Sees each packet of a track after its viewers: called in the packet's wake-up, so it must be quick.
Tap = Callable[["IncomingStream", MediaPacket, float], None]
KIND_OF: dict[str, Literal["audio", "video"]] = {
    "camera": "video",
    "microphone": "audio",
    "screen": "video",
    "screen-audio": "audio",
}

_NACK_INTERVAL = 0.1
_NACK_TRIES = 10
_WIDEST_GAP = 200  # beyond this the sender restarted or was away: a key frame is worth more than the past
_HOLES_KEPT = 256


class Track:
    """One published m-line. `outgoing` and `taps` are replaced, never changed: packets run over them."""

    __slots__ = ("kind", "loudest", "mid", "muted", "outgoing", "participant_id", "source", "streams", "taps")

    def __init__(self, participant_id: str, source: Source, mid: str) -> None:
        self.participant_id = participant_id
        self.source = source
        self.kind = KIND_OF[source]
        self.mid = mid
        self.muted = False
        self.outgoing: tuple[OutgoingStream, ...] = ()
        self.taps: tuple[Tap, ...] = ()
        self.streams: list[IncomingStream] = []
        self.loudest = 127  # smallest −dBov since last asked (RFC 6464): 0 is loud, 127 is silence

    @property
    def stream_id(self) -> str:
        """The msid stream: camera and microphone share one, which makes browsers keep them in step."""
        return f"{self.participant_id}~{'screen' if self.source.startswith('screen') else 'av'}"

    @property
    def track_id(self) -> str:
        return f"{self.participant_id}~{self.source}"

    def set_muted(self, muted: bool) -> None:
        self.muted = muted
        self.loudest = 127
        if not muted:
            for out in self.outgoing:
                out.waiting = True  # the picture after a pause begins with a key frame
        for stream in self.streams:
            stream.cache = PacketCache()


class IncomingStream:
    """Reception state of one SSRC.

    `index` numbers are sequence numbers without wrapping. `place` additionally closes the holes that padding
    leaves, so that a viewer never asks for a packet that had nothing in it.
    """

    __slots__ = (
        "_base",
        "_delivered",
        "_expected_before",
        "_highest",
        "_hole_count",
        "_holes",
        "_missing",
        "_received_before",
        "_transit",
        "bytes",
        "cache",
        "clock_rate",
        "jitter",
        "key_wanted",
        "last_key",
        "last_pli",
        "nacks",
        "payload_type",
        "plis",
        "received",
        "recovered",
        "repairable",
        "sender_report",
        "sender_report_at",
        "ssrc",
        "track",
    )

    def __init__(self, track: Track, ssrc: int, payload_type: int, repairable: bool) -> None:
        self.track = track
        self.ssrc = ssrc
        self.payload_type = payload_type
        self.clock_rate = 90_000 if track.kind == "video" else 48_000
        self.repairable = repairable
        self.cache = PacketCache()
        self.sender_report: SenderReport | None = None
        self.sender_report_at = 0.0
        self.received = self.bytes = self.recovered = self.nacks = self.plis = 0
        self.key_wanted = False
        self.last_key = self.last_pli = -10.0
        self.jitter = 0.0
        self._base = -1
        self._highest = -1
        self._delivered = -1
        self._holes: list[int] = []
        self._hole_count = 0
        self._missing: dict[int, tuple[float, int]] = {}
        self._expected_before = self._received_before = 0
        self._transit: float | None = None

    def receive(self, sequence: int, timestamp: int, size: int, now: float) -> tuple[int, list[int]]:
        """Note a packet; its index and the indexes it shows to be missing (to be asked for at once)."""
        self.received += 1
        self.bytes += size
        transit = now * self.clock_rate - timestamp
        if self._transit is not None and abs(transit - self._transit) < self.clock_rate * 10:
            self.jitter += (abs(transit - self._transit) - self.jitter) / 16
        self._transit = transit
        if self._base < 0:
            # One cycle up, so that a packet that was overtaken still has a positive index.
            self._base = self._highest = sequence + 0x10000
            return self._highest, []
        index = unwrap(sequence, self._highest)
        gap = index - self._highest
        if gap <= 0:
            self._missing.pop(index, None)
            return index, []
        lost: list[int] = []
        if gap > _WIDEST_GAP:
            self._missing.clear()
            self.key_wanted = True
        elif gap > 1 and self.repairable:
            lost = list(range(self._highest + 1, index))
            for absent in lost:
                self._missing[absent] = (now, 1)
            self.nacks += len(lost)
        self._highest = index
        return index, lost

    def recover(self, sequence: int) -> int | None:
        """The index of a retransmitted packet if it was really missing; None for a copy or a probe."""
        index = unwrap(sequence, self._highest)
        if self._missing.pop(index, None) is None:
            return None
        self.received += 1
        self.recovered += 1
        return index

    def overdue(self, now: float) -> list[int]:
        """Missing indexes to be asked for again; those asked for often enough are given up."""
        due: list[int] = []
        for index, (asked, tries) in list(self._missing.items()):
            if now - asked < _NACK_INTERVAL:
                continue
            if tries >= _NACK_TRIES:
                del self._missing[index]
                continue
            self._missing[index] = (now, tries + 1)
            due.append(index)
        self.nacks += len(due)
        return due

    def drop_hole(self, index: int) -> None:
        """A packet without payload: close its place, unless later packets have already gone out around it."""
        if index > self._delivered and index not in self._holes:
            insort(self._holes, index)
            self._hole_count += 1
            if len(self._holes) > _HOLES_KEPT:
                del self._holes[0]

    def place(self, index: int) -> int:
        """The index among forwarded packets."""
        if index > self._delivered:
            self._delivered = index
        holes = self._holes
        if not holes or index > holes[-1]:
            return index - self._hole_count
        later = sum(1 for hole in holes if hole > index)
        return index - self._hole_count + later

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
