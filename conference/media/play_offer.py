"""What of a player's offer (WHEP, draft-ietf-wish-whep §4.2) we answer: one sound and one picture, under the
player's payload types and header extension ids."""

from __future__ import annotations

from dataclasses import dataclass

from conference.media.acceptance import opus_codec, rtx_type, video_codec
from conference.media.describe import PlaySection
from conference.media.errors import BadSdp
from conference.media.rtp import MID, TRANSPORT_CC
from conference.media.sdp import Codec, MediaSection, SessionDescription
from conference.media.wire import Wire

_FEEDBACK = ("nack", "nack pli", "ccm fir", "goog-remb", "transport-cc")
_SHORTEST, _LONGEST = 1, 14  # ids of one-byte header extensions (RFC 8285 §4.2)


@dataclass(frozen=True, slots=True)
class Asked:
    """One m-line of the player's: its wires by codec ("opus", "vp8", "h264")."""

    kind: str
    mid: str
    wires: dict[str, Wire]
    section: PlaySection

    @property
    def counted(self) -> bool:
        """Whether the player tells of each packet when it came (transport-cc)."""
        return any(wire.twcc_id for wire in self.wires.values())


def accept_play_offer(offer: SessionDescription) -> list[Asked]:
    """The m-lines in the offer's order. Raises BadSdp unless they are one sound in Opus, one picture in VP8
    or H264, or both, to be received."""
    asked: list[Asked] = []
    for section in offer.media:
        if section.kind not in ("audio", "video"):
            raise BadSdp(f"line {section.line}: neither sound nor picture")
        if section.rejected or section.direction not in ("recvonly", "sendrecv"):
            raise BadSdp(f"line {section.line}: {section.kind} that is not to be received")
        if any(each.kind == section.kind for each in asked):
            raise BadSdp(f"line {section.line}: a second media section of kind {section.kind}")
        asked.append(_asked(section))
    return asked


def _asked(section: MediaSection) -> Asked:
    codecs = [codec for codec in _codecs(section) if codec is not None]
    if not codecs:
        wants = "VP8 or H264" if section.kind == "video" else "Opus"
        raise BadSdp(f"line {section.line}: {section.kind} needs {wants}")
    offered = section.extensions()
    counts = all("transport-cc" in codec.feedback for codec in codecs)
    mid_id = _usable(offered.get(MID, 0))
    twcc_id = _usable(offered.get(TRANSPORT_CC, 0)) if counts else 0
    wires = {
        codec.name.lower(): Wire(
            codec.payload_type, rtx_type(section, codec.payload_type) or 0, mid_id, twcc_id
        )
        for codec in codecs
    }
    known = ((mid_id, MID), (twcc_id, TRANSPORT_CC))
    lines: list[str] = []
    for codec in codecs:
        lines += _lines(codec, wires[codec.name.lower()], counted=bool(twcc_id))
    types = [kind for wire in wires.values() for kind in (wire.payload_type, wire.rtx_type) if kind]
    lines += [f"a=extmap:{identifier} {uri}" for identifier, uri in known if identifier]
    return Asked(section.kind, section.mid, wires, PlaySection(section.kind, section.mid, types, lines))


def _codecs(section: MediaSection) -> list[Codec | None]:
    if section.kind == "audio":
        return [opus_codec(section)]
    return [video_codec(section, "vp8"), video_codec(section, "h264")]


def _lines(codec: Codec, wire: Wire, *, counted: bool) -> list[str]:
    number = codec.payload_type
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    lines = [f"a=rtpmap:{number} {codec.name}/{codec.clock_rate}{channels}"]
    if codec.parameters:
        lines.append(f"a=fmtp:{number} {codec.parameters}")  # as it was offered: what the player can decode
    feedback = [text for text in _FEEDBACK if text in codec.feedback]
    lines += [f"a=rtcp-fb:{number} {text}" for text in feedback if counted or text != "transport-cc"]
    if wire.rtx_type:
        lines += [f"a=rtpmap:{wire.rtx_type} rtx/90000", f"a=fmtp:{wire.rtx_type} apt={number}"]
    return lines


def _usable(identifier: int) -> int:
    return identifier if _SHORTEST <= identifier <= _LONGEST else 0
