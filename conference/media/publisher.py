"""A client's publish connection: it offers, we answer; packets come in and go to all viewers of a track."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable

from conference.media.acceptance import AcceptedOffer
from conference.media.cache import MediaPacket
from conference.media.counters import Counters
from conference.media.errors import MalformedPacket
from conference.media.incoming import IncomingStream, Track
from conference.media.outgoing import level_element, shared_elements
from conference.media.rtcp import Nack, Pli, ReceiverReport, SenderReport, parse_rtcp
from conference.media.rtp import RtpPacket, parse_rtp
from conference.media.transport import Transport
from conference.media.twcc import ArrivalLog
from conference.media.vp8 import is_key_frame

MAX_SOURCES_PER_TRACK = 3  # as many as simulcast will have layers
_PLI_INTERVAL = 0.25
_KEY_FRAME_INTERVAL = 0.5  # for viewers who lost their picture; newcomers do not wait for it
_BURST_SECONDS = 1.0

TransportFactory = Callable[["Publisher"], Transport]


class Publisher:
    """Reception side of one participant. Everything here runs synchronously in the packet's wake-up."""

    __slots__ = (
        "_accepted",
        "_arrivals",
        "_byte_rate",
        "_counters",
        "_refilled",
        "_rtx",
        "_ssrc",
        "_streams",
        "_tokens",
        "participant_id",
        "policed",
        "remote_ufrag",
        "session",
        "tracks",
        "transport",
        "version",
    )

    def __init__(
        self,
        participant_id: str,
        session: tuple[str, str],
        counters: Counters,
        max_bitrate: int,
        make_transport: TransportFactory,
    ) -> None:
        self.participant_id = participant_id
        self.session = session
        self.version = 0
        self.remote_ufrag = ""
        self.tracks: dict[str, Track] = {}
        self.policed = 0
        self._counters = counters
        self._streams: dict[int, IncomingStream] = {}
        self._rtx: dict[int, IncomingStream] = {}
        self._accepted = AcceptedOffer()
        self._arrivals = ArrivalLog()
        self._ssrc = secrets.randbits(32)
        self._byte_rate = max_bitrate / 8
        self._tokens = self._byte_rate * _BURST_SECONDS
        self._refilled = 0.0
        self.transport = make_transport(self)

    # ------------------------------------------------------------- agreement

    def apply(self, accepted: AcceptedOffer) -> tuple[list[Track], list[Track]]:
        """Take over an accepted offer; the tracks that went and those that came."""
        self._accepted = accepted
        gone = [t for mid, t in self.tracks.items() if accepted.sources.get(mid) != t.source]
        for track in gone:
            self.drop(track)
        come: list[Track] = []
        for mid, source in accepted.sources.items():
            if mid not in self.tracks:
                self.tracks[mid] = Track(self.participant_id, source, mid)
                come.append(self.tracks[mid])
        for ssrc, mid in accepted.ssrcs.items():
            if ssrc not in self._streams:
                self._add_stream(ssrc, self.tracks[mid])
        for ssrc, media in accepted.rtx_ssrcs.items():
            if media in self._streams:
                self._rtx[ssrc] = self._streams[media]
        return gone, come

    def drop(self, track: Track) -> None:
        """Forget a track and its sources; packets of it that still arrive are dropped as unknown."""
        self.tracks.pop(track.mid, None)
        for table in (self._streams, self._rtx):
            for ssrc in [s for s, stream in table.items() if stream.track is track]:
                del table[ssrc]
                self.transport.retire_inbound(ssrc)

    def _add_stream(self, ssrc: int, track: Track) -> IncomingStream | None:
        if len(track.streams) >= MAX_SOURCES_PER_TRACK:
            return None
        payload_type = self._accepted.payload_types[track.mid]
        stream = IncomingStream(track, ssrc, payload_type, repairable=track.kind == "video")
        track.streams.append(stream)
        self._streams[ssrc] = stream
        self.transport.expect_inbound(ssrc)
        return stream

    def _learn(self, packet: RtpPacket) -> IncomingStream | None:
        """Bind an unsignalled SSRC by the mid its packets carry (RFC 9143 §9.2)."""
        mid = packet.extensions.get(self._accepted.mid_id)
        track = self.tracks.get(mid.decode("ascii", "replace")) if mid else None
        if track is None:
            return None
        if packet.payload_type in self._accepted.rtx_types:
            if len(track.streams) != 1 or len(self._rtx) >= 16:
                return None
            self._rtx[packet.ssrc] = track.streams[0]
            return track.streams[0]
        return self._add_stream(packet.ssrc, track)

    # --------------------------------------------------------------- packets

    def on_rtp(self, data: bytes, now: float) -> None:
        counters = self._counters
        counters.packets_in += 1
        if not self._within_rate(len(data), now):
            counters.dropped_policed += 1
            self.policed += 1
            return
        try:
            packet = parse_rtp(data)
        except MalformedPacket:
            counters.dropped_malformed += 1
            return
        accepted = self._accepted
        number = packet.extensions.get(accepted.twcc_id)
        if number is not None and len(number) == 2:
            self._arrivals.add(number[0] << 8 | number[1], now)
        if packet.payload_type in accepted.rtx_types:
            self._on_rtx(packet, now)
            return
        stream = self._streams.get(packet.ssrc) or self._learn(packet)
        if stream is None or packet.payload_type != stream.payload_type:
            counters.dropped_ssrc += 1
            return
        index, lost = stream.receive(packet.sequence, packet.timestamp, len(data), now)
        if lost:
            self._ask_again(stream, lost)
        self._deliver(stream, index, packet, now)

    def _on_rtx(self, packet: RtpPacket, now: float) -> None:
        """RFC 4588 §4: two bytes of original sequence number, then the payload. Copies, probes end here."""
        stream = self._rtx.get(packet.ssrc) or self._learn(packet)
        if stream is None:
            self._counters.dropped_ssrc += 1
            return
        if len(packet.payload) < 2:
            return
        index = stream.recover(int.from_bytes(packet.payload[:2], "big"))
        if index is not None:
            packet.payload = packet.payload[2:]
            self._deliver(stream, index, packet, now)

    def _deliver(self, stream: IncomingStream, index: int, packet: RtpPacket, now: float) -> None:
        payload = packet.payload
        if not payload:
            stream.drop_hole(index)
            return
        track = stream.track
        if track.muted:
            self._counters.dropped_muted += 1
            return
        level = b""
        if track.kind == "video":
            key = is_key_frame(payload)
            if key:
                stream.last_key = now
                stream.key_wanted = False
        else:
            key = True
            heard = packet.extensions.get(self._accepted.level_id)
            if heard:
                level = level_element(heard[0])
                if heard[0] & 0x7F < track.loudest:
                    track.loudest = heard[0] & 0x7F
        media = MediaPacket(
            stream.place(index), 0x80 if packet.marker else 0, packet.timestamp, payload, level, key
        )
        if stream.repairable:
            stream.cache.put(media)
        elements = shared_elements(media, track.kind, now)
        for out in track.outgoing:
            out.forward(stream, media, elements, now)
        for tap in track.taps:
            tap(stream, media, now)

    def _within_rate(self, size: int, now: float) -> bool:
        """Token bucket: what one client may make the server decrypt and multiply has a limit."""
        self._tokens = min(
            self._byte_rate * _BURST_SECONDS, self._tokens + (now - self._refilled) * self._byte_rate
        )
        self._refilled = now
        if self._tokens < size:
            return False
        self._tokens -= size
        return True

    # ------------------------------------------------------------------ RTCP

    def on_rtcp(self, data: bytes, now: float) -> None:
        packets, malformed = parse_rtcp(data)
        self._counters.dropped_malformed += malformed
        for packet in packets:
            stream = self._streams.get(packet.ssrc) if isinstance(packet, SenderReport) else None
            if stream is not None and isinstance(packet, SenderReport):
                stream.sender_report = packet
                stream.sender_report_at = now
                for out in stream.track.outgoing:
                    if out.source is stream:
                        out.send_report(packet, now)

    def _ask_again(self, stream: IncomingStream, indexes: Iterable[int]) -> None:
        sequences = tuple(index & 0xFFFF for index in indexes)
        self._counters.nacks_sent += len(sequences)
        self.transport.send_rtcp(Nack(self._ssrc, stream.ssrc, sequences).pack())

    def want_key_frame(self, track: Track, now: float) -> None:
        """A viewer lost its picture. The wish is kept until a key frame has come, however often throttled."""
        for stream in track.streams:
            stream.key_wanted = True
        self.ask_key_frames(now)

    def ask_key_frames(self, now: float) -> None:
        """Send the picture loss indications that are due; called on demand and by every tick.

        Chromium sends no PLI of its own for a stream it has not had a packet of, so newcomers depend on this.
        """
        for stream in self._streams.values():
            track = stream.track
            if track.kind != "video" or track.muted or now - stream.last_pli < _PLI_INTERVAL:
                continue
            newcomer = any(out.waiting and out.open for out in track.outgoing)
            lost = stream.key_wanted and now - stream.last_key >= _KEY_FRAME_INTERVAL
            if (newcomer or lost) and self.transport.connected:
                stream.last_pli = now
                stream.plis += 1
                self._counters.plis_sent += 1
                self.transport.send_rtcp(Pli(self._ssrc, stream.ssrc).pack())

    def tick(self, now: float) -> None:
        """Every 50 ms: transport-wide feedback, repeated NACKs, key-frame requests."""
        if not self.transport.connected:
            return
        media = next(iter(self._streams), 0)
        for feedback in self._arrivals.take(self._ssrc, media):
            self.transport.send_rtcp(feedback)
        for stream in self._streams.values():
            overdue = stream.overdue(now) if stream.repairable else None
            if overdue:
                self._ask_again(stream, overdue)
        self.ask_key_frames(now)

    def report(self, now: float) -> None:
        """Every second: reception reports."""
        blocks = [block for s in self._streams.values() if (block := s.report(now)) is not None]
        if blocks:
            self.transport.send_rtcp(ReceiverReport(self._ssrc, tuple(blocks[:31])).pack())
