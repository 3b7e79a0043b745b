"""The workers as one server sees them: which are there, which room is where, and what happens when one ends.

A room's place is remembered with its limits and rights, so that when a worker ends the room is opened on
another at once, and only its people have to come anew (`Listener.on_reopened`). A worker that answers again
after its connection broke is found with its rooms and goes on.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conference.media.engine import NOTHING, EngineState, HeldRoom, Listener, Rights, WorkerState
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
class Placed:
    """A room and where it is; `open` is set while its worker has it."""

    worker: int
    max_publishers: int
    max_viewers: int
    others: Rights
    rights: dict[str, Rights] = field(default_factory=dict)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Fleet:
    """The workers by index and the rooms on them; who starts the workers is no matter here."""

    def __init__(self, sockets: Sequence[Path], listener: Listener) -> None:
        self._sockets = list(sockets)
        self._listener = listener
        self.links: dict[int, WorkerLink] = {}
        self.rooms: dict[str, Placed] = {}
        self._keeping: list[asyncio.Task[None]] = []
        self._moving: dict[str, asyncio.Task[None]] = {}
        self._lock: int | None = None
        self._changed = asyncio.Event()  # a worker has come
        self.closed = False

    # ------------------------------------------------------------------- life

    async def start(self) -> None:
        """See `WorkerEngine.start`."""
        await self._take_lock()
        loop = asyncio.get_running_loop()
        self._keeping = [loop.create_task(self._keep(index)) for index in range(len(self._sockets))]
        with suppress(TimeoutError):
            async with asyncio.timeout(_START_SECONDS):
                while len(self.links) < len(self._sockets):
                    self._changed.clear()
                    await self._changed.wait()
        if len(self.links) < len(self._sockets):
            log.error("%d of %d media workers answer", len(self.links), len(self._sockets))

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
        self.closed = True
        tasks = [*self._keeping, *self._moving.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for link in list(self.links.values()):
            await link.close()
        self.links.clear()
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
        word = "closed" if self.closed else "ready" if there else "failed" if self._keeping else "new"
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
        link = self.links.get(index)
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
            self.links.pop(index, None)
            for placed in self.rooms.values():
                if placed.worker == index:
                    placed.open.clear()
            await link.close()
            # Once more round: a worker that is alive after all keeps its rooms, a dead one refuses at once.

    async def _adopt(self, index: int, link: WorkerLink) -> None:
        """Take over what the worker has, from an earlier connection or an earlier server."""
        held: tuple[HeldRoom, ...] = await link.ask(w.Held())
        for room in held:
            placed = self.rooms.get(room.room_id)
            if placed is None:
                placed = self.rooms[room.room_id] = Placed(index, 0, 0, NOTHING)
                placed.open.set()
            elif placed.worker == index:
                placed.open.set()
            else:  # it was moved while this worker was out of reach; its people were told
                await link.ask(w.CloseRoom(room.room_id, "moved"))
        self.links[index] = link
        here = {room.room_id for room in held}
        for room_id, placed in list(self.rooms.items()):
            if placed.worker == index and room_id not in here:
                self._soon_moved(room_id)
        self._changed.set()

    def _lose(self, index: int) -> None:
        for room_id, placed in list(self.rooms.items()):
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
            placed = self.rooms.get(room_id)
            if placed is None:
                return
            try:
                async with placed.turn:
                    await self.place(room_id, placed)
                break
            except MediaError as error:
                log.debug("room %s waits for a worker: %s", room_id, error)
                await asyncio.sleep(_RETRY_SECONDS)
        log.warning("room %s lost its media worker and was opened on worker %d", room_id, placed.worker)
        self._listener.on_reopened(room_id)

    async def place(self, room_id: str, placed: Placed) -> None:
        """Open the room on the least loaded worker, with its limits and rights. Raises MediaError."""
        index = least_loaded({each: self._load(each, link) for each, link in self.links.items()})
        if index is None:
            raise Draining("no worker takes rooms now") if self.links else WorkerLost("no worker answers")
        link = self.links[index]
        await link.ask(w.OpenRoom(room_id, placed.max_publishers, placed.max_viewers, placed.others))
        placed.worker = index
        if placed.rights:
            await link.ask(w.Allow(room_id, placed.rights))
        if self.rooms.get(room_id) is placed:
            placed.open.set()

    def _load(self, index: int, link: WorkerLink) -> Load:
        rooms = sum(1 for placed in self.rooms.values() if placed.worker == index and placed.open.is_set())
        beat = link.beat
        if beat is None:
            return Load(0.0, 0, rooms)
        return Load(beat.busy, beat.publishers + beat.viewers, rooms, beat.draining)

    def _told(self, index: int, news: w.News) -> None:
        placed = self.rooms.get(getattr(news, "room_id", ""))
        if placed is None or placed.worker != index:
            return  # of a room that is elsewhere by now
        # The tags of news are a closed list of the listener's methods.
        tell = getattr(self._listener, str(news.__struct_config__.tag))
        tell(**{name: getattr(news, name) for name in news.__struct_fields__})

    async def ask(self, room_id: str, what: w.AnyAsk) -> Any:
        """Ask the worker of the room; one that is being moved is waited for a while."""
        if self.closed:
            raise EngineClosed("engine is closed")
        placed = self.rooms.get(room_id)
        if placed is None:
            raise UnknownRoom(f"room {room_id[:64]!r} is not open")
        try:
            async with asyncio.timeout(_MOVE_SECONDS):
                link = await self._link_of(placed)
        except TimeoutError as error:
            raise WorkerLost(f"room {room_id} has no worker") from error
        return await link.ask(what)

    async def _link_of(self, placed: Placed) -> WorkerLink:
        """The room's worker, as soon as it has one."""
        while True:
            await placed.open.wait()
            link = self.links.get(placed.worker)
            if link is not None and not link.lost.is_set():
                return link
            placed.open.clear()  # it has just ended; whoever opens the room again will say so
