"""TCP candidates: who may connect, what a stranger may say, and media for those who proved themselves."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conference.media import LocalEngine
from conference.media.counters import Counters
from conference.media.framing import MAX_FRAME, Deframer, frame
from conference.media.ice import IceAgent
from conference.media.mux import Mux
from conference.media.paths import HandleStun
from conference.media.tcp import TcpListener
from tests.media.peer import House, Publisher, Watcher, until
from tests.media.tcp_peer import use_tcp
from tests.media.test_ice import check

LONG = 60.0


class Door:
    """A listener of its own with an agent behind it, and plain sockets to knock with."""

    def __init__(self, *, seconds: float = LONG, strangers: int = 256) -> None:
        self.counters = Counters()
        self.mux = Mux(self.counters)
        self.received: list[bytes] = []
        self.agent = IceAgent(self.mux, lambda data, now: self.received.append(data), lambda: None)
        handle: HandleStun = self.mux.stun
        self.listener = TcpListener(
            handle, self.counters, "127.0.0.1", 0, stranger_seconds=seconds, max_strangers=strangers
        )
        self._writers: list[asyncio.StreamWriter] = []

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.listener.port)
        self._writers.append(writer)
        return reader, writer

    async def admitted(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection that has passed a check, the reply read."""
        reader, writer = await self.connect()
        writer.write(frame(self.check()))
        await read_frame(reader)
        return reader, writer

    def check(self, password: str | None = None) -> bytes:
        return check(self.agent.ufrag, password or self.agent.password)

    async def close(self) -> None:
        self.agent.close()
        self.listener.close()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in self._writers), return_exceptions=True)


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    size = int.from_bytes(await asyncio.wait_for(reader.readexactly(2), LONG), "big")
    return await asyncio.wait_for(reader.readexactly(size), LONG)


async def ended(reader: asyncio.StreamReader) -> bool:
    """Whether the server closes without having said a word."""
    try:
        return await asyncio.wait_for(reader.read(), LONG) == b""
    except ConnectionError:
        return True


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    door = Door()
    yield door
    await door.close()


JUNK: dict[str, Callable[[Door], bytes]] = {
    "a wrong password": lambda door: frame(door.check("guess")),
    "an unknown user": lambda door: frame(check("nobody", "nothing")),
    "a ClientHello": lambda door: frame(b"\x16\xfe\xfd" + secrets.token_bytes(200)),
    "an RTP packet": lambda door: frame(b"\x80\x60" + secrets.token_bytes(100)),
    "an empty frame": lambda door: frame(b""),
    "a huge frame": lambda door: (MAX_FRAME + 1).to_bytes(2, "big") + bytes(5000),
    "a web request": lambda door: b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "TLS": lambda door: b"\x16\x03\x01\x02\x00\x01\x00" + secrets.token_bytes(500),
}


@pytest.mark.parametrize("junk", JUNK)
async def test_a_stranger_that_says_anything_but_a_valid_check_is_shown_out_in_silence(
    door: Door, junk: str
) -> None:
    reader, writer = await door.connect()
    writer.write(JUNK[junk](door))
    if junk == "a web request":  # its first two letters announce a frame of 18,245 bytes
        assert int.from_bytes(b"GE", "big") > MAX_FRAME
    assert await ended(reader)
    assert (door.counters.dropped_tcp, door.counters.datagrams_out) == (1, 0)
    assert door.received == []


async def test_a_stranger_that_says_nothing_or_half_a_check_is_shown_out_after_a_time() -> None:
    door = Door(seconds=0.05)
    silent, halfway = await door.connect(), await door.connect()
    halfway[1].write(frame(door.check())[:40])
    assert await ended(silent[0])
    assert await ended(halfway[0])
    assert not door.listener.strangers
    await door.close()


async def test_idle_connections_make_room_for_a_newcomer() -> None:
    door = Door(strangers=8)
    idle = [await door.connect() for _ in range(30)]
    await until(lambda: door.counters.tcp_accepted == 30, LONG)
    assert len(door.listener.strangers) == 8
    await door.admitted()
    assert len(door.listener.paths) == 1
    for reader, _ in idle[:22]:
        assert await ended(reader)
    await door.close()


async def test_the_admitted_are_not_among_the_strangers_that_make_room() -> None:
    door = Door(strangers=4)
    guests = [await door.admitted() for _ in range(6)]
    for _ in range(20):
        await door.connect()
    await until(lambda: door.counters.tcp_accepted == 26, LONG)
    for reader, writer in guests:
        writer.write(frame(door.check()))
        assert await read_frame(reader)
    await door.close()


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(min_value=0), max_size=6))
async def test_a_check_is_understood_wherever_the_stream_is_cut(cuts: list[int]) -> None:
    door = Door()
    reader, writer = await door.connect()
    stream = frame(door.check()) + frame(b"\x80 a packet") + frame(b"") + frame(b"\x81 another")
    places = sorted({cut % len(stream) for cut in cuts} | {0, len(stream)})
    for a, b in pairwise(places):
        writer.write(stream[a:b])
        await writer.drain()
        await asyncio.sleep(0)
    assert (await read_frame(reader))[:2] == b"\x01\x01"
    await until(lambda: len(door.received) == 2, LONG)
    assert door.received == [b"\x80 a packet", b"\x81 another"]
    await door.close()


@settings(deadline=None, max_examples=25)
@given(st.binary(min_size=1, max_size=300))
async def test_noise_is_carried_no_further_and_answered_by_nobody(noise: bytes) -> None:
    door = Door()
    reader, writer = await door.connect()
    writer.write(noise)
    writer.write_eof()
    assert await ended(reader)
    assert door.received == []
    assert door.counters.datagrams_out == 0
    await until(lambda: not door.listener.strangers, LONG)
    await door.close()


async def test_the_admitted_are_shown_out_for_breaking_the_framing(door: Door) -> None:
    reader, writer = await door.admitted()
    writer.write((0xFFFF).to_bytes(2, "big"))
    assert await ended(reader)
    assert door.agent.path is None
    assert door.mux.occupancy[1] == len(door.listener.paths) == 0


async def test_a_reader_that_stops_reading_costs_bounded_memory_and_keeps_its_framing(door: Door) -> None:
    reader, writer = await door.admitted()
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is a read transport as well
    path = door.agent.path
    assert path is not None
    (connection,) = door.listener.paths
    for number in range(20_000):  # 20 MB
        path.send(b"\x80" + number.to_bytes(4, "big") + bytes(1000))
        if number % 100 == 0:
            await asyncio.sleep(0)
    assert door.counters.dropped_backlog > 0
    assert connection._backlog.waiting < 300_000
    writer.transport.resume_reading()  # type: ignore[attr-defined]
    path.send(b"\x00 last")
    deframer, numbers = Deframer(), []
    while True:
        data = await asyncio.wait_for(reader.read(65536), LONG)
        packets = deframer.feed(data)
        numbers += [int.from_bytes(p[1:5], "big") for p in packets if p[:1] == b"\x80"]
        if b"\x00 last" in packets:
            break
    assert not deframer.broken
    assert numbers == sorted(set(numbers))


async def test_connections_end_with_their_transport(engine: LocalEngine, house: House) -> None:
    speaker = Publisher(("microphone",))
    use_tcp(speaker.connection)
    await speaker.publish(engine, "hall", "speaker")
    await engine.unpublish("hall", "speaker", None)
    await until(lambda: engine._mux.occupancy == (0, 0), LONG)
    await speaker.close()


async def test_media_flows_over_tcp_both_ways(engine: LocalEngine, house: House) -> None:
    viewer = house.watchers["viewer"] = Watcher()
    use_tcp(viewer.connection)
    await viewer.subscribe(engine, "hall", "viewer")
    speaker = Publisher()
    use_tcp(speaker.connection)
    await speaker.publish(engine, "hall", "speaker")
    await until(
        lambda: viewer.received.get("speaker~camera") and viewer.received["speaker~camera"].frames > 10, LONG
    )
    assert viewer.received["speaker~microphone"].packets
    assert viewer.received["speaker~camera"].missing() == []
    (transport,) = [v.transport for v in engine._rooms["hall"].viewers]
    assert transport.kind == "tcp"
    await speaker.close()
    await viewer.close()


async def test_a_viewer_moves_between_udp_and_tcp_by_nominating(engine: LocalEngine, house: House) -> None:
    """Without a word of signalling, and without a new handshake."""
    viewer = await house.watch("viewer")
    speaker = Publisher(("microphone",))
    await speaker.publish(engine, "hall", "speaker")
    await until(lambda: viewer.received.get("speaker~microphone"), LONG)
    received = viewer.received["speaker~microphone"]
    (transport,) = [v.transport for v in engine._rooms["hall"].viewers]
    for kind, move in (
        ("tcp", lambda: use_tcp(viewer.connection)),
        ("udp", viewer.connection.move),
        ("tcp", lambda: use_tcp(viewer.connection)),
        ("tcp", lambda: use_tcp(viewer.connection)),
    ):
        before = transport.ice.path
        move()
        await until(lambda before=before: transport.ice.path not in (None, before), LONG)  # type: ignore[misc]
        assert transport.kind == kind
        count = len(received.packets)
        await until(lambda count=count: len(received.packets) > count + 5, LONG)  # type: ignore[misc]
    assert len(viewer.offers) <= 2
    await speaker.close()
    await viewer.close()
