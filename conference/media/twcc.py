"""Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).

Publishers number all their packets in one sequence; we tell them when each arrived, and they work out how
much the path carries. Without it Chromium never sends more than 300 kbit/s.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate, islice

from conference.media.errors import MalformedPacket
from conference.media.rtcp import FMT_TWCC, RTPFB, frame
from conference.media.rtp import unwrap

TICK = 0.00025  # arrival deltas are multiples of 250 µs
_REFERENCE_TICKS = 256  # the reference time is a multiple of 64 ms
_MAX_REPORTED = 2000  # packets per feedback; also the widest gap that is still reported as loss


class ArrivalLog:
    """Collects arrivals of one transport and turns them into feedback packets.

    Each feedback continues where the last one ended, so that a packet lost between two of them is still
    reported as lost.
    """

    __slots__ = ("_arrivals", "_count", "_highest", "_next", "_origin", "noted")

    def __init__(self) -> None:
        self._arrivals: dict[int, float] = {}
        self._next: int | None = None
        self._highest = 0
        self._origin: float | None = None
        self._count = 0
        # Where arrivals are noted elsewhere (`intake.py`): those since the last call.
        self.noted: Callable[[], tuple[list[int], list[float]]] | None = None

    def add(self, sequence: int, arrival: float) -> None:
        """Note a packet by its 16-bit transport-wide number and its arrival, in monotonic seconds."""
        self._take_over()
        self._add(sequence, arrival)

    def _take_over(self) -> None:
        if self.noted is not None:
            for sequence, arrival in zip(*self.noted(), strict=True):
                self._add(sequence, arrival)

    def _add(self, sequence: int, arrival: float) -> None:
        if self._origin is None:
            self._origin = arrival - 1.0
            self._highest = sequence
        index = unwrap(sequence, self._highest)
        if index > self._highest:
            self._highest = index
        self._arrivals.setdefault(index, arrival)

    def take(self, sender: int, media: int) -> list[bytes]:
        """The RTCP packets that report everything noted since the last call; the log is then empty."""
        if not self._arrivals and self.noted is not None:
            numbers, times = self.noted()
            following = self._take_following(sender, media, numbers, times)
            if following is not None:
                return following
            for number, arrival in zip(numbers, times, strict=True):
                self._add(number, arrival)
        else:
            self._take_over()
        arrivals, self._arrivals = self._arrivals, {}
        if not arrivals or self._origin is None:
            return []
        ticks = sorted((index, int((at - self._origin) / TICK)) for index, at in arrivals.items())
        first = ticks[0][0]
        if self._next is not None and 0 < first - self._next < _MAX_REPORTED:
            first = self._next
        self._next = max(self._next or 0, ticks[-1][0] + 1)
        out: list[bytes] = []
        while ticks:
            packed, ticks = self._pack_some(sender, media, first, ticks)
            out.append(packed)
            if ticks:
                first = ticks[0][0]
        return out

    def _take_following(
        self, sender: int, media: int, numbers: list[int], times: list[float]
    ) -> list[bytes] | None:
        """The same as the rest of `take` for packets that came in order, none missing and none late, right
        after those reported last; None if they did not."""
        count, origin = len(numbers), self._origin
        if count < 7 or origin is None or self._next is None or self._next != self._highest + 1:
            return None
        first = self._next & 0xFFFF
        if numbers[0] != first or numbers != list(range(first, first + count)):
            return None
        ticks = [int((at - origin) / TICK) for at in times]
        reference = ticks[0] // _REFERENCE_TICKS
        before = reference * _REFERENCE_TICKS
        deltas = [after - tick for tick, after in zip([before, *ticks], ticks, strict=False)]
        if min(deltas) < 0 or max(deltas) > 255 or count > _MAX_REPORTED:
            return None
        self._highest += count
        self._next += count
        body = struct.pack("!LLHH", sender, media, first, count)
        body += (reference & 0xFFFFFF).to_bytes(3, "big") + bytes([self._count & 0xFF])
        self._count += 1
        return [frame(RTPFB, FMT_TWCC, body + struct.pack("!H", 1 << 13 | count) + bytes(deltas))]

    def _pack_some(
        self, sender: int, media: int, first: int, ticks: list[tuple[int, int]]
    ) -> tuple[bytes, list[tuple[int, int]]]:
        reference = ticks[0][1] // _REFERENCE_TICKS
        current = reference * _REFERENCE_TICKS
        symbols: list[int] = []
        deltas = bytearray()
        used = 0
        for index, tick in ticks:
            delta = tick - current
            if not -32768 <= delta <= 32767 or index - first >= _MAX_REPORTED:
                break
            symbols.extend([0] * (index - first - len(symbols)))
            if 0 <= delta <= 255:
                symbols.append(1)
                deltas.append(delta)
            else:
                symbols.append(2)
                deltas += struct.pack("!h", delta)
            current = tick
            used += 1
        body = struct.pack("!LLHH", sender, media, first & 0xFFFF, len(symbols))
        body += (reference & 0xFFFFFF).to_bytes(3, "big") + bytes([self._count & 0xFF])
        self._count += 1
        return frame(RTPFB, FMT_TWCC, body + _chunks(symbols) + bytes(deltas)), ticks[used:]


def _chunks(symbols: list[int]) -> bytes:
    """Run-length chunks for runs of seven or more equal symbols, two-bit vectors of seven otherwise."""
    out = bytearray()
    position = 0
    while position < len(symbols):
        run = 1
        while position + run < len(symbols) and symbols[position + run] == symbols[position] and run < 8191:
            run += 1
        if run >= 7:
            out += struct.pack("!H", symbols[position] << 13 | run)
            position += run
            continue
        word = 0xC000
        for offset, symbol in enumerate(symbols[position : position + 7]):
            word |= symbol << (12 - 2 * offset)
        out += struct.pack("!H", word)
        position += 7
    return bytes(out)


@dataclass(frozen=True, slots=True)
class Feedback:
    """`arrivals` holds (16-bit number, arrival in ticks of 250 µs or None for a packet not received)."""

    count: int
    reference: int
    arrivals: tuple[tuple[int, int | None], ...]


def parse_feedback(body: bytes) -> Feedback:
    """Decode the part after the two SSRCs (`rtcp.TransportFeedback.body`). Raises MalformedPacket."""
    try:
        base, wanted = struct.unpack_from("!HH", body)
        reference = int.from_bytes(body[4:7], "big", signed=True)
        count = body[7]
        position = 8
        symbols: list[int] = []
        while len(symbols) < wanted:
            (word,) = struct.unpack_from("!H", body, position)
            position += 2
            if not word & 0x8000:
                symbols.extend([word >> 13 & 3] * (word & 0x1FFF))
                if not word & 0x1FFF:
                    raise MalformedPacket("empty run")
            elif word & 0x4000:
                symbols.extend(word >> (12 - 2 * i) & 3 for i in range(7))
            else:
                symbols.extend(word >> (13 - i) & 1 for i in range(14))
        current = reference * _REFERENCE_TICKS
        arrivals: list[tuple[int, int | None]] = []
        del symbols[wanted:]
        deltas = body[position : position + wanted]
        if symbols.count(1) == wanted == len(deltas):  # nothing lost and nothing late: the usual case
            ticks = islice(accumulate(deltas, initial=current), 1, None)
            numbers = [number & 0xFFFF for number in range(base, base + wanted)]
            return Feedback(count, reference, tuple(zip(numbers, ticks, strict=True)))
        for offset, symbol in enumerate(symbols):
            number = (base + offset) & 0xFFFF
            if symbol == 0:
                arrivals.append((number, None))
                continue
            if symbol == 1:
                current += body[position]
                position += 1
            elif symbol == 2:
                current += struct.unpack_from("!h", body, position)[0]
                position += 2
            else:
                raise MalformedPacket("reserved symbol")
            arrivals.append((number, current))
    except (struct.error, IndexError):
        raise MalformedPacket("transport feedback cut short") from None
    return Feedback(count, reference, tuple(arrivals))
