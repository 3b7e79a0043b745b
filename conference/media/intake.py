"""Packets taken in by C (`native/intake.c`): a publisher's that are the next of their stream, from the socket
to all viewers, and viewers' feedback. Whatever is out of the ordinary comes out as an event, in its order.

A stream is *admitted* while nothing but its packets changes: its source is there, nobody has muted it, nobody
records it, its viewers are the same. Any such change dismisses it, and its next packet, which goes through
`publisher.Publisher` like every packet where nothing was compiled, admits it again.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakValueDictionary

import pylibsrtp

from conference.media import compiled
from conference.media.counters import Counters
from conference.media.twcc import ArrivalLog
from conference.media.wire import SEND_TIME_HEAD, level_element, shared_elements

if TYPE_CHECKING:
    from conference.media.acceptance import AcceptedOffer
    from conference.media.incoming import IncomingStream

RAW, RTP, RTCP, LEFT = range(4)  # `majlis_event.what`
_CODECS = ("vp8", "opus")
_MOST_STREAMS = 16
_CAPACITY = 64
_streams: WeakValueDictionary[int, IncomingStream] = WeakValueDictionary()  # admitted ones by their number

# RTP and RTCP that were decrypted, with their time.
Opened = Callable[[int, bytes, float], None]


class Peer:
    """What C knows of a transport whose keys are there."""

    __slots__ = ("_kept", "cdata")

    def __init__(self, session: pylibsrtp.Session) -> None:
        assert compiled.LIBRARY is not None
        self.cdata = compiled.LIBRARY.new("peer")
        self.cdata.inbound = compiled.LIBRARY.session(session)
        self._kept: list[Any] = [session]

    @property
    def seen(self) -> float:
        """Monotonic time of the last packet that was authenticated in C, 0 before the first."""
        return float(self.cdata.seen)

    def publishes(self, intake: Intake) -> None:
        self._kept.append(intake)
        self.cdata.publisher = intake.cdata

    def reports(self, hearing: Any) -> None:
        """`feedback.Hearing`"""
        self._kept.append(hearing)
        self.cdata.hearing = hearing.cdata

    @property
    def checked(self) -> float:
        """Monotonic time of the last check that was answered in C, 0 before the first."""
        return float(self.cdata.consent.checked)

    def answers(self, name: str, password: bytes, address: bytes) -> None:
        """Answer checks for consent in C: those from `address` (`sockaddr`) that carry our `name` and know
        the password. An empty name: Python answers all."""
        consent = self.cdata.consent
        fields = ((name.encode(), "name"), (password, "password"), (address, "address"))
        fits = all([len(value) <= len(getattr(consent, field)) for value, field in fields])
        consent.name_size = 0
        for value, field in fields if fits else ():
            setattr(consent, field, value.ljust(len(getattr(consent, field)), b"\0"))
            setattr(consent, f"{field}_size", len(value))

    def close(self) -> None:
        """Python has everything of it from now on."""
        assert compiled.LIBRARY is not None
        self.answers("", b"", b"")
        self.cdata.publisher = self.cdata.hearing = compiled.LIBRARY.ffi.NULL


def new_peer(session: pylibsrtp.Session) -> Peer | None:
    return Peer(session) if compiled.LIBRARY is not None else None


class Intake:
    """The streams of one publisher. `bucket` are the tokens it has and when they were counted, `byte_rate`
    and `burst` how fast they come and how many there may be."""

    __slots__ = ("_kept", "_streams", "cdata")

    def __init__(self, bucket: array[float], byte_rate: float, burst: float, arrivals: ArrivalLog) -> None:
        library = compiled.LIBRARY
        assert library is not None
        cdata = self.cdata = library.new("publisher")
        pointer = library.shared(bucket)
        self._kept = (bucket, pointer)
        cdata.bucket, cdata.byte_rate, cdata.burst = pointer, byte_rate, burst
        self._streams: list[IncomingStream] = []
        arrivals.noted = self._noted

    def admit(self, stream: IncomingStream, accepted: AcceptedOffer) -> None:
        """Let C take what follows in order, if nothing speaks against it."""
        track = stream.track
        if track.codec not in _CODECS or track.muted or track.taps or not stream.active:
            return
        if stream not in self._streams:
            if len(self._streams) == _MOST_STREAMS:
                return
            self._streams.append(stream)
            self._list()
        self.cdata.number_id, self.cdata.level_id = accepted.twcc_id, accepted.level_id
        _describe(stream)
        _streams[stream.number] = stream
        stream.admitted = True

    def remove(self, stream: IncomingStream) -> None:
        """It is no longer a stream of this publisher."""
        stream.dismiss()
        if stream in self._streams:
            self._streams.remove(stream)
            self._list()

    def _list(self) -> None:
        self.cdata.stream_count = len(self._streams)
        for place, stream in enumerate(self._streams):
            if stream.native is None:
                stream.native = _new_stream(stream)
            self.cdata.streams[place] = stream.native

    def _noted(self) -> tuple[list[int], list[float]]:
        """Transport-wide numbers and their arrivals since the last call."""
        cdata, library = self.cdata, compiled.LIBRARY
        count = cdata.arrived
        if not count or library is None:
            return [], []
        cdata.arrived = 0
        return library.ffi.unpack(cdata.numbers, count), library.ffi.unpack(cdata.arrivals, count)


def new_intake(bucket: array[float], byte_rate: float, burst: float, arrivals: ArrivalLog) -> Intake | None:
    return Intake(bucket, byte_rate, burst, arrivals) if compiled.LIBRARY is not None else None


def _new_stream(stream: IncomingStream) -> Any:
    library = compiled.LIBRARY
    assert library is not None
    cdata = library.new("stream")
    cdata.number, cdata.ssrc = stream.number, stream.ssrc
    cdata.payload_type, cdata.clock_rate = stream.payload_type, stream.clock_rate
    cdata.sound = stream.track.kind == "audio"
    cdata.stamp_head, cdata.level_head = SEND_TIME_HEAD[0], level_element(0)[0]
    shared = (stream.counts, stream.measures, stream.rate.counts, stream.rate.shares, stream.track.levels)
    pointers = [library.shared(values) for values in shared]
    cdata.counts, cdata.measures, cdata.rate, cdata.shares, cdata.loudest = pointers
    stream.kept = (*shared, *pointers)
    return cdata


def _describe(stream: IncomingStream) -> None:
    """What may have changed since the stream was admitted last."""
    library, cdata, track = compiled.LIBRARY, stream.native, stream.track
    assert library is not None
    cdata.kept, cdata.kept_slots = stream.cache.compiled()
    stream.viewers = track.outgoing
    cdata.lanes, cdata.lane_count = track.fan.lanes(track.outgoing), len(track.outgoing)
    stream.voice = track.gate.voice(track) if track.gate is not None else None
    cdata.voice = library.shared(stream.voice) if stream.voice is not None else library.ffi.NULL
    cdata.open = 1


def send_left(number: int, index: int, places: list[int], now: float) -> None:
    """A packet that C has sent to all viewers but these: they decide themselves."""
    stream = _streams.get(number)
    media = stream.cache.get(index) if stream is not None else None
    if stream is None or media is None:
        return
    elements = shared_elements(media, stream.track.kind, now)
    for place in places:
        stream.viewers[place].forward(stream, media, elements, now)


class Event(NamedTuple):
    """`data` and its sender's address (`sockaddr`); of a LEFT packet its stream, its index, and viewers."""

    what: int
    data: bytes
    source: bytes
    stream: int
    number: int
    places: list[int]


class Reception:
    """A socket's datagrams, and whose they are."""

    def __init__(self, descriptor: int, counters: Counters) -> None:
        assert compiled.LIBRARY is not None
        self._counters = counters
        self._peers: dict[bytes, Peer] = {}
        self.cdata = compiled.LIBRARY.new("listener")
        self.cdata.fd = descriptor
        self._resize(_CAPACITY)

    def _resize(self, capacity: int) -> None:
        library, cdata = compiled.LIBRARY, self.cdata
        assert library is not None
        self._entries = library.ffi.new("struct majlis_entry[]", capacity)
        cdata.entries, cdata.capacity, cdata.used = self._entries, capacity, 0
        for address, peer in self._peers.items():
            library.bind(cdata, address, len(address), peer.cdata)

    def bind(self, address: bytes, peer: Peer | None) -> None:
        """Packets from `address` are `peer`'s; None: Python knows whose they are."""
        library = compiled.LIBRARY
        assert library is not None
        if self._peers.get(address) is peer:
            return
        if peer is None:
            del self._peers[address]
            library.bind(self.cdata, address, len(address), library.ffi.NULL)
            return
        self._peers[address] = peer
        if 2 * len(self._peers) > self.cdata.capacity:
            self._resize(2 * self.cdata.capacity)
        else:
            library.bind(self.cdata, address, len(address), peer.cdata)

    def take(self, now: float) -> list[Event]:
        """All the socket holds, at most 64 datagrams; what is left of it to be done."""
        library = compiled.LIBRARY
        assert library is not None
        taken = library.taken
        if library.take(self.cdata, library.crypto, now, library.arrivals, taken) <= 0:
            return []
        self.count(taken)
        return events_of(taken, library.arrivals)

    def count(self, taken: Any) -> None:
        """Add up what was done (`struct majlis_taken`)."""
        counters = self._counters
        counters.datagrams_in += taken.datagrams
        counters.bytes_in += taken.bytes
        counters.packets_in += taken.packets
        counters.dropped_srtp += taken.dropped_srtp
        if taken.forwarded or taken.sent or taken.dropped_send:
            counters.packets_forwarded += taken.forwarded
            counters.datagrams_out += taken.sent
            counters.bytes_out += taken.bytes_out
            counters.dropped_send += taken.dropped_send


def events_of(taken: Any, arrivals: Any) -> list[Event]:
    return [_event(taken, arrivals, taken.event[n]) for n in range(taken.events)]


def _event(taken: Any, arrivals: Any, event: Any) -> Event:
    library = compiled.LIBRARY
    assert library is not None
    what, place = event.what, event.place
    if what == LEFT:
        places = library.ffi.unpack(taken.left + event.first, event.count)
        return Event(what, b"", b"", event.stream, event.index, places)
    source = library.ffi.buffer(arrivals.addresses + 32 * place, arrivals.address_sizes[place])
    data = library.ffi.buffer(arrivals.data + 2048 * place, event.size)
    return Event(what, data[:], source[:], 0, 0, [])


def new_reception(descriptor: int, counters: Counters) -> Reception | None:
    return Reception(descriptor, counters) if compiled.LIBRARY is not None else None
