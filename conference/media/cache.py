"""Recently forwarded packets, kept for retransmission (RFC 4585 generic NACK, RFC 4588 RTX)."""

from __future__ import annotations

from typing import Any

from conference.media import compiled
from conference.media.vp8 import Descriptor, read_descriptor


class MediaPacket:
    """One packet on its way from a publisher to its viewers; shared by all of them and never changed.

    `index` is the sequence number without wrapping and without the holes that dropped padding leaves.
    `level` is the audio-level element ready to be placed into a header extension (two bytes), or empty.
    `key` says that a decoder can begin here; `late` that packets after it have gone out before it;
    `starts` that it is the first of its frame. `temporal` and `sync` are those of the VP8 descriptor, 0 and
    False without one. An empty payload stands for padding that came too late to close its place.
    """

    __slots__ = (
        "body",
        "descriptor",
        "index",
        "key",
        "late",
        "level",
        "marker",
        "payload",
        "starts",
        "sync",
        "temporal",
        "timestamp",
    )

    def __init__(
        self,
        index: int,
        marker: int,
        timestamp: int,
        payload: bytes,
        level: bytes,
        key: bool,
        late: bool = False,
        descriptor: Descriptor | None = None,
    ) -> None:
        self.index = index
        self.marker = marker  # 0x80 or 0, as it stands in the header
        self.timestamp = timestamp
        self.payload = payload
        self.level = level
        self.key = key
        self.late = late
        self.descriptor = descriptor
        self.body = b""  # the payload without its descriptor, once a viewer needs it
        if descriptor is None:
            self.temporal = 0
            self.starts = True
            self.sync = False
        else:
            self.temporal = descriptor.temporal_layer or 0
            self.starts = descriptor.starts_partition and descriptor.partition == 0
            self.sync = descriptor.sync

    def on_time(self) -> MediaPacket:
        """The same packet for a viewer to whom nothing after it has gone out yet."""
        if not self.late:
            return self
        return MediaPacket(
            self.index,
            self.marker,
            self.timestamp,
            self.payload,
            self.level,
            self.key,
            False,
            self.descriptor,
        )


class PacketCache:
    """A ring of the last `capacity` packets of one source, by index.

    It is kept once per source, not once per viewer: viewers hold only an offset, so five hundred viewers
    of a talk cost one copy of its packets.
    """

    __slots__ = ("_capacity", "_kept", "_ring")

    def __init__(self, capacity: int = 512) -> None:
        self._capacity = capacity
        self._kept: Any = None  # those that C has put in, `struct majlis_kept[]`
        self._ring: list[MediaPacket | None] = [None] * capacity

    def put(self, packet: MediaPacket) -> None:
        self._ring[packet.index % self._capacity] = packet

    def get(self, index: int) -> MediaPacket | None:
        packet = self._ring[index % self._capacity]
        if packet is not None and packet.index == index:
            return packet
        return self._from_c(index) if self._kept is not None else None

    def compiled(self) -> tuple[Any, int]:
        """A ring beside this one for C to put packets in, and how many there are room for."""
        if self._kept is None:
            assert compiled.LIBRARY is not None
            self._kept = compiled.LIBRARY.ffi.new("struct majlis_kept[]", self._capacity)
        return self._kept, self._capacity

    def _from_c(self, index: int) -> MediaPacket | None:
        kept = self._kept[index % self._capacity]
        library = compiled.LIBRARY
        if not kept.present or kept.index != index or library is None:
            return None
        payload = bytes(library.ffi.buffer(kept.payload, kept.size))
        if kept.key:  # sound: pictures one can begin with are left to Python
            level = kept.level.to_bytes(2, "big") if kept.level else b""
            packet = MediaPacket(index, kept.marker, kept.timestamp, payload, level, True)
        else:
            found = read_descriptor(payload)
            packet = MediaPacket(index, kept.marker, kept.timestamp, payload, b"", False, False, found)
        self._ring[index % self._capacity] = packet  # the next viewer asks for the same
        return packet


class ResendLedger:
    """Which packets may be sent again to one viewer: one copy of each per `interval` seconds, and altogether
    no more than half of what it is sent anyway (with `burst` bytes in hand).

    A viewer on a slow link asks again and again for what is still in its queue; answering every request
    keeps the link full and the viewer frozen.
    """

    __slots__ = ("_burst", "_capacity", "_credit", "_earned", "_sent", "interval")

    def __init__(self, interval: float = 0.3, capacity: int = 1024, burst: int = 60_000) -> None:
        self._sent: dict[int, float] = {}
        self.interval = interval
        self._capacity = capacity
        self._burst = burst
        self._credit = float(burst)
        self._earned = 0

    def allow(self, sequence: int, now: float, size: int = 0, sent: int = 0) -> bool:
        """Whether a copy of `size` bytes may go out now, `sent` having gone out in all; if so it is noted."""
        last = self._sent.get(sequence)
        if last is not None and now - last < self.interval:
            return False
        self._credit = min(self._burst, self._credit + (sent - self._earned) / 2)
        self._earned = sent
        if self._credit < size:
            return False
        if len(self._sent) >= self._capacity:
            self._sent = {i: at for i, at in self._sent.items() if now - at < self.interval}
            if len(self._sent) >= self._capacity:
                return False
        self._sent[sequence] = now
        self._credit -= size
        return True
