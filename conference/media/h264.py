"""What a forwarder reads of H264 in RTP (RFC 6184): where a decoder can begin, and the size of a picture."""

from __future__ import annotations

from collections.abc import Iterator

from conference.media.errors import MalformedPacket

_IDR, _SPS, _STAP_A, _FU_A = 5, 7, 24, 28
_CHROMA_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_MOST_UNITS = 64


def units(payload: bytes) -> Iterator[bytes]:
    """The NAL units that begin in this packet (§5.6, §5.7.1, §5.8); of a fragmented one its first bytes."""
    if not payload:
        return
    kind = payload[0] & 31
    if kind == _STAP_A:
        position = 1
        for _ in range(_MOST_UNITS):
            size = int.from_bytes(payload[position : position + 2], "big")
            if size == 0 or position + 2 + size > len(payload):
                return
            yield payload[position + 2 : position + 2 + size]
            position += 2 + size
    elif kind == _FU_A:
        if len(payload) > 2 and payload[1] & 0x80:
            yield bytes([payload[0] & 0xE0 | payload[1] & 31]) + payload[2:]
    elif 0 < kind < 24:
        yield payload


def begins_picture(payload: bytes) -> bool:
    """Whether a decoder can begin here: with a sequence parameter set or the start of an IDR picture."""
    return any(unit[0] & 31 in (_SPS, _IDR) for unit in units(payload))


def frame_size(payload: bytes) -> tuple[int, int] | None:
    """(width, height) from a sequence parameter set in this packet; None without one that can be read."""
    for unit in units(payload):
        if unit[0] & 31 == _SPS:
            try:
                return _size(_Bits(unit[1:].replace(b"\0\0\3", b"\0\0")))
            except MalformedPacket:
                return None
    return None


class _Bits:
    """Reads Exp-Golomb codes (H.264 §9.1). Raises MalformedPacket at the end."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data[:64], "big")
        self._left = 8 * len(data[:64])

    def take(self, count: int) -> int:
        if count > self._left:
            raise MalformedPacket("sequence parameter set cut short")
        self._left -= count
        return self._value >> self._left & (1 << count) - 1

    def unsigned(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 31:
                raise MalformedPacket("no such Exp-Golomb code")
        return (1 << zeros) - 1 + self.take(zeros)


def _size(bits: _Bits) -> tuple[int, int]:
    """H.264 §7.3.2.1.1, as far as the cropped frame size."""
    profile = bits.take(8)
    bits.take(16)
    bits.unsigned()
    chroma = 1
    if profile in _CHROMA_PROFILES:
        chroma = bits.unsigned()
        if chroma == 3:
            bits.take(1)
        bits.unsigned()
        bits.unsigned()
        bits.take(1)
        if bits.take(1):
            raise MalformedPacket("scaling lists are not read")
    bits.unsigned()
    order = bits.unsigned()
    if order == 0:
        bits.unsigned()
    elif order == 1:
        bits.take(1)
        bits.unsigned()
        bits.unsigned()
        for _ in range(min(255, bits.unsigned())):
            bits.unsigned()
    bits.unsigned()
    bits.take(1)
    width = 16 * (bits.unsigned() + 1)
    rows = bits.unsigned() + 1
    frames_only = bits.take(1)
    height = 16 * rows * (2 - frames_only)
    if not frames_only:
        bits.take(1)
    bits.take(1)
    if bits.take(1):
        left, right, above, below = (bits.unsigned() for _ in range(4))
        across = 2 if chroma in (1, 2) else 1
        down = (2 if chroma == 1 else 1) * (2 - frames_only)
        width -= across * (left + right)
        height -= down * (above + below)
    if width <= 0 or height <= 0:
        raise MalformedPacket("no picture left after cropping")
    return width, height
