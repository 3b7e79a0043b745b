"""Sounds for tests of the mix, and ears: energy, likeness, clicks. All are 48 kHz mono 16-bit samples."""

from __future__ import annotations

import math
import random
import wave
from array import array
from functools import cache
from operator import mul, sub
from pathlib import Path

import av
from av.audio.codeccontext import AudioCodecContext

RATE = 48_000


@cache
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
    values: list[int] = memoryview(samples).cast("h").tolist()
    return float(sum(map(mul, values, values))) / max(1, len(values))


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


def strength(samples: bytes, frequency: float, window: int = 4800) -> float:
    """Amplitude of one frequency below 3 kHz: the mean over windows, because codecs do not keep the phase."""
    values = memoryview(samples).cast("h")[::4].tolist()
    size = window // 4
    turn = 8 * math.pi * frequency / RATE
    cosines = [math.cos(turn * i) for i in range(size)]
    sines = [math.sin(turn * i) for i in range(size)]
    found = [
        2 * math.hypot(sum(map(mul, part, cosines)), sum(map(mul, part, sines))) / size
        for part in (values[at : at + size] for at in range(0, len(values) - size + 1, size))
    ]
    return sum(found) / max(1, len(found))


def sharpest_step(samples: bytes) -> int:
    """The largest difference of neighbouring samples: a click is one that the sound itself does not have."""
    values = memoryview(samples).cast("h")
    steps: list[int] = list(map(sub, values[1:].tolist(), values.tolist()))
    return max(max(steps), -min(steps))


def write_wave(path: Path, samples: bytes) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples)


@cache
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


def envelope(samples: bytes, step: int = 960) -> list[float]:
    """Loudness in time: the root mean square of each `step` samples."""
    return [
        math.sqrt(energy(samples[2 * at : 2 * (at + step)]))
        for at in range(0, len(samples) // 2 - step, step)
    ]


def same_speech(one: bytes, other: bytes, shifts: int = 0) -> float:
    """How far two recordings rise and fall together (1: exactly), `other` beginning up to `shifts` times 5 ms
    later in `one`. Codecs keep that, but not the wave itself."""
    a, b = envelope(one, 240), envelope(other, 240)
    return max(_together(a[shift : shift + len(b)], b[: len(a) - shift]) for shift in range(shifts + 1))


def _together(a: list[float], b: list[float]) -> float:
    size = len(b)
    mean_a, mean_b = sum(a) / size, sum(b) / size
    cross = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    norm = math.sqrt(sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b))
    return cross / norm if norm else 1.0
