"""Rooms in worker processes: real processes, real packets, real kills."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from conference.media import EVERYTHING, NOTHING, EngineSettings, Rights
from conference.media.errors import RoomFull, ServerFull, UnknownParticipant, UnknownRoom
from conference.media.worker import messages as w
from conference.media.worker.engine import WorkerEngine
from conference.media.worker.link import WorkerLink
from tests.media.peer import Publisher, Watcher, until
from tests.media.worker.conftest import Fleet, running_fleet

GRACE = 120.0


async def joined(fleet: Fleet, room: str, name: str) -> tuple[Publisher, Watcher]:
    """A speaker and a viewer of a room, with packets between them."""
    watcher = await fleet.house.watch(f"{name}-viewer", room)
    speaker = Publisher()
    await speaker.publish(fleet.engine, room, name)
    await flowing(watcher, name)
    return speaker, watcher


async def flowing(watcher: Watcher, name: str, source: str = "camera") -> None:
    """More packets come from now on."""
    track = f"{name}~{source}"
    await until(lambda: track in watcher.received, GRACE, f"{track} is offered")
    before = len(watcher.received[track].packets)
    await until(lambda: len(watcher.received[track].packets) > before + 10, GRACE, f"{track} flows")


async def ended(*peers: Publisher | Watcher) -> None:
    for peer in peers:
        await peer.close(goodbye=False)


def is_running(pid: int) -> bool:
    with suppress(ChildProcessError):
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_rooms_are_spread_and_a_killed_worker_takes_only_its_own_down(fleet: Fleet) -> None:
    first, second = await fleet.open_room("first"), await fleet.open_room("second")
    assert first != second
    speaker, viewer = await joined(fleet, "first", "ali")
    other_speaker, other_viewer = await joined(fleet, "second", "sara")
    await fleet.engine.allow("first", {"late": Rights(receive=frozenset({"microphone"}))})
    state = await fleet.engine.state()
    assert (state.rooms, state.publishers, state.viewers) == (2, 2, 2)
    assert [worker.state for worker in state.workers] == ["ready", "ready"]
    assert state.totals["packets_forwarded"] == sum(
        worker.totals["packets_forwarded"] for worker in state.workers
    )

    os.kill(first, signal.SIGKILL)
    await until(lambda: fleet.house.reopened, GRACE, "the room is opened again")
    assert fleet.house.reopened == ["first"]
    assert fleet.worker_of("second") == second
    await flowing(other_viewer, "sara")

    # Its people come anew, as their browsers do; what was allowed is allowed still.
    await ended(speaker, viewer)
    speaker, viewer = await joined(fleet, "first", "ali")
    late = await fleet.house.watch("late", "first")
    await flowing(late, "ali", "microphone")
    assert "ali~camera" not in late.received
    await until(
        lambda: len(fleet.supervisor.pids) == 2 and first not in fleet.supervisor.pids.values(), GRACE
    )
    await ended(speaker, viewer, other_speaker, other_viewer, late)


async def test_calls_wait_for_a_room_that_is_being_moved_and_its_people_are_unknown(fleet: Fleet) -> None:
    pid = await fleet.open_room("hall")
    watcher = await fleet.house.watch("viewer")
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(UnknownParticipant):  # lost with the worker, or asked of the one that never knew it
        await fleet.engine.restart_subscribe("hall", "viewer")
    await fleet.engine.subscribe("hall", "viewer")
    await ended(watcher)
    with pytest.raises(UnknownRoom):
        await fleet.engine.subscribe("cellar", "viewer")


async def test_a_worker_that_hangs_is_ended_and_its_room_goes_on_elsewhere(tmp_path: Path) -> None:
    async with running_fleet(tmp_path / "media") as fleet:
        pid = await fleet.open_room("hall")
        os.kill(pid, signal.SIGSTOP)
        fleet.supervisor.hang_seconds = 1.0
        await until(lambda: "hall" in fleet.house.reopened, GRACE, "the room is opened again")
        await until(lambda: not is_running(pid), GRACE, "the hung process is gone")
        # A busy machine may let the others stand still for a second too: nobody is suspected from here on.
        fleet.supervisor.hang_seconds = GRACE
        await until(lambda: fleet.engine._fleet.rooms["hall"].open.is_set(), GRACE)
        speaker, viewer = await joined(fleet, "hall", "ali")
        await ended(speaker, viewer)


async def test_the_only_worker_is_started_again_and_its_room_opened_there(tmp_path: Path) -> None:
    async with running_fleet(tmp_path / "media", 1) as fleet:
        os.kill(await fleet.open_room("hall"), signal.SIGKILL)
        await until(lambda: fleet.house.reopened == ["hall"], GRACE, "the room is opened again")
        speaker, viewer = await joined(fleet, "hall", "ali")
        await ended(speaker, viewer)


async def test_a_draining_worker_takes_no_room_and_ends_with_its_last(fleet: Fleet) -> None:
    draining = await fleet.open_room("old")
    operator = WorkerLink(fleet.supervisor.sockets[fleet.engine._fleet.rooms["old"].worker], "operator")
    await operator.connect(GRACE)
    await operator.ask(w.Drain(3600.0))
    await until(lambda: operator.beat is not None and operator.beat.draining, GRACE)
    states = [worker.state for worker in (await fleet.engine.state()).workers]
    assert sorted(states) == ["draining", "ready"]
    speaker, viewer = await joined(fleet, "old", "ali")
    for number in range(3):
        assert await fleet.open_room(f"new-{number}") != draining
    await flowing(viewer, "ali")
    await ended(speaker, viewer)
    await fleet.engine.close_room("old", "over")
    await until(lambda: draining not in fleet.supervisor.pids.values(), GRACE, "it ends when it is empty")
    await until(lambda: len(fleet.supervisor.pids) == 2, GRACE, "a fresh one takes its place")
    await operator.close()
    assert fleet.house.reopened == []


async def test_a_drain_that_takes_too_long_moves_the_rooms(fleet: Fleet) -> None:
    pid = await fleet.open_room("hall")
    os.kill(pid, signal.SIGUSR1)  # half an hour: nothing happens yet
    operator = WorkerLink(fleet.supervisor.sockets[fleet.engine._fleet.rooms["hall"].worker], "operator")
    await operator.connect(GRACE)
    await until(lambda: operator.beat is not None and operator.beat.draining, GRACE)
    assert fleet.house.reopened == []
    await operator.ask(w.Drain(0.0))
    await until(lambda: fleet.house.reopened == ["hall"], GRACE, "the room is opened on the other worker")
    assert fleet.worker_of("hall") != pid
    await operator.close()


async def test_a_new_server_finds_the_rooms_and_nobody_notices(fleet: Fleet) -> None:
    pid = await fleet.open_room("hall")
    rights = Rights(EVERYTHING.publish, EVERYTHING.receive, "account:ali")
    await fleet.engine.allow("hall", {"ali": rights})
    speaker, viewer = await joined(fleet, "hall", "ali")
    await fleet.engine.mute("hall", "ali", "microphone", True)
    await fleet.engine.close()
    await flowing(viewer, "ali")  # with no server at all

    engine = await fleet.new_server()
    (room,) = await engine.held()
    people = {each.participant_id: each for each in room.participants}
    assert (room.room_id, set(people)) == ("hall", {"ali", "ali-viewer"})
    assert people["ali"].owner == "account:ali"
    assert (people["ali"].sources, people["ali"].muted) == (("camera", "microphone"), ("microphone",))
    assert not people["ali-viewer"].awaits_answer
    assert fleet.worker_of("hall") == pid

    await flowing(viewer, "ali")
    heard = len(viewer.received["ali~microphone"].packets)
    sent = speaker.sent["microphone"]
    await until(lambda: speaker.sent["microphone"] > sent + 20, GRACE)
    assert len(viewer.received["ali~microphone"].packets) == heard
    await engine.allow("hall", {"ali": NOTHING})
    await until(lambda: "ali~camera" not in viewer.received, GRACE, "the new server's word counts")
    assert fleet.house.reopened == []
    await ended(speaker, viewer)


async def test_a_worker_without_server_and_viewers_ends_by_itself(tmp_path: Path) -> None:
    async with running_fleet(tmp_path / "media", 1, lonely_seconds=0.5) as fleet:
        (pid,) = fleet.supervisor.pids.values()
        await fleet.engine.close()
        assert is_running(pid)  # somebody looks after it
        await fleet.supervisor.close()
        await until(lambda: not is_running(pid), GRACE, "the lonely worker ends")


async def test_a_worker_with_viewers_outlives_its_server_and_supervisor(tmp_path: Path) -> None:
    async with running_fleet(tmp_path / "media", 1, lonely_seconds=0.0) as fleet:
        pid = await fleet.open_room("hall")
        speaker, viewer = await joined(fleet, "hall", "ali")
        await fleet.engine.close()
        await fleet.supervisor.close()
        await flowing(viewer, "ali")
        again = Fleet(tmp_path / "media", 1, EngineSettings(host="127.0.0.1"))
        await again.start()
        try:
            assert again.supervisor.pids == {0: pid}
            await flowing(viewer, "ali")
        finally:
            await again.engine.close()
            await again.supervisor.end_workers()
            await again.supervisor.close()
        await ended(speaker, viewer)


async def test_one_process_looks_after_the_workers_of_a_folder(fleet: Fleet, tmp_path: Path) -> None:
    pids = fleet.supervisor.pids
    other = Fleet(tmp_path / "media", 2, EngineSettings(host="127.0.0.1"))
    await other.supervisor.start()
    assert other.supervisor.elsewhere
    await other.supervisor.close()
    assert fleet.supervisor.pids == pids


async def test_limits_of_room_and_worker_are_told_apart(tmp_path: Path) -> None:
    settings = EngineSettings(host="127.0.0.1", max_viewers=2, max_publishers=1)
    async with running_fleet(tmp_path / "media", 1, settings) as fleet:
        await fleet.engine.open_room("small", max_viewers=1, others=EVERYTHING)
        await fleet.engine.open_room("large", others=EVERYTHING)
        await fleet.engine.subscribe("small", "one")
        with pytest.raises(RoomFull):
            await fleet.engine.subscribe("small", "two")
        await fleet.engine.subscribe("large", "three")
        with pytest.raises(ServerFull):
            await fleet.engine.subscribe("large", "four")
        await fleet.engine.subscribe("large", "three")  # who is there may connect again
        speaker, other = Publisher(), Publisher()
        await fleet.engine.publish("large", "five", speaker.offer(), speaker.tracks)
        with pytest.raises(ServerFull):
            await fleet.engine.publish("small", "six", other.offer(), other.tracks)
        await ended(speaker, other)


async def test_the_socket_is_its_owners_alone(fleet: Fleet) -> None:
    for path in fleet.supervisor.sockets:
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700


async def test_junk_and_other_versions_at_the_socket_disturb_nobody(fleet: Fleet) -> None:
    await fleet.open_room("hall")
    path = fleet.supervisor.sockets[0]
    for junk in (b"GET / HTTP/1.1\r\n\r\n" * 10, (1 << 31).to_bytes(4, "big"), b"\x00\x00\x00\x05hello"):
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(junk)
        assert await asyncio.wait_for(reader.read(), GRACE) in (b"",) or True
        writer.close()
    link = WorkerLink(path, "operator")
    await link.connect(GRACE)
    await link.close()
    state = await fleet.engine.state()
    assert [worker.state for worker in state.workers] == ["ready", "ready"]
    assert fleet.house.reopened == []


async def test_a_second_server_waits_until_the_first_has_ended(fleet: Fleet) -> None:
    pid = await fleet.open_room("hall")
    second = WorkerEngine(fleet.supervisor.sockets, fleet.house)
    starting = asyncio.create_task(second.start())
    for _ in range(3):  # the first is not disturbed meanwhile
        await fleet.engine.open_room("hall", others=EVERYTHING)
        await asyncio.sleep(0.05)
    assert not starting.done()
    await fleet.engine.close()
    await starting
    assert [room.room_id for room in await second.held()] == ["hall"]
    assert fleet.supervisor.pids[second._fleet.rooms["hall"].worker] == pid
    await second.close()
