"""RTP packets and their header extensions (RFC 3550 §5, RFC 8285), and arithmetic on wrapping numbers."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from conference.media.errors import MalformedPacket

HEADER = struct.Struct("!BBHLL")
_PROFILE = struct.Struct("!HH")
_ONE_BYTE = 0xBEDE
_TWO_BYTE = 0x1000

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"  # RFC 9143
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"  # RFC 8852
RRID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"  # RFC 6464
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"


class RtpPacket:
    """One parsed packet. `payload` excludes padding; `extensions` maps the negotiated id to its bytes."""

    __slots__ = (
        "extensions",
        "marker",
        "padding",
        "payload",
        "payload_type",
        "sequence",
        "ssrc",
        "timestamp",
    )

    def __init__(
        self,
        payload_type: int,
        marker: bool,
        sequence: int,
        timestamp: int,
        ssrc: int,
        payload: bytes = b"",
        extensions: dict[int, bytes] | None = None,
        padding: int = 0,
    ) -> None:
        self.payload_type = payload_type
        self.marker = marker
        self.sequence = sequence
        self.timestamp = timestamp
        self.ssrc = ssrc
        self.payload = payload
        self.extensions = extensions if extensions is not None else {}
        self.padding = padding

    def pack(self) -> bytes:
        """The counterpart of `parse_rtp`. The forwarding path does not use it (it reuses prepared bytes)."""
        extension = pack_extensions(self.extensions.items())
        first = 0x80 | (0x20 if self.padding else 0) | (0x10 if extension else 0)
        tail = bytes(self.padding - 1) + bytes([self.padding]) if self.padding else b""
        second = (0x80 if self.marker else 0) | self.payload_type
        return (
            HEADER.pack(first, second, self.sequence, self.timestamp, self.ssrc)
            + extension
            + self.payload
            + tail
        )


def parse_rtp(data: bytes) -> RtpPacket:
    """Parse one RTP packet. Raises MalformedPacket."""
    size = len(data)
    if size < 12 or data[0] >> 6 != 2:
        raise MalformedPacket("not an RTP packet")
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
    start = 12 + 4 * (first & 15)
    extensions: dict[int, bytes] = {}
    if first & 0x10:
        if start + 4 > size:
            raise MalformedPacket("extension header cut short")
        profile, words = _PROFILE.unpack_from(data, start)
        start += 4
        end = start + 4 * words
        if end > size:
            raise MalformedPacket("extension longer than the packet")
        if profile == _ONE_BYTE:
            extensions = _one_byte_elements(data, start, end)
        elif profile & 0xFFF0 == _TWO_BYTE:
            extensions = _two_byte_elements(data, start, end)
        start = end
    padding = 0
    end = size
    if first & 0x20:
        padding = data[-1]
        end -= padding
        if padding == 0:
            raise MalformedPacket("padding bit without padding")
    if start > end:
        raise MalformedPacket("header longer than the packet")
    return RtpPacket(
        second & 0x7F, second > 127, sequence, timestamp, ssrc, data[start:end], extensions, padding
    )


def _one_byte_elements(data: bytes, position: int, end: int) -> dict[int, bytes]:
    """RFC 8285 §4.2: id 0 is padding, id 15 ends the list."""
    elements: dict[int, bytes] = {}
    while position < end:
        head = data[position]
        position += 1
        if head == 0:
            continue
        identifier = head >> 4
        if identifier == 15:
            break
        stop = position + (head & 15) + 1
        if stop > end:
            raise MalformedPacket("extension element cut short")
        elements[identifier] = data[position:stop]
        position = stop
    return elements


def _two_byte_elements(data: bytes, position: int, end: int) -> dict[int, bytes]:
    """RFC 8285 §4.3."""
    elements: dict[int, bytes] = {}
    while position < end:
        identifier = data[position]
        position += 1
        if identifier == 0:
            continue
        if position >= end:
            raise MalformedPacket("extension element cut short")
        stop = position + 1 + data[position]
        if stop > end:
            raise MalformedPacket("extension element cut short")
        elements[identifier] = data[position + 1 : stop]
        position = stop
    return elements


def pack_extensions(elements: Iterable[tuple[int, bytes]]) -> bytes:
    """The extension block with its 4-byte header, in the one-byte form when it fits; empty for none."""
    items = list(elements)
    if not items:
        return b""
    if all(1 <= identifier <= 14 and 1 <= len(value) <= 16 for identifier, value in items):
        profile = _ONE_BYTE
        body = b"".join(bytes([identifier << 4 | len(value) - 1]) + value for identifier, value in items)
    else:
        profile = _TWO_BYTE
        body = b"".join(bytes([identifier, len(value)]) + value for identifier, value in items)
    body += bytes(-len(body) % 4)
    return _PROFILE.pack(profile, len(body) // 4) + body


def unwrap(value: int, reference: int, bits: int = 16) -> int:
    """The integer congruent to `value` modulo 2**bits nearest to `reference` (RFC 3550 appendix A.1)."""
    half = 1 << (bits - 1)
    return reference + ((value - reference + half) & ((1 << bits) - 1)) - half


def absolute_send_time(now: float) -> bytes:
    """Seconds as 6.18 fixed point in 24 bits, the abs-send-time extension's value."""
    return (int(now * 262144) & 0xFFFFFF).to_bytes(3, "big")
