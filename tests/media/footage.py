"""Real coded picture and sound in RTP packets, for the tests of recording and ingest."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av

from conference.media.frames import Piece

RATE = 30


@dataclass(frozen=True)
class Coded:
    """A coded frame and the moment it was taken, in seconds."""

    data: bytes
    key: bool
    at: float


@cache
def picture(seconds: int, width: int = 160, height: int = 96, codec: str = "libvpx") -> tuple[Coded, ...]:
    """A grey that changes from frame to frame, a key frame each second."""
    context: Any = av.CodecContext.create(codec, "w")
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base = Fraction(1, RATE)
    context.options = (
        {"deadline": "realtime", "cpu-used": "8"}
        if codec == "libvpx"
        else {"preset": "ultrafast", "tune": "zerolatency"}
    )
    out: list[Coded] = []
    for number in range(seconds * RATE):
        frame: Any = av.VideoFrame(width, height, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([(number * 5) % 250]) * plane.buffer_size)
        frame.pts = number
        kinds = av.video.frame.PictureType
        frame.pict_type = kinds.I if number % RATE == 0 else kinds.NONE
        for packet in context.encode(frame):
            out.append(Coded(bytes(packet), bool(packet.is_keyframe), number / RATE))
    return tuple(out)


@cache
def sound(seconds: int) -> tuple[Coded, ...]:
    """A tone in Opus, 20 ms a frame."""
    context: Any = av.CodecContext.create("libopus", "w")
    context.sample_rate, context.layout, context.format = 48_000, "mono", "s16"
    samples = struct.pack("<960h", *(int(9000 * math.sin(n * 2 * math.pi / 96)) for n in range(960)))
    out: list[Coded] = []
    for number in range(seconds * 50):
        frame: Any = av.AudioFrame(format="s16", layout="mono", samples=960)
        frame.planes[0].update(samples.ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate, frame.pts = 48_000, number * 960
        out += [Coded(bytes(p), True, number * 0.02) for p in context.encode(frame)]
    return tuple(out)


def vp8_packets(frame: Coded, index: int, timestamp: int, arrived: float, size: int = 1000) -> list[Piece]:
    """RFC 7741 payloads with the shortest descriptor."""
    chunks = [frame.data[i : i + size] for i in range(0, len(frame.data), size)]
    return [
        Piece(index + n, n == len(chunks) - 1, timestamp, bytes([0x10 if n == 0 else 0]) + chunk, arrived)
        for n, chunk in enumerate(chunks)
    ]


def h264_packets(frame: Coded, index: int, timestamp: int, arrived: float, size: int = 1000) -> list[Piece]:
    """RFC 6184 payloads: parameter sets in one STAP-A, large units in FU-A."""
    units = [unit for unit in _units(frame.data) if unit]
    payloads: list[bytes] = []
    sets = [unit for unit in units if unit[0] & 31 in (7, 8)]
    if sets:
        payloads.append(b"\x78" + b"".join(struct.pack("!H", len(u)) + u for u in sets))
    for unit in units:
        if unit[0] & 31 in (7, 8):
            continue
        if len(unit) <= size:
            payloads.append(unit)
            continue
        parts = [unit[1:][i : i + size] for i in range(0, len(unit) - 1, size)]
        for n, part in enumerate(parts):
            flags = (0x80 if n == 0 else 0) | (0x40 if n == len(parts) - 1 else 0)
            payloads.append(bytes([unit[0] & 0xE0 | 28, flags | unit[0] & 31]) + part)
    last = len(payloads) - 1
    return [Piece(index + n, n == last, timestamp, p, arrived) for n, p in enumerate(payloads)]


def _units(annexb: bytes) -> list[bytes]:
    return annexb.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")


@dataclass(frozen=True)
class Seen:
    """A file as a player finds it: decoded frames per kind, the times of its packets in seconds."""

    format: str
    pictures: int
    sounds: int
    sizes: tuple[tuple[int, int], ...]
    picture_at: tuple[float, ...]
    sound_at: tuple[float, ...]
    seconds: float


def played(path: Path) -> Seen:
    """Decode the whole file; raises what PyAV raises when it cannot be played."""
    at: dict[str, list[float]] = {"video": [], "audio": []}
    frames = {"video": 0, "audio": 0}
    sizes: list[tuple[int, int]] = []
    with av.open(str(path)) as container:
        for packet in container.demux():
            if packet.pts is None:
                continue
            kind = packet.stream.type
            at[kind].append(float(packet.pts * packet.time_base))
            for frame in packet.decode():
                frames[kind] += 1
                if isinstance(frame, av.VideoFrame) and (frame.width, frame.height) not in sizes:
                    sizes.append((frame.width, frame.height))
        length = (container.duration or 0) / 1_000_000
        name = container.format.name
    return Seen(
        name, frames["video"], frames["audio"], tuple(sizes), tuple(at["video"]), tuple(at["audio"]), length
    )
