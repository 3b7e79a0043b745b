"""Sounds for tests of the mix, and ears: energy, likeness, clicks. All are 48 kHz mono 16-bit samples."""

from __future__ import annotations

import math
import random
import wave
from array import array
from functools import cache
from itertools import pairwise
from pathlib import Path

import av
from av.audio.codeccontext import AudioCodecContext

RATE = 48_000


def tone(length: int, frequency: float, amplitude: int = 8000, start: int = 0) -> bytes:
    turn = 2 * math.pi * frequency / RATE
    return array("h", [int(amplitude * math.sin(turn * (start + i))) for i in range(length)]).tobytes()


@cache
def speech(length: int, seed: int = 1, start: int = 0) -> bytes:
    """Voice-like: a gliding harmonic tone in syllables of a quarter of a second, and some breath."""
    chance = random.Random(seed)
    values = array("h")
    phase = 0.0
    pitch = 110 + 37 * (seed % 5)
    for i in range(start, start + length):
        second = i / RATE
        phase += 2 * math.pi * (pitch + 12 * math.sin(2 * math.pi * 1.7 * second)) / RATE
        syllable = max(0.08, math.sin(math.pi * second * 4) ** 2)
        sample = 5200 * syllable * (math.sin(phase) + 0.5 * math.sin(2 * phase) + 0.3 * math.sin(5 * phase))
        values.append(int(sample + chance.gauss(0, 60)))
    return values.tobytes()


def energy(samples: bytes) -> float:
    """Mean square."""
    values = memoryview(samples).cast("h")
    return sum(v * v for v in values) / max(1, len(values))


def likeness(one: bytes, other: bytes, delays: range = range(1)) -> tuple[float, int]:
    """The best normalised correlation of `other` with `one` over some delays of `other`, and that delay."""
    a, b = memoryview(one).cast("h"), memoryview(other).cast("h")
    best = (-1.0, 0)
    for delay in delays:
        size = min(len(a), len(b) - delay)
        x, y = a[:size:7], b[delay : delay + size : 7]
        cross = sum(p * q for p, q in zip(x, y, strict=True))
        norm = math.sqrt(sum(p * p for p in x) * sum(q * q for q in y)) or 1.0
        best = max(best, (cross / norm, delay))
    return best


def strength(samples: bytes, frequency: float) -> float:
    """Amplitude of one frequency (Goertzel)."""
    values = memoryview(samples).cast("h")
    turn = 2 * math.pi * frequency / RATE
    real = sum(v * math.cos(turn * i) for i, v in enumerate(values))
    imaginary = sum(v * math.sin(turn * i) for i, v in enumerate(values))
    return 2 * math.hypot(real, imaginary) / max(1, len(values))


def sharpest_step(samples: bytes) -> int:
    """The largest difference of neighbouring samples: a click is one that the sound itself does not have."""
    values = memoryview(samples).cast("h")
    return max(abs(b - a) for a, b in pairwise(values))


def write_wave(path: Path, samples: bytes) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples)


def encode(sound: bytes, bitrate: int = 32_000, frame: int = 960) -> list[bytes]:
    """What a browser sends of this sound: Opus packets of `frame` samples."""
    context = av.CodecContext.create("libopus", "w")
    assert isinstance(context, AudioCodecContext)
    context.sample_rate = RATE
    context.layout = "mono"
    context.format = av.AudioFormat("s16")
    context.bit_rate = bitrate
    context.options = {"application": "voip", "frame_duration": str(frame // 48)}
    packets: list[bytes] = []
    for at in range(0, len(sound) // 2 - frame + 1, frame):
        piece = av.AudioFrame(format="s16", layout="mono", samples=frame)
        piece.sample_rate = RATE
        piece.pts = at
        piece.planes[0].update(sound[2 * at : 2 * (at + frame)])
        packets += [bytes(packet) for packet in context.encode(piece)]
    return packets
