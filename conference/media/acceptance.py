"""What of a publish offer we accept: VP8 with simulcast and RTX, H264 without VP8, Opus, and the header
extensions we read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from conference.media.describe import AnswerSection
from conference.media.errors import BadSdp
from conference.media.rtp import ABS_SEND_TIME, AUDIO_LEVEL, MID, RID, RRID, TRANSPORT_CC
from conference.media.sdp import Codec, MediaSection, SessionDescription
from conference.media.track import KIND_OF, Source

MAX_PUBLISHED_MEDIA = 16
MAX_LAYERS = 3
_KNOWN_RIDS = {"q": 0, "h": 1, "f": 2}  # what our own client names a quarter, a half and the full size
_PROFILE = re.compile(r"profile-level-id=([0-9A-Fa-f]{6})(?:;|$)")
_FEEDBACK = {
    "video": ("nack", "nack pli", "ccm fir", "goog-remb", "transport-cc"),
    "audio": ("nack", "transport-cc"),
}
_OPUS = {
    # One voice: mono, silence not sent, and what is lost is repaired from the packet after it.
    "microphone": "minptime=10;useinbandfec=1;usedtx=1;maxaveragebitrate=32000",
    "screen-audio": "minptime=10;useinbandfec=1;stereo=1;maxaveragebitrate=64000",
}


@dataclass(slots=True)
class AcceptedOffer:
    """Pure outcome of reading an offer. Extension ids are 0 when the client did not offer them.

    By mid: `codecs` ("vp8", "h264", "opus"), `parameters` what viewers are told of it, `rids` the simulcast
    layers, lowest first; `red_types` the payload types of redundant sound, `repaired` whose packets can be
    asked for again.
    """

    sections: list[AnswerSection] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    payload_types: dict[str, int] = field(default_factory=dict)
    rtx_types: set[int] = field(default_factory=set)
    red_types: dict[str, int] = field(default_factory=dict)
    repaired: set[str] = field(default_factory=set)
    ssrcs: dict[int, str] = field(default_factory=dict)
    rtx_ssrcs: dict[int, int] = field(default_factory=dict)
    codecs: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    rids: dict[str, tuple[str, ...]] = field(default_factory=dict)
    mid_id: int = 0
    rid_id: int = 0
    rrid_id: int = 0
    level_id: int = 0
    twcc_id: int = 0


def accept_offer(offer: SessionDescription, tracks: Mapping[str, str]) -> AcceptedOffer:
    """Read an offer whose m-line `mid` publishes `tracks[mid]`; sections not named there are left inactive.

    Raises BadSdp when a named section is absent, rejected, of the wrong kind or without a codec we forward,
    or when two sections claim one source.
    """
    if len(offer.media) > MAX_PUBLISHED_MEDIA:
        raise BadSdp(f"more than {MAX_PUBLISHED_MEDIA} media sections")
    _check_tracks(offer, tracks)
    accepted = AcceptedOffer()
    for section in offer.media:
        _accept_section(accepted, section, tracks.get(section.mid))
    return accepted


def _check_tracks(offer: SessionDescription, tracks: Mapping[str, str]) -> None:
    sections = {section.mid: section for section in offer.media}
    if len(set(tracks.values())) != len(tracks):
        raise BadSdp("one source published twice")
    for mid, source in tracks.items():
        section = sections.get(mid)
        if source not in KIND_OF:
            raise BadSdp(f"unknown source {source[:32]!r}")
        if section is None or section.rejected or section.direction not in ("sendrecv", "sendonly"):
            raise BadSdp(f"no sending media section for {source}")
        if section.kind != KIND_OF[source]:
            raise BadSdp(f"line {section.line}: {source} in a section of kind {section.kind}")


def _accept_section(accepted: AcceptedOffer, section: MediaSection, source: str | None) -> None:
    mid = section.mid
    codec = None if section.rejected else _codec(section)
    if codec is None:
        if source is not None:
            raise BadSdp(
                f"line {section.line}: {source} needs {'VP8 or H264' if section.kind == 'video' else 'Opus'}"
            )
        accepted.sections.append(AnswerSection(section.kind, mid, section.formats))
        return
    rtx = rtx_type(section, codec.payload_type)
    extensions = section.extensions()
    wanted = [MID, ABS_SEND_TIME, TRANSPORT_CC] + ([AUDIO_LEVEL] if section.kind == "audio" else [])
    name = codec.name.lower()
    red = _red_type(section, codec.payload_type) if section.kind == "audio" else None
    feedback = [text for text in codec.feedback if text in _FEEDBACK[section.kind]]
    rids = section.sent_rids(codec.payload_type)[:MAX_LAYERS] if name == "vp8" and RID in extensions else []
    if rids:
        wanted += [RID, RRID]
        accepted.rid_id = extensions[RID]
        accepted.rrid_id = extensions.get(RRID, accepted.rrid_id)
    accepted.mid_id = extensions.get(MID, accepted.mid_id)
    accepted.level_id = extensions.get(AUDIO_LEVEL, accepted.level_id)
    accepted.twcc_id = extensions.get(TRANSPORT_CC, accepted.twcc_id)
    if rtx is not None:
        accepted.rtx_types.add(rtx)
    accepted.sections.append(
        AnswerSection(
            section.kind,
            mid,
            section.formats,
            codec.payload_type,
            rtx,
            active=source is not None,
            parameters=_parameters(codec, source),
            feedback=feedback,
            extensions=[(extensions[uri], uri) for uri in wanted if uri in extensions],
            codec=name.upper(),
            rids=rids,
            red_type=red,
        )
    )
    if source is None:
        return
    accepted.sources[mid] = cast(Source, source)
    accepted.payload_types[mid] = codec.payload_type
    accepted.codecs[mid] = name
    if red is not None:
        accepted.red_types[mid] = red
    if section.kind == "video" or "nack" in feedback:
        accepted.repaired.add(mid)
    accepted.parameters[mid] = _parameters(codec, source) if name == "h264" else ""
    accepted.rids[mid] = tuple(sorted(rids, key=lambda rid: (_KNOWN_RIDS.get(rid, -1), rids.index(rid))))
    pairs = {repair: media for media, repair in section.flow_pairs()}
    accepted.rtx_ssrcs.update(pairs)
    # Of simulcast the packets themselves say which layer they are; no browser signals which source is which.
    primary = [] if rids else [ssrc for ssrc in section.sources() if ssrc not in pairs]
    accepted.ssrcs.update(dict.fromkeys(primary[:1], mid))


def _codec(section: MediaSection) -> Codec | None:
    """The codec we take: VP8 if it is offered, since every viewer has it."""
    if section.kind == "audio":
        return opus_codec(section)
    if section.kind != "video":
        return None
    return video_codec(section, "vp8") or video_codec(section, "h264")


def opus_codec(section: MediaSection) -> Codec | None:
    codecs = section.codecs().values()
    return next((c for c in codecs if c.name.lower() == "opus" and c.clock_rate == 48000), None)


def video_codec(section: MediaSection, name: str) -> Codec | None:
    """The first of this name ("vp8", "h264"); of H264 the simplest profile that is cut into packets."""
    found = [c for c in section.codecs().values() if c.name.lower() == name and c.clock_rate == 90000]
    if name == "h264":
        found = [c for c in found if "packetization-mode=1" in _words(c)]
        found.sort(key=lambda c: (not _profile(c).startswith("42e0"), not _profile(c).startswith("42")))
    return next(iter(found), None)


def _words(codec: Codec) -> list[str]:
    return [part.strip() for part in codec.parameters.split(";")]


def _profile(codec: Codec) -> str:
    """H264's profile and level (RFC 6184 §8.1), constrained baseline 3.1 when none or nonsense is said."""
    found = _PROFILE.search(codec.parameters)
    return found[1].lower() if found else "42e01f"


def _parameters(codec: Codec, source: str | None) -> str:
    name = codec.name.lower()
    if name == "h264":
        return f"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={_profile(codec)}"
    return _OPUS.get(source or "microphone", "") if name == "opus" else ""


def _red_type(section: MediaSection, payload_type: int) -> int | None:
    """The payload type of redundant packets of ours (RFC 2198 §5)."""
    for codec in section.codecs().values():
        named = codec.parameters.replace(" ", "").split("/")
        if codec.name.lower() == "red" and codec.clock_rate == 48000 and set(named) == {str(payload_type)}:
            return codec.payload_type
    return None


def rtx_type(section: MediaSection, payload_type: int) -> int | None:
    """The retransmission payload type that names ours in `apt` (RFC 4588 §8.1)."""
    for codec in section.codecs().values():
        if codec.name.lower() == "rtx" and f"apt={payload_type}" in _words(codec):
            return codec.payload_type
    return None
