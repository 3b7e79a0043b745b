"""Writing session descriptions: the answer to a publisher and the offer to a viewer (RFC 8829, 8843, 8839).

Both are ours from the first line to the last; of what a client sent only mids, payload types and extension
ids are repeated, and those have been checked by `sdp.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from conference.media.rtp import ABS_SEND_TIME, AUDIO_LEVEL, MID, TRANSPORT_CC
from conference.media.sdp import Fingerprint

# What we offer to viewers. Payload types and ids are ours to choose because we are the offerer.
OPUS_TYPE, VP8_TYPE, RTX_TYPE = 111, 96, 97
RED_TYPE = 63  # redundant Opus (RFC 2198)
H264_TYPE, H264_RTX_TYPE = 102, 103
MID_ID, LEVEL_ID, SEND_TIME_ID, TWCC_ID = 1, 2, 3, 4
PROGRAMME = "programme"  # what a player calls what it is sent


@dataclass(frozen=True, slots=True)
class TransportDescription:
    """Where and how the peer reaches us: `addresses` are (IP, port), best first; the port is one of UDP and,
    with `tcp`, of TCP as well. `spare` are the (ufrag, password) a viewer may restart ICE with by itself."""

    addresses: Sequence[tuple[str, int]]
    ufrag: str
    password: str
    fingerprint: Fingerprint
    tcp: bool = False
    spare: tuple[str, str] = ("", "")

    def lines(self, setup: str) -> list[str]:
        """Session-level: said once for all m-lines, which keeps a room of fifty streams small on the wire."""
        return [
            f"a=ice-ufrag:{self.ufrag}",
            f"a=ice-pwd:{self.password}",
            f"a=fingerprint:{self.fingerprint.algorithm} {self.fingerprint.value}",
            f"a=setup:{setup}",
        ]

    def candidates(self) -> list[str]:
        """For the first m-line of the bundle; the others share its transport (RFC 8843 §7.1.3).

        Host candidates; all of UDP come before all of TCP, where whatever is lost holds up what follows.
        """
        out = []
        for rank, (address, port) in enumerate(self.addresses):
            priority = _priority(_UDP_PREFERENCE, 65535 - rank)
            out.append(f"a=candidate:{rank + 1} 1 udp {priority} {address} {port} typ host")
        for rank, (address, port) in enumerate(self.addresses if self.tcp else ()):
            foundation = len(self.addresses) + rank + 1
            priority = _priority(_TCP_PREFERENCE, _PASSIVE + 8191 - rank)
            line = f"a=candidate:{foundation} 1 tcp {priority} {address} {port} typ host tcptype passive"
            out.append(line)
        return [*out, "a=end-of-candidates"]


_UDP_PREFERENCE, _TCP_PREFERENCE = 126, 90  # type preferences of host candidates (RFC 8445 §5.1.2.2)
_PASSIVE = 4 << 13  # RFC 6544 §4.2: the direction is the upper part of the local preference


def _priority(type_preference: int, local_preference: int) -> int:
    """RFC 8445 §5.1.2.1, for component 1."""
    return (type_preference << 24) + (local_preference << 8) + 255


@dataclass(frozen=True, slots=True)
class AnswerSection:
    """Our answer to one m-line; `payload_type` None rejects it. `extensions` are (id, URI); `rids` are the
    simulcast layers we take (RFC 8853), in the offer's order."""

    kind: str
    mid: str
    formats: Sequence[str]
    payload_type: int | None = None
    rtx_type: int | None = None
    active: bool = False
    parameters: str = ""
    feedback: Sequence[str] = ()
    extensions: Sequence[tuple[int, str]] = field(default_factory=tuple)
    codec: str = "VP8"
    rids: Sequence[str] = ()
    red_type: int | None = None


@dataclass(frozen=True, slots=True)
class OfferSection:
    """One m-line offered to a viewer; without a `stream` it is inactive and waits to be reused.

    `codec` is that of the track, `parameters` what it says of itself (H264's profile)."""

    kind: str
    mid: str
    stream: str = ""
    track: str = ""
    cname: str = ""
    ssrc: int = 0
    rtx_ssrc: int = 0
    codec: str = ""
    parameters: str = ""


@dataclass(frozen=True, slots=True)
class PlaySection:
    """One m-line that we answer a player with; `lines` describe the payload types and extensions. Both
    m-lines are of one stream, so that players show them together."""

    kind: str
    mid: str
    types: Sequence[int]
    lines: Sequence[str]
    ssrc: int = 0
    rtx_ssrc: int = 0  # 0: nothing is sent again on a stream of its own


_CONNECTION = "c=IN IP4 0.0.0.0"  # ignored under ICE (RFC 8839 §4.2.1.2)


def _head(
    session: str, version: int, transport: TransportDescription, setup: str, bundled: Iterable[str]
) -> list[str]:
    return [
        "v=0",
        f"o=majlis {session} {version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=group:BUNDLE " + " ".join(bundled),
        "a=extmap-allow-mixed",
        "a=msid-semantic: WMS *",
        *transport.lines(setup),
    ]


def _text(lines: Iterable[str]) -> str:
    return "\r\n".join(lines) + "\r\n"


def write_answer(
    session: str, version: int, transport: TransportDescription, sections: Sequence[AnswerSection], setup: str
) -> str:
    """The answer to a publish offer, section by section in the offer's order."""
    bundled = [s.mid for s in sections if s.payload_type is not None]
    lines = _head(session, version, transport, setup, bundled)
    for section in sections:
        if section.payload_type is None:
            # Left out of BUNDLE: a group that names a rejected section is refused by browsers.
            lines += [
                f"m={section.kind} 0 UDP/TLS/RTP/SAVPF {' '.join(section.formats)}",
                _CONNECTION,
                f"a=mid:{section.mid}",
                "a=inactive",
            ]
            continue
        types = [section.payload_type]
        types += [kind for kind in (section.rtx_type, section.red_type) if kind is not None]
        lines.append(f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {' '.join(map(str, types))}")
        lines += [
            _CONNECTION,
            f"a=mid:{section.mid}",
            "a=recvonly" if section.active else "a=inactive",
            f"a=setup:{setup}",  # once more for each: GStreamer looks for it nowhere else
            "a=rtcp-mux",
            "a=rtcp-rsize",
        ]
        if section.mid == bundled[0]:
            lines += transport.candidates()
        name = "opus/48000/2" if section.kind == "audio" else f"{section.codec}/90000"
        lines.append(f"a=rtpmap:{section.payload_type} {name}")
        if section.parameters:
            lines.append(f"a=fmtp:{section.payload_type} {section.parameters}")
        lines += [f"a=rtcp-fb:{section.payload_type} {text}" for text in section.feedback]
        if section.rtx_type is not None:
            lines += [
                f"a=rtpmap:{section.rtx_type} rtx/90000",
                f"a=fmtp:{section.rtx_type} apt={section.payload_type}",
            ]
        if section.red_type is not None:
            lines += [
                f"a=rtpmap:{section.red_type} red/48000/2",
                f"a=fmtp:{section.red_type} {section.payload_type}/{section.payload_type}",
            ]
        lines += [f"a=extmap:{identifier} {uri}" for identifier, uri in section.extensions]
        if section.rids:
            lines += [f"a=rid:{rid} recv" for rid in section.rids]
            lines.append("a=simulcast:recv " + ";".join(section.rids))
    return _text(lines)


def write_play_answer(
    session: str, transport: TransportDescription, sections: Sequence[PlaySection], setup: str
) -> str:
    """The answer to a player (WHEP), section by section in the offer's order."""
    lines = _head(session, 1, transport, setup, [s.mid for s in sections])
    for section in sections:
        lines += [
            f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {' '.join(map(str, section.types))}",
            _CONNECTION,
            f"a=mid:{section.mid}",
            "a=sendonly",
            f"a=setup:{setup}",
            "a=rtcp-mux",
            "a=rtcp-rsize",
            *(transport.candidates() if section is sections[0] else ()),
            *section.lines,
            f"a=msid:{PROGRAMME} {PROGRAMME}-{section.kind}",
        ]
        if section.rtx_ssrc:
            lines.append(f"a=ssrc-group:FID {section.ssrc} {section.rtx_ssrc}")
        for ssrc in filter(None, (section.ssrc, section.rtx_ssrc)):
            lines.append(f"a=ssrc:{ssrc} cname:{PROGRAMME}")
    return _text(lines)


def write_offer(
    session: str, version: int, transport: TransportDescription, sections: Sequence[OfferSection]
) -> str:
    """The offer to a viewer. `x-ice-spare` is for our own client; others pass over it (RFC 8866 §5.13)."""
    lines = _head(session, version, transport, "actpass", [s.mid for s in sections])
    lines.append("a=x-ice-spare:" + " ".join(transport.spare))
    for section in sections:
        video = section.kind == "video"
        types = f"{OPUS_TYPE} {RED_TYPE}"
        codecs: Sequence[str] = _AUDIO_CODECS
        if video:
            types, codecs = _video_codec(section)
        lines.append(f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {types}")
        lines += [
            _CONNECTION,
            f"a=mid:{section.mid}",
            "a=sendonly" if section.stream else "a=inactive",
            "a=rtcp-mux",
            "a=rtcp-rsize",
            *codecs,
            *(transport.candidates() if section is sections[0] else ()),
            f"a=extmap:{MID_ID} {MID}",
            f"a=extmap:{SEND_TIME_ID} {ABS_SEND_TIME}",
            f"a=extmap:{TWCC_ID} {TRANSPORT_CC}",
        ]
        if not video:
            lines.append(f"a=extmap:{LEVEL_ID} {AUDIO_LEVEL}")
        if section.stream:
            lines.append(f"a=msid:{section.stream} {section.track}")
            if video:
                lines.append(f"a=ssrc-group:FID {section.ssrc} {section.rtx_ssrc}")
            lines.append(f"a=ssrc:{section.ssrc} cname:{section.cname}")
            if video:
                lines.append(f"a=ssrc:{section.rtx_ssrc} cname:{section.cname}")
    return _text(lines)


def _video_codec(section: OfferSection) -> tuple[str, list[str]]:
    """Payload types and attributes: the one codec the track has, because nothing is transcoded here."""
    h264 = section.codec == "h264"
    media, repair = (H264_TYPE, H264_RTX_TYPE) if h264 else (VP8_TYPE, RTX_TYPE)
    lines = [f"a=rtpmap:{media} {'H264' if h264 else 'VP8'}/90000"]
    if section.parameters:
        lines.append(f"a=fmtp:{media} {section.parameters}")
    lines += [f"a=rtcp-fb:{media} {text}" for text in _VIDEO_FEEDBACK]
    lines += [f"a=rtpmap:{repair} rtx/90000", f"a=fmtp:{repair} apt={media}"]
    return f"{media} {repair}", lines


_VIDEO_FEEDBACK = ("nack", "nack pli", "ccm fir", "goog-remb", "transport-cc")
_AUDIO_CODECS = (
    f"a=rtpmap:{OPUS_TYPE} opus/48000/2",
    f"a=fmtp:{OPUS_TYPE} minptime=10;useinbandfec=1;usedtx=1",
    f"a=rtcp-fb:{OPUS_TYPE} nack",
    f"a=rtcp-fb:{OPUS_TYPE} transport-cc",
    f"a=rtpmap:{RED_TYPE} red/48000/2",
    f"a=fmtp:{RED_TYPE} {OPUS_TYPE}/{OPUS_TYPE}",
)
