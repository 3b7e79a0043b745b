"""Reading session descriptions (RFC 8866, RFC 8829) as far as we need them; `describe.py` writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from conference.media.errors import BadSdp

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
_DIRECTIONS: tuple[Direction, ...] = ("sendrecv", "sendonly", "recvonly", "inactive")

MAX_BYTES = 32_768
MAX_MEDIA = 64
_MAX_LINE = 2048
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,16}")
_RID = re.compile(r"[A-Za-z0-9_-]{1,16}")
_FINGERPRINT = re.compile(r"(?:[0-9A-F]{2}:){15,63}[0-9A-F]{2}")


class Fingerprint(NamedTuple):
    """A certificate's digest: hash name in lower case, value as colon-separated upper-case hex (RFC 8122)."""

    algorithm: str
    value: str


@dataclass(slots=True)
class Codec:
    payload_type: int
    name: str
    clock_rate: int
    channels: int = 1
    parameters: str = ""
    feedback: list[str] = field(default_factory=list)


@dataclass(slots=True)
class MediaSection:
    """One m-line with its attributes, in order, as (name, value); flags have an empty value."""

    kind: str
    port: int
    formats: list[str]
    line: int
    attributes: list[tuple[str, str]] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]

    def value(self, name: str) -> str | None:
        return next(iter(self.values(name)), None)

    @property
    def rejected(self) -> bool:
        """Port zero without bundle-only: the transceiver was stopped or refused (RFC 8829 §5.2.1, §5.3.1)."""
        return self.port == 0 and not any(name == "bundle-only" for name, _ in self.attributes)

    @property
    def direction(self) -> Direction:
        names = {name for name, _ in self.attributes}
        return next((d for d in _DIRECTIONS if d in names), "sendrecv")

    @property
    def mid(self) -> str:
        mid = self.value("mid")
        if mid is None or not _TOKEN.fullmatch(mid):
            raise BadSdp(f"line {self.line}: media section without a usable mid")
        return mid

    def codecs(self) -> dict[int, Codec]:
        """Payload type → codec, for dynamic payload types with an rtpmap."""
        found: dict[int, Codec] = {}
        for text in self.values("rtpmap"):
            number, _, rest = text.partition(" ")
            parts = rest.split("/")
            if len(parts) < 2:
                raise BadSdp(f"line {self.line}: bad rtpmap {text!r}")
            channels = integer(parts[2], "channels", 255) if len(parts) > 2 else 1
            payload_type = integer(number, "payload type", 127)
            found[payload_type] = Codec(payload_type, parts[0], integer(parts[1], "clock rate"), channels)
        for text in self.values("fmtp"):
            number, _, rest = text.partition(" ")
            if (codec := found.get(integer(number, "payload type", 127))) is not None:
                codec.parameters = rest
        for text in self.values("rtcp-fb"):
            number, _, rest = text.partition(" ")
            for codec in found.values():
                if number in ("*", str(codec.payload_type)):
                    codec.feedback.append(rest)
        return found

    def extensions(self) -> dict[str, int]:
        """Header extension URI → id (RFC 8285 §7)."""
        found: dict[str, int] = {}
        for text in self.values("extmap"):
            parts = text.split(" ")
            if len(parts) >= 2:
                found[parts[1]] = integer(parts[0].partition("/")[0], "extension id", 255)
        return found

    def sources(self) -> list[int]:
        """SSRCs signalled for this section, each once, in order (RFC 5576)."""
        return list(
            dict.fromkeys(integer(v.partition(" ")[0], "ssrc", 0xFFFFFFFF) for v in self.values("ssrc"))
        )

    def flow_pairs(self) -> list[tuple[int, int]]:
        """(media SSRC, retransmission SSRC) of each FID group (RFC 5576 §4.2, RFC 4588 §8.3)."""
        groups = [v.split() for v in self.values("ssrc-group")]
        pairs = [g[1:] for g in groups if len(g) == 3 and g[0] == "FID"]
        return [(integer(a, "ssrc", 0xFFFFFFFF), integer(b, "ssrc", 0xFFFFFFFF)) for a, b in pairs]

    def sent_rids(self, payload_type: int) -> list[str]:
        """The layers this section offers to send by simulcast (RFC 8853 §5.1), in the order given.

        Of alternatives the first is taken; a layer that is paused at first (`~`) is a layer. Only those with
        an `a=rid:… send` line that does not exclude `payload_type` count (RFC 8851 §4, §5).
        """
        declared: set[str] = set()
        for text in self.values("rid"):
            parts = text.split(" ", 2)
            restrictions = dict(p.partition("=")[::2] for p in parts[2].split(";")) if len(parts) > 2 else {}
            types = restrictions.get("pt")
            fits = types is None or str(payload_type) in types.split(",")
            if len(parts) > 1 and parts[1] == "send" and fits and _RID.fullmatch(parts[0]):
                declared.add(parts[0])
        words = (self.value("simulcast") or "").split()
        for direction, streams in zip(words[::2], words[1::2], strict=False):
            if direction == "send":
                first = [stream.partition(",")[0].removeprefix("~") for stream in streams.split(";")]
                return [rid for rid in dict.fromkeys(first) if rid in declared]
        return []


@dataclass(slots=True)
class SessionDescription:
    session_id: str
    attributes: list[tuple[str, str]]
    media: list[MediaSection]

    def _transport(self, name: str) -> str | None:
        """A transport attribute from the session or, under BUNDLE, from the first section that has it."""
        for key, value in self.attributes:
            if key == name:
                return value
        return next((v for section in self.media if (v := section.value(name)) is not None), None)

    @property
    def ice_ufrag(self) -> str:
        ufrag = self._transport("ice-ufrag")
        if not ufrag or len(ufrag) > 256:
            raise BadSdp("no ice-ufrag")
        return ufrag

    @property
    def active(self) -> bool:
        """Whether the peer's side of DTLS is passive, so that we must be the client (RFC 8842)."""
        return self._transport("setup") == "passive"

    @property
    def fingerprints(self) -> list[Fingerprint]:
        texts = [v for k, v in self.attributes if k == "fingerprint"]
        texts += [v for section in self.media for v in section.values("fingerprint")]
        found: list[Fingerprint] = []
        for text in dict.fromkeys(texts):
            algorithm, _, value = text.partition(" ")
            if not _FINGERPRINT.fullmatch(value.upper()):
                raise BadSdp("bad fingerprint")
            found.append(Fingerprint(algorithm.lower(), value.upper()))
        if not any(f.algorithm in ("sha-256", "sha-384", "sha-512") for f in found):
            raise BadSdp("no fingerprint with a supported hash")
        return found


def integer(text: str, what: str, highest: int = 0xFFFFFFFF) -> int:
    """A decimal number of SDP within its range. Raises BadSdp."""
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > highest:
        raise BadSdp(f"bad {what}: {text[:20]!r}")
    return int(text)


def parse_sdp(text: str, *, max_bytes: int = MAX_BYTES, max_media: int = MAX_MEDIA) -> SessionDescription:
    """Parse a description. Raises BadSdp, naming the line, for anything too large or not SDP."""
    if len(text) > max_bytes or len(text.encode("utf-8", "replace")) > max_bytes:
        raise BadSdp(f"description larger than {max_bytes} bytes")
    session = SessionDescription("", [], [])
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        if not line:
            continue
        if len(line) < 2 or line[1] != "=" or len(line) > _MAX_LINE or not line.isprintable():
            raise BadSdp(f"line {number}: not an SDP line")
        kind, value = line[0], line[2:]
        if number == 1 and kind != "v":
            raise BadSdp("line 1: no v= line")
        if kind == "m":
            if len(session.media) >= max_media:
                raise BadSdp(f"line {number}: more than {max_media} media sections")
            session.media.append(_media_line(value, number))
        elif kind == "o":
            parts = value.split(" ")
            session.session_id = parts[1] if len(parts) > 1 else ""
        elif kind == "a":
            name, _, rest = value.partition(":")
            (session.media[-1].attributes if session.media else session.attributes).append((name, rest))
    if not session.media:
        raise BadSdp("no media section")
    mids = [section.mid for section in session.media]
    if len(set(mids)) != len(mids):
        raise BadSdp("two media sections with one mid")
    return session


def _media_line(value: str, number: int) -> MediaSection:
    parts = value.split(" ")
    if len(parts) < 4:
        raise BadSdp(f"line {number}: media line cut short")
    return MediaSection(parts[0], integer(parts[1], "port", 65535), parts[3:], number)
