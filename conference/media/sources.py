"""Which tracks and sources a publisher has: agreed in its offer, or bound by what their packets say."""

from __future__ import annotations

from conference.media.acceptance import AcceptedOffer
from conference.media.incoming import IncomingStream
from conference.media.intake import Intake
from conference.media.rtp import RtpPacket
from conference.media.track import Track
from conference.media.transport import Transport

MAX_SOURCES_PER_TRACK = 3  # as many as simulcast has layers
_MAX_RTX_SOURCES = 32
_MAX_FORMER_SOURCES = 64  # of tracks that went; SRTP keeps as many (transport.MAX_SSRCS)


class Sources:
    """By SSRC: `streams` of media, and in `rtx` those whose retransmissions an SSRC carries. `tracks` are by
    mid; `intake` is told what it no longer takes in. `transport` must be set before anything is asked."""

    __slots__ = ("_former", "_participant_id", "accepted", "intake", "rtx", "streams", "tracks", "transport")

    transport: Transport

    def __init__(self, participant_id: str) -> None:
        self._participant_id = participant_id
        self.tracks: dict[str, Track] = {}
        self.streams: dict[int, IncomingStream] = {}
        self.rtx: dict[int, IncomingStream] = {}
        self.accepted = AcceptedOffer()
        self.intake: Intake | None = None
        self._former: dict[int, tuple[str, str]] = {}  # SSRC → mid and rid

    def apply(self, accepted: AcceptedOffer) -> tuple[list[Track], list[Track]]:
        """Take over an accepted offer; the tracks that went and those that came."""
        self.accepted = accepted
        for stream in self.streams.values():
            stream.dismiss()
        gone = [track for track in self.tracks.values() if not _goes_on(track, accepted)]
        for track in gone:
            self.drop(track)
        come: list[Track] = []
        for mid, source in accepted.sources.items():
            if mid not in self.tracks:
                self.tracks[mid] = Track(
                    self._participant_id,
                    source,
                    mid,
                    rids=accepted.rids[mid],
                    codec=accepted.codecs[mid],
                    parameters=accepted.parameters[mid],
                )
                come.append(self.tracks[mid])
        for ssrc, mid in accepted.ssrcs.items():
            if ssrc not in self.streams:
                self._add_stream(ssrc, self.tracks[mid])
        for ssrc, media in accepted.rtx_ssrcs.items():
            if media in self.streams:
                self.rtx[ssrc] = self.streams[media]
        return gone, come

    def drop(self, track: Track) -> None:
        """Forget a track and its sources; packets of it that still arrive are dropped as unknown."""
        self.tracks.pop(track.mid, None)
        for table in (self.streams, self.rtx):
            for ssrc in [s for s, stream in table.items() if stream.track is track]:
                self._former.pop(ssrc, None)
                stream = table.pop(ssrc)
                self._former[ssrc] = track.mid, stream.rid
                self._leave_intake(stream)
                self.transport.retire_inbound(ssrc)
        while len(self._former) > _MAX_FORMER_SOURCES:
            del self._former[next(iter(self._former))]

    def _add_stream(self, ssrc: int, track: Track, rid: str = "") -> IncomingStream | None:
        if track.rids:
            replaced = next((s for s in track.streams if s.rid == rid), None)
        else:
            full = len(track.streams) >= MAX_SOURCES_PER_TRACK
            replaced = next((s for s in track.streams if not s.active), None) if full else None
            if full and replaced is None:
                return None
        if replaced is not None:
            self._forget(replaced)
        layer = track.rids.index(rid) if track.rids else 0
        payload_type = self.accepted.payload_types[track.mid]
        repairable = track.mid in self.accepted.repaired
        stream = IncomingStream(track, ssrc, payload_type, repairable, layer, rid)
        track.streams.append(stream)
        track.streams.sort(key=lambda s: s.layer)
        self.streams[ssrc] = stream
        self.transport.expect_inbound(ssrc)
        return stream

    def _forget(self, stream: IncomingStream) -> None:
        """A source was replaced by another of the same layer."""
        stream.active = False
        self._leave_intake(stream)
        stream.track.streams.remove(stream)
        for table in (self.streams, self.rtx):
            for ssrc in [s for s, known in table.items() if known is stream]:
                del table[ssrc]
                self.transport.retire_inbound(ssrc)

    def _leave_intake(self, stream: IncomingStream) -> None:
        if self.intake is not None:
            self.intake.remove(stream)

    def learn(self, packet: RtpPacket) -> IncomingStream | None:
        """Bind an unsignalled SSRC by the mid and the layer its packets carry (RFC 9143 §9.2, RFC 8852).

        Chromium names them until a reception report shows that we know, and never again for that SSRC: when
        it uses the m-line and its SSRCs a second time, they are what they were the first time.
        """
        accepted = self.accepted
        former_mid, former_rid = self._former.get(packet.ssrc, ("", ""))
        element = packet.extensions.get(accepted.mid_id)
        mid = element.decode("ascii", "replace") if element else former_mid
        track = self.tracks.get(mid)
        if track is None:
            return None
        repair = packet.payload_type in accepted.rtx_types
        rid = ""
        if track.rids:
            element = packet.extensions.get(accepted.rrid_id if repair else accepted.rid_id)
            rid = element.decode("ascii", "replace") if element else former_rid if mid == former_mid else ""
            if rid not in track.rids:
                return None
        if not repair:
            return self._add_stream(packet.ssrc, track, rid)
        repaired = [stream for stream in track.streams if stream.rid == rid]
        if len(repaired) != 1 or len(self.rtx) >= _MAX_RTX_SOURCES:
            return None
        self.rtx[packet.ssrc] = repaired[0]
        return repaired[0]


def _goes_on(track: Track, accepted: AcceptedOffer) -> bool:
    """Whether a new offer leaves this track as it is; one of another codec or other layers is a new track."""
    mid = track.mid
    same = accepted.sources.get(mid) == track.source and accepted.codecs[mid] == track.codec
    return same and accepted.rids[mid] == track.rids
