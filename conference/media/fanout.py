"""One packet to all viewers of a track: in one call of C for those in a steady state, in Python for others.

A viewer's outgoing stream is steady between key frames, switches and repairs: its next packet differs from
the source's by constants. Those constants are its *lane*; while a lane is armed, `native/fanout.c` rewrites,
encrypts and sends for it, 64 viewers to a system call. Everything out of the ordinary disarms the lane and
is decided by `OutgoingVideo.forward`. Where the library was not compiled, Python does it all.
"""

from __future__ import annotations

import struct
from array import array
from typing import TYPE_CHECKING, Any

import pylibsrtp

from conference.media import compiled
from conference.media.cache import MediaPacket
from conference.media.sockaddr import socket_address

if TYPE_CHECKING:
    from conference.media.incoming import IncomingStream
    from conference.media.outgoing import OutgoingStream

_PACKET = struct.Struct("@QII16sqIidBBBBBiii0q")  # struct majlis_packet, in the C compiler's own alignment

assert compiled.LIBRARY is None or len(compiled.LIBRARY.described) == _PACKET.size


class Socket:
    """A UDP socket's descriptor as lanes see it; `close` before the descriptor can be another's."""

    __slots__ = ("cdata", "descriptor")

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.cdata = compiled.LIBRARY.new("socket") if compiled.LIBRARY is not None else None
        if self.cdata is not None:
            self.cdata.fd = descriptor

    def close(self) -> None:
        if self.cdata is not None:
            self.cdata.fd = -1


class Route:
    """Where one viewer's packets go. Keeps alive what C points to."""

    __slots__ = ("_kept", "cdata")

    def __init__(self, session: pylibsrtp.Session) -> None:
        assert compiled.LIBRARY is not None
        self.cdata = compiled.LIBRARY.new("route")
        self.cdata.session = compiled.LIBRARY.session(session)
        self._kept: list[Any] = [session]

    def over(self, sending: Socket | None, remote: tuple[Any, ...]) -> None:
        """Send over this socket to this address; None: not over UDP, so Python must send."""
        cdata = self.cdata
        if sending is None or sending.cdata is None:
            assert compiled.LIBRARY is not None
            cdata.socket = compiled.LIBRARY.ffi.NULL
            return
        address = socket_address(remote)
        cdata.address = address.ljust(len(cdata.address), b"\0")
        cdata.address_size = len(address)
        cdata.socket = sending.cdata
        self._kept[1:2] = [sending.cdata]

    def number(self, state: array[int], times: array[float], sizes: array[int], overhead: int) -> None:
        """Give packets transport-wide numbers, noted where `send_log.SendLog` notes them."""
        library, cdata = compiled.LIBRARY, self.cdata
        assert library is not None
        pointers = [library.shared(state), library.shared(times), library.shared(sizes)]
        self._kept[2:] = [state, times, sizes, *pointers]
        cdata.log_state, cdata.log_times, cdata.log_sizes = pointers
        cdata.log_slots, cdata.log_overhead = len(times), overhead


def new_route(session: pylibsrtp.Session) -> Route | None:
    return Route(session) if compiled.LIBRARY is not None else None


def new_lane() -> Any:
    """A lane that is not armed; None without the library."""
    return compiled.LIBRARY.new("lane") if compiled.LIBRARY is not None else None


class FanOut:
    """The lanes of one track's viewers, in the order of `Track.outgoing`."""

    __slots__ = ("_lanes", "_left", "_outgoing")

    def __init__(self) -> None:
        self._outgoing: tuple[OutgoingStream, ...] = ()
        self._lanes: Any = None
        self._left: Any = None

    def lanes(self, outgoing: tuple[OutgoingStream, ...]) -> Any:
        """`struct majlis_lane *[]` of these viewers, which lives as long as `self` and the next others."""
        library = compiled.LIBRARY
        assert library is not None
        if outgoing is not self._outgoing or self._lanes is None:
            self._outgoing = outgoing
            self._lanes = library.ffi.new("struct majlis_lane *[]", [out.lane for out in outgoing])
            self._left = library.ffi.new("unsigned[]", max(1, len(outgoing)))
        return self._lanes

    def forward(
        self,
        outgoing: tuple[OutgoingStream, ...],
        stream: IncomingStream,
        media: MediaPacket,
        elements: bytes,
        now: float,
    ) -> None:
        """Send `media` to every viewer. They count in the same place, as all of an engine do."""
        library = compiled.LIBRARY
        if library is None or media.late or not outgoing:
            for out in outgoing:
                out.forward(stream, media, elements, now)
            return
        lanes = self.lanes(outgoing)
        _describe(library.described, stream, media, elements, now)
        result, left, counters = library.result, self._left, outgoing[0].counters
        count = library.fan_out(
            library.protect, library.packet, media.payload, lanes, len(outgoing), left, result
        )
        counters.packets_forwarded += result.forwarded
        counters.datagrams_out += result.sent
        counters.bytes_out += result.bytes
        counters.dropped_send += result.dropped
        for place in library.ffi.unpack(left, count) if count else ():
            outgoing[place].forward(stream, media, elements, now)


def _describe(packet: Any, stream: IncomingStream, media: MediaPacket, elements: bytes, now: float) -> None:
    """Write all of `struct majlis_packet`: field by field cffi takes several times as long."""
    found = media.descriptor
    picture_bits = picture_at = picture = tl0_at = tl0 = size = 0
    if found is not None:
        size = found.size
        if found.picture_id is not None:
            picture_bits, picture_at, picture = found.picture_id_bits, found.picture_id_at, found.picture_id
        if found.tl0picidx is not None:
            tl0_at, tl0 = found.tl0picidx_at, found.tl0picidx
    _PACKET.pack_into(
        packet,
        0,
        stream.number,
        len(media.payload),
        len(elements),
        elements,
        media.index,
        media.timestamp,
        media.temporal,
        now,
        media.marker,
        media.key,
        picture_bits,
        tl0,
        size,
        picture_at,
        picture,
        tl0_at,
    )
