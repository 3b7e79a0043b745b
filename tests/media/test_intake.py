"""What comes in, taken in by C and in Python: the same bytes go out, and the same is known afterwards."""

from __future__ import annotations

import asyncio
import math
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import pylibsrtp
import pytest
from aioice import stun
from aiortc import RTCCertificate
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conference.media import compiled, udp
from conference.media.acceptance import AcceptedOffer
from conference.media.allocate import Layer, Offered
from conference.media.counters import Counters
from conference.media.engine import Viewing
from conference.media.intake import Peer
from conference.media.mux import Mux
from conference.media.outgoing import OutgoingStream
from conference.media.outgoing_video import OutgoingVideo
from conference.media.paths import Path
from conference.media.publisher import Publisher
from conference.media.rtcp import (
    Nack,
    ReceiverReport,
    ReportBlock,
    SourceDescription,
    TransportFeedback,
    parse_rtcp,
)
from conference.media.rtp import RtpPacket
from conference.media.sending import SendControl
from conference.media.sockaddr import socket_address
from conference.media.transport import Transport
from conference.media.twcc import ArrivalLog
from conference.media.udp import UdpListener, UdpPath
from tests.media.test_fanout import Plain, picture

pytestmark = pytest.mark.skipif(compiled.LIBRARY is None, reason="the compiled loop is not there")

KEY = bytes(range(28))
VP8, RTX = 96, 97
MID_ID, RID_ID, RRID_ID, TWCC_ID = 4, 10, 11, 3
RIDS = ("q", "h")


def session(kind: int) -> pylibsrtp.Session:
    policy = pylibsrtp.Policy(KEY, kind, 0, pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM)
    policy.allow_repeat_tx = True
    return pylibsrtp.Session(policy)


class Clock:
    """Stands where `udp` looks at the time."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@contextmanager
def library(present: bool) -> Iterator[None]:
    known = compiled.LIBRARY
    compiled.LIBRARY = known if present else None
    try:
        yield
    finally:
        compiled.LIBRARY = known


class Sender:
    """A browser's sending side: one socket, one key."""

    def __init__(self) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.setblocking(False)
        self.session = session(pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
        self._came: dict[int, list[bytes]] = {}

    def answers(self, port: int) -> list[bytes]:
        """What came back from there, the rest is kept for the next question."""
        while True:
            try:
                data, source = self.sock.recvfrom(4096)
            except BlockingIOError:
                break
            self._came.setdefault(source[1], []).append(data)
        return self._came.pop(port, [])


def transport_of(sender: Sender, listener: UdpListener, counters: Counters) -> Transport:
    """As it is when `sender` has passed a check and the handshake is over."""
    transport = Transport(
        Mux(counters),
        counters,
        cast(RTCCertificate, None),
        0.0,
        on_rtp=lambda data, now: None,
        on_rtcp=lambda data, now: None,
        on_connected=lambda: None,
        on_closed=lambda: None,
    )
    inbound, outbound = pylibsrtp.Policy.SSRC_ANY_INBOUND, pylibsrtp.Policy.SSRC_ANY_OUTBOUND
    keys = SimpleNamespace(inbound=session(inbound), outbound=session(outbound), moved=lambda: None)
    transport._dtls = cast(Any, keys)
    path = UdpPath(listener, sender.sock.getsockname())
    transport.ice._remember(path)
    transport.ice._select(path)
    return transport


class Side:
    """A publisher with two layers, its transport, and viewers whose packets can be read from real sockets."""

    def __init__(self, sender: Sender, seed: int, *, native: bool) -> None:
        self.native = native
        self.sender = sender
        with library(native):
            self.counters = Counters()
            self.listener = UdpListener(lambda *_: False, self.counters, "127.0.0.1", 0)
            self.publisher = Publisher("a", ("1", "x"), self.counters, 2_000_000, self._transport)
            self.publisher._ssrc = seed
            self.transport._keyed()
            self.publisher.apply(self.accepted())
        self.track = self.publisher.tracks["0"]
        self.tapped: list[int] = []
        self.sockets: list[socket.socket] = []
        self.viewers: list[Any] = []
        self.logs: list[Any] = []
        self._numbers = random.Random(seed)
        for _ in range(3):
            self.join()

    def accepted(self) -> AcceptedOffer:
        return AcceptedOffer(
            sources={"0": "camera"},
            payload_types={"0": VP8},
            rtx_types={RTX},
            codecs={"0": "vp8"},
            parameters={"0": ""},
            rids={"0": RIDS},
            repaired={"0"},
            mid_id=MID_ID,
            rid_id=RID_ID,
            rrid_id=RRID_ID,
            twcc_id=TWCC_ID,
        )

    def outgoing(self, transport: Transport, mid: str) -> OutgoingStream:
        out = OutgoingVideo(self.track, transport, mid, self.counters)
        out._offset = 1 + self._numbers.randrange(1 << 15)
        out._rtx_sequence = self._numbers.randrange(1 << 15)
        return out

    def _transport(self, publisher: Publisher) -> Transport:
        self.transport = transport_of(self.sender, self.listener, self.counters)
        self.transport._on_rtp, self.transport._on_rtcp = publisher.on_rtp, publisher.on_rtcp
        self.transport.on_keyed = publisher.keyed
        return self.transport

    def join(self) -> None:
        with library(self.native):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            sock.bind(("127.0.0.1", 0))
            sock.setblocking(False)
            self.sockets.append(sock)
            keys = session(pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
            path = UdpPath(self.listener, sock.getsockname())
            transport = Plain(path, keys)
            if self.native:
                transport.route_to(path, keys)
            self.logs.append(transport.log)
            mid = str(len(self.viewers))
            out = self.outgoing(cast(Transport, transport), mid)
            out.ssrc, out.rtx_ssrc = self._numbers.randrange(1 << 32), self._numbers.randrange(1 << 32)
            self.viewers.append(out)
            self.track.outgoing = (*self.track.outgoing, out)
            out.open = True

    def tap(self) -> None:
        self.track.taps = (lambda stream, media, now: self.tapped.append(media.index),)

    def take(self) -> None:
        """What the loop does when the socket has something."""
        if self.native:
            self.listener._take_many()
        else:
            self.listener._take_each()

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

    def known(self, now: float) -> dict[str, Any]:
        """All that is known now, and how often something was counted."""
        publisher = self.publisher
        return {
            "counters": self.counters.as_dict(),
            "bucket": publisher._bucket.tolist(),
            "seen": self.transport.seen(),
            "streams": [
                (
                    stream.ssrc,
                    stream.rid,
                    stream.active,
                    stream.counts.tolist(),
                    [None if math.isnan(value) else value for value in stream.measures],
                    stream.rate.counts.tolist(),
                    stream.rate.shares.tolist(),
                    (stream.bitrate(now), stream.fps(now)),
                    stream._missing,
                    (stream.width, stream.last_key, stream.key_wanted, stream.awaited, stream.urgent),
                    stream.report(now),
                )
                for stream in publisher._streams.values()
            ],
            "viewers": [self.sees(out) for out in self.viewers],
            "logs": [(log.state, log.times, log.sizes) for log in self.logs],
            "tapped": self.tapped,
        }

    def sees(self, out: Any) -> tuple[Any, ...]:
        return (out.packets, out.octets, out.layer, out._next, out._last_time, out._offset, out._cap)

    def close(self) -> None:
        for sock in self.sockets:
            sock.close()
        self.listener.close()


NEXT = (0, "next", 9, 0)
# A packet: its layer, what is odd about it, its size, its temporal layer; and a pause before the next batch.
packets = st.tuples(
    st.integers(0, 1),
    st.sampled_from(
        ["next"] * 12
        + [
            "key",
            "lost",
            "copy",
            "late",
            "padding",
            "rtx",
            "probe",
            "odd",
            "long",
            "forged",
            "short",
            "two byte",
        ]
    ),
    st.integers(0, 1300),
    st.integers(0, 2),
)
events = st.lists(
    st.one_of(
        st.tuples(
            st.just("batch"), st.lists(packets, min_size=1, max_size=8), st.sampled_from([0.004, 0.02, 0.3])
        ),
        st.tuples(
            st.just("batch"), st.lists(packets, min_size=1, max_size=8), st.sampled_from([0.004, 0.02, 2.5])
        ),
        st.tuples(st.just("choose"), st.integers(0, 2), st.sampled_from([None, 0, 1]), st.integers(0, 2)),
        st.tuples(st.just("nack"), st.integers(0, 2), st.integers(0, 6)),
        st.tuples(st.just("pli"), st.integers(0, 2)),
        st.tuples(st.just("mute")),
        st.tuples(st.just("unmute")),
        st.tuples(st.just("tap")),
        st.tuples(st.just("untap")),
        st.tuples(st.just("join")),
        st.tuples(st.just("leave"), st.integers(0, 2)),
        st.tuples(st.just("tick")),
        st.tuples(st.just("flood")),
    ),
    max_size=40,
)


class Story:
    """The same happenings for two sides. Every packet is made and encrypted once."""

    opening: tuple[tuple[Any, ...], ...] = (
        ("batch", [(0, "key", 50, 0), (1, "key", 900, 0)], 0.02),
        ("batch", [(0, "next", 9, 0), (1, "next", 700, 0)], 0.02),
    )

    def __init__(self, sender: Sender, sides: list[Side], clock: Clock) -> None:
        self.sender, self.sides, self.clock = sender, sides, clock
        self.sequence = [65_500, 300]  # one wraps soon
        self.number = [100, 32_760]
        self.transport_wide = 65_530
        self.rtx_sequence = 5
        self.sent: list[list[tuple[bytes, RtpPacket]]] = [[], []]

    def each(self) -> Iterator[Side]:
        for side in self.sides:
            with library(side.native):
                yield side

    def tell(self, event: tuple[Any, ...]) -> None:
        getattr(self, f"_{event[0].replace(' ', '_')}")(*event[1:])

    def _batch(self, packets: list[tuple[int, str, int, int]], pause: float) -> None:
        for packet in packets:
            self._make(*packet)
        for side in self.each():
            side.take()
        self.clock.now += pause

    def _make(self, layer: int, what: str, size: int, temporal: int) -> None:
        if what in ("copy", "late", "rtx"):
            self._again(layer, what)
            return
        if what == "probe":
            self._probe(layer)
            return
        self.sequence[layer] += 2 if what == "lost" else 1
        self.number[layer] += 1
        key = what == "key"
        payload = picture(self.number[layer], 0, 0 if key else temporal, size, key=key, long_id=layer == 0)
        if key:
            payload += b"\0\0\x9d\x01\x2a\x80\x02\x68\x01"
        payload = {"padding": b"", "short": payload[:2], "long": bytes(5) + payload + bytes(150)}.get(
            what, payload
        )
        packet = RtpPacket(
            99 if what == "odd" else VP8,
            self.number[layer] % 2 == 1,
            self.sequence[layer] & 0xFFFF,
            self.number[layer] * 3000 & 0xFFFFFFFF,
            70 + layer,
            payload,
            self._extensions(layer, what),
            8 if what == "padding" else 0,
        )
        self._send(layer, packet, forged=what == "forged")

    def _probe(self, layer: int) -> None:
        """Padding on the stream of retransmissions."""
        self.rtx_sequence += 1
        extensions = self._extensions(layer, "probe")
        self._send(layer, RtpPacket(RTX, False, self.rtx_sequence, 0, 700 + layer, b"", extensions, 8))

    def _extensions(self, layer: int, what: str) -> dict[int, bytes]:
        self.transport_wide += 1
        name = {MID_ID: b"0", RRID_ID if what in ("rtx", "probe") else RID_ID: RIDS[layer].encode()}
        number = {TWCC_ID: (self.transport_wide & 0xFFFF).to_bytes(2, "big")}
        extra = {20: b"two bytes"} if what == "two byte" else {}
        return {**(name if self.number[layer] < 32_790 else {}), **number, **extra}

    def _again(self, layer: int, what: str) -> None:
        if not self.sent[layer]:
            return
        data, packet = self.sent[layer][-min(3, len(self.sent[layer]))]
        if what == "copy":
            self._deliver(data)
            return
        if what == "late":  # the one that was left out before it, if one was
            sequence = packet.sequence - 1 & 0xFFFF
            kind, extensions = packet.payload_type, packet.extensions
            late = RtpPacket(kind, False, sequence, packet.timestamp, packet.ssrc, packet.payload, extensions)
            self._send(layer, late)
            return
        self.rtx_sequence += 1
        payload = (packet.sequence - 1 & 0xFFFF).to_bytes(2, "big") + packet.payload
        extensions = self._extensions(layer, "rtx")
        self._send(
            layer,
            RtpPacket(RTX, False, self.rtx_sequence, packet.timestamp, 700 + layer, payload, extensions),
        )

    def _send(self, layer: int, packet: RtpPacket, *, forged: bool = False) -> None:
        data = self.sender.session.protect(packet.pack())
        if forged:
            data = data[:-1] + bytes([data[-1] ^ 1])
        else:
            self.sent[layer].append((data, packet))
        self._deliver(data)

    def _deliver(self, data: bytes) -> None:
        for side in self.each():
            self.sender.sock.sendto(data, ("127.0.0.1", side.listener.port))

    def _choose(self, viewer: int, layer: int | None, temporal: int) -> None:
        for side in self.each():
            side.viewers[viewer].choose(layer, temporal)

    def _nack(self, viewer: int, back: int) -> None:
        for side in self.each():
            out = side.viewers[viewer]
            assert out.packets >= 0  # takes the lane's numbers over
            out.resend((out._next - 1 + out._offset - back & 0xFFFF,), self.clock.now)

    def _pli(self, viewer: int) -> None:
        for side in self.each():
            side.viewers[viewer].lost_picture()
            side.publisher.ask_key_frames(self.clock.now)

    def _mute(self) -> None:
        for side in self.each():
            side.track.set_muted(True)

    def _unmute(self) -> None:
        for side in self.each():
            side.track.set_muted(False)

    def _tap(self) -> None:
        for side in self.each():
            side.tap()

    def _untap(self) -> None:
        for side in self.each():
            side.track.taps = ()

    def _join(self) -> None:
        for side in self.each():
            side.join()

    def _leave(self, viewer: int) -> None:
        for side in self.each():
            out = side.viewers[viewer]
            out.open = False
            out.detach()

    def _tick(self) -> None:
        for side in self.each():
            side.publisher.tick(self.clock.now)

    def _flood(self) -> None:
        """More than the sender may send at once."""
        for _ in range(230):
            self._make(0, "next", 1200, 0)
            for side in self.each():
                side.take()


def play(
    happenings: list[tuple[Any, ...]], seed: int, side: type[Side] = Side, told: type[Story] = Story
) -> list[Side]:
    return asyncio.run(_play(happenings, seed, side, told))


async def _play(
    happenings: list[tuple[Any, ...]], seed: int, side: type[Side], told: type[Story]
) -> list[Side]:
    clock = Clock()
    known, udp.time = udp.time, cast(Any, clock)  # type: ignore[attr-defined]  # the module's own import
    sender = Sender()
    sides = [side(sender, seed, native=native) for native in (True, False)]
    try:
        story = told(sender, sides, clock)
        for event in [*story.opening, *happenings]:
            story.tell(event)
            ours, theirs = sides
            assert ours.received() == theirs.received(), event
            assert sender.answers(ours.listener.port) == sender.answers(theirs.listener.port), event
            assert ours.known(clock.now) == theirs.known(clock.now), event
        return sides
    finally:
        udp.time = known  # type: ignore[attr-defined]  # as above
        sender.sock.close()
        for each in sides:
            each.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events, st.integers(1, 1 << 20))
@example([("flood",), ("batch", [NEXT], 2.5), ("flood",)], 1)
@example(
    [("batch", [(0, "next", 9, 0)] * 8, 0.02), ("tick",), ("mute",), ("batch", [(0, "key", 9, 0)], 0.3)], 2
)
@example(
    [("choose", 0, 0, 1), ("batch", [(0, "next", 9, 2), (0, "next", 9, 0), (0, "next", 9, 2)] * 2, 0.02)], 3
)
def test_both_ways_do_the_same_with_whatever_comes(happenings: list[tuple[Any, ...]], seed: int) -> None:
    play(happenings, seed)


def test_a_steady_stream_is_taken_in_by_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the comparison above would compare Python with itself."""
    python = [0, 0]
    known = Publisher.on_rtp

    def counted(publisher: Publisher, data: bytes, now: float) -> None:
        python[publisher._intake is None] += 1
        known(publisher, data, now)

    monkeypatch.setattr(Publisher, "on_rtp", counted)
    native, plain = play([("batch", [(1, "next", 600, 0), (0, "next", 100, 1)] * 4, 0.02)] * 10, 7)
    # The key frames; and the first after each, whose coming changed who follows which layer.
    assert (python[0] <= 6, python[1]) == (True, 84)
    assert native.counters.packets_in == plain.counters.packets_in == 84
    assert all(stream.admitted for stream in native.track.streams)


def test_a_tick_says_whether_the_next_one_should_come_soon() -> None:
    steady = ("batch", [(0, "next", 9, 0), (1, "next", 9, 0)], 0.02)
    for happenings, soon in (([steady], False), ([steady, ("batch", [(0, "lost", 9, 0)], 0.02)], True)):
        for side in play(happenings, 3):
            side.transport.connected = True
            side.transport.ice.send = lambda data: None
            with library(side.native):
                assert side.publisher.tick(1000.3) is soon


def test_addresses_come_and_go_without_losing_others() -> None:
    """The table is open addressing: taking one out must not hide those that had to stand behind it."""
    assert compiled.LIBRARY is not None
    library, table = compiled.LIBRARY, compiled.LIBRARY.new("listener")
    entries = library.ffi.new("struct majlis_entry[]", 64)
    table.entries, table.capacity = entries, 64
    chosen = random.Random(4)
    peers = [library.new("peer") for _ in range(3)]
    bound: dict[bytes, Any] = {}
    for _ in range(5000):
        address = socket_address((f"10.0.0.{chosen.randrange(12)}", chosen.randrange(4) + 1))
        peer = chosen.choice([library.ffi.NULL, *peers])
        before = library.bind(table, address, len(address), peer)
        assert before == bound.pop(address, library.ffi.NULL)
        if peer != library.ffi.NULL:
            bound[address] = peer
        assert table.used == len(bound)


class Watcher:
    """A viewer's transport, and what its reports mean for what it is sent."""

    def __init__(self, sender: Sender, *, native: bool) -> None:
        self.native = native
        self.read = 0  # feedback read in Python
        self.urgent = False
        with library(native):
            counters = Counters()
            self.listener = UdpListener(lambda *_: False, counters, "127.0.0.1", 0)
            self.control = SendControl(bitrate=500_000)
            self.transport = transport_of(sender, self.listener, counters)
            self.transport._on_rtcp = self._on_rtcp
            self.transport.on_keyed = self._keyed
            self.transport._keyed()

    def _keyed(self, peer: Peer) -> None:
        hearing = self.control.listen()
        assert hearing is not None
        peer.reports(hearing)

    def _on_rtcp(self, data: bytes, now: float) -> None:
        (packet,), _ = parse_rtcp(data)
        assert isinstance(packet, TransportFeedback)
        self.read += 1
        self.control.on_feedback(packet.body, now)
        self.urgent |= self.control.urgent

    def take(self) -> None:
        with library(self.native):
            if self.native:
                self.listener._take_many()
            else:
                self.listener._take_each()


OFFERED = (Offered("a", "camera", (Layer(150_000), Layer(600_000), Layer(1_800_000))),)


class Watching:
    """Packets to a viewer over some path, its reports, and a look ten times a second."""

    def __init__(self, sender: Sender, watchers: list[Watcher], clock: Clock) -> None:
        self.sender, self.watchers, self.clock = sender, watchers, clock
        self.far = ArrivalLog()

    def send(self, count: int, delay: float, lost: int, pause: float) -> None:
        """Packets 5 ms apart that take so long, of which some are lost; then a report, and a pause."""
        for n in range(count):
            self.clock.now += 0.005
            numbers = {watcher.control.log.note(1000, self.clock.now) for watcher in self.watchers}
            (number,) = numbers
            if n >= lost:
                self.far.add(int.from_bytes(number, "big"), 77.0 + self.clock.now + delay)
        self.clock.now += delay
        for report in self.far.take(1, 2):
            data = self.sender.session.protect_rtcp(report)
            for watcher in self.watchers:
                self.sender.sock.sendto(data, ("127.0.0.1", watcher.listener.port))
                watcher.take()
        self.clock.now += pause

    def look(self) -> None:
        """Both see the same now, and both have seen at once what could not wait."""
        self.clock.now += 0.01
        viewing = Viewing()
        ours, theirs = self.watchers
        padding = [watcher.control.tick(self.clock.now, OFFERED, viewing, ()) for watcher in self.watchers]
        assert padding[0] == padding[1]
        assert seen(ours.control) == seen(theirs.control)
        assert ours.urgent == theirs.urgent


def seen(control: SendControl) -> dict[str, Any]:
    estimator = dict(vars(control.estimator))
    arrivals = dict(vars(estimator.pop("_arrivals")))
    silence = vars(estimator.pop("_silence"))
    slots = [(slot.at, slot.first, slot.last, slot.delay, slot.size) for slot in arrivals.pop("slots")]
    return {
        **estimator,
        **arrivals,
        **silence,
        "slots": slots,
        "log": control.log.state,
        "spent": control.allocation,
    }


reports = st.lists(
    st.one_of(
        st.tuples(
            st.integers(0, 30),
            st.sampled_from([0.05, 0.05, 0.05, 0.07, 0.09, 0.2, 0.9]),
            st.sampled_from([0, 0, 0, 1, 9]),
            st.sampled_from([0.0, 0.0, 0.05, 0.5]),
        ),
        st.just(None),  # a look
    ),
    max_size=60,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(reports)
@example([(20, 0.05, 0, 0.0), None] * 20 + [(20, 0.9, 0, 0.0), None, (20, 0.05, 3, 0.0)])
@example([(20, 0.05, 0, 0.0)] * 9 + [None] * 3)
def test_feedback_that_waited_means_what_it_would_have_meant_at_once(
    happenings: list[tuple[int, float, int, float] | None],
) -> None:
    asyncio.run(_watch(happenings))


async def _watch(happenings: list[tuple[int, float, int, float] | None]) -> list[Watcher]:
    clock = Clock()
    known, udp.time = udp.time, cast(Any, clock)  # type: ignore[attr-defined]  # the module's own import
    sender = Sender()
    watchers = [Watcher(sender, native=native) for native in (True, False)]
    try:
        watching = Watching(sender, watchers, clock)
        for happening in happenings:
            if happening is None:
                watching.look()
            else:
                watching.send(*happening)
        watching.look()
        return watchers
    finally:
        udp.time = known  # type: ignore[attr-defined]  # as above
        sender.sock.close()
        for watcher in watchers:
            watcher.listener.close()


def test_feedback_of_a_calm_path_waits_for_the_look() -> None:
    """Otherwise the comparison above would compare Python with itself."""
    native, plain = asyncio.run(_watch([(20, 0.05, 0, 0.0), None] * 30))
    assert (native.read < 10, plain.read) == (True, 30)


def test_who_has_all_there_is_over_a_calm_path_need_not_be_looked_at() -> None:
    asyncio.run(_rest())


async def _rest() -> None:
    clock = Clock()
    known, udp.time = udp.time, cast(Any, clock)  # type: ignore[attr-defined]  # the module's own import
    sender = Sender()
    watcher = Watcher(sender, native=True)
    control = watcher.control
    small = (Offered("a", "camera", (Layer(50_000),)),)
    try:
        watching = Watching(sender, [watcher], clock)
        for _ in range(20):
            watching.send(20, 0.05, 0, 0.0)
            control.tick(clock.now, small, Viewing(), ())
        assert control.may_rest(clock.now)
        watching.send(20, 0.05, 0, 0.4)
        assert control.may_rest(clock.now)
        assert not control.may_rest(clock.now + 1.0), "news is late"
        watching.send(20, 0.05, 2, 0.0)
        assert not control.may_rest(clock.now), "losses are looked at"
        control.tick(clock.now, OFFERED, Viewing(), ())
        watching.send(20, 0.05, 0, 0.0)
        assert not control.may_rest(clock.now), "there is something to gain"
    finally:
        udp.time = known  # type: ignore[attr-defined]  # as above
        sender.sock.close()
        watcher.listener.close()


def check_of(transport: Transport) -> bytes:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{transport.ice.ufrag}:theirs"
    request.add_message_integrity(transport.ice.password.encode())
    return bytes(request)


def test_consent_is_renewed_without_python_while_nothing_else_changes() -> None:
    asyncio.run(_renew_consent())


async def _renew_consent() -> None:
    clock = Clock()
    known, udp.time = udp.time, cast(Any, clock)  # type: ignore[attr-defined]  # the module's own import
    sender, counters = Sender(), Counters()
    asked: list[bytes] = []

    def stun_in_python(data: bytes, path: Path, now: float) -> bool:
        asked.append(data)
        return False

    listener = UdpListener(stun_in_python, counters, "127.0.0.1", 0)
    transport = transport_of(sender, listener, counters)
    here = ("127.0.0.1", listener.port)
    try:
        first = check_of(transport)
        sender.sock.sendto(first, here)
        listener._take_many()
        assert asked == [first], "before the keys are there"
        transport._keyed()
        clock.now += 5
        sender.sock.sendto(check_of(transport), here)
        listener._take_many()
        (reply,) = sender.answers(listener.port)
        assert stun.parse_message(reply).attributes["XOR-MAPPED-ADDRESS"] == sender.sock.getsockname()
        assert (asked, transport.seen()) == ([first], clock.now)
        assert (counters.datagrams_in, counters.datagrams_out, counters.bytes_out) == (2, 1, len(reply))
        old = check_of(transport)
        transport.ice.restart()
        for check in (old, check_of(transport)):
            sender.sock.sendto(check, here)
            listener._take_many()
            assert asked[-1] == check, "with two names it means something which is used"
    finally:
        udp.time = known  # type: ignore[attr-defined]  # as above
        sender.sock.close()
        listener.close()


def test_a_reception_report_waits_for_the_look_and_what_asks_for_something_does_not() -> None:
    asyncio.run(_report())


async def _report() -> None:
    clock = Clock()
    known, udp.time = udp.time, cast(Any, clock)  # type: ignore[attr-defined]  # the module's own import
    sender = Sender()
    watcher = Watcher(sender, native=True)
    left: list[bytes] = []
    try:
        watching = Watching(sender, [watcher], clock)
        for _ in range(20):
            watching.send(20, 0.05, 0, 0.0)
            watcher.control.tick(clock.now, OFFERED, Viewing(), ())
        hearing = watcher.control._hearing
        assert hearing is not None
        watcher.transport._on_rtcp = lambda data, now: left.append(data)
        report = ReceiverReport(1, (ReportBlock(2, 51, 4, 700, 8),)).pack()
        named = report + SourceDescription(((1, "someone"),)).pack()
        asking = report + Nack(1, 2, (700,)).pack()
        for data in (report, named, asking):
            clock.now += 1
            sender.sock.sendto(sender.session.protect_rtcp(data), ("127.0.0.1", watcher.listener.port))
            watcher.take()
        assert hearing.reports() == [(report, clock.now - 2), (named, clock.now - 1)]
        assert (hearing.reports(), left) == ([], [asking])
        for _ in range(9):
            sender.sock.sendto(sender.session.protect_rtcp(report), ("127.0.0.1", watcher.listener.port))
            watcher.take()
        assert (len(hearing.reports()), left) == (8, [asking, report]), "no more than there is room for"
    finally:
        udp.time = known  # type: ignore[attr-defined]  # as above
        sender.sock.close()
        watcher.listener.close()
