"""Redundant audio: an RTP payload that also carries earlier ones (RFC 2198; Opus in it as WebRTC does)."""

from __future__ import annotations

from collections.abc import Sequence

from conference.media.errors import MalformedPacket

_FARTHEST = 0x3FFF  # 14 bits of timestamp offset: 341 ms at 48 kHz
_LARGEST = 0x3FF  # 10 bits of block length
_MOST_BLOCKS = 8  # more than any sender makes; a bound on what a hostile one makes us do


def pack_red(payload_type: int, earlier: Sequence[tuple[int, bytes]], payload: bytes) -> bytes:
    """`earlier` are (timestamp offset back from this packet, payload), oldest first. Blocks that the format
    cannot express, too old or too large, are left out."""
    kept = [
        (offset, block) for offset, block in earlier if 0 < offset <= _FARTHEST and len(block) <= _LARGEST
    ]
    head = b"".join(
        (1 << 31 | payload_type << 24 | offset << 10 | len(block)).to_bytes(4, "big")
        for offset, block in kept
    )
    return head + bytes([payload_type]) + b"".join(block for _, block in kept) + payload


def unpack_red(data: bytes, payload_type: int) -> tuple[bytes, list[tuple[int, bytes]]]:
    """The primary payload, and the earlier ones as (offset, payload), oldest first. Blocks of other payload
    types and empty ones are passed over. Raises MalformedPacket."""
    position, size = 0, len(data)
    blocks: list[tuple[int, int, int]] = []
    while position < size and data[position] & 0x80:
        if position + 4 > size or len(blocks) >= _MOST_BLOCKS:
            raise MalformedPacket("redundant block header cut short, or too many")
        word = int.from_bytes(data[position : position + 4], "big")
        blocks.append((word >> 24 & 0x7F, word >> 10 & _FARTHEST, word & _LARGEST))
        position += 4
    if position >= size:
        raise MalformedPacket("no primary block")
    if data[position] != payload_type:
        raise MalformedPacket("primary block of another payload type")
    position += 1
    earlier: list[tuple[int, bytes]] = []
    for kind, offset, length in blocks:
        if position + length > size:
            raise MalformedPacket("redundant block longer than the packet")
        if kind == payload_type and length and offset:
            earlier.append((offset, data[position : position + length]))
        position += length
    return data[position:], earlier
