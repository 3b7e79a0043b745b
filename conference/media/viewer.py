"""A client's subscribe connection: we offer, it answers; one offer is in flight at a time (RFC 8829 §4.1.8).

A removed track leaves an inactive m-line behind, which is used again, with a new SSRC and msid, once the
client has agreed that it is inactive. So the description stays as long as the most tracks ever seen at once.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from conference.media.counters import Counters
from conference.media.describe import RED_TYPE, OfferSection, TransportDescription, write_offer
from conference.media.errors import MalformedPacket, StaleAnswer
from conference.media.feedback import Hearing
from conference.media.intake import Peer
from conference.media.listening import Listening, Sound
from conference.media.outgoing import OutgoingStream
from conference.media.outgoing_audio import OutgoingSound
from conference.media.outgoing_video import OutgoingVideo
from conference.media.rtcp import (
    Fir,
    Nack,
    Pli,
    ReceiverReport,
    Remb,
    ReportBlock,
    SenderReport,
    TransportFeedback,
    parse_rtcp,
)
from conference.media.sdp import parse_sdp
from conference.media.steering import Steering
from conference.media.track import Track
from conference.media.transport import Transport

MAX_SLOTS = 64  # an abridged answer of this many m-lines fits the limit of a description

Describe = Callable[[Transport], TransportDescription]
AskKeyFrame = Callable[[Track, float], None]


class Slot:
    """One m-line. `offered` is the version of the first offer that showed its present state, 0 if none has;
    `agreed` that the client has answered such an offer; `known` that it was ever in an offer."""

    __slots__ = ("agreed", "kind", "known", "mid", "offered", "outgoing", "refused")

    def __init__(self, kind: str, mid: str) -> None:
        self.kind = kind
        self.mid = mid
        self.outgoing: OutgoingStream | None = None
        self.offered = 0
        self.agreed = False
        self.known = False
        self.refused = False

    def put(self, outgoing: OutgoingStream | None) -> None:
        self.outgoing = outgoing
        self.offered = 0
        self.agreed = False


class Viewer:
    """Forwarding side of one participant. `on_dirty` is called when an offer ought to be made soon."""

    def __init__(
        self,
        participant_id: str,
        counters: Counters,
        make_transport: Callable[[Viewer], Transport],
        describe: Describe,
        ask_key_frame: AskKeyFrame,
        on_dirty: Callable[[Viewer], None],
    ) -> None:
        self.participant_id = participant_id
        self.bitrate_estimate = 0  # the client's own, bit/s, from REMB
        self._counters = counters
        self._describe = describe
        self._ask_key_frame = ask_key_frame
        self._on_dirty = on_dirty
        self._session = str(secrets.randbits(62))
        self._version = 0
        self._in_flight: int | None = None
        self._dirty = False
        self._lapsed = False
        self._answered = False
        self._without_h264 = False  # the client cannot decode it: it has refused an m-line of nothing else
        self.listening: Listening | None = None
        self._hearing: Hearing | None = None
        # Two inactive m-lines from the start: the transport connects before anyone publishes, which makes the
        # first picture come a handshake earlier.
        self.slots = [Slot("audio", "0"), Slot("video", "1")]
        self._by_ssrc: dict[int, OutgoingStream] = {}
        self.steering = Steering(self)
        self.transport = make_transport(self)
        self.transport.log = self.steering.control.log
        self.transport.on_path = self._back

    def keyed(self, peer: Peer) -> None:
        """From now on C may read reports."""
        hearing = self._hearing = self.steering.control.listen()
        if hearing is not None:
            peer.reports(hearing)

    # ------------------------------------------------------------ what is seen

    @property
    def watched(self) -> list[Track]:
        held = self.listening.held if self.listening is not None else ()
        return [slot.outgoing.track for slot in self.slots if slot.outgoing is not None] + list(held)

    @property
    def outgoing(self) -> list[OutgoingStream]:
        return [slot.outgoing for slot in self.slots if slot.outgoing is not None]

    def watch(self, track: Track) -> bool:
        """Give the track an m-line; False when this viewer has no room for another."""
        if self.listening is not None and self.listening.holds(track):
            return True
        if track.codec == "h264" and self._without_h264:
            return False
        slot = next((s for s in self.slots if self._free(s, track.kind)), None)
        if slot is None:
            if len(self.slots) >= MAX_SLOTS:
                return False
            slot = Slot(track.kind, str(len(self.slots)))
            self.slots.append(slot)
        kind = OutgoingSound if track.kind == "audio" else OutgoingVideo
        out = kind(track, self.transport, slot.mid, self._counters)
        if track.kind == "video":
            out.choose(None)  # until the first look at what the link carries
        slot.put(out)
        self._by_ssrc[out.ssrc] = self._by_ssrc[out.rtx_ssrc] = out
        track.outgoing = (*track.outgoing, out)
        self._changed()
        return True

    @staticmethod
    def _free(slot: Slot, kind: str) -> bool:
        unused = slot.outgoing is None and not slot.refused
        return slot.kind == kind and unused and (slot.agreed or not slot.known)

    def unwatch(self, track: Track) -> None:
        """Stop at once; the m-line follows with the next offer."""
        if self.listening is not None:
            self.listening.forget(track)
        for slot in self.slots:
            if slot.outgoing is not None and slot.outgoing.track is track:
                self._release(slot)
                self._changed()

    def rewatch(self, old: Track, new: Track) -> None:
        """Another track in place of one that is watched, of the same kind and codec: no offer is needed."""
        if self.listening is not None:
            self.listening.replace(old, new)
        for out in self.outgoing:
            if out.track is old:
                out.retarget(new)

    def _release(self, slot: Slot) -> None:
        out = slot.outgoing
        if out is None:
            return
        out.open = False
        out.detach()
        for ssrc in (out.ssrc, out.rtx_ssrc):
            self._by_ssrc.pop(ssrc, None)
            self.transport.forget_outbound(ssrc)
        slot.put(None)

    def release_all(self) -> None:
        for slot in self.slots:
            self._release(slot)

    def use_sound(self, sound: Sound, now: float) -> None:
        """Go over to single microphones, the mix, its smallest form, or no sound, without a gap."""
        if self.listening is not None:
            self.listening.use(sound, now)

    # ------------------------------------------------------------- negotiation

    def relabel(self) -> None:
        """M-lines carry other tracks than the last offer said: the next will tell."""
        self._changed()

    def _changed(self) -> None:
        self.steering.changed()
        self._dirty = True
        self._on_dirty(self)

    @property
    def awaits_answer(self) -> bool:
        return self._in_flight is not None

    @property
    def may_offer(self) -> bool:
        return self._dirty and self._in_flight is None

    def offer(self) -> tuple[int, str]:
        """A new offer, which replaces one in flight: (version, SDP)."""
        self._version += 1
        self._in_flight = self._version
        self._dirty = False
        sections: list[OfferSection] = []
        for slot in self.slots:
            if slot.offered == 0:
                slot.offered = self._version
                slot.known = True
            out = slot.outgoing
            if out is None:
                sections.append(OfferSection(slot.kind, slot.mid))
                continue
            track = out.track
            sections.append(
                OfferSection(
                    slot.kind,
                    slot.mid,
                    track.stream_id,
                    # Unique, because browsers name the receiving track after it and m-lines are used again.
                    f"{track.track_id}~{out.ssrc:08x}",
                    track.participant_id,
                    out.ssrc,
                    out.rtx_ssrc,
                    track.codec,
                    track.parameters,
                )
            )
        description = self._describe(self.transport)
        return self._version, write_offer(self._session, self._version, description, sections)

    def answered(self, version: int, sdp: str, now: float) -> None:
        """Apply the answer to the offer in flight. Raises StaleAnswer, BadSdp."""
        if version != self._in_flight:
            raise StaleAnswer(f"answer to offer {version}, in flight is {self._in_flight}")
        answer = parse_sdp(sdp)
        fingerprints, active = answer.fingerprints, answer.active
        refused = {section.mid for section in answer.media if section.rejected}
        redundant = {section.mid for section in answer.media if str(RED_TYPE) in section.formats}
        self._in_flight = None
        self.transport.start(fingerprints, active=active)
        for slot in self.slots:
            if slot.mid in refused:
                slot.refused = True
                if slot.outgoing is not None and slot.outgoing.track.codec == "h264":
                    self._without_h264 = True
                self._release(slot)
            if 0 < slot.offered <= version:
                slot.agreed = True
            if isinstance(slot.outgoing, OutgoingSound):
                slot.outgoing.takes_red = slot.mid in redundant
        if not self._answered:
            self._answered = True
            self.steering.control.promised(feedback="transport-cc" in sdp)
        self.open_agreed(now)
        if self._dirty:
            self._on_dirty(self)

    def open_agreed(self, now: float) -> None:
        """Let packets flow where the client expects them; newcomers get a key frame asked for at once."""
        if not self.transport.connected or self._lapsed:
            return
        opened: list[OutgoingStream] = []
        for slot in self.slots:
            out = slot.outgoing
            if out is not None and slot.agreed and not out.open:
                out.open = True
                out.waiting = True
                opened.append(out)
        if opened:
            self.steering.changed()
            self.steering.look_again(now)
        for out in opened:
            if out.wanted is not None:
                self._ask_key_frame(out.track, now)

    @property
    def may_return(self) -> bool:
        """Whether the client can take this connection up again by itself: it has keys and was told how."""
        return self.transport.connected and self._version > 0

    def _back(self) -> None:
        """At once, and not with the next look at who consents."""
        self.set_lapsed(False, time.monotonic())

    def set_lapsed(self, lapsed: bool, now: float) -> None:
        """No sign of the client for the consent time: send nothing until there is one (RFC 7675 §5.1)."""
        if lapsed == self._lapsed:
            return
        self._lapsed = lapsed
        if lapsed:
            for out in self.outgoing:
                out.open = False
        else:
            self.open_agreed(now)

    # -------------------------------------------------------------------- RTCP

    def on_rtp(self, data: bytes, now: float) -> None:
        """A viewer has nothing to send here."""
        self._counters.dropped_ssrc += 1

    def catch_up(self) -> None:
        """Take reception reports that C has kept until there is time for them: they only tell, they ask for
        nothing."""
        if self._hearing is not None:
            for data, at in self._hearing.reports():
                self._on_rtcp(data, at)

    def on_rtcp(self, data: bytes, now: float) -> None:
        self.catch_up()
        self._on_rtcp(data, now)

    def _on_rtcp(self, data: bytes, now: float) -> None:
        packets, malformed = parse_rtcp(data)
        self._counters.dropped_malformed += malformed
        for packet in packets:
            if isinstance(packet, Nack):
                out = self._by_ssrc.get(packet.media)
                if out is not None:
                    out.resend(packet.sequences, now)
            elif isinstance(packet, Pli):
                self._lost_picture(packet.media, now)
            elif isinstance(packet, Fir):
                for ssrc, _ in packet.requests:
                    self._lost_picture(ssrc, now)
            elif isinstance(packet, TransportFeedback):
                self._heard(packet, now)
            elif isinstance(packet, (ReceiverReport, SenderReport)):
                for block in packet.blocks:
                    out = self._by_ssrc.get(block.ssrc)
                    if out is not None and block.ssrc == out.ssrc:
                        out.reported(block.fraction_lost, block.last_report, block.delay, now)
                self._reported(packet.blocks, now)
            elif isinstance(packet, Remb):
                self.bitrate_estimate = packet.bitrate
                self.steering.control.on_remb(packet.bitrate)

    def _heard(self, packet: TransportFeedback, now: float) -> None:
        control = self.steering.control
        try:
            control.on_feedback(packet.body, now)
        except MalformedPacket:
            self._counters.dropped_malformed += 1
        if control.urgent:
            self.steering.look_again(now)

    def _reported(self, blocks: tuple[ReportBlock, ...], now: float) -> None:
        streams = [out for block in blocks if (out := self._by_ssrc.get(block.ssrc)) is not None]
        trips = [out.rtt for out in streams if out.rtt is not None]
        if streams:
            loss = max(out.fraction_lost for out in streams)
            self.steering.control.on_report(loss, min(trips, default=None), now)

    def _lost_picture(self, ssrc: int, now: float) -> None:
        out = self._by_ssrc.get(ssrc)
        if out is None or out.track.kind != "video":
            return
        out.plis += 1
        self._counters.plis_received += 1
        if out.open:
            out.lost_picture()
            self._ask_key_frame(out.track, now)
