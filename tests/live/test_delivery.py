"""Back-pressure: what waits for one client is bounded, and a stalled one costs the others nothing."""

from __future__ import annotations

import asyncio
import socket
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from conference.clock import ManualClock
from conference.live.channels import session_channel
from conference.live.counters import Counters
from conference.live.delivery import Behind, Delivery, Mailbox
from conference.live.websocket import ROOM
from conference.live.wire import Frame
from conference.storage.database import Database
from tests.live.saying import Podium, Waved
from tests.live.seminar import GRACE, MORNING, raw_socket, running, tab, until

HALL = session_channel(MORNING)


def frame(size: int = 100, *, ephemeral: bool = False) -> Frame:
    return Frame("event", f'"{"x" * size}"', ephemeral=ephemeral)


class Wire:
    """A real connection whose far end reads only when told to."""

    def __init__(self, transport: asyncio.Transport, far: socket.socket) -> None:
        self.transport, self.far = transport, far
        self.counters, self.behind = Counters(), Behind()
        self.heard = b""

    def mailbox(self, messages: int = 4, size: int = 10_000, *, packs: bool = False) -> Mailbox:
        return Mailbox(self.transport, self.behind, messages, size, self.counters, packs=packs)

    async def fill(self) -> None:
        """Until no more fits into the kernel's buffers and as much as is allowed waits in ours."""
        while self.transport.get_write_buffer_size() < ROOM:
            self.transport.write(b"." * 16_384)
            await asyncio.sleep(0)

    async def read_until(self, end: bytes) -> bytes:
        """Everything up to *end*, without what `fill` wrote."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(GRACE):
            while not self.heard.endswith(end):
                self.heard += (await loop.sock_recv(self.far, 65_536)).replace(b".", b"")
        return self.heard


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    near, far = socket.socketpair()
    far.setblocking(False)
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=near)
    wire = Wire(transport, far)
    yield wire
    wire.behind.close()
    transport.abort()
    far.close()


async def test_frame_is_written_at_once_where_there_is_room(wire: Wire) -> None:
    mailbox = wire.mailbox()
    assert mailbox.put(frame(3))
    assert len(mailbox) == 0
    assert await wire.read_until(b"]") == b'\x81\x1142["event","xxx"]'


async def test_overflow_leaves_one_resync_and_then_everything_that_follows(wire: Wire) -> None:
    mailbox = wire.mailbox(messages=4)
    await wire.fill()
    for _ in range(5):
        mailbox.put(frame())
    mailbox.put(frame())  # in vain: the client will ask for it
    assert (len(mailbox), wire.counters.resyncs) == (1, 1)
    assert (await wire.read_until(b"]")).endswith(b'42["resync",{}]')
    await until(lambda: not len(mailbox))
    assert mailbox.put(frame(7))
    assert (await wire.read_until(b'xxxxxxx"]')).count(b"resync") == 1
    assert mailbox.size == 0


async def test_what_waited_is_written_in_order_before_what_follows(wire: Wire) -> None:
    mailbox = wire.mailbox(messages=10)
    await wire.fill()
    for size in (1, 2, 3):
        assert not mailbox.put(frame(size))
    heard = await wire.read_until(b'"xxx"]')
    assert [part.count(b"x") for part in heard.split(b"]")[:-1]] == [1, 2, 3]


async def test_bytes_count_as_well_as_messages(wire: Wire) -> None:
    mailbox = wire.mailbox(messages=1000, size=1000)
    await wire.fill()
    for _ in range(20):
        mailbox.put(frame(100))
    assert (mailbox.size <= 1000, wire.counters.resyncs) == (True, 1)


async def test_ephemeral_frames_give_way_first(wire: Wire) -> None:
    mailbox = wire.mailbox(messages=4)
    await wire.fill()
    for _ in range(10):
        mailbox.put(frame(ephemeral=True))
    assert len(mailbox) == 2
    mailbox.put(frame())
    mailbox.put(frame())
    assert len(mailbox) == 4


async def test_line_that_is_gone_keeps_nothing(wire: Wire) -> None:
    mailbox = wire.mailbox()
    await wire.fill()
    mailbox.put(frame())
    wire.transport.abort()
    assert not mailbox.put(frame())
    assert mailbox.flush()
    assert (len(mailbox), mailbox.size) == (0, 0)


async def test_frame_is_encoded_once_for_all_members(wire: Wire) -> None:
    delivery, boxes = Delivery(wire.counters), [wire.mailbox() for _ in range(3)]
    for box in boxes:
        delivery.join(box, ("a",))
    await wire.fill()
    delivery.publish("a", shared := frame())
    assert [box._frames[0] is shared for box in boxes] == [True] * 3
    delivery.leave(boxes[0], ("a",))
    delivery.publish("b", frame())
    delivery.publish("a", frame())
    assert [len(box) for box in boxes] == [1, 2, 2]
    assert (delivery.has("a"), delivery.has("b"), delivery.channels()) == (True, False, ["a"])


def test_long_frame_is_packed_once_and_by_itself() -> None:
    long = Frame("event", '"' + "سؤال " * 100 + '"')
    assert long.packed is long.packed
    assert len(long.packed) < long.size / 4
    body = long.packed[2:] if long.packed[1] < 126 else long.packed[4:]
    # Any receiver can read it, whatever it has read before (RFC 7692, section 7.2.2).
    text = zlib.decompressobj(-15).decompress(body + b"\x00\x00\xff\xff")
    assert text == b"4" + long.text.encode()
    assert frame(10).packed == frame(10).data  # too short to gain anything


async def test_nothing_follows_the_closing_frame(furnished: Database, clock: ManualClock) -> None:
    """RFC 6455, section 5.5.1; a browser calls it a failed connection."""
    async with running(furnished, clock) as seminar, raw_socket(seminar) as sara:
        await sara.log_in(seminar, "sara")
        await sara.call("enter", {"session": MORNING})
        (connection,) = seminar.hub._connections.all()
        websocket = connection.socket.websocket
        assert websocket.line is not None
        closing = asyncio.create_task(websocket.close())  # which waits for the other side's word
        await until(websocket.line.is_closing)
        assert not connection.mailbox.put(frame())
        with pytest.raises(OSError, match="closed"):
            await websocket.send("2")
        assert await sara.until_closed() == []
        await closing


async def test_client_that_stops_reading_is_bounded_and_holds_nobody_up(
    furnished: Database, clock: ManualClock
) -> None:
    podium = Podium(furnished, clock)
    async with running(furnished, clock, podium.commands()) as seminar, tab(seminar, "ali") as ali:
        async with raw_socket(seminar) as stalled:
            await stalled.log_in(seminar, "sara")
            await stalled.call("enter", {"session": MORNING})
            connection = stalled.socket._response.connection
            assert connection is not None
            transport = connection.transport
            assert isinstance(transport, asyncio.Transport)
            transport.pause_reading()
            (victim,) = [each for each in seminar.hub._connections.all() if each.identity.account_id == 3]
            for number in range(3000):
                seminar.hub.send(victim.sid, Waved(by=f"{number} " + "x" * 2000))
                seminar.hub.tell(HALL, Waved(by=str(number)))
                limits = victim.mailbox
                assert len(limits) <= 256
                assert limits.size <= 262_144
                if number % 50 == 0:
                    await asyncio.sleep(0)
            server_side = victim.socket.transport
            assert server_side is not None
            assert server_side.get_write_buffer_size() <= 256 * 1024
            assert seminar.hub.counters.resyncs >= 1
            # The others: still answered, and they hear what is said.
            assert (await ali.command("Say", text="still here"))["reply"] == {"seq": 1}
            await until(lambda: ali.events)
            await seminar.hub.revoke(3, None)
            await until(lambda: seminar.hub.counters.connections == 1)
            with suppress(Exception):
                transport.resume_reading()
