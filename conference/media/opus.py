"""Opus packets (RFC 6716 §3) and a decoder and encoder for them: libopus by way of PyAV, which aiortc brings.

Everything is mono, 48 kHz, signed 16-bit native-endian samples; lengths are in samples of 48 kHz.
"""

from __future__ import annotations

from fractions import Fraction

import av
from av.audio.codeccontext import AudioCodecContext

RATE = 48_000
ROUND = 2880  # 60 ms: the longest frame of SILK, and the cheapest in headers
_CLOCK = Fraction(1, RATE)
# Frame lengths by configuration number, RFC 6716 §3.1, table 2.
_FRAMES = [480, 960, 1920, 2880] * 3 + [480, 960] * 2 + [120, 240, 480, 960] * 4
_LONGEST = 5760  # 120 ms, RFC 6716 §3.2.5


def frame_length(payload: bytes) -> int:
    """Samples in one frame of this packet; 0 for an empty payload."""
    return _FRAMES[payload[0] >> 3] if payload else 0


def packet_length(payload: bytes) -> int:
    """Samples in the packet; 0 when it is malformed."""
    if not payload:
        return 0
    code = payload[0] & 3
    if code == 3:
        count = payload[1] & 63 if len(payload) > 1 else 0
    else:
        count = 2 if code else 1
    length = count * _FRAMES[payload[0] >> 3]
    return length if length <= _LONGEST else 0


def is_silence(payload: bytes) -> bool:
    """Whether the encoder said "nothing to hear": with DTX it makes packets of one or two bytes."""
    return len(payload) <= 2


def concealment(payload: bytes) -> bytes:
    """A packet of the same configuration whose one frame is absent: the decoder conceals it (§4.4)."""
    return bytes([payload[0] & 0xFC])


# What stands for a round in which nobody speaks: SILK, 60 ms, no frame data. A decoder goes over to comfort
# noise and needs nothing more; senders repeat it every 400 ms (RFC 7587 §3.1.3).
SILENT_ROUND = bytes([0x58])


class OpusDecoder:
    """One speaker's decoder. Stereo comes out as mono."""

    __slots__ = ("_context",)

    def __init__(self) -> None:
        context = av.CodecContext.create("libopus", "r")
        assert isinstance(context, AudioCodecContext)
        context.sample_rate = RATE
        context.layout = "mono"
        self._context = context

    def decode(self, payload: bytes) -> bytes:
        """The samples of one packet. What libopus refuses becomes silence of the length the packet claims:
        clients choose these bytes."""
        try:
            frames = self._context.decode(av.Packet(payload))
            return b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in frames)
        except av.FFmpegError:
            return bytes(2 * packet_length(payload))


class OpusEncoder:
    """Encodes rounds of 60 ms for speech; `bitrate` in bit/s."""

    __slots__ = ("_context", "_position")

    # What the encoder adds between a sample and its time stamp (its look-ahead, RFC 6716 §2.1.8 "delay").
    delay = 312

    def __init__(self, bitrate: int) -> None:
        context = av.CodecContext.create("libopus", "w")
        assert isinstance(context, AudioCodecContext)
        context.sample_rate = RATE
        context.layout = "mono"
        context.format = av.AudioFormat("s16")
        context.bit_rate = bitrate
        context.time_base = _CLOCK
        # Constrained: one loud syllable must not make a packet the link has no room for.
        context.options = {
            "application": "voip",
            "frame_duration": "60",
            "vbr": "constrained",
        }
        self._context = context
        self._position = 0

    def encode(self, samples: bytes) -> bytes:
        """One packet for `ROUND` samples."""
        frame = av.AudioFrame(format="s16", layout="mono", samples=ROUND)
        frame.sample_rate = RATE
        frame.time_base = _CLOCK
        frame.pts = self._position
        frame.planes[0].update(samples)
        self._position += ROUND
        return b"".join(bytes(packet) for packet in self._context.encode(frame))
