"""Back-pressure: what waits for one client is bounded, and a stalled one costs the others nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from conference.clock import ManualClock
from conference.live.channels import session_channel
from conference.live.counters import Counters
from conference.live.delivery import Delivery, Mailbox
from conference.live.wire import Frame
from conference.storage.database import Database
from tests.live.saying import Podium, Waved
from tests.live.seminar import MORNING, raw_socket, running, tab, until

HALL = session_channel(MORNING)


def frame(size: int = 100, *, ephemeral: bool = False) -> Frame:
    return Frame("event", f'"{"x" * size}"', ephemeral=ephemeral)


async def test_overflow_leaves_one_resync_and_then_everything_that_follows() -> None:
    mailbox = Mailbox(messages=4, size=10_000, counters=Counters())
    for _ in range(5):
        mailbox.put(frame())
    mailbox.put(frame())  # in vain: the client will ask for it
    assert len(mailbox) == 1
    assert (await mailbox.take()).text == '2["resync",{}]'
    mailbox.put(frame(7))
    assert "xxxxxxx" in (await mailbox.take()).text
    assert mailbox.size == 0


async def test_bytes_count_as_well_as_messages() -> None:
    counters = Counters()
    mailbox = Mailbox(messages=1000, size=1000, counters=counters)
    for _ in range(20):
        mailbox.put(frame(100))
    assert (mailbox.size <= 1000, counters.resyncs) == (True, 1)


async def test_ephemeral_frames_give_way_first() -> None:
    mailbox = Mailbox(messages=4, size=10_000, counters=Counters())
    for _ in range(10):
        mailbox.put(frame(ephemeral=True))
    assert len(mailbox) == 2
    mailbox.put(frame())
    mailbox.put(frame())
    assert len(mailbox) == 4


async def test_one_frame_object_is_shared_by_all_members() -> None:
    delivery, boxes = Delivery(), [Mailbox(4, 1000, Counters()) for _ in range(3)]
    for box in boxes:
        delivery.join(box, ("a",))
    delivery.publish("a", shared := frame())
    assert [await box.take() is shared for box in boxes] == [True] * 3
    delivery.leave(boxes[0], ("a",))
    delivery.publish("b", frame())
    delivery.publish("a", frame())
    assert [len(box) for box in boxes] == [0, 1, 1]


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
            (victim,) = [each for each in seminar.hub._connections.values() if each.identity.account_id == 3]
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
