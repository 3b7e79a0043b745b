"""`media.engine.Engine` over worker processes: each room lives on one of them, whole (see `fleet`)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

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
)
from conference.media.errors import EngineClosed, UnknownRoom, WorkerLost
from conference.media.worker import messages as w
from conference.media.worker.fleet import Fleet, Placed


class WorkerEngine:
    """Implements `engine.Engine`. *sockets* are the workers' by index."""

    def __init__(self, sockets: Sequence[Path], listener: Listener) -> None:
        self._fleet = Fleet(sockets, GuardedListener(listener))

    # ------------------------------------------------------------------- life

    async def start(self) -> None:
        """Returns when every worker is there; after a while also with fewer, which `state` then says.

        Raises EngineClosed when another server holds these workers and does not end.
        """
        await self._fleet.start()

    async def close(self) -> None:
        """The workers and their rooms go on."""
        await self._fleet.close()

    async def state(self) -> EngineState:
        return await self._fleet.state()

    # ------------------------------------------------------------------- rooms

    async def open_room(
        self, room_id: str, *, max_publishers: int = 12, max_viewers: int = 500, others: Rights = NOTHING
    ) -> None:
        if self._fleet.closed:
            raise EngineClosed("engine is closed")
        placed = self._fleet.rooms.get(room_id)
        if placed is None:
            placed = self._fleet.rooms[room_id] = Placed(-1, max_publishers, max_viewers, others)
        placed.max_publishers, placed.max_viewers = max_publishers, max_viewers
        async with placed.turn:
            if placed.worker < 0:
                try:
                    await self._fleet.place(room_id, placed)
                except BaseException:
                    if self._fleet.rooms.get(room_id) is placed:
                        del self._fleet.rooms[room_id]
                    raise
                return
        await self._fleet.ask(room_id, w.OpenRoom(room_id, max_publishers, max_viewers, others))

    async def close_room(self, room_id: str, reason: str) -> None:
        placed = self._fleet.rooms.pop(room_id, None)
        if placed is None:
            raise UnknownRoom(f"room {room_id[:64]!r} is not open")
        async with placed.turn:
            link = self._fleet.links.get(placed.worker)
            if link is not None:
                with suppress(WorkerLost):
                    await link.ask(w.CloseRoom(room_id, reason))

    async def allow(self, room_id: str, rights: Mapping[str, Rights]) -> None:
        placed = self._fleet.rooms.get(room_id)
        if placed is None:
            raise UnknownRoom(f"room {room_id[:64]!r} is not open")
        for participant_id, right in rights.items():
            if right == placed.others:
                placed.rights.pop(participant_id, None)
            else:
                placed.rights[participant_id] = right
        with suppress(WorkerLost):  # then they go with the room to where it is opened again
            await self._fleet.ask(room_id, w.Allow(room_id, dict(rights)))

    async def held(self) -> tuple[HeldRoom, ...]:
        found: list[HeldRoom] = []
        for index, link in list(self._fleet.links.items()):
            rooms: tuple[HeldRoom, ...] = await link.ask(w.Held())
            for room in rooms:
                placed = self._fleet.rooms.get(room.room_id)
                if placed is not None and placed.worker == index:
                    found.append(room)
        return tuple(found)

    async def leave(self, room_id: str, participant_id: str) -> None:
        if room_id in self._fleet.rooms:
            self._fleet.rooms[room_id].rights.pop(participant_id, None)
        await self._fleet.ask(room_id, w.Leave(room_id, participant_id))

    async def mute(self, room_id: str, participant_id: str, source: str, muted: bool) -> None:
        await self._fleet.ask(room_id, w.Mute(room_id, participant_id, source, muted))

    async def stats(self, room_id: str) -> RoomStats:
        return cast(RoomStats, await self._fleet.ask(room_id, w.Stats(room_id)))

    # ------------------------------------------------------- publishing, viewing

    # What `ask` returns has the type that `messages.ANSWERS` names: the decoder has seen to it.

    async def publish(
        self, room_id: str, participant_id: str, offer_sdp: str, tracks: Mapping[str, str]
    ) -> str:
        return cast(
            str, await self._fleet.ask(room_id, w.Publish(room_id, participant_id, offer_sdp, dict(tracks)))
        )

    async def unpublish(self, room_id: str, participant_id: str, source: str | None) -> None:
        await self._fleet.ask(room_id, w.Unpublish(room_id, participant_id, source))

    async def subscribe(self, room_id: str, participant_id: str) -> SubscribeOffer:
        return cast(SubscribeOffer, await self._fleet.ask(room_id, w.Subscribe(room_id, participant_id)))

    async def subscribe_answer(
        self, room_id: str, participant_id: str, version: int, answer_sdp: str
    ) -> None:
        await self._fleet.ask(room_id, w.SubscribeAnswer(room_id, participant_id, version, answer_sdp))

    async def restart_subscribe(self, room_id: str, participant_id: str) -> SubscribeOffer:
        return cast(
            SubscribeOffer, await self._fleet.ask(room_id, w.RestartSubscribe(room_id, participant_id))
        )

    async def play(self, room_id: str, participant_id: str, offer_sdp: str) -> str:
        return cast(str, await self._fleet.ask(room_id, w.Play(room_id, participant_id, offer_sdp)))

    async def restart_ice(self, room_id: str, participant_id: str) -> IceCredentials:
        return cast(IceCredentials, await self._fleet.ask(room_id, w.RestartIce(room_id, participant_id)))

    async def start_recording(self, room_id: str, folder: str) -> None:
        # A worker may have been started in another working directory.
        await self._fleet.ask(room_id, w.StartRecording(room_id, os.path.abspath(folder)))  # noqa: ASYNC240  # reads no disk

    async def stop_recording(self, room_id: str) -> tuple[str, ...]:
        return cast(tuple[str, ...], await self._fleet.ask(room_id, w.StopRecording(room_id)))

    async def view(self, room_id: str, participant_id: str, viewing: Viewing) -> None:
        await self._fleet.ask(room_id, w.View(room_id, participant_id, viewing))
