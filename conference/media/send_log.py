"""Transport-wide numbers on every packet to one viewer, and what became of each.

The numbers are those of draft-holmer-rmcat-transport-wide-cc-extensions-01; `twcc.py` reads and writes the
feedback.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from conference.media.feedback import new_feedback_reader
from conference.media.heard import Ack, Heard, sum_up
from conference.media.rtp import unwrap
from conference.media.twcc import TICK, parse_feedback

OVERHEAD = 72  # bytes of a packet beside its payload: IPv4, UDP, RTP, extensions, SRTP tag
_UNKNOWN = -(1 << 62)
_SLOTS = 2048  # packets remembered: a second of 20 Mbit/s, ten of a talk


class SendLog:
    """Numbers packets and remembers their size and time. `note` is on the path of every packet.

    `state` holds the next number, the bytes sent in all, the last number a feedback has spoken of and the
    last reference time; it and the two rings are arrays because the compiled loop (`fanout.py`) notes its
    packets in them, and feedback is read in C.
    """

    __slots__ = ("_reader", "sizes", "state", "times")

    def __init__(self) -> None:
        self.state = array("q", (1, 0, 0, _UNKNOWN))
        self.times = array("d", (0.0,)) * _SLOTS
        self.sizes = array("H", (0,)) * _SLOTS
        self._reader = new_feedback_reader(self.state, self.times, self.sizes)

    def note(self, payload: int, now: float) -> bytes:
        """The next packet's number, two bytes, for its extension. `payload` is the size of its payload."""
        state = self.state
        number = state[0]
        state[0] = number + 1
        size = payload + OVERHEAD
        state[1] += size
        slot = number % _SLOTS
        self.times[slot] = now
        self.sizes[slot] = size
        return (number & 0xFFFF).to_bytes(2, "big")

    @property
    def total(self) -> int:
        """Bytes on the wire since the start."""
        return self.state[1]

    @property
    def last(self) -> float:
        """When the last packet was sent."""
        return self.times[(self.state[0] - 1) % _SLOTS]

    @property
    def unheard_since(self) -> float | None:
        """When the first packet after the last reported one was sent; None when all have been reported."""
        following = self.state[0]
        first = max(self.state[2] + 1, following - _SLOTS)
        return self.times[first % _SLOTS] if first < following else None

    def hear(self, body: bytes, open_until: float, *, acks: bool) -> tuple[Heard, int, Sequence[Ack]]:
        """A feedback summed up (`heard.py`), the bytes of packets no report will come of, and what it says
        of each if `acks` are wanted. Raises MalformedPacket."""
        found = self._reader.read(body, open_until, acks=acks) if self._reader is not None else None
        if found is not None:
            return found
        every, skipped = self.on_feedback(body)
        return sum_up(every, open_until), skipped, every

    def on_feedback(self, body: bytes) -> tuple[list[Ack], int]:
        """What a feedback says of packets not spoken of before, in sending order, and the bytes of those it
        skips: an earlier feedback told of them and was lost. Raises MalformedPacket."""
        feedback = parse_feedback(body)
        if not feedback.arrivals:
            return [], 0
        # The reference time has 24 bits and begins anywhere, so it can wrap while we watch.
        reference = feedback.reference & 0xFFFFFF
        known = reference if self.state[3] == _UNKNOWN else unwrap(reference, self.state[3], 24)
        self.state[3] = known
        shift = (known - feedback.reference) * 256
        times, sizes, newest = self.times, self.sizes, self.state[0]
        oldest = max(self.state[2] + 1, newest - _SLOTS)
        index = unwrap(feedback.arrivals[0][0], newest) - 1
        skipped = 0
        for missing in range(oldest, min(index + 1, newest)):
            skipped += sizes[missing % _SLOTS]
        acks: list[Ack] = []
        count = len(feedback.arrivals)
        begin = (index + 1) % _SLOTS
        end = begin + count
        if oldest <= index + 1 and index + count < newest and end <= _SLOTS:
            index += count
            acks = [
                (sent, size, None if tick is None else (tick + shift) * TICK)
                for sent, size, (_, tick) in zip(
                    times[begin:end], sizes[begin:end], feedback.arrivals, strict=True
                )
            ]
        else:
            for _, tick in feedback.arrivals:
                index += 1
                if oldest <= index < newest:
                    slot = index % _SLOTS
                    arrival = None if tick is None else (tick + shift) * TICK
                    acks.append((times[slot], sizes[slot], arrival))
        if index < newest:
            self.state[2] = max(self.state[2], index)
        return acks, skipped
