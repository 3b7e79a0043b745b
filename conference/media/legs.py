"""Where an outgoing sound goes from one source over to another: legs of the way, and what is next."""

from __future__ import annotations

from dataclasses import dataclass

from conference.media.cache import MediaPacket
from conference.media.incoming import IncomingStream
from conference.media.opus import packet_length
from conference.media.track import Track

_U32 = 0xFFFFFFFF
_HALF = 1 << 31


@dataclass(slots=True)
class Leg:
    """Packets of one source from `first` on: constants to add, and the source's timestamp at which it
    ends."""

    stream: IncomingStream
    first: int
    offset: int
    shift: int
    until: int | None = None
    limit: int | None = None  # the sequence number at which the next leg begins


@dataclass(slots=True)
class Next:
    """What is handed over to: from timestamp `begin` of it on (None: its next packet), with sequence number
    `start` or later; those before are kept free for what the old source still has to say."""

    track: Track
    begin: int | None
    shift: int
    start: int


def before(timestamp: int, limit: int | None) -> bool:
    """Whether a 32-bit timestamp lies before another."""
    return limit is None or (timestamp - limit) & _U32 >= _HALF


def half_of(packet: MediaPacket) -> int:
    """Half the packet's length: whoever has most of a packet before a boundary has all of it."""
    return packet_length(packet.payload) // 2
