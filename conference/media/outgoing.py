"""One track on its way to one viewer: the numbers of each packet are rewritten, its payload is shared."""

from __future__ import annotations

import secrets
import struct

from conference.media.cache import MediaPacket, ResendLedger
from conference.media.counters import Counters
from conference.media.describe import LEVEL_ID, MID_ID, OPUS_TYPE, RTX_TYPE, SEND_TIME_ID, VP8_TYPE
from conference.media.errors import MalformedPacket
from conference.media.incoming import IncomingStream, Track
from conference.media.rtcp import SenderReport, SourceDescription
from conference.media.rtp import HEADER, absolute_send_time, unwrap
from conference.media.transport import Transport
from conference.media.vp8 import PictureNumbers

_U32 = 0xFFFFFFFF
_SOURCE_LOST = 1.0  # seconds without a packet after which another source of the track may take over
_SEND_TIME_HEAD = bytes([SEND_TIME_ID << 4 | 2])
_NO_LEVEL = b"\0\0"  # padding in place of an absent audio level, so that every packet has the same layout


def shared_elements(packet: MediaPacket, kind: str, now: float) -> bytes:
    """The extension elements that are the same for all viewers of this packet at this moment."""
    stamp = _SEND_TIME_HEAD + absolute_send_time(now)
    return stamp + (packet.level or _NO_LEVEL) if kind == "audio" else stamp


def level_element(value: int) -> bytes:
    return bytes([LEVEL_ID << 4, value])


class OutgoingStream:
    """Forwarding state of one (viewer, track): constant offsets between the source's numbers and ours.

    `open` says whether packets may go out now (the viewer is connected, has accepted the m-line, and may see
    the track); `waiting` that the next one must begin with a key frame. Sequence numbers stay continuous over
    pauses and switches, so that a viewer never sees a gap that we made.
    """

    __slots__ = (
        "_counters",
        "_first",
        "_head",
        "_last_payload",
        "_last_time",
        "_last_timestamp",
        "_ledger",
        "_numbers",
        "_offset",
        "_payload_type",
        "_report_sent",
        "_rtx_sequence",
        "_tail",
        "_timestamp_offset",
        "_top",
        "fraction_lost",
        "mid",
        "nacks",
        "octets",
        "open",
        "packets",
        "plis",
        "resent",
        "rtt",
        "rtx_ssrc",
        "source",
        "ssrc",
        "track",
        "transport",
        "waiting",
    )

    def __init__(self, track: Track, transport: Transport, mid: str, counters: Counters) -> None:
        self.track = track
        self.transport = transport
        self.mid = mid
        self.ssrc = secrets.randbits(32)
        self.rtx_ssrc = secrets.randbits(32)
        self.open = False
        self.waiting = True
        self.source: IncomingStream | None = None
        self.packets = self.octets = self.resent = self.nacks = self.plis = 0
        self.rtt: float | None = None
        self.fraction_lost = 0.0
        self._counters = counters
        self._payload_type = VP8_TYPE if track.kind == "video" else OPUS_TYPE
        self._offset = 0
        self._first = 0
        # Random start (RFC 3550 §5.1), low enough that SRTP's rollover counter cannot be guessed wrong.
        self._top = secrets.randbits(15)
        self._timestamp_offset = 0
        self._last_timestamp = 0
        self._last_time = 0.0
        self._last_payload = b""
        self._numbers: PictureNumbers | None = None
        self._ledger = ResendLedger()
        self._rtx_sequence = secrets.randbits(15)
        self._report_sent = (0, 0.0)
        element = bytes([MID_ID << 4 | len(mid) - 1]) + mid.encode()
        shared = 6 if track.kind == "audio" else 4
        words = (shared + len(element) + 3) // 4
        self._head = struct.pack("!HH", 0xBEDE, words)
        self._tail = element + bytes(4 * words - shared - len(element))

    # ---------------------------------------------------------------- packets

    def forward(self, stream: IncomingStream, packet: MediaPacket, elements: bytes, now: float) -> None:
        """Send one packet to this viewer, or not; synchronous and called for every packet and viewer."""
        if not self.open:
            return
        if self.waiting or stream is not self.source:
            if not packet.key or not self._begin(stream, packet, now):
                return
        elif packet.index < self._first:
            return
        sequence = packet.index + self._offset
        if sequence > self._top:
            self._top = sequence
        payload = packet.payload if self._numbers is None else self._renumbered(packet.payload)
        timestamp = (packet.timestamp + self._timestamp_offset) & _U32
        self._last_timestamp = timestamp
        self._last_time = now
        self._last_payload = payload
        self.packets += 1
        self.octets += len(payload)
        self._counters.packets_forwarded += 1
        self.transport.send_rtp(
            HEADER.pack(0x90, packet.marker | self._payload_type, sequence & 0xFFFF, timestamp, self.ssrc)
            + self._head
            + elements
            + self._tail
            + payload
        )

    def _begin(self, stream: IncomingStream, packet: MediaPacket, now: float) -> bool:
        """Start, resume or switch at this packet; False when the present source is still alive."""
        if stream is not self.source:
            if self.source is not None:
                if not self.waiting and now - self._last_time < _SOURCE_LOST:
                    return False
                self._switch(packet, stream.clock_rate, now)
            self.source = stream
        self._offset = self._top + 1 - packet.index
        self._first = packet.index
        self._ledger = ResendLedger()
        self.waiting = False
        return True

    def _switch(self, packet: MediaPacket, clock_rate: int, now: float) -> None:
        """Continue timestamps and picture ids from another source by the time that has passed."""
        passed = max(1, int((now - self._last_time) * clock_rate))
        self._timestamp_offset = (self._last_timestamp + passed - packet.timestamp) & _U32
        if self.track.kind == "video":
            if self._numbers is None:
                self._numbers = PictureNumbers()
                self._renumbered(self._last_payload)
            self._numbers.switch()

    def _renumbered(self, payload: bytes) -> bytes:
        try:
            return self._numbers.rewrite(payload) if self._numbers is not None else payload
        except MalformedPacket:
            self._counters.dropped_malformed += 1
            return payload

    def resend(self, sequences: tuple[int, ...], now: float) -> None:
        """Answer a NACK from the source's cache over RTX (RFC 4588 §4), within the ledger's limits."""
        self.nacks += len(sequences)
        self._counters.nacks_received += len(sequences)
        source = self.source
        if source is None or not self.open or self.waiting or self.track.kind != "video":
            return
        for sequence in sequences:
            index = unwrap(sequence, self._top) - self._offset
            packet = source.cache.get(index) if index >= self._first else None
            if packet is None or not self._ledger.allow(index, now):
                continue
            self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
            self.resent += 1
            self._counters.retransmissions += 1
            timestamp = (packet.timestamp + self._timestamp_offset) & _U32
            self.transport.send_rtp(
                HEADER.pack(0x90, packet.marker | RTX_TYPE, self._rtx_sequence, timestamp, self.rtx_ssrc)
                + self._head
                + shared_elements(packet, "video", now)
                + self._tail
                + sequence.to_bytes(2, "big")
                + packet.payload
            )

    # ----------------------------------------------------------------- reports

    def send_report(self, report: SenderReport, now: float) -> None:
        """Pass on the publisher's sender report with our numbers: it keeps lips and voice together."""
        if not self.open or self.waiting:
            return
        moved = SenderReport(
            self.ssrc,
            report.ntp,
            (report.rtp_timestamp + self._timestamp_offset) & _U32,
            self.packets & _U32,
            self.octets & _U32,
        )
        self._report_sent = (report.ntp >> 16 & _U32, now)
        cname = SourceDescription(((self.ssrc, self.track.participant_id),))
        self.transport.send_rtcp(moved.pack() + cname.pack())

    def reported(self, fraction_lost: int, last_report: int, delay: int, now: float) -> None:
        """A viewer's reception report: loss, and the round trip from our last sender report."""
        self.fraction_lost = fraction_lost / 256
        ntp, sent = self._report_sent
        if last_report and last_report == ntp:
            self.rtt = max(0.0, now - sent - delay / 65536)
