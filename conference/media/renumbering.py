"""The numbers of a picture stream as its viewer sees them, whatever was switched or left out.

A viewer sees no gaps in sequence numbers that we made, ascending timestamps and continuous picture ids.
"""

from __future__ import annotations

import secrets

from conference.media.aiming import AimedStream
from conference.media.cache import MediaPacket
from conference.media.counters import Counters
from conference.media.incoming import IncomingStream
from conference.media.numbering import Past, Sent, Stretch, continued, extrapolated
from conference.media.outgoing import HIGHEST_TEMPORAL
from conference.media.track import Track
from conference.media.transport import Transport
from conference.media.wire import Wire

_U32 = 0xFFFFFFFF


class RenumberedStream(AimedStream):
    """Holds the constant offsets between the source's numbers and ours, of the present stretch of packets and
    of those before it."""

    __slots__ = (
        "_ahead",
        "_cap",
        "_dropped",
        "_first",
        "_next",
        "_offset",
        "_past",
        "_picture_offset",
        "_tl0_offset",
    )

    def __init__(
        self, track: Track, transport: Transport, mid: str, counters: Counters, wire: Wire | None = None
    ) -> None:
        super().__init__(track, transport, mid, counters, wire)
        # The present stretch: packets from `_first` on, of which those below `_next` have had their turn.
        # Random start (RFC 3550 §5.1), low enough that SRTP's rollover counter cannot be guessed wrong.
        self._first = self._next = 0
        self._offset = 1 + secrets.randbits(15)
        self._ahead = 0
        self._picture_offset = self._tl0_offset = 0
        self._cap = HIGHEST_TEMPORAL
        self._past = Past()
        self._dropped = -1  # timestamp of the picture left out last

    def _begin(self, stream: IncomingStream, packet: MediaPacket, now: float) -> None:
        """Make this packet, the first of a key frame, the one after the last that was sent."""
        source, last = self.source, self._last
        if source is not None and last is not None:
            self._close(self._next)
            if stream is not source:
                stamp = last.timestamp + self._timestamp_offset & _U32
                sent = Sent(self._timestamp_offset, self._ahead, stamp, self._last_time)
                sent = continued(sent, source, stream, packet.timestamp, now)
                self._timestamp_offset, self._ahead = sent.offset, sent.ahead
            self._continue_pictures(last, packet)
        self._offset += self._next - packet.index
        self._first = self._next = packet.index
        self._dropped = -1
        self._cap = self.temporal
        self._waiting = False
        self.source = stream
        self.aim()
        report = stream.sender_report
        if stream is not source and report is not None:
            # The relation to the wall clock is a new one; lips follow it at once.
            later = now - stream.sender_report_at
            self.send_report(extrapolated(report, stream.clock_rate, later), now)

    def _continue_pictures(self, last: MediaPacket, packet: MediaPacket) -> None:
        old, new = last.descriptor, packet.descriptor
        if old is None or new is None:
            return
        if old.picture_id is not None and new.picture_id is not None:
            self._picture_offset = old.picture_id + self._picture_offset + 1 - new.picture_id & 0x7FFF
        if old.tl0picidx is not None and new.tl0picidx is not None:
            self._tl0_offset = old.tl0picidx + self._tl0_offset + 1 - new.tl0picidx & 0xFF

    # -------------------------------------------------------- temporal layers

    def _admits(self, packet: MediaPacket) -> bool:
        """Whether this packet, in order, is of a temporal layer to be sent; what is left out leaves no gap.

        The limit changes where a picture starts. It falls at once; it rises with a key frame, or one layer at
        a time with a picture that needs nothing of the layers that were left out (RFC 7741, Y bit).
        """
        temporal, wanted = packet.temporal, self.temporal
        if packet.starts and self._cap != wanted:
            if wanted < self._cap or packet.key:
                self._close(packet.index)
                self._cap = wanted
            elif temporal == self._cap + 1 and packet.sync:
                self._close(packet.index)
                self._cap = temporal
        if temporal <= self._cap:
            return True
        self._leave_out(packet)
        return False

    def _leave_out(self, packet: MediaPacket) -> None:
        index = packet.index
        new_picture = packet.timestamp != self._dropped
        if not new_picture and self._first == self._next:
            self._offset -= (
                index - self._next
            )  # what is missing between two parts of it belongs to it as well
        else:
            self._close(index)
        self._offset -= 1
        self._first = self._next = index + 1
        self._last = packet
        if new_picture:
            self._dropped = packet.timestamp
            self._picture_offset = self._picture_offset - 1 & 0x7FFF

    # --------------------------------------------------------------- stretches

    def _stretch(self, end: int) -> Stretch:
        return Stretch(
            self.source,
            self._first,
            end,
            self._offset,
            self._timestamp_offset,
            self._picture_offset,
            self._tl0_offset,
            self._cap,
        )

    def _close(self, end: int) -> None:
        """End the present stretch before `end`; a new one begins there."""
        if end > self._first:
            self._past.add(self._stretch(end))
            self._first = end
