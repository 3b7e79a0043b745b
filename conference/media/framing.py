"""Packets in a byte stream, each behind its length in two bytes (RFC 4571), both ways."""

from __future__ import annotations

from collections import deque

MAX_FRAME = 2048  # bytes: what a datagram may have; nobody who behaves sends more than a link's MTU

_MEDIA_SECONDS = 1.0  # a key frame in slow start takes 0.6 s at 300 ms; older sound is no use to anybody
_MEDIA_BYTES = 256 << 10  # a key frame fits, ten do not
_CONTROL_BYTES = 16 << 10  # a handshake's flight is 4 kB


def frame(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


class Deframer:
    """Cuts packets out of a stream that may arrive in any pieces. Holds less than one frame.

    `broken` is true when a length was out of bounds: where the next frame begins is then unknown.
    """

    __slots__ = ("_held", "broken")

    def __init__(self) -> None:
        self._held = b""
        self.broken = False

    def feed(self, data: bytes) -> list[bytes]:
        """The packets that are complete with *data*, in order; an empty one is RFC 4571's null packet."""
        if self.broken:
            return []
        if self._held:
            data = self._held + data
        packets: list[bytes] = []
        position, size = 0, len(data)
        while size - position >= 2:
            length = data[position] << 8 | data[position + 1]
            if length > MAX_FRAME:
                self.broken = True
                break
            end = position + 2 + length
            if end > size:
                break
            packets.append(data[position + 2 : end])
            position = end
        self._held = b"" if self.broken else data[position:]
        return packets


class Backlog:
    """What a slow reader has not taken yet, bounded in bytes and, for media, in time.

    Only whole frames are ever dropped, so the stream keeps its framing: of the frame that is half written the
    rest always goes first. STUN and DTLS overtake media, because without them the connection ends.
    """

    __slots__ = ("_control", "_control_bytes", "_media", "_media_bytes", "_rest", "dropped")

    def __init__(self) -> None:
        self._rest = b""
        self._control: deque[bytes] = deque()
        self._media: deque[tuple[float, bytes]] = deque()
        self._control_bytes = self._media_bytes = 0
        self.dropped = 0

    def __bool__(self) -> bool:
        return bool(self._rest or self._control or self._media)

    @property
    def waiting(self) -> int:
        """Bytes."""
        return len(self._rest) + self._control_bytes + self._media_bytes

    def begun(self, rest: bytes) -> None:
        """A frame was written up to *rest*, which must be the next to go."""
        self._rest = rest

    def add(self, data: bytes, now: float) -> None:
        """Keep one framed packet for later, or drop it."""
        if len(data) > 2 and 128 <= data[2] <= 191:  # RTP or RTCP (RFC 7983)
            self._forget_stale(now)
            if self._media_bytes + len(data) > _MEDIA_BYTES:
                self.dropped += 1
                return
            self._media.append((now, data))
            self._media_bytes += len(data)
        elif self._control_bytes + len(data) > _CONTROL_BYTES:
            self.dropped += 1
        else:
            self._control.append(data)
            self._control_bytes += len(data)

    def take(self, now: float) -> bytes:
        """The next bytes to write, b"" when there are none; what is not written comes back by `begun`."""
        if self._rest:
            rest, self._rest = self._rest, b""
            return rest
        if self._control:
            data = self._control.popleft()
            self._control_bytes -= len(data)
            return data
        self._forget_stale(now)
        if not self._media:
            return b""
        _, data = self._media.popleft()
        self._media_bytes -= len(data)
        return data

    def _forget_stale(self, now: float) -> None:
        while self._media and now - self._media[0][0] > _MEDIA_SECONDS:
            _, data = self._media.popleft()
            self._media_bytes -= len(data)
            self.dropped += 1
