"""RTCP packets: RFC 3550 §6, feedback of RFC 4585 and RFC 5104, and draft-alvestrand-rmcat-remb.

Transport-wide feedback has its own file, `twcc.py`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from conference.media.errors import MalformedPacket

SR, RR, SDES, BYE, RTPFB, PSFB = 200, 201, 202, 203, 205, 206
FMT_NACK, FMT_TWCC = 1, 15
FMT_PLI, FMT_FIR, FMT_REMB = 1, 4, 15

_BLOCK = struct.Struct("!LB3sLLLL")


def frame(packet_type: int, count: int, body: bytes) -> bytes:
    """Header plus body; the body is padded with the P bit when it is not a multiple of four bytes."""
    pad = -len(body) % 4
    first = 0x80 | count
    if pad:
        first |= 0x20
        body += bytes(pad - 1) + bytes([pad])
    return struct.pack("!BBH", first, packet_type, len(body) // 4) + body


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """`lost` is signed 24 bits; `last_report` and `delay` are 1/65536 s (RFC 3550 §6.4.1)."""

    ssrc: int
    fraction_lost: int = 0
    lost: int = 0
    highest: int = 0
    jitter: int = 0
    last_report: int = 0
    delay: int = 0

    def pack(self) -> bytes:
        lost = max(-(1 << 23), min((1 << 23) - 1, self.lost)) & 0xFFFFFF
        return _BLOCK.pack(
            self.ssrc,
            self.fraction_lost,
            lost.to_bytes(3, "big"),
            self.highest,
            self.jitter,
            self.last_report,
            self.delay,
        )


@dataclass(frozen=True, slots=True)
class SenderReport:
    """`ntp` is 32.32 fixed-point seconds since 1900; `rtp_timestamp` the same instant on the media clock."""

    ssrc: int
    ntp: int
    rtp_timestamp: int
    packets: int
    octets: int
    blocks: tuple[ReportBlock, ...] = ()

    def pack(self) -> bytes:
        body = struct.pack("!LQLLL", self.ssrc, self.ntp, self.rtp_timestamp, self.packets, self.octets)
        return frame(SR, len(self.blocks), body + b"".join(b.pack() for b in self.blocks))


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()

    def pack(self) -> bytes:
        return frame(
            RR, len(self.blocks), struct.pack("!L", self.ssrc) + b"".join(b.pack() for b in self.blocks)
        )


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """Only CNAME items are kept: they are what ties a sender's audio and video to one clock."""

    cnames: tuple[tuple[int, str], ...]

    def pack(self) -> bytes:
        body = b""
        for ssrc, cname in self.cnames:
            text = cname.encode()[:255]
            item = struct.pack("!LBB", ssrc, 1, len(text)) + text + b"\0"
            body += item + bytes(-len(item) % 4)
        return frame(SDES, len(self.cnames), body)


@dataclass(frozen=True, slots=True)
class Bye:
    ssrcs: tuple[int, ...]

    def pack(self) -> bytes:
        return frame(BYE, len(self.ssrcs), struct.pack(f"!{len(self.ssrcs)}L", *self.ssrcs))


@dataclass(frozen=True, slots=True)
class Nack:
    """Generic NACK (RFC 4585 §6.2.1). `sequences` in ascending order of arrival, modulo 2**16."""

    sender: int
    media: int
    sequences: tuple[int, ...]

    def pack(self) -> bytes:
        body = struct.pack("!LL", self.sender, self.media)
        pending = list(self.sequences)
        while pending:
            base = pending.pop(0)
            mask = 0
            while pending and 0 < (distance := (pending[0] - base) & 0xFFFF) <= 16:
                mask |= 1 << (distance - 1)
                pending.pop(0)
            body += struct.pack("!HH", base, mask)
        return frame(RTPFB, FMT_NACK, body)


@dataclass(frozen=True, slots=True)
class Pli:
    """Picture loss indication: "send me a key frame" (RFC 4585 §6.3.1)."""

    sender: int
    media: int

    def pack(self) -> bytes:
        return frame(PSFB, FMT_PLI, struct.pack("!LL", self.sender, self.media))


@dataclass(frozen=True, slots=True)
class Fir:
    """Full intra request (RFC 5104 §4.3.1): (ssrc, request number) pairs."""

    sender: int
    requests: tuple[tuple[int, int], ...]

    def pack(self) -> bytes:
        body = struct.pack("!LL", self.sender, 0)
        return frame(PSFB, FMT_FIR, body + b"".join(struct.pack("!LBxxx", s, n) for s, n in self.requests))


@dataclass(frozen=True, slots=True)
class Remb:
    """Receiver estimated maximum bitrate, bit/s for all the sources named."""

    sender: int
    bitrate: int
    ssrcs: tuple[int, ...] = ()

    def pack(self) -> bytes:
        exponent = max(0, self.bitrate.bit_length() - 18)
        mantissa = self.bitrate >> exponent
        body = struct.pack("!LL4sB", self.sender, 0, b"REMB", len(self.ssrcs))
        body += (exponent << 18 | mantissa).to_bytes(3, "big") + struct.pack(
            f"!{len(self.ssrcs)}L", *self.ssrcs
        )
        return frame(PSFB, FMT_REMB, body)


@dataclass(frozen=True, slots=True)
class TransportFeedback:
    """The undecoded body of transport-wide feedback; `twcc.parse_feedback` reads it."""

    sender: int
    media: int
    body: bytes = field(repr=False)


Packet = SenderReport | ReceiverReport | SourceDescription | Bye | Nack | Pli | Fir | Remb | TransportFeedback


def parse_rtcp(data: bytes) -> tuple[list[Packet], int]:
    """The packets of a compound (or reduced-size, RFC 5506) datagram, and how many parts were malformed.

    Unknown packet types are passed over; they are not malformed.
    """
    packets: list[Packet] = []
    malformed = 0
    position = 0
    size = len(data)
    while position < size:
        if position + 4 > size or data[position] >> 6 != 2:
            return packets, malformed + 1
        end = position + 4 + 4 * int.from_bytes(data[position + 2 : position + 4], "big")
        if end > size:
            return packets, malformed + 1
        body_end = end - data[end - 1] if data[position] & 0x20 else end
        if body_end < position + 4:
            return packets, malformed + 1
        try:
            packet = _parse_one(data[position + 1], data[position] & 31, data[position + 4 : body_end])
        except (struct.error, MalformedPacket, IndexError):
            malformed += 1
        else:
            if packet is not None:
                packets.append(packet)
        position = end
    return packets, malformed


def _parse_one(packet_type: int, count: int, body: bytes) -> Packet | None:
    if packet_type == SR:
        ssrc, ntp, timestamp, packets, octets = struct.unpack_from("!LQLLL", body)
        return SenderReport(ssrc, ntp, timestamp, packets, octets, tuple(_blocks(body, 24, count)))
    if packet_type == RR:
        return ReceiverReport(struct.unpack_from("!L", body)[0], tuple(_blocks(body, 4, count)))
    if packet_type == SDES:
        return SourceDescription(tuple(_cnames(body, count)))
    if packet_type == BYE:
        return Bye(struct.unpack_from(f"!{count}L", body))
    if packet_type not in (RTPFB, PSFB):
        return None
    sender, media = struct.unpack_from("!LL", body)
    if packet_type == RTPFB:
        if count == FMT_NACK:
            return Nack(sender, media, tuple(_nacked(body)))
        return TransportFeedback(sender, media, body[8:]) if count == FMT_TWCC else None
    if count == FMT_PLI:
        return Pli(sender, media)
    if count == FMT_FIR:
        return Fir(sender, tuple((s, n) for s, n in struct.iter_unpack("!LBxxx", body[8:])))
    if count == FMT_REMB and body[8:12] == b"REMB":
        return _remb(sender, body)
    return None


def _blocks(body: bytes, position: int, count: int) -> Iterator[ReportBlock]:
    for at in range(position, position + 24 * count, 24):
        ssrc, fraction, lost, highest, jitter, last, delay = _BLOCK.unpack_from(body, at)
        yield ReportBlock(
            ssrc, fraction, int.from_bytes(lost, "big", signed=True), highest, jitter, last, delay
        )


def _cnames(body: bytes, count: int) -> Iterator[tuple[int, str]]:
    position = 0
    for _ in range(count):
        ssrc = struct.unpack_from("!L", body, position)[0]
        position += 4
        while (kind := body[position]) != 0:
            stop = position + 2 + body[position + 1]
            if stop > len(body):
                raise MalformedPacket("SDES item cut short")
            if kind == 1:
                yield ssrc, body[position + 2 : stop].decode("utf-8", "replace")
            position = stop
        position += 4 - position % 4


def _nacked(body: bytes) -> Iterator[int]:
    for base, mask in struct.iter_unpack("!HH", body[8:]):
        yield base
        for bit in range(16):
            if mask >> bit & 1:
                yield (base + bit + 1) & 0xFFFF


def _remb(sender: int, body: bytes) -> Remb:
    count = body[12]
    packed = int.from_bytes(body[13:16], "big")
    return Remb(sender, (packed & 0x3FFFF) << (packed >> 18), struct.unpack_from(f"!{count}L", body, 16))


def compound(packets: Iterable[bytes]) -> bytes:
    return b"".join(packets)
