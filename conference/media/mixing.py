"""Decoding and mixing one round of 60 ms; FFmpeg's filters do the arithmetic, so no sample is touched here.

Nothing here knows of rooms or packets on the wire. It runs in a thread: libopus and the filters let go of the
interpreter lock.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import pairwise

import av
from av.filter import Graph

from conference.media.jitter import Piece
from conference.media.opus import RATE, ROUND, OpusDecoder

INPUTS = 4  # three microphones and the sound of a shared screen
_RAMP = 480  # 10 ms: long enough not to click, short enough not to be heard as a fade
_SILENCE = bytes(2 * ROUND)
_LOOKAHEAD_MS = 5


class Voice:
    """One speaker in the mix: a decoder and the samples that reached beyond the last round."""

    __slots__ = ("_decoder", "_rest", "_silent")

    def __init__(self) -> None:
        self._decoder = OpusDecoder()
        self._rest = b""
        self._silent = True

    def round(self, pieces: Iterable[Piece], *, leaving: bool = False) -> bytes:
        """The samples of one round. The first after silence rise, the last before `leaving` fall."""
        samples = self._rest + b"".join(
            bytes(2 * piece.length) if piece.payload is None else self._decoder.decode(piece.payload)
            for piece in pieces
        )
        samples, self._rest = samples[: 2 * ROUND], samples[2 * ROUND :]
        samples += bytes(2 * ROUND - len(samples))
        if self._silent:
            samples = _ramped(samples, rising=True)
        if leaving:
            samples = _ramped(samples, rising=False)
        self._silent = leaving
        return samples


def _ramped(samples: bytes, *, rising: bool) -> bytes:
    values = array("h", samples)
    for step in range(_RAMP):
        at = step if rising else len(values) - 1 - step
        values[at] = values[at] * step // _RAMP
    return values.tobytes()


class Mixdown:
    """Adds up to `INPUTS` voices at full level and holds the sum below full scale with a look-ahead limiter:
    two who talk at once stay as loud as each alone, and nothing is clipped."""

    # Between a sample and its place in the output.
    delay = RATE * _LOOKAHEAD_MS // 1000

    def __init__(self) -> None:
        self._graph = Graph()
        self._source = self._graph.add(
            "abuffer", f"time_base=1/{RATE}:sample_rate={RATE}:sample_fmt=s16p:channel_layout=4.0"
        )
        chain = [
            self._source,
            self._graph.add("aformat", "sample_fmts=fltp"),  # whole numbers would clip in the sum
            self._graph.add("pan", "mono|c0=c0+c1+c2+c3"),
            self._graph.add("alimiter", f"limit=0.9:attack={_LOOKAHEAD_MS}:release=80:level=disabled"),
            self._graph.add("aformat", "sample_fmts=s16:channel_layouts=mono"),
            self._graph.add("abuffersink"),
        ]
        for upper, lower in pairwise(chain):
            upper.link_to(lower)
        self._graph.configure()
        self._position = 0

    def round(self, voices: Sequence[bytes]) -> bytes:
        """The mix of one round of each voice."""
        frame = av.AudioFrame(format="s16p", layout="4.0", samples=ROUND)
        frame.sample_rate = RATE
        frame.pts = self._position
        self._position += ROUND
        for index, plane in enumerate(frame.planes):
            plane.update(voices[index] if index < len(voices) else _SILENCE)
        self._source.push(frame)
        mixed = self._graph.pull()
        assert isinstance(mixed, av.AudioFrame)
        return bytes(mixed.planes[0])[: 2 * mixed.samples]
