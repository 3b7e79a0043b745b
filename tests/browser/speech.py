"""A voice for the fake microphone: syllables, because noise suppression fades whatever is steady."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

RATE = 48_000
SECONDS = 5


def write_speech(path: Path) -> Path:
    """Five seconds of a 140 Hz buzz with eight harmonics in bursts, two and a half a second, as WAV."""
    samples = bytearray()
    for n in range(RATE * SECONDS):
        t = n / RATE
        syllable = max(0.0, math.sin(2 * math.pi * 2.5 * t)) + 0.15
        voice = sum(math.sin(2 * math.pi * 140 * k * t) / k for k in range(1, 9))
        samples += struct.pack("<h", int(max(-1.0, min(1.0, 0.3 * voice * syllable)) * 32000))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(samples))
    return path
