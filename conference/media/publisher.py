"""A client's publish connection: it offers, we answer; packets come in and go to all viewers of a track."""

from __future__ import annotations

import secrets
from array import array
from collections.abc import Callable, Iterable

from conference.media import h264
from conference.media.acceptance import AcceptedOffer
from conference.media.cache import MediaPacket
from conference.media.counters import Counters
from conference.media.errors import MalformedPacket
from conference.media.incoming import IncomingStream
from conference.media.intake import Intake, Peer, new_intake
from conference.media.red import unpack_red
from conference.media.rtcp import Nack, Pli, ReceiverReport, SenderReport, parse_rtcp
from conference.media.rtp import RtpPacket, parse_rtp
from conference.media.sources import Sources
from conference.media.track import Track
from conference.media.transport import Transport
from conference.media.twcc import ArrivalLog
from conference.media.vp8 import frame_size, read_descriptor
from conference.media.wire import level_element, shared_elements

_PLI_INTERVAL = 0.25
_PLI_INTERVAL_SILENT = 1.0  # to a source that sends nothing
_KEY_FRAME_INTERVAL = 0.5  # for viewers who lost their picture or switch; newcomers do not wait for it
_BURST_SECONDS = 1.0
_HELD_BACK = 3  # packets of a microphone that is not forwarded: 60 ms

TransportFactory = Callable[["Publisher"], Transport]


class Publisher:
    """Reception side of one participant. Everything here runs synchronously in the packet's wake-up."""

    __slots__ = (
        "_arrivals",
        "_bucket",
        "_byte_rate",
        "_counters",
        "_intake",
        "_sources",
        "_ssrc",
        "_streams",
        "participant_id",
        "policed",
        "remote_ufrag",
        "session",
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
        self.policed = 0
        self._counters = counters
        self._sources = Sources(participant_id)
        self._streams = self._sources.streams
        self._arrivals = ArrivalLog()
        self._ssrc = secrets.randbits(32)
        self._byte_rate = max_bitrate / 8
        self._bucket = array(
            "d", (self._byte_rate * _BURST_SECONDS, 0.0)
        )  # tokens, and when they were counted
        self._intake: Intake | None = None
        self.transport = self._sources.transport = make_transport(self)

    def keyed(self, peer: Peer) -> None:
        """From now on C may take packets in."""
        self._intake = self._sources.intake = new_intake(
            self._bucket, self._byte_rate, self._byte_rate * _BURST_SECONDS, self._arrivals
        )
        if self._intake is not None:
            peer.publishes(self._intake)

    @property
    def tracks(self) -> dict[str, Track]:
        """By mid."""
        return self._sources.tracks

    def apply(self, accepted: AcceptedOffer) -> tuple[list[Track], list[Track]]:
        """Take over an accepted offer; the tracks that went and those that came."""
        return self._sources.apply(accepted)

    def drop(self, track: Track) -> None:
        """Forget a track and its sources; packets of it that still arrive are dropped as unknown."""
        self._sources.drop(track)

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
        accepted = self._sources.accepted
        number = packet.extensions.get(accepted.twcc_id)
        if number is not None and len(number) == 2:
            self._arrivals.add(number[0] << 8 | number[1], now)
        if packet.payload_type in accepted.rtx_types:
            self._on_rtx(packet, now)
            return
        stream = self._streams.get(packet.ssrc) or self._sources.learn(packet)
        if stream is None:
            counters.dropped_ssrc += 1
            return
        if not stream.active:
            stream.active = True
            stream.track.aim()
        if packet.payload_type != stream.payload_type:
            if packet.payload_type == accepted.red_types.get(stream.track.mid):
                self._on_red(stream, packet, len(data), now)
            else:
                counters.dropped_ssrc += 1
            return
        index, lost = stream.receive(packet.sequence, packet.timestamp, len(data), now)
        if lost:
            self._ask_again(stream, lost)
        if index >= 0:
            self._deliver(stream, index, packet, now)

    def _on_red(self, stream: IncomingStream, packet: RtpPacket, size: int, now: float) -> None:
        """Redundant sound (RFC 2198): of the earlier blocks those are used whose own packets are missing."""
        try:
            packet.payload, earlier = unpack_red(packet.payload, stream.payload_type)
        except MalformedPacket:
            self._counters.dropped_malformed += 1
            return
        index, lost = stream.receive(packet.sequence, packet.timestamp, size, now)
        if index < 0:
            return
        for back, (offset, block) in enumerate(reversed(earlier), 1):
            sequence = packet.sequence - back & 0xFFFF
            found = stream.recover(sequence, 0, now)
            if found is None:
                continue
            if found in lost:
                lost.remove(found)
            timestamp = packet.timestamp - offset & 0xFFFFFFFF
            restored = RtpPacket(
                stream.payload_type, False, sequence, timestamp, packet.ssrc, block, packet.extensions
            )
            self._deliver(stream, found, restored, now)
        if lost:
            self._ask_again(stream, lost)
        self._deliver(stream, index, packet, now)

    def _on_rtx(self, packet: RtpPacket, now: float) -> None:
        """RFC 4588 §4: two bytes of original sequence number, then the payload. Copies, probes end here."""
        stream = self._sources.rtx.get(packet.ssrc) or self._sources.learn(packet)
        if stream is None:
            self._counters.dropped_ssrc += 1
            return
        if len(packet.payload) < 2:
            return
        index = stream.recover(int.from_bytes(packet.payload[:2], "big"), len(packet.payload), now)
        if index is not None:
            packet.payload = packet.payload[2:]
            self._deliver(stream, index, packet, now)

    def _deliver(self, stream: IncomingStream, index: int, packet: RtpPacket, now: float) -> None:
        payload = packet.payload
        track = stream.track
        if not payload and stream.drop_hole(index):
            return
        if track.muted:
            self._counters.dropped_muted += 1
            return
        late = index <= stream.delivered
        marker = 0x80 if packet.marker else 0
        understand = self._picture if track.kind == "video" else self._sound
        media = understand(stream, index, packet, marker, late, now)
        if media is None:
            return
        elements = shared_elements(media, track.kind, now)
        track.fan.forward(track.outgoing, stream, media, elements, now)
        if self._intake is not None and not stream.admitted:
            self._intake.admit(stream, self._sources.accepted)
        for tap in track.taps:
            tap(stream, media, now)

    def _sound(
        self, stream: IncomingStream, index: int, packet: RtpPacket, marker: int, late: bool, now: float
    ) -> MediaPacket | None:
        """A packet of sound as the viewers get it; None when others are louder."""
        track = stream.track
        level = b""
        heard = packet.extensions.get(self._sources.accepted.level_id)
        if heard:
            level = level_element(heard[0])
            track.loudest = min(track.loudest, heard[0] & 0x7F)
        media = MediaPacket(stream.place(index), marker, packet.timestamp, packet.payload, level, True, late)
        stream.rate.note(len(packet.payload), True, 0, now)
        if heard and track.gate is not None:
            stream.dismiss()  # who has a place in the gate may have changed
            if not self._heard(stream, media, heard[0] & 0x7F, now):
                return None
        return media

    def _heard(self, stream: IncomingStream, media: MediaPacket, level: int, now: float) -> bool:
        """Whether a microphone is among those that are forwarded now. The packets just before it is heard
        again go out first: a word begins before it is loud."""
        track = stream.track
        if track.gate is None or track.gate.hears(track, level, now):
            held, track.held_back = track.held_back, ()
            for out in track.outgoing if held else ():
                out.waiting = True
                for packet in held:
                    out.forward(stream, packet, shared_elements(packet, "audio", now), now)
            return True
        track.held_back = (*track.held_back[1 - _HELD_BACK :], media)
        for tap in track.taps:
            tap(stream, media, now)
        return False

    def _picture(
        self, stream: IncomingStream, index: int, packet: RtpPacket, marker: int, late: bool, now: float
    ) -> MediaPacket | None:
        """A video packet as the viewers get it; None when it is not of the codec it says it is."""
        payload = packet.payload
        descriptor = size = None
        key = False
        if payload and stream.track.codec == "vp8":
            try:
                descriptor = read_descriptor(payload)
            except MalformedPacket:
                self._counters.dropped_malformed += 1
                stream.drop_hole(index)
                return None
            start = descriptor.size
            key = (
                descriptor.starts_partition
                and descriptor.partition == 0
                and len(payload) > start
                and not payload[start] & 1
            )
            size = frame_size(payload, start) if key else None
        elif payload:
            key = h264.begins_picture(payload)
            size = h264.frame_size(payload) if key else None
        media = MediaPacket(
            stream.place(index), marker, packet.timestamp, payload, b"", key, late, descriptor
        )
        if key:
            stream.last_key = now
            stream.key_wanted = stream.urgent = False
            if size is not None:
                stream.width, stream.height = size
        stream.cache.put(media)
        stream.rate.note(len(payload), bool(marker), media.temporal, now)
        return media

    def _within_rate(self, size: int, now: float) -> bool:
        """Token bucket: what one client may make the server decrypt and multiply has a limit."""
        bucket = self._bucket
        tokens = min(self._byte_rate * _BURST_SECONDS, bucket[0] + (now - bucket[1]) * self._byte_rate)
        enough = tokens >= size
        bucket[0], bucket[1] = tokens - size if enough else tokens, now
        return enough

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
        """A viewer of the track came or lost its picture: do not wait for the tick to ask for it."""
        self.ask_key_frames(now)

    def ask_key_frames(self, now: float) -> None:
        """Send the picture loss indications that are due, of each layer by itself; called on demand and by
        every tick. A wish stays until a key frame of its layer has come, however often it was throttled.

        Chromium sends no PLI of its own for a stream it has not had a packet of, so newcomers depend on this.
        """
        if not self.transport.connected:
            return
        for stream in self._streams.values():
            if not (stream.key_wanted or stream.awaited) or stream.track.muted:
                continue
            if stream.track.kind != "video":
                continue
            interval = _PLI_INTERVAL if stream.active else _PLI_INTERVAL_SILENT
            if now - stream.last_pli < interval:
                continue
            if stream.urgent or now - stream.last_key >= _KEY_FRAME_INTERVAL:
                stream.last_pli = now
                stream.plis += 1
                self._counters.plis_sent += 1
                self.transport.send_rtcp(Pli(self._ssrc, stream.ssrc).pack())

    def layers_due(self, now: float) -> list[tuple[str, tuple[str, ...]]]:
        """(source, rids) of each track whose sender ought to hear which layers are wanted (dynacast)."""
        if not self.transport.connected:
            return []
        found = [(track.source, track.due_layers(now)) for track in self.tracks.values()]
        return [(source, rids) for source, rids in found if rids is not None]

    def tick(self, now: float) -> bool:
        """Every 100 ms, and every 50 while it returns True: transport-wide feedback, repeated NACKs,
        key-frame requests, silent sources."""
        if not self.transport.connected:
            return False
        media = next(iter(self._streams), 0)
        for feedback in self._arrivals.take(self._ssrc, media):
            self.transport.send_rtcp(feedback)
        hurries = wishes = False
        for stream in self._streams.values():
            if stream.lacks and stream.repairable:
                overdue = stream.overdue(now)
                if overdue:
                    self._ask_again(stream, overdue)
                hurries = True
            if (stream.key_wanted or stream.awaited) and not stream.track.muted:
                wishes = True
                hurries = hurries or stream.active
        for track in self.tracks.values():
            track.watch_sources(now)
        if wishes:
            self.ask_key_frames(now)
        return hurries

    def report(self, now: float) -> None:
        """Every second: reception reports."""
        blocks = [block for s in self._streams.values() if (block := s.report(now)) is not None]
        if blocks:
            self.transport.send_rtcp(ReceiverReport(self._ssrc, tuple(blocks[:31])).pack())
