"""Packets of one source back into frames, for recording: order, loss, and the payload formats.

Opus RFC 7587, VP8 RFC 7741, H264 RFC 6184 (single NAL unit, STAP-A, FU-A). Pure: time comes from the caller.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from conference.media.errors import MalformedPacket
from conference.media.rtp import unwrap
from conference.media.vp8 import read_descriptor

FrameCodec = Literal["vp8", "h264", "opus"]

VIDEO_WAIT = 0.6  # seconds for a retransmission; longer than several round trips of most links
AUDIO_WAIT = 0.2  # nobody sends audio again: this is for packets that overtook each other
_MOST_WAITING = 2048


@dataclass(frozen=True, slots=True)
class Frame:
    """One coded picture or sound. `timestamp` is RTP time without wrapping, `arrived` monotonic seconds.

    H264 data are NAL units with 4-byte lengths. `width`, `height` are of a VP8 key frame, else 0.
    """

    timestamp: int
    arrived: float
    key: bool
    data: bytes
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """What is needed of one packet; `index` its sequence number without wrapping, padding left out."""

    index: int
    marker: bool
    timestamp: int
    payload: bytes
    arrived: float


class FrameAssembler:
    """Reorders one source and builds its frames.

    A missing packet is waited for; after that the frames it belonged to are lost, and with them (video) all
    up to the next key frame: `broken` is then true and somebody ought to ask the sender for one.
    """

    def __init__(self, codec: FrameCodec) -> None:
        self.codec: FrameCodec = codec
        self.broken = codec != "opus"
        self.lost = 0
        self._wait = AUDIO_WAIT if codec == "opus" else VIDEO_WAIT
        self._next: int | None = None
        self._waiting: dict[int, Piece] = {}
        self._timestamp: int | None = None
        self._parts: list[bytes] = []
        self._fragment = bytearray()
        self._started = False  # the frame's first packet has been seen
        self._frame_at: tuple[int, float] | None = None

    def push(self, piece: Piece) -> list[Frame]:
        """The frames that this packet completes."""
        if self._next is None:
            self._next = piece.index
        if piece.index < self._next or len(self._waiting) >= _MOST_WAITING:
            return []
        self._waiting[piece.index] = piece
        return list(self._in_order())

    def overdue(self, now: float) -> list[Frame]:
        """Give up what has been waited for long enough; the frames that could go on behind it."""
        frames: list[Frame] = []
        while self._waiting:
            oldest = min(self._waiting)
            if now - self._waiting[oldest].arrived < self._wait and len(self._waiting) < _MOST_WAITING:
                break
            self._skip_to(oldest)
            frames += self._in_order()
        return frames

    def _skip_to(self, index: int) -> None:
        self.lost += index - (self._next or 0)
        self._next = index
        self._forget_frame()
        if self.codec != "opus":
            self.broken = True

    def _in_order(self) -> Iterator[Frame]:
        while self._next in self._waiting:
            piece = self._waiting.pop(self._next)
            self._next += 1
            if not piece.payload:
                continue  # padding: it has a number and nothing else
            try:
                frame = self._take(piece)
            except (MalformedPacket, IndexError, struct.error):
                self._forget_frame()
                self.broken = self.codec != "opus"
                continue
            if frame is not None and self._fits(frame):
                yield frame

    def _fits(self, frame: Frame) -> bool:
        if frame.key:
            self.broken = False
        return not self.broken

    def _forget_frame(self) -> None:
        self._parts = []
        self._fragment = bytearray()
        self._started = False
        self._frame_at = None

    # ---------------------------------------------------------------- formats

    def _take(self, piece: Piece) -> Frame | None:
        timestamp = piece.timestamp
        if self._timestamp is not None:
            timestamp = unwrap(timestamp, self._timestamp, 32)
        self._timestamp = timestamp
        if self.codec == "opus":
            return Frame(timestamp, piece.arrived, True, piece.payload) if piece.payload else None
        if self._frame_at is not None and self._frame_at[0] != timestamp:
            self._forget_frame()  # its end was never marked
        if self._frame_at is None:
            self._frame_at = (timestamp, piece.arrived)
        if self.codec == "vp8":
            self._take_vp8(piece.payload)
        else:
            self._take_h264(piece.payload)
        return self._finished() if piece.marker else None

    def _take_vp8(self, payload: bytes) -> None:
        found = read_descriptor(payload)
        if found.starts_partition and found.partition == 0 and not self._parts:
            self._started = True
        self._parts.append(payload[found.size :])

    def _take_h264(self, payload: bytes) -> None:
        self._started = True  # every NAL unit stands for itself; a cut one is left out below
        kind = payload[0] & 31
        if kind == 28:  # FU-A
            if payload[1] & 0x80:
                self._fragment = bytearray([payload[0] & 0xE0 | payload[1] & 31])
            if not self._fragment:
                raise MalformedPacket("fragment without its beginning")
            self._fragment += payload[2:]
            if payload[1] & 0x40:
                self._parts.append(bytes(self._fragment))
                self._fragment = bytearray()
        elif kind == 24:  # STAP-A
            at = 1
            while at + 2 < len(payload):
                (size,) = struct.unpack_from("!H", payload, at)
                self._parts.append(payload[at + 2 : at + 2 + size])
                at += 2 + size
        elif 1 <= kind <= 23:
            self._parts.append(payload)
        else:
            raise MalformedPacket(f"NAL unit type {kind}")

    def _finished(self) -> Frame | None:
        parts, started, at = self._parts, self._started, self._frame_at
        self._forget_frame()
        if not started or not parts or at is None:
            return None
        if self.codec == "vp8":
            data = b"".join(parts)
            if not data:
                return None
            key = not data[0] & 1
            width, height = vp8_size(data) if key else (0, 0)
            return Frame(*at, key and width > 0, data, width, height)
        kept = [nal for nal in parts if nal and nal[0] & 31 != 9]  # without access unit delimiters
        key = any(nal[0] & 31 == 5 for nal in kept)
        return Frame(*at, key, b"".join(struct.pack("!I", len(nal)) + nal for nal in kept))


def vp8_size(data: bytes) -> tuple[int, int]:
    """Width and height of a VP8 key frame (RFC 6386 §9.1), (0, 0) if it is not one."""
    if len(data) < 10 or data[0] & 1 or data[3:6] != b"\x9d\x01\x2a":
        return 0, 0
    width, height = struct.unpack_from("<HH", data, 6)
    return width & 0x3FFF, height & 0x3FFF


def avc_head(data: bytes) -> bytes | None:
    """The avcC record (ISO/IEC 14496-15 §5.3.3.1) from a key frame that carries its parameter sets."""
    sps: list[bytes] = []
    pps: list[bytes] = []
    at = 0
    while at + 4 < len(data):
        (size,) = struct.unpack_from("!I", data, at)
        nal = data[at + 4 : at + 4 + size]
        at += 4 + size
        if nal[0] & 31 == 7 and len(nal) > 3 and not sps:
            sps = [nal]
        elif nal[0] & 31 == 8 and not pps:
            pps = [nal]
    if not sps or not pps:
        return None
    record = bytes([1]) + sps[0][1:4] + b"\xff\xe1" + struct.pack("!H", len(sps[0])) + sps[0]
    return record + b"\x01" + struct.pack("!H", len(pps[0])) + pps[0]


def opus_samples(data: bytes) -> int:
    """How long an Opus packet lasts, in samples at 48 kHz (RFC 6716 §3.1); 0 for what cannot be."""
    toc = data[0]
    config = toc >> 3
    if config < 12:
        size = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        size = (480, 960)[config & 1]
    else:
        size = (120, 240, 480, 960)[config & 3]
    count = (1, 2, 2, data[1] & 63 if len(data) > 1 else 0)[toc & 3]
    return size * count if size * count <= 5760 else 0
