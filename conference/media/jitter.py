"""The jitter buffer in front of the mixer: one speaker's packets, put in order on the mixer's clock.

Positions are samples of 48 kHz on the mixer's clock; timestamps are the sender's. A packet's position is its
timestamp plus `offset`; the offset is what absorbs jitter, follows the sender's clock (which is never exactly
ours), and is moved where it cannot be heard. Pure: the mixer says what time it is.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from dataclasses import dataclass

from conference.media.opus import RATE, concealment, frame_length, is_silence, packet_length
from conference.media.rtp import unwrap

_FRAME = 960  # 20 ms
_LEAST_DELAY, _MOST_DELAY = _FRAME, 20 * _FRAME
_MARGIN = 480
_REMEMBERED = 250  # arrivals: five seconds of speech
_REVIEWED_EVERY = 25
_LOST_TRACK = 2 * RATE  # a jump of the sender's clock beyond this is another clock
_HIDDEN = 6  # frames libopus conceals before it has faded to nothing
_MOST_PACKETS = 100
_QUIET = 60  # −dBov beyond which (RFC 6464) a moved offset is not heard


@dataclass(frozen=True, slots=True)
class Piece:
    """What to decode next: a packet, a concealment packet, or for None `length` samples of silence."""

    payload: bytes | None
    length: int
    concealed: bool = False


@dataclass(order=True, slots=True)
class _Held:
    timestamp: int
    payload: bytes
    length: int
    level: int


class JitterBuffer:
    """Feed it with `put`, empty it with `take` once per round of the mixer."""

    def __init__(self) -> None:
        self.offset: int | None = None
        self.late = self.concealed = self.played = 0
        self._held: list[_Held] = []
        self._arrivals: deque[int] = deque(maxlen=_REMEMBERED)
        self._since_review = 0
        self._timestamp = -1  # the highest, unwrapped
        self._newest_length = 0  # and the length of that packet
        self._cursor = 0  # position of the next sample to be given out
        self._last = b""  # the packet before, for its configuration
        self._hidden = _HIDDEN  # concealed in a row; at the limit there is nothing to conceal
        self._missed = False  # something came too late since the offset was last moved

    @property
    def delay(self) -> int:
        """Samples a packet waits that came as fast as the fastest lately."""
        return 0 if self.offset is None or not self._arrivals else self.offset - min(self._arrivals)

    def position_of(self, timestamp: int) -> int | None:
        """The position of a 32-bit timestamp of this sender; None before its first packet."""
        return None if self.offset is None else unwrap(timestamp, self._timestamp, 32) + self.offset

    @property
    def latest(self) -> int | None:
        """The sender's 32-bit timestamp behind the newest packet; None before its first."""
        return None if self.offset is None else (self._timestamp + self._newest_length) & 0xFFFFFFFF

    def timestamp_at(self, position: int) -> int | None:
        """The sender's 32-bit timestamp at a position; None before its first packet."""
        return None if self.offset is None else (position - self.offset) & 0xFFFFFFFF

    def put(self, timestamp: int, payload: bytes, level: int, arrived: int) -> None:
        """A packet with its 32-bit timestamp and level (−dBov, 127 silence), at the position `arrived`."""
        length = packet_length(payload)
        if not length:
            return
        stamp = unwrap(timestamp, self._timestamp, 32) if self._timestamp >= 0 else timestamp + (1 << 32)
        transit = arrived - stamp
        if self._arrivals and abs(transit - self._arrivals[-1]) > _LOST_TRACK:
            self._forget()
        self._arrivals.append(transit)
        if stamp > self._timestamp:
            self._timestamp, self._newest_length = stamp, length
        if self.offset is None:
            self.offset = transit + 2 * _FRAME
        self._since_review += 1
        if self._since_review >= _REVIEWED_EVERY:
            self._review(level > _QUIET or is_silence(payload))
        if stamp + self.offset + length // 2 < self._cursor:
            self.late += 1
            self._missed = True
            return
        if any(held.timestamp == stamp for held in self._held):
            return
        insort(self._held, _Held(stamp, payload, length, level))
        if len(self._held) > _MOST_PACKETS:
            del self._held[0]

    def _forget(self) -> None:
        self.offset = None
        self._arrivals.clear()
        self._held.clear()
        self._timestamp = -1

    def _review(self, quiet: bool) -> None:
        """Move the offset to where the arrivals of the last seconds want it: later as soon as packets have
        come too late or nobody would hear it, earlier only then."""
        if self.offset is None:
            return
        arrivals = sorted(self._arrivals)
        spread = arrivals[int(0.97 * (len(arrivals) - 1))] - arrivals[0] + _MARGIN
        wanted = arrivals[0] + max(_LEAST_DELAY, min(_MOST_DELAY, spread))
        change = wanted - self.offset
        later = change >= _FRAME // 2 and (quiet or self._missed)
        earlier = change <= -_FRAME and quiet
        if later or earlier or abs(change) > _MOST_DELAY:
            self.offset = wanted
            self._missed = False
            self._since_review = 0

    def loudest(self, end: int) -> int:
        """The loudest level among packets that will be given out before `end`; 127 when there are none."""
        if self.offset is None:
            return 127
        limit = end - self.offset
        return min((held.level for held in self._held if held.timestamp < limit), default=127)

    def take(self, start: int, end: int) -> list[Piece]:
        """What to decode for the positions from `start` to `end`, in order. The last packet may reach beyond
        `end`; the next call continues after it."""
        pieces: list[Piece] = []
        self._cursor = max(self._cursor, start)
        while self._cursor < end:
            pieces.append(self._next(end))
            self._cursor += pieces[-1].length
        return pieces

    def _next(self, end: int) -> Piece:
        while self._held and self.offset is not None:
            held = self._held[0]
            ahead = held.timestamp + self.offset - self._cursor
            if ahead + held.length // 2 < 0:
                del self._held[0]  # the offset was moved over it
                continue
            if ahead > held.length // 2:
                return self._gap(min(ahead, end - self._cursor))
            del self._held[0]
            self._last, self._hidden = held.payload, 0
            self.played += 1
            return Piece(held.payload, held.length)
        return self._gap(end - self._cursor)

    def _gap(self, length: int) -> Piece:
        if self._hidden >= _HIDDEN or not self._last:
            return Piece(None, length)
        self._hidden += 1
        if not is_silence(self._last):
            self.concealed += 1
        return Piece(concealment(self._last), frame_length(self._last), concealed=True)
