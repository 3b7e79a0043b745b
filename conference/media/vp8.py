"""The VP8 payload descriptor (RFC 7741 §4.2): key frames, and picture ids continuous over a switch."""

from __future__ import annotations

from typing import NamedTuple

from conference.media.errors import MalformedPacket


class Descriptor(NamedTuple):
    """`size` bytes precede the VP8 data; `…_at` say where a field sits; None is an absent value."""

    size: int
    starts_partition: bool
    partition: int
    picture_id: int | None
    picture_id_at: int
    picture_id_bits: int
    tl0picidx: int | None
    tl0picidx_at: int
    temporal_layer: int | None


def read_descriptor(payload: bytes) -> Descriptor:
    """Parse the descriptor at the head of an RTP payload. Raises MalformedPacket."""
    try:
        first = payload[0]
        position = 1
        picture_id = tl0picidx = temporal_layer = None
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
                temporal_layer = payload[position] >> 6 if flags & 0x20 else None
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


class PictureNumbers:
    """Keeps PictureID and TL0PICIDX of one outgoing stream continuous when its source is switched.

    A decoder that sees them jump waits for frames that will never come. Until the first switch the numbers
    pass through untouched and the payload is shared by all viewers without a copy.
    """

    __slots__ = ("_last_picture", "_last_tl0", "_picture_offset", "_rebase", "_tl0_offset")

    def __init__(self) -> None:
        self._picture_offset = 0
        self._tl0_offset = 0
        self._last_picture: int | None = None
        self._last_tl0: int | None = None
        self._rebase = False

    def switch(self) -> None:
        """The next payload comes from another source: continue after the last numbers sent."""
        self._rebase = True

    def rewrite(self, payload: bytes) -> bytes:
        """The payload with its numbers moved. Raises MalformedPacket."""
        found = read_descriptor(payload)
        if self._rebase:
            self._rebase = False
            if found.picture_id is not None and self._last_picture is not None:
                self._picture_offset = self._last_picture + 1 - found.picture_id
            if found.tl0picidx is not None and self._last_tl0 is not None:
                self._tl0_offset = self._last_tl0 + 1 - found.tl0picidx
        picture, tl0 = found.picture_id, found.tl0picidx
        if picture is not None:
            picture = (picture + self._picture_offset) & ((1 << found.picture_id_bits) - 1)
            self._last_picture = picture
        if tl0 is not None:
            tl0 = (tl0 + self._tl0_offset) & 0xFF
            self._last_tl0 = tl0
        if picture == found.picture_id and tl0 == found.tl0picidx:
            return payload
        moved = bytearray(payload)
        if picture is not None:
            at = found.picture_id_at
            if found.picture_id_bits == 15:
                moved[at : at + 2] = (0x8000 | picture).to_bytes(2, "big")
            else:
                moved[at] = picture
        if tl0 is not None:
            moved[found.tl0picidx_at] = tl0
        return bytes(moved)
