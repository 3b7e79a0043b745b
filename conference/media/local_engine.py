"""The engine in this process: one UDP port, one loop, all rooms."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Literal

from conference.media.acceptance import accept_offer
from conference.media.admitting import Admission
from conference.media.announcing import GuardedListener
from conference.media.counters import Counters
from conference.media.describe import write_answer
from conference.media.endpoint import Endpoint
from conference.media.engine import (
    NOTHING,
    EngineSettings,
    EngineState,
    HeldRoom,
    IceCredentials,
    Listener,
    Rights,
    RoomStats,
    SubscribeOffer,
    Viewing,
)
from conference.media.errors import (
    AlreadyRecording,
    BadIdentifier,
    EngineClosed,
    NotAllowed,
    UnknownParticipant,
    UnknownRoom,
)
from conference.media.mux import Mux
from conference.media.play_offer import accept_play_offer
from conference.media.player import Player
from conference.media.pulse import Pulse
from conference.media.reconnecting import Connections
from conference.media.recording import RoomRecorder
from conference.media.room import Participant, Room
from conference.media.sdp import parse_sdp
from conference.media.statistics import held_room, room_stats, worker_state
from conference.media.ticking import Ticker
from conference.media.track import KIND_OF
from conference.media.transport import Transport
from conference.media.viewer import AskKeyFrame, Describe, Viewer

log = logging.getLogger(__name__)


_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")


class LocalEngine:
    """Implements `engine.Engine`."""

    def __init__(self, settings: EngineSettings, listener: Listener) -> None:
        self._settings = settings
        self._listener = GuardedListener(listener)
        self._counters = Counters()
        self._mux = Mux(self._counters)
        self._endpoint = Endpoint(settings, self._mux, self._counters)
        self._connections = Connections(self._endpoint, self._counters, settings.max_publisher_bitrate)
        self._rooms: dict[str, Room] = {}
        self._pulse = Pulse(self._counters)
        self._admission = Admission(settings, self._rooms, self._pulse)
        self._ticker = Ticker(
            self._rooms,
            self._listener,
            settings.consent_seconds,
            settings.kept_seconds,
            self._connections,
            self._pulse,
            self._mux.collect,
        )
        self._state: Literal["new", "ready", "closed"] = "new"

    # ------------------------------------------------------------------- life

    async def start(self) -> None:
        await self._endpoint.open()
        self._ticker.start()
        self._state = "ready"

    async def close(self) -> None:
        self._state = "closed"
        await self._ticker.stop()
        for room_id in list(self._rooms):
            self._close_room(room_id)
        await self._connections.ended()
        self._endpoint.close()

    async def state(self) -> EngineState:
        self._mux.collect()
        worker = worker_state(self._state, self._mux.port, self._rooms.values(), self._counters, self._pulse)
        counts = (worker.rooms, worker.publishers, worker.viewers)
        return EngineState(self._state, self._mux.port, *counts, worker.totals, (worker,))

    def counts(self) -> tuple[int, int, int]:
        """Rooms, publishers, viewers: the cheap part of `state`."""
        rooms = self._rooms.values()
        return len(rooms), sum(len(r.publishers) for r in rooms), sum(len(r.viewers) for r in rooms)

    # ------------------------------------------------------------------- rooms

    async def open_room(
        self, room_id: str, *, max_publishers: int = 12, max_viewers: int = 500, others: Rights = NOTHING
    ) -> None:
        self._check(room_id)
        room = self._rooms.get(room_id)
        if room is not None:
            room.max_publishers, room.max_viewers = max_publishers, max_viewers
            return
        self._admission.require_place_for_room()
        self._rooms[room_id] = Room(
            room_id,
            max_publishers,
            max_viewers,
            others,
            partial(self._listener.on_track, room_id),
        )

    async def close_room(self, room_id: str, reason: str) -> None:
        self._room(room_id)
        log.info("media room %s closed: %s", room_id, reason)
        self._close_room(room_id)

    def _close_room(self, room_id: str) -> None:
        room = self._rooms.pop(room_id)
        room.sound.close()
        for participant in list(room.participants.values()):
            self._connections.drop_former_viewer(participant)
            # First, so that nobody is offered a room that is being emptied.
            self._connections.drop_viewer(participant)
        for participant in list(room.participants.values()):
            self._connections.remove(room, participant)
        if room.recorder is not None:
            self._connections.in_background(_ended(room.recorder))

    async def allow(self, room_id: str, rights: Mapping[str, Rights]) -> None:
        room = self._room(room_id)
        for participant_id in rights:
            self._check(participant_id)
        room.allow(rights)

    async def held(self) -> tuple[HeldRoom, ...]:
        return tuple(held_room(room) for room in self._rooms.values())

    async def leave(self, room_id: str, participant_id: str) -> None:
        room = self._room(room_id)
        room.rights.pop(participant_id, None)
        self._connections.remove(room, self._participant(room, participant_id))

    async def mute(self, room_id: str, participant_id: str, source: str, muted: bool) -> None:
        room = self._room(room_id)
        if source not in KIND_OF:
            raise BadIdentifier(f"unknown source {source[:32]!r}")
        self._participant(room, participant_id)
        room.mute(participant_id, source, muted)

    async def stats(self, room_id: str) -> RoomStats:
        return room_stats(self._room(room_id))

    # ---------------------------------------------------------------- recording

    async def start_recording(self, room_id: str, folder: str) -> None:
        room = self._room(room_id)
        if room.recorder is not None:
            raise AlreadyRecording(f"room {room_id} is being recorded")
        room.recorder = RoomRecorder(
            Path(folder),
            partial(self._recording_failed, room),
            room.recorded_picture_lost,
            reserve=self._settings.disk_reserve,
        )
        for track in room.tracks:
            room.recorder.watch(track)

    async def stop_recording(self, room_id: str) -> tuple[str, ...]:
        room = self._room(room_id)
        recorder, room.recorder = room.recorder, None
        return await recorder.stop() if recorder is not None else ()

    def _recording_failed(self, room: Room, code: str) -> None:
        room.recorder = None
        self._listener.on_recording_failed(room.room_id, code)

    # --------------------------------------------------------------- publishing

    async def publish(
        self, room_id: str, participant_id: str, offer_sdp: str, tracks: Mapping[str, str]
    ) -> str:
        room = self._room(room_id)
        self._check(participant_id)
        offer = parse_sdp(offer_sdp)
        accepted = accept_offer(offer, tracks)
        ufrag, fingerprints, active = offer.ice_ufrag, offer.fingerprints, offer.active
        for source in accepted.sources.values():
            if not room.may_publish(participant_id, source):
                raise NotAllowed(f"{participant_id} may not publish {source}")
        self._admission.require_place_to_publish(room, participant_id)
        # Nothing was changed up to here; nothing below fails.
        participant = room.participant(participant_id, time.monotonic())
        publisher = self._connections.publisher_of(room, participant, offer)
        if publisher.remote_ufrag not in ("", ufrag):
            publisher.transport.ice.restart()
        publisher.remote_ufrag = ufrag
        gone, come = publisher.apply(accepted)
        if publisher is participant.publisher:
            for track in gone:
                room.removed(track)
            for track in come:
                room.added(track)
        publisher.transport.start(fingerprints, active=active)
        publisher.version += 1
        return write_answer(
            publisher.session[0],
            publisher.version,
            self._endpoint.describe(publisher.transport),
            accepted.sections,
            "active" if active else "passive",
        )

    async def unpublish(self, room_id: str, participant_id: str, source: str | None) -> None:
        room = self._room(room_id)
        participant = self._participant(room, participant_id)
        if source is None:
            self._connections.drop_next_publisher(participant)
            self._connections.drop_publisher(room, participant)
            return
        publishers = [p for p in (participant.publisher, participant.next_publisher) if p is not None]
        for publisher in publishers:
            for track in [t for t in publisher.tracks.values() if t.source == source]:
                publisher.drop(track)
                if publisher is participant.publisher:
                    room.removed(track)

    # ------------------------------------------------------------------ viewing

    async def subscribe(self, room_id: str, participant_id: str) -> SubscribeOffer:
        room, participant = self._place_to_view(room_id, participant_id)
        viewer = participant.viewer = Viewer(
            *self._viewing_parts(room, participant), lambda v: self._offer_soon(room, v)
        )
        room.sound.welcome(viewer)
        viewer.steering.remember(participant.viewing, participant.estimate, room.offering, time.monotonic())
        room.show(viewer, room.tracks)
        return SubscribeOffer(*viewer.offer())

    async def play(self, room_id: str, participant_id: str, offer_sdp: str) -> str:
        offer = parse_sdp(offer_sdp)
        asked, fingerprints = accept_play_offer(offer), offer.fingerprints
        room, participant = self._place_to_view(room_id, participant_id)
        now = time.monotonic()
        player = participant.viewer = Player(*self._viewing_parts(room, participant), asked)
        room.sound.welcome(player)
        player.tune_in(now)
        player.steering.remember(participant.viewing, participant.estimate, room.offering, now)
        room.show(player, room.tracks)
        return player.answer(fingerprints, active=offer.active)

    def _place_to_view(self, room_id: str, participant_id: str) -> tuple[Room, Participant]:
        """Room for a new subscribe connection or player; what the participant had is set aside."""
        room = self._room(room_id)
        self._check(participant_id)
        self._admission.require_place_to_view(room, participant_id)
        participant = room.participant(participant_id, time.monotonic())
        self._connections.set_aside_viewer(participant)
        return room, participant

    def _viewing_parts(
        self, room: Room, participant: Participant
    ) -> tuple[str, Counters, Callable[[Viewer], Transport], Describe, AskKeyFrame]:
        """What viewers and players are made of."""
        return (
            participant.participant_id,
            self._counters,
            self._connections.viewer_transport(participant),
            self._endpoint.describe,
            room.ask_key_frame,
        )

    def _offer_soon(self, room: Room, viewer: Viewer) -> None:
        """Several changes of one turn of the loop make one offer."""
        asyncio.get_running_loop().call_soon(self._offer, room, viewer)

    def _offer(self, room: Room, viewer: Viewer) -> None:
        participant = room.participants.get(viewer.participant_id)
        if viewer.may_offer and participant is not None and participant.viewer is viewer:
            version, sdp = viewer.offer()
            self._listener.on_offer(room.room_id, viewer.participant_id, version, sdp)

    async def subscribe_answer(
        self, room_id: str, participant_id: str, version: int, answer_sdp: str
    ) -> None:
        viewer = self._viewer(room_id, participant_id)
        viewer.answered(version, answer_sdp, time.monotonic())

    async def restart_ice(self, room_id: str, participant_id: str) -> IceCredentials:
        participant = self._participant(self._room(room_id), participant_id)
        connection = participant.publisher or participant.viewer
        if connection is None:
            raise UnknownParticipant(f"{participant_id!r} has no connection")
        connection.transport.ice.restart()
        return IceCredentials(connection.transport.ice.ufrag, connection.transport.ice.password)

    async def restart_subscribe(self, room_id: str, participant_id: str) -> SubscribeOffer:
        viewer = self._viewer(room_id, participant_id)
        viewer.transport.ice.restart()
        return SubscribeOffer(*viewer.offer())

    async def view(self, room_id: str, participant_id: str, viewing: Viewing) -> None:
        room = self._room(room_id)
        self._check(participant_id)
        participant = room.participant(participant_id, time.monotonic())
        if viewing != participant.viewing:
            participant.viewing = viewing
            self._ticker.follow(room, participant)

    # ---------------------------------------------------------------- look-ups

    def has_room(self, room_id: str) -> bool:
        return room_id in self._rooms

    def _check(self, identifier: str) -> None:
        if self._state != "ready":
            raise EngineClosed(f"engine is {self._state}")
        if not _IDENTIFIER.fullmatch(identifier):
            raise BadIdentifier(f"not a usable id: {identifier[:64]!r}")

    def _room(self, room_id: str) -> Room:
        if self._state != "ready":
            raise EngineClosed(f"engine is {self._state}")
        room = self._rooms.get(room_id)
        if room is None:
            raise UnknownRoom(f"room {room_id[:64]!r} is not open")
        return room

    def _participant(self, room: Room, participant_id: str) -> Participant:
        participant = room.participants.get(participant_id)
        if participant is None:
            raise UnknownParticipant(f"{participant_id[:64]!r} is not in room {room.room_id}")
        return participant

    def _viewer(self, room_id: str, participant_id: str) -> Viewer:
        viewer = self._participant(self._room(room_id), participant_id).viewer
        if viewer is None:
            raise UnknownParticipant(f"{participant_id!r} has no subscribe connection")
        return viewer


async def _ended(recorder: RoomRecorder) -> None:
    await recorder.stop()
