"""Recently forwarded packets, kept for retransmission (RFC 4585 generic NACK, RFC 4588 RTX)."""

from __future__ import annotations


class MediaPacket:
    """One packet on its way from a publisher to its viewers; shared by all of them and never changed.

    `index` is the sequence number without wrapping and without the holes that dropped padding leaves.
    `level` is the audio-level element ready to be placed into a header extension (two bytes), or empty.
    """

    __slots__ = ("index", "key", "level", "marker", "payload", "timestamp")

    def __init__(
        self, index: int, marker: int, timestamp: int, payload: bytes, level: bytes, key: bool
    ) -> None:
        self.index = index
        self.marker = marker  # 0x80 or 0, as it stands in the header
        self.timestamp = timestamp
        self.payload = payload
        self.level = level
        self.key = key


class PacketCache:
    """A ring of the last `capacity` packets of one source, by index.

    It is kept once per source, not once per viewer: viewers hold only an offset, so five hundred viewers
    of a talk cost one copy of its packets.
    """

    __slots__ = ("_capacity", "_ring")

    def __init__(self, capacity: int = 512) -> None:
        self._capacity = capacity
        self._ring: list[MediaPacket | None] = [None] * capacity

    def put(self, packet: MediaPacket) -> None:
        self._ring[packet.index % self._capacity] = packet

    def get(self, index: int) -> MediaPacket | None:
        packet = self._ring[index % self._capacity]
        return packet if packet is not None and packet.index == index else None


class ResendLedger:
    """When each packet was last sent again to one viewer: at most one copy per `interval` seconds.

    A viewer on a slow link asks again and again for what is still in its queue; answering every request
    keeps the link full and the viewer frozen.
    """

    __slots__ = ("_capacity", "_interval", "_sent")

    def __init__(self, interval: float = 0.3, capacity: int = 1024) -> None:
        self._sent: dict[int, float] = {}
        self._interval = interval
        self._capacity = capacity

    def allow(self, index: int, now: float) -> bool:
        """Whether a copy may go out now; if so it is noted as sent."""
        last = self._sent.get(index)
        if last is not None and now - last < self._interval:
            return False
        if len(self._sent) >= self._capacity:
            self._sent = {i: at for i, at in self._sent.items() if now - at < self._interval}
            if len(self._sent) >= self._capacity:
                return False
        self._sent[index] = now
        return True
