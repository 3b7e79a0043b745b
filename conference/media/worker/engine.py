"""`media.engine.Engine` over worker processes: each room lives on one of them, whole.

A room's place is remembered with its limits and rights, so that when a worker ends the room is opened on
another at once, and only its people have to come anew (`Listener.on_reopened`). A worker that answers again
after its connection broke is found with its rooms and goes on.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from conference.media.announcing import GuardedListener
from conference.media.engine import (
    NOTHING,
    EngineState,
    HeldRoom,
    IceCredentials,
    Listener,
    Rights,
    RoomStats,
    SubscribeOffer,
    Viewing,
    WorkerState,
)
from conference.media.errors import Draining, EngineClosed, MediaError, UnknownRoom, WorkerLost
from conference.media.worker import messages as w
from conference.media.worker.addresses import SERVER_LOCK, locked
from conference.media.worker.link import OtherVersion, Unresponsive, WorkerLink
from conference.media.worker.placement import Load, least_loaded

log = logging.getLogger(__name__)

_RETRY_SECONDS = 0.1
_START_SECONDS = 30.0
_ANSWER_SECONDS = 5.0
_MOVE_SECONDS = 10.0


@dataclass(slots=True)
class _Placed:
    """A room and where it is; `open` is set while its worker has it."""

    worker: int
    max_publishers: int
    max_viewers: int
    others: Rights
    rights: dict[str, Rights] = field(default_factory=dict)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class WorkerEngine:
    """Implements `engine.Engine`. *sockets* are the workers' by index; who starts them is no matter here."""

    def __init__(self, sockets: Sequence[Path], listener: Listener) -> None:
        self._sockets = list(sockets)
        self._listener = GuardedListener(listener)
        self._links: dict[int, WorkerLink] = {}
        self._rooms: dict[str, _Placed] = {}
        self._keeping: list[asyncio.Task[None]] = []
        self._moving: dict[str, asyncio.Task[None]] = {}
        self._lock: int | None = None
        self._changed = asyncio.Event()  # a worker has come
        self._closed = False

    # ------------------------------------------------------------------- life

    async def start(self) -> None:
        """Returns when every worker is there; after a while also with fewer, which `state` then says.

        Raises EngineClosed when another server holds these workers and does not end.
        """
        await self._take_lock()
        loop = asyncio.get_running_loop()
        self._keeping = [loop.create_task(self._keep(index)) for index in range(len(self._sockets))]
        with suppress(TimeoutError):
            async with asyncio.timeout(_START_SECONDS):
                while len(self._links) < len(self._sockets):
                    self._changed.clear()
                    await self._changed.wait()
        if len(self._links) < len(self._sockets):
            log.error("%d of %d media workers answer", len(self._links), len(self._sockets))

    async def _take_lock(self) -> None:
        """Two servers would take the workers from each other again and again; after a restart the old one may
        still be ending."""
        until = asyncio.get_running_loop().time() + _START_SECONDS
        while self._lock is None and self._sockets:
            self._lock = locked(self._sockets[0].parent / SERVER_LOCK)
            if self._lock is None:
                if asyncio.get_running_loop().time() > until:
                    raise EngineClosed("another server uses the media workers of this folder")
                await asyncio.sleep(_RETRY_SECONDS)

    async def close(self) -> None:
        """The workers and their rooms go on."""
        self._closed = True
        tasks = [*self._keeping, *self._moving.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for link in list(self._links.values()):
            await link.close()
        self._links.clear()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def state(self) -> EngineState:
        workers = tuple(await asyncio.gather(*(self._state_of(i) for i in range(len(self._sockets)))))
        there = [worker for worker in workers if worker.state in ("ready", "draining")]
        totals: dict[str, int] = {}
        for worker in workers:
            for name, value in worker.totals.items():
                totals[name] = totals.get(name, 0) + value
        word = "closed" if self._closed else "ready" if there else "failed" if self._keeping else "new"
        return EngineState(
            word,  # type: ignore[arg-type]  # the words of the chain above are those of the Literal
            there[0].port if there else 0,
            sum(worker.rooms for worker in workers),
            sum(worker.publishers for worker in workers),
            sum(worker.viewers for worker in workers),
            totals,
            workers,
        )

    async def _state_of(self, index: int) -> WorkerState:
        link = self._links.get(index)
        if link is None:
            return WorkerState(index, 0, "lost")
        try:
            state: EngineState = await link.ask(w.State(), _ANSWER_SECONDS)
        except MediaError:
            return WorkerState(index, link.pid, "lost")
        draining = link.beat is not None and link.beat.draining
        return replace(state.workers[0], index=index, state="draining" if draining else "ready")

    # ---------------------------------------------------------------- workers

    async def _keep(self, index: int) -> None:
        """Stay connected to one worker for ever; when it is gone, move its rooms."""
        while True:
            link = WorkerLink(self._sockets[index], "server", lambda news: self._told(index, news))
            try:
                await link.connect(_ANSWER_SECONDS)
                await self._adopt(index, link)
            except (OSError, MediaError) as error:
                if isinstance(error, (OtherVersion, Unresponsive)):
                    log.warning("media worker %d cannot be used: %s", index, error)
                await link.close()
                self._lose(index)
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            await link.lost.wait()
            self._links.pop(index, None)
            await link.close()
            for placed in self._rooms.values():
                if placed.worker == index:
                    placed.open.clear()
            # Once more round: a worker that is alive after all keeps its rooms, a dead one refuses at once.

    async def _adopt(self, index: int, link: WorkerLink) -> None:
        """Take over what the worker has, from an earlier connection or an earlier server."""
        held: tuple[HeldRoom, ...] = await link.ask(w.Held())
        for room in held:
            placed = self._rooms.get(room.room_id)
            if placed is None:
                placed = self._rooms[room.room_id] = _Placed(index, 0, 0, NOTHING)
                placed.open.set()
            elif placed.worker == index:
                placed.open.set()
            else:  # it was moved while this worker was out of reach; its people were told
                await link.ask(w.CloseRoom(room.room_id, "moved"))
        self._links[index] = link
        here = {room.room_id for room in held}
        for room_id, placed in list(self._rooms.items()):
            if placed.worker == index and room_id not in here:
                self._soon_moved(room_id)
        self._changed.set()

    def _lose(self, index: int) -> None:
        for room_id, placed in list(self._rooms.items()):
            if placed.worker == index:
                placed.open.clear()
                self._soon_moved(room_id)

    def _soon_moved(self, room_id: str) -> None:
        if room_id not in self._moving:
            task = asyncio.get_running_loop().create_task(self._move(room_id), name=f"move {room_id}")
            self._moving[room_id] = task
            task.add_done_callback(lambda _: self._moving.pop(room_id, None))

    async def _move(self, room_id: str) -> None:
        """Open a room that lost its worker on whichever takes it, as soon as one does."""
        while True:
            placed = self._rooms.get(room_id)
            if placed is None:
                return
            try:
                async with placed.turn:
                    await self._place(room_id, placed)
                break
            except MediaError as error:
                log.debug("room %s waits for a worker: %s", room_id, error)
                await asyncio.sleep(_RETRY_SECONDS)
        log.warning("room %s lost its media worker and was opened on worker %d", room_id, placed.worker)
        self._listener.on_reopened(room_id)

    async def _place(self, room_id: str, placed: _Placed) -> None:
        """Open the room on the least loaded worker, with its limits and rights. Raises MediaError."""
        index = least_loaded({each: self._load(each, link) for each, link in self._links.items()})
        if index is None:
            raise Draining("no worker takes rooms now") if self._links else WorkerLost("no worker answers")
        link = self._links[index]
        await link.ask(w.OpenRoom(room_id, placed.max_publishers, placed.max_viewers, placed.others))
        placed.worker = index
        if placed.rights:
            await link.ask(w.Allow(room_id, placed.rights))
        if self._rooms.get(room_id) is placed:
            placed.open.set()

    def _load(self, index: int, link: WorkerLink) -> Load:
        rooms = sum(1 for placed in self._rooms.values() if placed.worker == index and placed.open.is_set())
        beat = link.beat
        if beat is None:
            return Load(0.0, 0, rooms)
        return Load(beat.busy, beat.publishers + beat.viewers, rooms, beat.draining)

    def _told(self, index: int, news: w.News) -> None:
        placed = self._rooms.get(getattr(news, "room_id", ""))
        if placed is None or placed.worker != index:
            return  # of a room that is elsewhere by now
        # The tags of news are a closed list of the listener's methods.
        tell = getattr(self._listener, str(news.__struct_config__.tag))
        tell(**{name: getattr(news, name) for name in news.__struct_fields__})

    # ------------------------------------------------------------------- rooms

    async def open_room(
        self, room_id: str, *, max_publishers: int = 12, max_viewers: int = 500, others: Rights = NOTHING
    ) -> None:
        if self._closed:
            raise EngineClosed("engine is closed")
        placed = self._rooms.get(room_id)
        if placed is None:
            placed = self._rooms[room_id] = _Placed(-1, max_publishers, max_viewers, others)
        placed.max_publishers, placed.max_viewers = max_publishers, max_viewers
        async with placed.turn:
            if placed.worker < 0:
                try:
                    await self._place(room_id, placed)
                except BaseException:
                    if self._rooms.get(room_id) is placed:
                        del self._rooms[room_id]
                    raise
                return
        await self._at(room_id, w.OpenRoom(room_id, max_publishers, max_viewers, others))

    async def close_room(self, room_id: str, reason: str) -> None:
        placed = self._rooms.pop(room_id, None)
        if placed is None:
            raise UnknownRoom(f"room {room_id[:64]!r} is not open")
        async with placed.turn:
            link = self._links.get(placed.worker)
            if link is not None:
                with suppress(WorkerLost):
                    await link.ask(w.CloseRoom(room_id, reason))

    async def allow(self, room_id: str, rights: Mapping[str, Rights]) -> None:
        placed = self._rooms.get(room_id)
        if placed is None:
            raise UnknownRoom(f"room {room_id[:64]!r} is not open")
        for participant_id, right in rights.items():
            if right == placed.others:
                placed.rights.pop(participant_id, None)
            else:
                placed.rights[participant_id] = right
        with suppress(WorkerLost):  # then they go with the room to where it is opened again
            await self._at(room_id, w.Allow(room_id, dict(rights)))

    async def held(self) -> tuple[HeldRoom, ...]:
        found: list[HeldRoom] = []
        for index, link in list(self._links.items()):
            rooms: tuple[HeldRoom, ...] = await link.ask(w.Held())
            for room in rooms:
                placed = self._rooms.get(room.room_id)
                if placed is not None and placed.worker == index:
                    found.append(room)
        return tuple(found)

    async def leave(self, room_id: str, participant_id: str) -> None:
        if room_id in self._rooms:
            self._rooms[room_id].rights.pop(participant_id, None)
        await self._at(room_id, w.Leave(room_id, participant_id))

    async def mute(self, room_id: str, participant_id: str, source: str, muted: bool) -> None:
        await self._at(room_id, w.Mute(room_id, participant_id, source, muted))

    async def stats(self, room_id: str) -> RoomStats:
        return cast(RoomStats, await self._at(room_id, w.Stats(room_id)))

    # ------------------------------------------------------- publishing, viewing

    # What `ask` returns has the type that `messages.ANSWERS` names: the decoder has seen to it.

    async def publish(
        self, room_id: str, participant_id: str, offer_sdp: str, tracks: Mapping[str, str]
    ) -> str:
        return cast(str, await self._at(room_id, w.Publish(room_id, participant_id, offer_sdp, dict(tracks))))

    async def unpublish(self, room_id: str, participant_id: str, source: str | None) -> None:
        await self._at(room_id, w.Unpublish(room_id, participant_id, source))

    async def subscribe(self, room_id: str, participant_id: str) -> SubscribeOffer:
        return cast(SubscribeOffer, await self._at(room_id, w.Subscribe(room_id, participant_id)))

    async def subscribe_answer(
        self, room_id: str, participant_id: str, version: int, answer_sdp: str
    ) -> None:
        await self._at(room_id, w.SubscribeAnswer(room_id, participant_id, version, answer_sdp))

    async def restart_subscribe(self, room_id: str, participant_id: str) -> SubscribeOffer:
        return cast(SubscribeOffer, await self._at(room_id, w.RestartSubscribe(room_id, participant_id)))

    async def restart_ice(self, room_id: str, participant_id: str) -> IceCredentials:
        return cast(IceCredentials, await self._at(room_id, w.RestartIce(room_id, participant_id)))

    async def start_recording(self, room_id: str, folder: str) -> None:
        # A worker may have been started in another working directory.
        await self._at(room_id, w.StartRecording(room_id, os.path.abspath(folder)))  # noqa: ASYNC240  # reads no disk

    async def stop_recording(self, room_id: str) -> tuple[str, ...]:
        return cast(tuple[str, ...], await self._at(room_id, w.StopRecording(room_id)))

    async def view(self, room_id: str, participant_id: str, viewing: Viewing) -> None:
        await self._at(room_id, w.View(room_id, participant_id, viewing))

    async def _at(self, room_id: str, what: w.AnyAsk) -> Any:
        """Ask the worker of the room; one that is being moved is waited for a while."""
        if self._closed:
            raise EngineClosed("engine is closed")
        placed = self._rooms.get(room_id)
        if placed is None:
            raise UnknownRoom(f"room {room_id[:64]!r} is not open")
        try:
            await asyncio.wait_for(placed.open.wait(), _MOVE_SECONDS)
        except TimeoutError as error:
            raise WorkerLost(f"room {room_id} has no worker") from error
        link = self._links.get(placed.worker)
        if link is None:
            raise WorkerLost(f"worker {placed.worker} is gone")
        return await link.ask(what)
