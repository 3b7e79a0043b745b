"""Sound on its way to one viewer: hand-over between sources, redundancy, and plain retransmission.

An outgoing sound is a play-out queue at the viewer's end. When the viewer goes over from single microphones
to the mix, or back, the queue of whoever speaks goes on with the other source at the same point of the
speech: one SSRC, continuous sequence numbers, timestamps that follow what was said. The browser notices
nothing but packets that come a little later or earlier than before; with one queue nothing can be heard
twice.
"""

from __future__ import annotations

import secrets
import struct

from conference.media.cache import MediaPacket
from conference.media.counters import Counters
from conference.media.describe import OPUS_TYPE, RED_TYPE, TWCC_ID
from conference.media.incoming import IncomingStream
from conference.media.laned import NOTHING, LanedStream
from conference.media.legs import Leg, Next, before, half_of
from conference.media.opus import packet_length
from conference.media.red import pack_red
from conference.media.rtcp import SenderReport
from conference.media.rtp import unwrap
from conference.media.sent_sound import Sent, SentSound
from conference.media.track import Track
from conference.media.transport import Transport
from conference.media.wire import Wire

MOST_REDUNDANCY = 2
_U32 = 0xFFFFFFFF
_RATE = 48_000
_LONGEST_GAP = 5760  # 120 ms: what Opus calls one packet; further back redundancy is of no use


class OutgoingSound(LanedStream):
    """`redundancy` earlier packets go with each (RFC 2198) when the viewer has agreed to it (`takes_red`).
    `choose(None)` pauses, `choose(0)` resumes."""

    __slots__ = (
        "_attached",
        "_bare",
        "_leg",
        "_next_leg",
        "_redundancy",
        "_sent",
        "_tail_leg",
        "_takes_red",
        "_top",
    )

    def __init__(
        self, track: Track, transport: Transport, mid: str, counters: Counters, wire: Wire | None = None
    ) -> None:
        super().__init__(track, transport, mid, counters, wire)
        self._redundancy = 0
        self._takes_red = False
        self._bare = False
        self._attached: tuple[Track, ...] = (track,)  # whose `outgoing` has us
        self._leg: Leg | None = None
        self._tail_leg: Leg | None = None
        self._next_leg: Next | None = None
        self._sent = SentSound()
        self._top = 1 + secrets.randbits(15)  # random, as RFC 3550 §5.1 wants it
        if self._log is not None and wire is None:
            # Our own offer names every SSRC, so neither mid nor send time need travel with each packet: at 50
            # packets a second that is 3 kbit/s. The one extension left is the transport-wide number.
            self._head = struct.pack("!HH", 0xBEDE, 1)
            self._tail = bytes([0, TWCC_ID << 4 | 1])
            self._bare = True

    # --------------------------------------------------------------- choosing

    @property
    def redundancy(self) -> int:
        return self._redundancy

    @redundancy.setter
    def redundancy(self, value: int) -> None:
        if value != self._redundancy:
            self._disarm()
            self._redundancy = value

    @property
    def takes_red(self) -> bool:
        return self._takes_red

    @takes_red.setter
    def takes_red(self, value: bool) -> None:
        self._disarm()
        self._takes_red = value

    def aim(self) -> None:
        self._disarm()
        leg = self._leg
        self.source = leg.stream if leg is not None else None
        self._current = self.source if self._open and self.wanted is not None else None
        if not self._open:
            self._tail_leg = None
            self._settle()

    def lost_picture(self) -> None:
        """There is none."""

    def retarget(self, track: Track) -> None:
        self.hand_over(track)

    def hand_over(
        self, track: Track, until: int | None = None, begin: int | None = None, reserved: int = 0
    ) -> None:
        """Go on with `track`, which is at timestamp `begin` when the present source is at `until`.

        Packets of the present source before `until` are still sent, also when they come after the first of
        the new one: `reserved` sequence numbers are kept free for them. Without the two timestamps the new
        source begins with its next packet, and the time that has passed says by how much timestamps move.
        """
        self._disarm()
        leg = self._leg
        self._tail_leg = None
        if leg is not None and until is not None and begin is not None:
            leg.until = until
            self._next_leg = Next(track, begin, until + leg.shift - begin, self._top + reserved)
        else:
            self._next_leg = Next(track, None, 0, 0)
        self.track = track
        self._settle()

    def pause_at(self, until: int) -> None:
        """Send nothing from this timestamp of the source on, until `resume`."""
        self._disarm()
        if self._leg is None:
            self.choose(None)
        else:
            self._leg.until = until

    def resume(self) -> None:
        self._disarm()
        if self._leg is not None:
            self._leg.until = None
            self._waiting = True
        self.choose(0)

    @property
    def flowing(self) -> bool:
        """Whether sound goes out as it comes."""
        ends = self._leg is not None and self._leg.until is not None
        return self._open and self.wanted is not None and not ends

    @property
    def heard_until(self) -> int | None:
        """The source's timestamp up to which sound has been sent; None before the first packet."""
        self._sync()
        last, leg = self._last, self._leg
        if last is None or leg is None or leg.stream.track is not self.track:
            return None
        return last.timestamp + packet_length(last.payload) & _U32

    def detach(self) -> None:
        """Leave all tracks; nothing will be sent again."""
        for track in self._attached:
            track.outgoing = tuple(out for out in track.outgoing if out is not self)
        self._attached = ()

    def _settle(self) -> None:
        """Be among the outgoing streams of the tracks that packets are expected of, and of no others."""
        wanted = [self.track]
        leg, pending = self._leg, self._next_leg
        if self._open and pending is not None and pending.begin is not None and leg is not None:
            wanted.append(leg.stream.track)
        if self._tail_leg is not None:
            wanted.append(self._tail_leg.stream.track)
        for track in self._attached:
            if track not in wanted:
                track.outgoing = tuple(out for out in track.outgoing if out is not self)
        for track in wanted:
            if track not in self._attached and self not in track.outgoing:
                track.outgoing = (*track.outgoing, self)
        self._attached = tuple(dict.fromkeys(wanted))

    # ---------------------------------------------------------------- packets

    def forward(self, stream: IncomingStream, packet: MediaPacket, elements: bytes, now: float) -> None:
        self._disarm()
        if not self._open or self.wanted is None:
            self._rest(NOTHING)
            return
        if not packet.payload:
            return
        leg = self._leg
        if leg is None or stream is not leg.stream or leg.until is not None or self._waiting:
            leg = self._leg_of(stream, packet, now)
            if leg is None:
                return
        number = packet.index + leg.offset
        if packet.index < leg.first or (leg.limit is not None and number >= leg.limit):
            return
        timestamp = packet.timestamp + leg.shift & _U32
        if number >= self._top:
            self._top = number + 1
            self._last_time = now
            self._timestamp_offset = leg.shift
            self._last = packet
        payload, kind = packet.payload, self._payload_type
        plain = not (self._redundancy and self._takes_red)
        if not plain:
            payload, kind = self._redundant(number, timestamp, payload), RED_TYPE
        self._packets += 1
        self._octets += len(payload)
        self.counters.packets_forwarded += 1
        if self._bare:
            elements = b""
        sent = self._emit(packet.marker | kind, number, timestamp, self.ssrc, elements, payload, now)
        self._sent.put(Sent(number, timestamp, packet.payload, sent))
        if plain and leg is self._leg and leg.until is None and number + 1 == self._top:
            self._arm(stream, leg.offset, elements)

    def _arm(self, stream: IncomingStream, offset: int, elements: bytes) -> None:
        super()._arm(stream, offset, elements)
        if self._armed:
            self.lane.sent = self._sent.compiled()

    def _followed(self, index: int, now: float) -> None:
        number = index + self.lane.offset
        self._top = number + 1
        self._last_time = now
        sent = self._sent.get(number)
        if sent is not None:
            timestamp = sent.timestamp - self._timestamp_offset & _U32
            self._last = MediaPacket(index, sent.packet[1] & 0x80, timestamp, sent.payload, b"", True)

    def _leg_of(self, stream: IncomingStream, packet: MediaPacket, now: float) -> Leg | None:
        """The unusual packets: the first one, the first after a pause, and those around a hand-over."""
        tail = self._tail_leg
        if tail is not None and stream is tail.stream:
            if before(packet.timestamp, tail.until):
                return tail
            self._tail_leg = None
            self._settle()
            return None
        leg, pending = self._leg, self._next_leg
        if pending is not None and stream.track is pending.track:
            if pending.begin is not None and before(packet.timestamp + half_of(packet), pending.begin):
                return None
            return self._begin_leg(stream, packet, now)
        if leg is None:
            return self._begin_leg(stream, packet, now) if stream.track is self.track else None
        if stream is not leg.stream:
            # Another SSRC of the same microphone: its client has begun anew.
            fresh = stream.track is self.track and stream.last_at >= leg.stream.last_at
            return self._begin_leg(stream, packet, now) if fresh else None
        if leg.until is not None and not before(packet.timestamp + half_of(packet), leg.until):
            return None
        if self._waiting:
            self._waiting = False
            leg.offset = self._top - packet.index
            leg.first = packet.index
        return leg

    def _begin_leg(self, stream: IncomingStream, packet: MediaPacket, now: float) -> Leg:
        old, pending = self._leg, self._next_leg
        start = max(self._top, pending.start) if pending is not None else self._top
        if pending is not None and pending.begin is not None:
            shift = pending.shift
        elif old is not None and self._last is not None:
            passed = max(1, int((now - self._last_time) * _RATE))
            shift = self._last.timestamp + old.shift + passed - packet.timestamp
        else:
            shift = 0
        self._leg = Leg(stream, packet.index, start - packet.index, shift & _U32)
        if old is not None and old.until is not None:
            old.limit = start
            self._tail_leg = old
        self._next_leg = None
        self._waiting = False
        self.aim()
        self._settle()
        return self._leg

    def _redundant(self, number: int, timestamp: int, payload: bytes) -> bytes:
        earlier: list[tuple[int, bytes]] = []
        for back in range(min(self._redundancy, MOST_REDUNDANCY), 0, -1):
            sent = self._sent.get(number - back)
            if sent is not None:
                offset = timestamp - sent.timestamp & _U32
                if offset <= _LONGEST_GAP:
                    earlier.append((offset, sent.payload))
        return pack_red(OPUS_TYPE, earlier, payload)

    def resend(self, sequences: tuple[int, ...], now: float) -> None:
        """Answer a NACK with the very same packet: browsers take sound again without RTX.

        Not a bit of it may differ, send time and extensions included: another packet under the same number
        would be encrypted with the same key stream, and with AES-GCM give away the authentication key
        (RFC 7714 §8.1 and §14.2).
        """
        self.nacks += len(sequences)
        self.counters.nacks_received += len(sequences)
        if not self._open or self.wanted is None:
            return
        self._sync()
        for sequence in sequences:
            number = unwrap(sequence, self._top)
            sent = self._sent.get(number)
            if sent is None:
                continue
            if self._ledger.allow(number, now, len(sent.packet), self.octets):
                self.resent += 1
                self.counters.retransmissions += 1
                self.transport.send_rtp(sent.packet)

    # ----------------------------------------------------------------- reports

    def send_report(self, report: SenderReport, now: float) -> None:
        leg = self._leg
        if leg is not None and leg.until is None:
            super().send_report(report, now)

    def reported(self, fraction_lost: int, last_report: int, delay: int, now: float) -> None:
        super().reported(fraction_lost, last_report, delay, now)
        if self.rtt is not None:
            # A second copy before the first can have arrived is wasted; one much later comes too late.
            self._ledger.interval = min(0.6, max(0.06, 1.1 * self.rtt))
