"""One track on its way to one viewer: the numbers of each packet are rewritten, its payload is shared.

Of a simulcast track one layer is sent at a time, and of that the temporal layers up to a limit. A viewer
sees one stream without gaps in its sequence numbers, with ascending timestamps and continuous picture ids,
whatever was switched or left out.
"""

from __future__ import annotations

import secrets
import struct
from dataclasses import dataclass
from typing import Any

from conference.media import fanout
from conference.media.cache import MediaPacket, ResendLedger
from conference.media.counters import Counters
from conference.media.describe import (
    H264_RTX_TYPE,
    H264_TYPE,
    LEVEL_ID,
    MID_ID,
    OPUS_TYPE,
    RTX_TYPE,
    SEND_TIME_ID,
    TWCC_ID,
    VP8_TYPE,
)
from conference.media.incoming import IncomingStream
from conference.media.numbering import Past, Sent, Stretch, continued, extrapolated
from conference.media.probing import PADDING
from conference.media.rtcp import SenderReport, SourceDescription
from conference.media.rtp import HEADER, absolute_send_time, unwrap
from conference.media.track import Track
from conference.media.transport import Transport
from conference.media.vp8 import moved_descriptor

HIGHEST_LAYER = HIGHEST_TEMPORAL = 2
_U32 = 0xFFFFFFFF
_MOST_CAUGHT_UP = 64  # packets after a key frame that came late; with more of them a new one is cheaper
_SEND_TIME_HEAD = bytes([SEND_TIME_ID << 4 | 2])
_NO_LEVEL = b"\0\0"  # padding in place of an absent audio level, so that every packet has the same layout
_PROBE = bytes(PADDING - 1) + bytes([PADDING])
_PADDING = b"\x01"  # fills a number that was kept free for a packet nobody needs (RFC 3550 §5.1)


@dataclass(frozen=True, slots=True)
class Wire:
    """Payload types and extension ids of an outgoing stream; `rtx_type` 0: it is not repaired over RTX,
    `twcc_id` 0: its packets carry no transport-wide number."""

    payload_type: int
    rtx_type: int = 0
    mid_id: int = MID_ID
    twcc_id: int = TWCC_ID


WIRES = {
    "vp8": Wire(VP8_TYPE, RTX_TYPE),
    "h264": Wire(H264_TYPE, H264_RTX_TYPE),
    "opus": Wire(OPUS_TYPE),
}


def shared_elements(packet: MediaPacket, kind: str, now: float) -> bytes:
    """The extension elements that are the same for all viewers of this packet at this moment."""
    stamp = _SEND_TIME_HEAD + absolute_send_time(now)
    return stamp + (packet.level or _NO_LEVEL) if kind == "audio" else stamp


def level_element(value: int) -> bytes:
    return bytes([LEVEL_ID << 4, value])


class OutgoingStream:
    """Forwarding state of one (viewer, track): constant offsets between the source's numbers and ours.

    `open` says whether packets may go out now (the viewer is connected, has accepted the m-line, and may see
    the track); `waiting` that the next one must begin with a key frame. `choose` sets `wanted` and
    `temporal`; `source` is the layer sent last.
    """

    __slots__ = (
        "_ahead",
        "_armed",
        "_awaits",
        "_cap",
        "_counters",
        "_current",
        "_demanded",
        "_dropped",
        "_first",
        "_head",
        "_last",
        "_last_time",
        "_ledger",
        "_log",
        "_next",
        "_octets",
        "_offset",
        "_open",
        "_packets",
        "_past",
        "_payload_type",
        "_picture_offset",
        "_report_sent",
        "_rtx_sequence",
        "_rtx_type",
        "_tail",
        "_target",
        "_timestamp_offset",
        "_tl0_offset",
        "_waiting",
        "copies",
        "fraction_lost",
        "lane",
        "mid",
        "nacks",
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
        self.resent = self.nacks = self.plis = 0
        self.rtt: float | None = None
        self.fraction_lost = 0.0
        self._counters = counters
        self._packets = self._octets = 0
        self.lane: Any = fanout.new_lane()  # None where there is no compiled loop
        self._armed = False
        self._open = False
        self._waiting = True
        self._current: IncomingStream | None = None  # the source whose packets go out now
        self._target: IncomingStream | None = None  # the one that ought to
        self._awaits: IncomingStream | None = None  # the one whose key frame is waited for
        self._demanded = 0
        # The present stretch: packets from `_first` on, of which those below `_next` have had their turn.
        # Random start (RFC 3550 §5.1), low enough that SRTP's rollover counter cannot be guessed wrong.
        self._first = self._next = 0
        self._offset = 1 + secrets.randbits(15)
        self._timestamp_offset = self._ahead = 0
        self._picture_offset = self._tl0_offset = 0
        self._cap = HIGHEST_TEMPORAL
        self._past = Past()
        self._last: MediaPacket | None = None  # the last in order, sent or left out
        self._last_time = 0.0
        self._dropped = -1  # timestamp of the picture left out last
        self._ledger = ResendLedger()
        self._rtx_sequence = secrets.randbits(15)
        self._report_sent = (0, 0.0)
        wire = wire or WIRES[track.codec]
        self._payload_type, self._rtx_type = wire.payload_type, wire.rtx_type
        element = bytes([wire.mid_id << 4 | len(mid) - 1]) + mid.encode()
        shared = 6 if track.kind == "audio" else 4
        self.copies = 1  # of each packet that is asked for again
        self._log = transport.log if wire.twcc_id else None
        # The transport-wide number comes last, right before the payload, because only it differs each time.
        number = b"" if self._log is None else bytes([wire.twcc_id << 4 | 1])
        size = shared + len(element) + (3 if number else 0)
        words = (size + 3) // 4
        self._head = struct.pack("!HH", 0xBEDE, words)
        self._tail = element + bytes(4 * words - size) + number
        self.aim()

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
    def packets(self) -> int:
        if self._armed:
            self._sync()
        return self._packets

    @packets.setter
    def packets(self, value: int) -> None:
        self._packets = value

    @property
    def octets(self) -> int:
        if self._armed:
            self._sync()
        return self._octets

    @octets.setter
    def octets(self, value: int) -> None:
        self._octets = value

    @property
    def layer(self) -> int | None:
        """The layer that is being sent; None while nothing is."""
        return self._current.layer if self._current is not None else None

    def choose(self, layer: int | None, temporal: int = HIGHEST_TEMPORAL) -> None:
        """What ought to be sent: the highest simulcast layer and the highest temporal layer of it.

        None pauses at once. Another layer begins with its next key frame, which is asked for, and the present
        one goes on until then; while the wanted layer does not arrive, the best one below it is sent.
        """
        if layer == self.wanted and temporal == self.temporal:
            return
        if layer is None:
            self._waiting = True
        self.wanted = layer
        self.temporal = temporal
        self.aim()

    def lost_picture(self) -> None:
        """The viewer cannot decode (PLI, FIR): the wish for a key frame is kept until one has come."""
        stream = self._current or self._target
        if stream is not None:
            stream.key_wanted = True

    def retarget(self, track: Track) -> None:
        """Go on with another track of the same kind in the same stream; it begins with a key frame."""
        if track is self.track:
            return
        self.track.outgoing = tuple(out for out in self.track.outgoing if out is not self)
        self.track.demand.change(self._demanded, 0)
        self._demanded = 0
        self.track = track
        track.outgoing = (*track.outgoing, self)
        self.waiting = True

    def detach(self) -> None:
        """Leave the track: nothing more of it will come."""
        self.track.outgoing = tuple(out for out in self.track.outgoing if out is not self)

    def aim(self) -> None:
        """Look again which source to take, after any change of what is wanted or of what there is."""
        if self._armed:
            self._disarm()
        wanted = self.wanted
        awaits = None
        demanded = 0
        if not self._open or wanted is None:
            self._target = self._current = None
        else:
            target = self._target = self._best(wanted)
            self._current = None if self._waiting else self.source
            if self._waiting or target is not self.source:
                awaits = target
            if awaits is not None and self._waiting:
                awaits.urgent = True
            demanded = self._layers_needed(wanted)
        if awaits is not self._awaits:
            if self._awaits is not None:
                self._awaits.awaited -= 1
            if awaits is not None:
                awaits.awaited += 1
            self._awaits = awaits
        if demanded != self._demanded:
            self.track.demand.change(self._demanded, demanded)
            self._demanded = demanded

    def _best(self, wanted: int) -> IncomingStream | None:
        """The highest source that arrives and is not above `wanted`, else the lowest above it."""
        below = above = None
        for stream in self.track.streams:
            if not stream.active:
                continue
            if stream.layer > wanted:
                above = above or stream
            elif below is None or stream.layer > below.layer or below is not self.source:
                below = stream
        found = below or above
        if found is None and self.track.streams:
            known = self.source in self.track.streams
            found = self.source if known else self.track.streams[min(wanted, len(self.track.streams) - 1)]
        return found

    def _layers_needed(self, wanted: int) -> int:
        """The mask for `LayerDemand`: what is wanted, and what stands in for it meanwhile."""
        wanted = min(wanted, len(self.track.demand.rids) - 1)
        target, current = self._target, self._current
        if target is None or not target.active:
            return (1 << wanted + 1) - 1  # whatever can be had first
        mask = 1 << wanted | 1 << target.layer
        return mask | 1 << current.layer if current is not None and current.active else mask

    # ---------------------------------------------------------------- packets

    def forward(self, stream: IncomingStream, packet: MediaPacket, elements: bytes, now: float) -> None:
        """Send one packet to this viewer, or not; called for every packet where no lane is armed."""
        if self._armed:
            self._disarm()
        if stream is not self._current:
            if not (packet.key or packet.late) or not self._begins(stream, packet, elements, now):
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
        self._counters.packets_forwarded += 1
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
            self._arm(stream, elements)

    # -------------------------------------------------------------------- lane

    def _arm(self, stream: IncomingStream, elements: bytes) -> None:
        """Let the compiled loop send what follows, until anything but the packets changes (`fanout`)."""
        route = self.transport.route
        if route is None or stream is not self._current or self._cap != self.temporal:
            return
        lane = self.lane
        if not lane.head_size:
            head = HEADER.pack(0x90, self._payload_type, 0, 0, self.ssrc) + self._head + elements + self._tail
            if self._log is not None:
                head += b"\0\0"  # the transport-wide number
                lane.number_at = len(head) - 2
            lane.head = head
            lane.head_size = len(head)
            lane.elements_at = HEADER.size + len(self._head)
            lane.payload_type, lane.ssrc = self._payload_type, self.ssrc
        lane.route = route.cdata
        lane.offset = self._offset
        lane.timestamp_offset = self._timestamp_offset & _U32
        lane.picture_offset, lane.tl0_offset = self._picture_offset, self._tl0_offset
        lane.temporal = self._cap
        lane.source = stream.number
        self._armed = True

    def _disarm(self) -> None:
        self._sync()
        self.lane.source = 0
        self._armed = False

    def _sync(self) -> None:
        """Take over what was sent on the lane since the last look."""
        lane = self.lane
        if lane.packets:
            self._packets += lane.packets
            self._octets += lane.octets
            lane.packets = lane.octets = 0
            self._next = lane.last_index + 1
            self._last_time = lane.last_time
            if self.source is not None:
                self._last = self.source.cache.get(lane.last_index) or self._last

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

    # ------------------------------------------------------ what comes again

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
        self._counters.packets_forwarded += 1
        self._emit(packet.marker | self._payload_type, number, timestamp, self.ssrc, elements, payload, now)

    def resend(self, sequences: tuple[int, ...], now: float) -> None:
        """Answer a NACK from the source's cache over RTX (RFC 4588 §4), within the ledger's limits."""
        self.nacks += len(sequences)
        self._counters.nacks_received += len(sequences)
        if self._current is None or not self._rtx_type:
            return
        if self._armed:
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
            self._counters.retransmissions += 1
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
            _SEND_TIME_HEAD + absolute_send_time(now),
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
        self._report_sent = (report.ntp >> 16 & _U32, now)
        cname = SourceDescription(((self.ssrc, self.track.participant_id),))
        self.transport.send_rtcp(moved.pack() + cname.pack())

    def reported(self, fraction_lost: int, last_report: int, delay: int, now: float) -> None:
        """A viewer's reception report: loss, and the round trip from our last sender report."""
        self.fraction_lost = fraction_lost / 256
        ntp, sent = self._report_sent
        if last_report and last_report == ntp:
            self.rtt = max(0.0, now - sent - delay / 65536)
            # A copy that is lost too may be asked for again as soon as it could have come.
            self._ledger.interval = min(0.3, max(0.05, 0.9 * self.rtt))


def moved_payload(packet: MediaPacket, picture_offset: int, tl0_offset: int) -> bytes:
    """The payload with its picture numbers moved; what follows the descriptor is cut once for all viewers."""
    found = packet.descriptor
    if found is None or not (picture_offset or tl0_offset):
        return packet.payload
    if not packet.body:
        packet.body = packet.payload[found.size :]
    return moved_descriptor(packet.payload, found, picture_offset, tl0_offset) + packet.body
