"""The compiled fan-out against the same work in Python: the same bytes and numbers, whatever happens."""

from __future__ import annotations

import asyncio
import random
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any, cast

import pylibsrtp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conference.media import compiled, fanout
from conference.media.cache import MediaPacket
from conference.media.counters import Counters
from conference.media.incoming import IncomingStream
from conference.media.outgoing_video import OutgoingVideo
from conference.media.send_log import OVERHEAD, SendLog
from conference.media.track import Track
from conference.media.transport import Transport
from conference.media.udp import UdpListener, UdpPath
from conference.media.vp8 import read_descriptor
from conference.media.wire import shared_elements

KEY = bytes(range(28))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> compiled.Library:
    """The loop as compiled from this tree, warnings being errors."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler on this machine")
    file = tmp_path_factory.mktemp("native") / "fanout.so"
    sources = [str(file) for file in sorted(Path(compiled.FOLDER).glob("*.c"))]
    flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared"]
    subprocess.run([compiler, *flags, "-o", str(file), *sources], check=True)
    return compiled.Library(file)


class Plain:
    """A transport as `OutgoingVideo` sees it: SRTP with a known key, over a real socket, in Python."""

    def __init__(self, path: UdpPath, session: pylibsrtp.Session) -> None:
        self.route: fanout.Route | None = None
        self.log = SendLog()
        self._path, self._session = path, session

    def route_to(self, path: UdpPath, session: pylibsrtp.Session) -> None:
        """Let the compiled loop send."""
        self.route = fanout.new_route(session)
        assert self.route is not None
        self.route.over(path.socket, path.remote)
        self.route.number(self.log.state, self.log.times, self.log.sizes, OVERHEAD)

    def send_rtp(self, packet: bytes) -> None:
        self._path.send(self._session.protect(packet))

    def send_rtcp(self, packet: bytes) -> None:
        pass


class Side:
    """One publisher's track with viewers; what they get can be read from real sockets."""

    def __init__(self, listener: UdpListener, viewers: int, seed: int, *, compiled: bool) -> None:
        self.counters = listener.counters
        self.track = Track("speaker", "camera", "0", rids=("q", "h"))
        self.sources = [IncomingStream(self.track, 1 + n, 96, True, n, rid) for n, rid in enumerate("qh")]
        self.track.streams.extend(self.sources)
        for source in self.sources:
            source.active = True
        self.sockets: list[socket.socket] = []
        self.viewers: list[OutgoingVideo] = []
        self.logs: list[SendLog] = []
        numbers = random.Random(seed)
        for mid in range(viewers):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            sock.bind(("127.0.0.1", 0))
            sock.setblocking(False)
            self.sockets.append(sock)
            policy = pylibsrtp.Policy(
                KEY, pylibsrtp.Policy.SSRC_ANY_OUTBOUND, 0, pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM
            )
            policy.allow_repeat_tx = True
            session = pylibsrtp.Session(policy)
            path = UdpPath(listener, sock.getsockname())
            transport = Plain(path, session)
            if compiled:
                transport.route_to(path, session)
            self.logs.append(transport.log)
            out = OutgoingVideo(self.track, cast(Transport, transport), str(mid), self.counters)
            out.ssrc, out.rtx_ssrc = numbers.randrange(1 << 32), numbers.randrange(1 << 32)
            out._offset, out._rtx_sequence = 1 + numbers.randrange(1 << 15), numbers.randrange(1 << 15)
            self.viewers.append(out)
            self.track.outgoing = (*self.track.outgoing, out)
            out.open = True

    def send(self, layer: int, media: MediaPacket, now: float) -> None:
        source = self.sources[layer]
        if not media.late:
            source.top = media.index
        source.cache.put(media)
        elements = shared_elements(media, "video", now)
        self.track.fan.forward(self.track.outgoing, source, media, elements, now)

    def received(self) -> list[list[bytes]]:
        out = []
        for sock in self.sockets:
            packets: list[bytes] = []
            while True:
                try:
                    packets.append(sock.recv(4096))
                except BlockingIOError:
                    break
            out.append(packets)
        return out

    def close(self) -> None:
        for sock in self.sockets:
            sock.close()


def picture(number: int, part: int, temporal: int, size: int, *, key: bool, long_id: bool) -> bytes:
    """A VP8 payload with PictureID, TL0PICIDX and TID (RFC 7741 §4.2)."""
    identifier = (0x8000 | number & 0x7FFF).to_bytes(2, "big") if long_id else bytes([number & 0x7F])
    tail = bytes([number & 0xFF, temporal << 6 | 0x20])
    first = bytes([(0x10 if part == 0 else 0x00) | 0x80, 0xE0])
    return first + identifier + tail + bytes([0 if key else 1]) + bytes(size)


events = st.lists(
    st.one_of(
        st.tuples(
            st.just("frame"), st.integers(0, 1), st.booleans(), st.integers(0, 2), st.integers(0, 1300)
        ),
        st.tuples(st.just("choose"), st.integers(0, 2), st.sampled_from([None, 0, 1]), st.integers(0, 2)),
        st.tuples(st.just("lose"), st.integers(1, 3)),
        st.tuples(st.just("late"), st.integers(0, 1), st.integers(1, 4)),
        st.tuples(st.just("nack"), st.integers(0, 2), st.integers(0, 6)),
        st.tuples(st.just("mute")),
        st.tuples(st.just("closed"), st.integers(0, 2)),
    ),
    max_size=60,
)


class Story:
    """The same happenings for two sides."""

    def __init__(self, sides: list[Side], *, long_id: bool) -> None:
        self.sides = sides
        self.long_id = long_id
        self.now = 10.0
        self.index = [70_000, 90_000]
        self.number = [100, 700]
        self.kept: list[list[MediaPacket]] = [[], []]

    def tell(self, event: tuple[Any, ...]) -> None:
        self.now += 0.02
        getattr(self, f"_{event[0]}")(*event[1:])

    def _frame(self, layer: int, key: bool, temporal: int, size: int) -> None:
        temporal = 0 if key else temporal
        self.number[layer] += 1
        for part in range(2):
            self.index[layer] += 1
            payload = picture(self.number[layer], part, temporal, size, key=key, long_id=self.long_id)
            self._send(layer, self.index[layer], 0x80 * part, payload, key=key and part == 0, late=False)

    def _send(self, layer: int, index: int, marker: int, payload: bytes, *, key: bool, late: bool) -> None:
        stamp = self.number[layer] * 3000
        for side in self.sides:
            media = MediaPacket(index, marker, stamp, payload, b"", key, late, read_descriptor(payload))
            side.send(layer, media, self.now)

    def _lose(self, count: int) -> None:
        self.index = [index + count for index in self.index]

    def _late(self, layer: int, back: int) -> None:
        payload = picture(self.number[layer], 1, 0, 40, key=False, long_id=self.long_id)
        self._send(layer, self.index[layer] - back, 0, payload, key=False, late=True)

    def _choose(self, viewer: int, layer: int | None, temporal: int) -> None:
        for side in self.sides:
            side.viewers[viewer].choose(layer, temporal)

    def _nack(self, viewer: int, back: int) -> None:
        for side in self.sides:
            assert side.viewers[viewer].packets >= 0  # takes the lane's numbers over
        number = self.sides[0].viewers[viewer]._next - 1 + self.sides[0].viewers[viewer]._offset
        for side in self.sides:
            side.viewers[viewer].resend((number - back & 0xFFFF,), self.now)

    def _mute(self) -> None:
        for side in self.sides:
            side.track.set_muted(True)
            side.track.set_muted(False)

    def _closed(self, viewer: int) -> None:
        for side in self.sides:
            side.viewers[viewer].open = False
            side.viewers[viewer].open = True
            side.viewers[viewer].waiting = True


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happenings=events, seed=st.integers(0, 1 << 20), long_id=st.booleans())
def test_both_ways_send_the_same_bytes_whatever_happens(
    library: compiled.Library, happenings: list[tuple[Any, ...]], seed: int, long_id: bool
) -> None:
    asyncio.run(_compare(library, happenings, seed, long_id))


async def _compare(
    library: compiled.Library, happenings: list[tuple[Any, ...]], seed: int, long_id: bool
) -> None:
    known, compiled.LIBRARY = compiled.LIBRARY, library
    listeners = [UdpListener(lambda *_: False, Counters(), "127.0.0.1", 0) for _ in range(2)]
    native, plain = (Side(listeners[n], 3, seed, compiled=n == 0) for n in range(2))
    try:
        story = Story([native, plain], long_id=long_id)
        for event in [("frame", 0, True, 0, 50), ("frame", 1, True, 0, 900), *happenings]:
            story.tell(event)
            assert native.received() == plain.received(), event
        for first, second in zip(native.viewers, plain.viewers, strict=True):
            assert (first.packets, first.octets, first.layer) == (second.packets, second.octets, second.layer)
            assert (first._next, first._last_time) == (second._next, second._last_time)
        for ours, theirs in zip(native.logs, plain.logs, strict=True):
            assert (ours.state, ours.times, ours.sizes) == (theirs.state, theirs.times, theirs.sizes)
        assert native.counters.as_dict() == plain.counters.as_dict()
    finally:
        compiled.LIBRARY = known
        for side in (native, plain):
            side.close()
        for listener in listeners:
            listener.close()


async def test_steady_viewers_are_served_by_the_compiled_loop(library: compiled.Library) -> None:
    """Otherwise the comparison above would compare Python with itself."""
    known, compiled.LIBRARY = compiled.LIBRARY, library
    listener = UdpListener(lambda *_: False, Counters(), "127.0.0.1", 0)
    side = Side(listener, 3, 1, compiled=True)
    try:
        story = Story([side], long_id=True)
        story.tell(("frame", 1, True, 0, 50))
        assert all(out.lane.source == side.sources[1].number for out in side.viewers)
        story.tell(("frame", 1, False, 0, 500))
        # The first packet armed the lanes in Python; of the other three it knows only when it asks.
        assert [out._packets for out in side.viewers] == [1, 1, 1]
        assert [out.packets for out in side.viewers] == [4, 4, 4]
        assert [len(packets) for packets in side.received()] == [4, 4, 4]
    finally:
        compiled.LIBRARY = known
        side.close()
        listener.close()


async def test_nothing_is_sent_over_a_socket_that_was_closed(library: compiled.Library) -> None:
    """Its descriptor may already be another file's."""
    known, compiled.LIBRARY = compiled.LIBRARY, library
    listener = UdpListener(lambda *_: False, Counters(), "127.0.0.1", 0)
    side = Side(listener, 1, 1, compiled=True)
    try:
        story = Story([side], long_id=True)
        story.tell(("frame", 1, True, 0, 50))
        side.received()
        listener.close()
        story.tell(("frame", 1, False, 0, 50))
        assert side.received() == [[]]
        assert side.counters.dropped_send == 2
    finally:
        compiled.LIBRARY = known
        side.close()
        listener.close()


def test_a_packet_that_would_not_fit_is_left_to_python(library: compiled.Library) -> None:
    lane, packet = library.new("lane"), library.packet
    route, sending = library.new("route"), library.new("socket")
    route.socket, route.session, route.address_size = sending, library.ffi.cast("void *", 1), 16
    lane.source, lane.route, lane.head_size = 9, route, 28
    payload = bytes(2048)
    packet.source, packet.size, packet.elements_size = 9, len(payload), 0
    packet.picture_bits = packet.tl0_at = packet.descriptor_size = 0
    left = library.ffi.new("unsigned[1]")
    lanes = library.ffi.new("struct majlis_lane *[]", [lane])
    assert library.fan_out(library.protect, packet, payload, lanes, 1, left, library.result) == 1
    assert (left[0], library.result.forwarded) == (0, 0)


def test_a_descriptor_that_points_outside_its_packet_is_left_to_python(library: compiled.Library) -> None:
    packet = library.packet
    payload = bytes(6)
    packet.size, packet.elements_size, packet.descriptor_size = 6, 0, 6
    lanes = library.ffi.new("struct majlis_lane *[]", [library.new("lane")])
    left = library.ffi.new("unsigned[1]")
    for bits, at, tl0_at in ((15, 5, 0), (7, 6, 0), (7, 2, 6), (7, -1, 0), (7, 2, -1)):
        packet.picture_bits, packet.picture_at, packet.tl0_at = bits, at, tl0_at
        assert library.fan_out(library.protect, packet, payload, lanes, 1, left, library.result) == 1


def test_without_the_library_everything_goes_on_in_python(tmp_path: Path) -> None:
    assert compiled.load(tmp_path / "absent.so") is None
    broken = tmp_path / "broken.so"
    broken.write_bytes(b"not a library")
    assert compiled.load(broken) is None
