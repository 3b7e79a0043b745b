"""One track on its way to one viewer: what sound and picture have in common.

The numbers of each packet are rewritten, its payload is shared. `outgoing_video` and `outgoing_audio` decide
which packets go out and with which numbers.
"""

from __future__ import annotations

import secrets
from typing import Any

from conference.media.cache import MediaPacket, ResendLedger
from conference.media.counters import Counters
from conference.media.incoming import IncomingStream
from conference.media.probing import PADDING
from conference.media.rtcp import SenderReport, SourceDescription
from conference.media.rtp import HEADER
from conference.media.track import Track
from conference.media.transport import Transport
from conference.media.wire import WIRES, Wire, send_time_element

HIGHEST_LAYER = HIGHEST_TEMPORAL = 2
_U32 = 0xFFFFFFFF
_PROBE = bytes(PADDING - 1) + bytes([PADDING])


class OutgoingStream:
    """State of one (viewer, track): what is wanted, how it looks on the wire, what the viewer reports.

    `open` says whether packets may go out now (the viewer is connected, has accepted the m-line, and may see
    the track); `waiting` that the next one must be one a decoder can begin with. `choose` sets `wanted` and
    `temporal`; `source` is what was sent last.
    """

    __slots__ = (
        "_current",
        "_head",
        "_last",
        "_last_time",
        "_ledger",
        "_log",
        "_open",
        "_payload_type",
        "_reports_sent",
        "_rtx_sequence",
        "_rtx_type",
        "_tail",
        "_timestamp_offset",
        "_waiting",
        "copies",
        "counters",
        "fraction_lost",
        "lane",
        "mid",
        "nacks",
        "octets",
        "packets",
        "plis",
        "resent",
        "rtt",
        "rtx_ssrc",
        "source",
        "ssrc",
        "temporal",
        "track",
        "transport",
        "wanted",
    )

    def __init__(
        self, track: Track, transport: Transport, mid: str, counters: Counters, wire: Wire | None = None
    ) -> None:
        self.track = track
        self.transport = transport
        self.mid = mid
        self.ssrc = secrets.randbits(32)
        self.rtx_ssrc = secrets.randbits(32)
        self.source: IncomingStream | None = None
        self.wanted: int | None = HIGHEST_LAYER
        self.temporal = HIGHEST_TEMPORAL
        self.packets = self.octets = 0
        self.resent = self.nacks = self.plis = 0
        self.rtt: float | None = None
        self.fraction_lost = 0.0
        self.copies = 1  # of each packet that is asked for again
        self.lane: Any = None  # what `fanout` sends by, where there is one
        self.counters = counters
        self._open = False
        self._waiting = True
        self._current: IncomingStream | None = None  # the source whose packets go out now
        self._timestamp_offset = 0
        self._last: MediaPacket | None = None  # the last in order, sent or left out
        self._last_time = 0.0
        self._ledger = ResendLedger()
        self._rtx_sequence = secrets.randbits(15)
        self._reports_sent = ((0, 0.0), (0, 0.0))  # the last two: one may be on its way when it is answered
        wire = wire or WIRES[track.codec]
        self._payload_type, self._rtx_type = wire.payload_type, wire.rtx_type
        self._log = transport.log if wire.twcc_id else None
        self._head, self._tail = wire.around(track.kind, mid, numbered=self._log is not None)

    # ----------------------------------------------------------------- choosing

    @property
    def open(self) -> bool:
        return self._open

    @open.setter
    def open(self, value: bool) -> None:
        self._open = value
        self.aim()

    @property
    def waiting(self) -> bool:
        return self._waiting

    @waiting.setter
    def waiting(self, value: bool) -> None:
        self._waiting = value
        self.aim()

    @property
    def layer(self) -> int | None:
        """The layer that is being sent; None while nothing is."""
        return self._current.layer if self._current is not None else None

    def choose(self, layer: int | None, temporal: int = HIGHEST_TEMPORAL) -> None:
        """What ought to be sent: the highest simulcast layer and the highest temporal layer of it.

        None pauses at once. Another layer begins with its next key frame, which is asked for, and the present
        one goes on until then; while the wanted layer does not arrive, the best one below it is sent. Sound
        has layer 0 only.
        """
        if layer == self.wanted and temporal == self.temporal:
            return
        if layer is None:
            self._waiting = True
        self.wanted = layer
        self.temporal = temporal
        self.aim()

    def aim(self) -> None:
        """Look again which source to take, after any change of what is wanted or of what there is."""
        raise NotImplementedError

    def lost_picture(self) -> None:
        """The viewer cannot decode (PLI, FIR)."""
        raise NotImplementedError

    def retarget(self, track: Track) -> None:
        """Go on with another track of the same kind in the same stream."""
        raise NotImplementedError

    def detach(self) -> None:
        """Leave the track: nothing more of it will come."""
        self.track.outgoing = tuple(out for out in self.track.outgoing if out is not self)

    # ---------------------------------------------------------------- packets

    def forward(self, stream: IncomingStream, packet: MediaPacket, elements: bytes, now: float) -> None:
        """Send one packet to this viewer, or not."""
        raise NotImplementedError

    def resend(self, sequences: tuple[int, ...], now: float) -> None:
        """Answer a NACK, within the ledger's limits."""
        raise NotImplementedError

    def _emit(
        self,
        second: int,
        sequence: int,
        timestamp: int,
        ssrc: int,
        elements: bytes,
        payload: bytes,
        now: float,
        first: int = 0x90,
    ) -> bytes:
        """Everything that goes out passes here. `first`, `second` are the first bytes of the RTP header.
        Returns the packet, for the one who may have to send it again as it is."""
        packet = (
            HEADER.pack(first, second, sequence & 0xFFFF, timestamp, ssrc)
            + self._head
            + elements
            + self._tail
            + (b"" if self._log is None else self._log.note(len(payload), now))
            + payload
        )
        self.transport.send_rtp(packet)
        return packet

    @property
    def probes(self) -> bool:
        """Whether padding can be sent here: it needs an RTX stream that the viewer knows."""
        return self._open and self._rtx_type > 0 and self._log is not None

    def pad(self, now: float) -> None:
        """One packet of nothing but padding, on the RTX stream, to find out what the path carries."""
        self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
        last = self._last.timestamp if self._last is not None else 0
        self._emit(
            self._rtx_type,
            self._rtx_sequence,
            last + self._timestamp_offset & _U32,
            self.rtx_ssrc,
            send_time_element(now),
            _PROBE,
            now,
            0xB0,
        )

    # ----------------------------------------------------------------- reports

    def send_report(self, report: SenderReport, now: float) -> None:
        """Pass on the publisher's sender report with our numbers: it keeps lips and voice together."""
        if self._current is None:
            return
        moved = SenderReport(
            self.ssrc,
            report.ntp,
            (report.rtp_timestamp + self._timestamp_offset) & _U32,
            self.packets & _U32,
            self.octets & _U32,
        )
        self._reports_sent = ((report.ntp >> 16 & _U32, now), self._reports_sent[0])
        cname = SourceDescription(((self.ssrc, self.track.participant_id),))
        self.transport.send_rtcp(moved.pack() + cname.pack())

    def reported(self, fraction_lost: int, last_report: int, delay: int, now: float) -> None:
        """A viewer's reception report: loss, and the round trip from our last sender reports."""
        self.fraction_lost = fraction_lost / 256
        sent = dict(reversed(self._reports_sent)).get(last_report)
        if last_report and sent is not None:
            self.rtt = max(0.0, now - sent - delay / 65536)
            # A copy that is lost too may be asked for again as soon as it could have come.
            self._ledger.interval = min(0.3, max(0.05, 0.9 * self.rtt))
