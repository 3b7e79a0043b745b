"""What goes to a player (WHEP): the player's payload types and extension ids, our clock in the reports."""

from __future__ import annotations

import struct
import time
from collections.abc import Mapping

from conference.media.counters import Counters
from conference.media.incoming import IncomingStream
from conference.media.laned import LanedStream
from conference.media.outgoing_audio import OutgoingSound
from conference.media.outgoing_video import OutgoingVideo
from conference.media.rtcp import SenderReport
from conference.media.rtp import unwrap
from conference.media.track import Track
from conference.media.transport import Transport
from conference.media.wire import Wire

_NTP_EPOCH = 2_208_988_800
_EXTENSION = 0x10  # the X bit of an RTP header's first byte (RFC 3550 §5.1)


class PlayedStream(LanedStream):
    """An outgoing stream with only those header extensions that the player offered, under its ids.

    Elements that viewers share have ids of our own choosing, which may mean something else to a player: they
    are left out, and with them the compiled loop, which copies them.
    """

    __slots__ = ()

    def _arm(self, stream: IncomingStream, offset: int, elements: bytes) -> None:
        """Never: these packets have another layout."""

    def _map(self, wire: Wire) -> None:
        elements = bytes([wire.mid_id << 4 | len(self.mid) - 1]) + self.mid.encode() if wire.mid_id else b""
        number = b"" if self._log is None else bytes([wire.twcc_id << 4 | 1])
        size = len(elements) + (3 if number else 0)
        words = (size + 3) // 4
        self._head = struct.pack("!HH", 0xBEDE, words) if words else b""
        self._tail = elements + bytes(4 * words - size) + number

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
        if not self._head:
            first &= ~_EXTENSION
        return super()._emit(second, sequence, timestamp, ssrc, b"", payload, now, first)


class PlayedSound(PlayedStream, OutgoingSound):
    """The mix on its way to a player."""

    __slots__ = ()

    def __init__(self, track: Track, transport: Transport, mid: str, counters: Counters, wire: Wire) -> None:
        super().__init__(track, transport, mid, counters, wire)
        self._map(wire)


class PlayedPicture(PlayedStream, OutgoingVideo):
    """The picture of the programme: one camera or screen after another in one stream, whatever their codec.

    `wires` by codec are those that the player can decode.
    """

    __slots__ = ("_changed", "wires")

    def __init__(
        self, track: Track, transport: Transport, mid: str, counters: Counters, wires: Mapping[str, Wire]
    ) -> None:
        self.wires = wires
        self._changed = 0  # the first sequence number of the present codec
        super().__init__(track, transport, mid, counters, wires[track.codec])
        self._map(wires[track.codec])

    def retarget(self, track: Track) -> None:
        before = self.track.codec
        super().retarget(track)
        if track.codec != before:
            wire = self.wires[track.codec]
            self._payload_type, self._rtx_type = wire.payload_type, wire.rtx_type
            self._changed = self._next + self._offset

    def resend(self, sequences: tuple[int, ...], now: float) -> None:
        """What was sent in another codec is not sent again: it would carry the payload type of this one."""
        newest = self._next - 1 + self._offset
        super().resend(tuple(s for s in sequences if unwrap(s, newest) >= self._changed), now)

    def send_report(self, report: SenderReport, now: float) -> None:
        """Cameras have clocks of their own, the mix has the server's: a player that keeps lips and voice
        together needs one. A camera's packet happened when it came here, as for the mix."""
        ntp = int((time.time() + _NTP_EPOCH) * (1 << 32))
        super().send_report(SenderReport(report.ssrc, ntp, report.rtp_timestamp, 0, 0), now)
