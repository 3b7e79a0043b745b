"""A picture track on its way to one viewer: forwarding, switching of layers, repair.

Of a simulcast track one layer is sent at a time, and of that the temporal layers up to a limit.
"""

from __future__ import annotations

from conference.media.cache import MediaPacket
from conference.media.counters import Counters
from conference.media.incoming import IncomingStream
from conference.media.laned import BEGINNINGS
from conference.media.numbering import Stretch
from conference.media.renumbering import RenumberedStream
from conference.media.rtp import unwrap
from conference.media.track import Track
from conference.media.transport import Transport
from conference.media.vp8 import moved_descriptor
from conference.media.wire import Wire, shared_elements

_U32 = 0xFFFFFFFF
_MOST_CAUGHT_UP = 64  # packets after a key frame that came late; with more of them a new one is cheaper
_PADDING = b"\x01"  # fills a number that was kept free for a packet nobody needs (RFC 3550 §5.1)


class OutgoingVideo(RenumberedStream):
    """Forwarding of one picture track to one viewer, packet by packet here or on a lane of `fanout`."""

    __slots__ = ()

    def __init__(
        self, track: Track, transport: Transport, mid: str, counters: Counters, wire: Wire | None = None
    ) -> None:
        super().__init__(track, transport, mid, counters, wire)
        self.aim()

    # ---------------------------------------------------------------- packets

    def forward(self, stream: IncomingStream, packet: MediaPacket, elements: bytes, now: float) -> None:
        """Send one packet to this viewer, or not; called for every packet where no lane is armed."""
        self._disarm()
        if stream is not self._current:
            if not (packet.key or packet.late) or not self._begins(stream, packet, elements, now):
                if self._current is None:
                    self._rest(BEGINNINGS)
                return
        elif packet.late:
            self._fill(stream, packet, elements, now)
            return
        elif (packet.temporal > self._cap or self._cap != self.temporal) and not self._admits(packet):
            return
        index = packet.index
        self._next = index + 1
        self._last = packet
        self._last_time = now
        payload = packet.payload
        if self._picture_offset or self._tl0_offset:
            payload = moved_payload(packet, self._picture_offset, self._tl0_offset)
        self._packets += 1
        self._octets += len(payload)
        self.counters.packets_forwarded += 1
        self._emit(
            packet.marker | self._payload_type,
            index + self._offset,
            packet.timestamp + self._timestamp_offset & _U32,
            self.ssrc,
            elements,
            payload,
            now,
        )
        if self.lane is not None:
            self._follow(stream, elements)

    def _begins(self, stream: IncomingStream, packet: MediaPacket, elements: bytes, now: float) -> bool:
        """A packet of another source than the present one: whether to start, resume or switch with it."""
        wanted = self.wanted
        if not self._open or wanted is None:
            return False
        if packet.key and (stream is self._target or (self._waiting and stream.layer <= wanted)):
            if not packet.late:
                self._begin(stream, packet, now)
                return True
            behind = stream.top - packet.index
            if behind <= _MOST_CAUGHT_UP:
                self._begin(stream, packet, now)
                self.forward(stream, packet.on_time(), elements, now)
                for index in range(packet.index + 1, stream.top + 1):
                    after = stream.cache.get(index)
                    if after is not None:
                        self.forward(stream, after.on_time(), elements, now)
        elif packet.late:
            self._fill(stream, packet, elements, now)
        return False

    def _fill(self, stream: IncomingStream, packet: MediaPacket, elements: bytes, now: float) -> None:
        """A packet whose number was kept free for it, in whatever stretch it belongs to."""
        index = packet.index
        if stream is self.source and index >= self._first:
            stretch: Stretch | None = self._stretch(self._next)
        else:
            stretch = self._past.of_index(stream, index)
        if stretch is None or index >= stretch.end:
            return
        number, timestamp = index + stretch.offset, packet.timestamp + stretch.timestamp_offset & _U32
        if not packet.payload or packet.temporal > stretch.cap:
            # Not wanted, but its absence would look like loss: padding closes the gap.
            self._emit(self._payload_type, number, timestamp, self.ssrc, elements, _PADDING, now, 0xB0)
            return
        payload = moved_payload(packet, stretch.picture_offset, stretch.tl0_offset)
        self._packets += 1
        self._octets += len(payload)
        self.counters.packets_forwarded += 1
        self._emit(packet.marker | self._payload_type, number, timestamp, self.ssrc, elements, payload, now)

    # ------------------------------------------------------------------- repair

    def resend(self, sequences: tuple[int, ...], now: float) -> None:
        """Answer a NACK from the source's cache over RTX (RFC 4588 §4), within the ledger's limits."""
        self.nacks += len(sequences)
        self.counters.nacks_received += len(sequences)
        if self._current is None or not self._rtx_type:
            return
        self._sync()
        present = self._stretch(self._next)
        for sequence in sequences:
            number = unwrap(sequence, self._next - 1 + self._offset)
            ours = number >= present.first + present.offset
            stretch = present if ours else self._past.of_sequence(number)
            if stretch is None or stretch.source is None or number >= stretch.end + stretch.offset:
                continue
            packet = stretch.source.cache.get(number - stretch.offset)
            if packet is None:
                continue
            payload = b""
            if packet.temporal <= stretch.cap:
                payload = moved_payload(packet, stretch.picture_offset, stretch.tl0_offset)
            if not self._ledger.allow(number, now, len(payload), self.octets):
                continue
            self.resent += 1
            self.counters.retransmissions += 1
            for _ in range(self.copies):
                self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
                self._emit(
                    packet.marker | self._rtx_type,
                    self._rtx_sequence,
                    packet.timestamp + stretch.timestamp_offset & _U32,
                    self.rtx_ssrc,
                    shared_elements(packet, "video", now),
                    sequence.to_bytes(2, "big") + payload,
                    now,
                )

    # -------------------------------------------------------------------- lane

    def _follow(self, stream: IncomingStream, elements: bytes) -> None:
        """Let the compiled loop send what follows, until anything but the packets changes (`fanout`)."""
        if stream is not self._current or self._cap != self.temporal:
            return
        self._arm(stream, self._offset, elements)
        if self._armed:
            lane = self.lane
            lane.picture_offset, lane.tl0_offset = self._picture_offset, self._tl0_offset
            lane.temporal = self._cap

    def _followed(self, index: int, now: float) -> None:
        self._next = index + 1
        self._last_time = now
        if self.source is not None:
            self._last = self.source.cache.get(index) or self._last

    def aim(self) -> None:
        self._disarm()
        super().aim()


def moved_payload(packet: MediaPacket, picture_offset: int, tl0_offset: int) -> bytes:
    """The payload with its picture numbers moved; what follows the descriptor is cut once for all viewers."""
    found = packet.descriptor
    if found is None or not (picture_offset or tl0_offset):
        return packet.payload
    if not packet.body:
        packet.body = packet.payload[found.size :]
    return moved_descriptor(packet.payload, found, picture_offset, tl0_offset) + packet.body
