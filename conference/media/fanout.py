"""One packet to all viewers of a track: in one call of C for those in a steady state, in Python for others.

A viewer's outgoing stream is steady between key frames, switches and repairs: its next packet differs from
the source's by constants. Those constants are its *lane*; while a lane is armed, `native/fanout.c` rewrites,
encrypts and sends for it, 64 viewers to a system call. Everything out of the ordinary disarms the lane and
is decided by `OutgoingVideo.forward`. Where the library was not compiled, Python does it all.
"""

from __future__ import annotations

import logging
import socket
import struct
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cffi  # type: ignore[import-untyped]  # published without type information
import pylibsrtp
from pylibsrtp import _binding as srtp

from conference.media.cache import MediaPacket
from conference.media.counters import Counters
from conference.media.errors import MalformedPacket
from conference.media.heard import GROUP, Ack, Heard

if TYPE_CHECKING:
    from conference.media.incoming import IncomingStream
    from conference.media.outgoing import OutgoingStream

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "native"
HEADERS = (FOLDER / "fanout.h", FOLDER / "feedback.h", FOLDER / "receive.h")
_PACKET = struct.Struct("@QII16sqIidBBBBiii")  # struct majlis_packet, in the C compiler's own alignment
_IPV4 = struct.Struct("=HH4s8x")
_IPV6 = struct.Struct("=HHI16sI")


class Library:
    """The compiled loop and the memory it shares with Python."""

    def __init__(self, file: Path) -> None:
        """Raises OSError when the file is not there or not for this machine, AttributeError if it is old."""
        self.ffi = cffi.FFI()
        for header in HEADERS:
            self.ffi.cdef(header.read_text(encoding="utf-8"))
        self._loaded = self.ffi.dlopen(str(file))
        self.fan_out = self._loaded.majlis_fan_out
        self.feedback = self._loaded.majlis_feedback
        self.receive = self._loaded.majlis_receive
        # libsrtp is inside pylibsrtp; its function is called with sessions that pylibsrtp made.
        address = int(srtp.ffi.cast("uintptr_t", srtp.ffi.addressof(srtp.lib, "srtp_protect")))
        self.protect = self.ffi.cast("void *", address)
        self.packet = self.ffi.new("struct majlis_packet *")
        self.described = self.ffi.buffer(self.packet)
        assert len(self.described) == _PACKET.size, "fanout.h and fanout.py disagree"
        self.result = self.ffi.new("struct majlis_result *")
        self.heard = self.ffi.new("struct majlis_heard *")
        self.arrivals = self.ffi.new("struct majlis_arrivals *")
        self.addresses = self.ffi.buffer(self.arrivals.addresses)
        self.data = self.ffi.buffer(self.arrivals.data)
        self.groups = self.ffi.cast("double *", self.heard.group)

    def new(self, kind: str) -> Any:
        return self.ffi.new(f"struct majlis_{kind} *")


def load(file: Path = FOLDER / "fanout.so") -> Library | None:
    """The library, or None where it was not compiled."""
    try:
        return Library(file)
    except (OSError, AttributeError) as error:
        log.info("media: forwarding in Python, the compiled loop is not there (%s)", error)
        return None


LIBRARY = load()


class Socket:
    """A UDP socket's descriptor as lanes see it; `close` before the descriptor can be another's."""

    __slots__ = ("cdata", "descriptor")

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.cdata = LIBRARY.new("socket") if LIBRARY is not None else None
        if self.cdata is not None:
            self.cdata.fd = descriptor

    def close(self) -> None:
        if self.cdata is not None:
            self.cdata.fd = -1


class Route:
    """Where one viewer's packets go. Keeps alive what C points to."""

    __slots__ = ("_kept", "cdata")

    def __init__(self, session: pylibsrtp.Session) -> None:
        assert LIBRARY is not None
        self.cdata = LIBRARY.new("route")
        self.cdata.session = LIBRARY.ffi.cast("void *", int(srtp.ffi.cast("uintptr_t", session._srtp[0])))
        self._kept: list[Any] = [session]

    def over(self, sending: Socket | None, remote: tuple[Any, ...]) -> None:
        """Send over this socket to this address; None: not over UDP, so Python must send."""
        cdata = self.cdata
        if sending is None or sending.cdata is None:
            assert LIBRARY is not None
            cdata.socket = LIBRARY.ffi.NULL
            return
        address = socket_address(remote)
        cdata.address = address.ljust(len(cdata.address), b"\0")
        cdata.address_size = len(address)
        cdata.socket = sending.cdata
        self._kept[1:2] = [sending.cdata]

    def number(self, state: array[int], times: array[float], sizes: array[int], overhead: int) -> None:
        """Give packets transport-wide numbers, noted where `sending.SendLog` notes them."""
        assert LIBRARY is not None
        ffi, cdata = LIBRARY.ffi, self.cdata
        pointers = [
            ffi.from_buffer("long long[]", state),
            ffi.from_buffer("double[]", times),
            ffi.from_buffer("unsigned short[]", sizes),
        ]
        self._kept[2:] = [state, times, sizes, *pointers]
        cdata.log_state, cdata.log_times, cdata.log_sizes = pointers
        cdata.log_slots, cdata.log_overhead = len(times), overhead


def new_route(session: pylibsrtp.Session) -> Route | None:
    return Route(session) if LIBRARY is not None else None


class FeedbackReader:
    """Reads transport-wide feedback into one viewer's send log, as `sending.SendLog.hear` does."""

    __slots__ = ("_kept", "_log")

    def __init__(self, state: array[int], times: array[float], sizes: array[int]) -> None:
        assert LIBRARY is not None
        self._log, self._kept = LIBRARY.new("log"), (state, times, sizes)
        ffi = LIBRARY.ffi
        pointers = [
            ffi.from_buffer("long long[]", state),
            ffi.from_buffer("double[]", times),
            ffi.from_buffer("unsigned short[]", sizes),
        ]
        self._kept = (state, times, sizes, *pointers)
        self._log.state, self._log.times, self._log.sizes = pointers
        self._log.slots = len(times)

    def read(self, body: bytes, open_until: float, *, acks: bool) -> tuple[Heard, int, list[Ack]] | None:
        """None for a feedback of more packets than C has room for. Raises MalformedPacket."""
        library = LIBRARY
        assert library is not None
        heard = library.heard
        failed = library.feedback(body, len(body), self._log, open_until, GROUP, heard)
        if failed == 1:
            raise MalformedPacket("transport feedback")
        if failed:
            return None
        count, groups = int(heard.count), int(heard.groups)
        flat = library.ffi.unpack(library.groups, 4 * groups) if groups else []
        found = Heard(
            count,
            int(heard.lost),
            int(heard.runs),
            heard.acks[0].sent if count else 0.0,
            heard.acks[count - 1].sent if count else 0.0,
            int(heard.received),
            (heard.newest_sent, heard.newest_arrival) if groups else None,
            list(zip(flat[::4], flat[1::4], flat[2::4], flat[3::4], strict=True)),
        )
        each = [heard.acks[n] for n in range(count)] if acks else []
        return found, int(heard.skipped), [(a.sent, a.size, a.arrival if a.arrived else None) for a in each]


def new_feedback_reader(state: array[int], times: array[float], sizes: array[int]) -> FeedbackReader | None:
    return FeedbackReader(state, times, sizes) if LIBRARY is not None else None


def new_lane() -> Any:
    """A lane that is not armed; None without the library."""
    return LIBRARY.new("lane") if LIBRARY is not None else None


def received(descriptor: int) -> list[tuple[bytes, bytes]] | None:
    """What a UDP socket holds, at most 64 datagrams with their senders (`socket_address`); None for an
    error that is over. The library must be there."""
    library = LIBRARY
    assert library is not None
    arrivals = library.arrivals
    count = library.receive(descriptor, arrivals)
    if count < 0:
        return None
    addresses, data = library.addresses, library.data
    sizes, lengths = arrivals.sizes, arrivals.address_sizes
    return [
        (data[2048 * n : 2048 * n + sizes[n]], addresses[32 * n : 32 * n + lengths[n]]) for n in range(count)
    ]


def address_of(packed: bytes) -> tuple[Any, ...]:
    """The counterpart of `socket_address`, as Python's sockets have it."""
    if len(packed) == _IPV4.size:
        _, port, host = _IPV4.unpack(packed)
        return socket.inet_ntop(socket.AF_INET, host), socket.ntohs(port)
    _, port, flow, host, scope = _IPV6.unpack(packed)
    return socket.inet_ntop(socket.AF_INET6, host), socket.ntohs(port), socket.ntohl(flow), scope


def socket_address(remote: tuple[Any, ...]) -> bytes:
    """`struct sockaddr_in` or `sockaddr_in6` of an address as Python's sockets have it."""
    port = socket.htons(remote[1])
    if len(remote) == 2:
        return _IPV4.pack(socket.AF_INET, port, socket.inet_pton(socket.AF_INET, remote[0]))
    host = remote[0].partition("%")[0]
    return _IPV6.pack(
        socket.AF_INET6, port, socket.htonl(remote[2]), socket.inet_pton(socket.AF_INET6, host), remote[3]
    )


class FanOut:
    """The lanes of one track's viewers, in the order of `Track.outgoing`."""

    __slots__ = ("_lanes", "_left", "_outgoing")

    def __init__(self) -> None:
        self._outgoing: tuple[OutgoingStream, ...] = ()
        self._lanes: Any = None
        self._left: Any = None

    def forward(
        self,
        outgoing: tuple[OutgoingStream, ...],
        stream: IncomingStream,
        media: MediaPacket,
        elements: bytes,
        now: float,
        counters: Counters,
    ) -> None:
        """Send `media` to every viewer."""
        library = LIBRARY
        if library is None or media.late or not outgoing:
            for out in outgoing:
                out.forward(stream, media, elements, now)
            return
        if outgoing is not self._outgoing or self._lanes is None:
            self._outgoing = outgoing
            self._lanes = library.ffi.new("struct majlis_lane *[]", [out.lane for out in outgoing])
            self._left = library.ffi.new("unsigned[]", max(1, len(outgoing)))
        _describe(library.described, stream, media, elements, now)
        result, left = library.result, self._left
        count = library.fan_out(
            library.protect, library.packet, media.payload, self._lanes, len(outgoing), left, result
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
        picture_bits,
        tl0,
        size,
        picture_at,
        picture,
        tl0_at,
    )
