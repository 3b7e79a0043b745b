"""The VP8 payload descriptor (RFC 7741 §4.2): key frames, temporal layers, and picture ids to be moved."""

from __future__ import annotations

from typing import NamedTuple

from conference.media.errors import MalformedPacket


class Descriptor(NamedTuple):
    """`size` bytes precede the VP8 data; `…_at` say where a field sits; None is an absent value.

    `sync` is the Y bit: the frame needs nothing but the lowest temporal layer (TID 0) before it.
    """

    size: int
    starts_partition: bool
    partition: int
    picture_id: int | None
    picture_id_at: int
    picture_id_bits: int
    tl0picidx: int | None
    tl0picidx_at: int
    temporal_layer: int | None
    sync: bool


def read_descriptor(payload: bytes) -> Descriptor:
    """Parse the descriptor at the head of an RTP payload. Raises MalformedPacket."""
    try:
        first = payload[0]
        position = 1
        picture_id = tl0picidx = temporal_layer = None
        sync = False
        picture_id_at = picture_id_bits = tl0picidx_at = 0
        if first & 0x80:
            flags = payload[1]
            position = 2
            if flags & 0x80:
                picture_id_at = position
                if payload[position] & 0x80:
                    picture_id = (payload[position] & 0x7F) << 8 | payload[position + 1]
                    picture_id_bits = 15
                    position += 2
                else:
                    picture_id = payload[position]
                    picture_id_bits = 7
                    position += 1
            if flags & 0x40:
                tl0picidx_at = position
                tl0picidx = payload[position]
                position += 1
            if flags & 0x30:
                layers = payload[position]
                if flags & 0x20:
                    temporal_layer = layers >> 6
                    sync = bool(layers & 0x20)
                position += 1
    except IndexError:
        raise MalformedPacket("VP8 descriptor cut short") from None
    return Descriptor(
        position,
        bool(first & 0x10),
        first & 7,
        picture_id,
        picture_id_at,
        picture_id_bits,
        tl0picidx,
        tl0picidx_at,
        temporal_layer,
        sync,
    )


def is_key_frame(payload: bytes) -> bool:
    """Whether this packet begins a key frame: start of partition 0, and the P bit of the frame tag clear."""
    if not payload or payload[0] & 0x17 != 0x10:
        return False
    try:
        descriptor = read_descriptor(payload)
    except MalformedPacket:
        return False
    return len(payload) > descriptor.size and not payload[descriptor.size] & 1


def frame_size(payload: bytes, start: int) -> tuple[int, int] | None:
    """(width, height) of the key frame whose data begin at `start` (RFC 6386 §9.1); None when cut short."""
    if len(payload) < start + 10 or payload[start + 3 : start + 6] != b"\x9d\x01\x2a":
        return None
    width = payload[start + 6] | payload[start + 7] << 8
    height = payload[start + 8] | payload[start + 9] << 8
    return width & 0x3FFF, height & 0x3FFF


def moved_descriptor(payload: bytes, found: Descriptor, picture_offset: int, tl0_offset: int) -> bytes:
    """The descriptor of `payload` with PictureID and TL0PICIDX moved, each within its own width.

    A decoder that sees them jump waits for frames that will never come, so they stay continuous when the
    source is switched or frames are left out.
    """
    moved = bytearray(payload[: found.size])
    if found.picture_id is not None:
        at = found.picture_id_at
        if found.picture_id_bits == 15:
            picture = found.picture_id + picture_offset
            moved[at] = 0x80 | picture >> 8 & 0x7F
            moved[at + 1] = picture & 0xFF
        else:
            moved[at] = found.picture_id + picture_offset & 0x7F
    if found.tl0picidx is not None:
        moved[found.tl0picidx_at] = found.tl0picidx + tl0_offset & 0xFF
    return bytes(moved)
