"""The last packets of an outgoing sound, before encryption: for NACKs, and for redundancy."""

from __future__ import annotations

from typing import Any, NamedTuple

from conference.media import compiled

KEPT = 64  # 1.3 s of 20 ms, which is more than any play-out buffer; as many as in C


class Sent(NamedTuple):
    """`payload` is the sound alone, without what went along with it in `packet`."""

    number: int
    timestamp: int
    payload: bytes
    packet: bytes


class SentSound:
    """By sequence number without wrapping. What was sent on a lane is C's, in a ring beside ours; of each
    place the later one counts."""

    __slots__ = ("_kept", "_ring")

    def __init__(self) -> None:
        self._kept: list[Sent | None] = [None] * KEPT
        self._ring: Any = None

    def put(self, sent: Sent) -> None:
        place = sent.number % KEPT
        self._kept[place] = sent
        if self._ring is not None:
            self._ring[place].size = 0

    def get(self, number: int) -> Sent | None:
        place = number % KEPT
        if self._ring is not None and self._ring[place].size:
            found: Sent | None = _from_c(self._ring[place])
        else:
            found = self._kept[place]
        return found if found is not None and found.number == number else None

    def compiled(self) -> Any:
        """The ring for C to put packets in, `struct majlis_sent[]`: it lives as long as `self`."""
        if self._ring is None:
            assert compiled.LIBRARY is not None
            self._ring = compiled.LIBRARY.ffi.new("struct majlis_sent[]", KEPT)
        return self._ring


def _from_c(kept: Any) -> Sent:
    assert compiled.LIBRARY is not None
    packet = bytes(compiled.LIBRARY.ffi.buffer(kept.data, kept.size))
    head = 16 + 4 * int.from_bytes(packet[14:16], "big")  # all of ours have an extension (RFC 3550 §5.3.1)
    return Sent(kept.number, int.from_bytes(packet[4:8], "big"), packet[head:], packet)
