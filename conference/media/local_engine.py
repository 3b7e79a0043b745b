"""The engine in this process: one UDP port, one loop, all rooms."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

from aiortc import RTCCertificate

from conference.media.acceptance import accept_offer
from conference.media.addresses import advertised_addresses
from conference.media.announcing import GuardedListener
from conference.media.counters import Counters
from conference.media.describe import TransportDescription, write_answer
from conference.media.dtls import certificate_fingerprint, generate_certificate
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
    BadAddress,
    BadIdentifier,
    EngineClosed,
    NotAllowed,
    RoomFull,
    ServerFull,
    UnknownParticipant,
    UnknownRoom,
)
from conference.media.mux import Mux
from conference.media.play_offer import accept_play_offer
from conference.media.player import Player
from conference.media.publisher import Publisher
from conference.media.pulse import Pulse
from conference.media.recording import RoomRecorder
from conference.media.room import Participant, Room
from conference.media.sdp import Fingerprint, SessionDescription, parse_sdp
from conference.media.statistics import held_room, room_stats, worker_state
from conference.media.ticking import Ticker
from conference.media.track import KIND_OF, Track
from conference.media.transport import Transport
from conference.media.viewer import AskKeyFrame, Describe, Viewer

log = logging.getLogger(__name__)


async def _ended(recorder: RoomRecorder) -> None:
    await recorder.stop()


_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")


class LocalEngine:
    """Implements `engine.Engine`."""

    def __init__(self, settings: EngineSettings, listener: Listener) -> None:
        self._settings = settings
        self._listener = GuardedListener(listener)
        self._counters = Counters()
        self._mux = Mux(self._counters)
        self._rooms: dict[str, Room] = {}
        self._pulse = Pulse(self._counters)
        self._ticker = Ticker(
            self._rooms, self._listener, settings.consent_seconds, self._remove, self._pulse
        )
        self._closing: set[asyncio.Task[None]] = set()
        self._addresses: list[tuple[str, int]] = []
        self._certificate: RTCCertificate | None = None
        self._fingerprint = Fingerprint("", "")
        self._state: Literal["new", "ready", "closed"] = "new"

    # ------------------------------------------------------------------- life

    async def start(self) -> None:
        settings = self._settings
        self._mux.open(settings.hosts, settings.port, tcp=settings.tcp)
        try:
            addresses = await advertised_addresses(self._mux.hosts, settings.public_addresses)
        except BadAddress:
            self._mux.close()
            raise
        port = settings.public_port or self._mux.port
        self._addresses = [(address, port) for address in addresses]
        self._certificate = generate_certificate()
        self._fingerprint = certificate_fingerprint(self._certificate)
        self._ticker.start()
        self._state = "ready"

    async def close(self) -> None:
        self._state = "closed"
        await self._ticker.stop()
        for room_id in list(self._rooms):
            self._close_room(room_id)
        while self._closing:
            await asyncio.gather(*self._closing, return_exceptions=True)
        self._mux.close()

    async def state(self) -> EngineState:
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
        if len(self._rooms) >= self._settings.max_rooms:
            raise RoomFull(f"{self._settings.max_rooms} rooms are open already")
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
            self._drop_former_viewer(participant)
            self._drop_viewer(participant)  # first, so that nobody is offered a room that is being emptied
        for participant in list(room.participants.values()):
            self._remove(room, participant)
        if room.recorder is not None:
            self._in_background(_ended(room.recorder))

    async def allow(self, room_id: str, rights: Mapping[str, Rights]) -> None:
        room = self._room(room_id)
        for participant_id in rights:
            self._check(participant_id)
        room.allow(rights)

    async def held(self) -> tuple[HeldRoom, ...]:
        return tuple(held_room(room) for room in self._rooms.values())

    # ---------------------------------------------------------------- recording

    async def start_recording(self, room_id: str, folder: str) -> None:
        room = self._room(room_id)
        if room.recorder is not None:
            raise AlreadyRecording(f"room {room_id} is being recorded")
        room.recorder = RoomRecorder(
            Path(folder),
            partial(self._recording_failed, room),
            partial(self._recording_lost_picture, room),
            reserve=self._settings.disk_reserve,
        )
        for track in room.tracks:
            room.recorder.watch(track)

    async def stop_recording(self, room_id: str) -> tuple[str, ...]:
        room = self._room(room_id)
        recorder, room.recorder = room.recorder, None
        return await recorder.stop() if recorder is not None else ()

    def _recording_lost_picture(self, room: Room, track: Track) -> None:
        arriving = [stream for stream in track.streams if stream.active] or track.streams
        if arriving:
            max(arriving, key=lambda stream: stream.layer).key_wanted = True
            self._key_frame(room, track.participant_id, track, time.monotonic())

    def _recording_failed(self, room: Room, code: str) -> None:
        room.recorder = None
        self._listener.on_recording_failed(room.room_id, code)

    async def leave(self, room_id: str, participant_id: str) -> None:
        room = self._room(room_id)
        room.rights.pop(participant_id, None)
        self._remove(room, self._participant(room, participant_id))

    async def mute(self, room_id: str, participant_id: str, source: str, muted: bool) -> None:
        room = self._room(room_id)
        if source not in KIND_OF:
            raise BadIdentifier(f"unknown source {source[:32]!r}")
        self._participant(room, participant_id)
        room.mute(participant_id, source, muted)

    async def stats(self, room_id: str) -> RoomStats:
        return room_stats(self._room(room_id))

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
        known = room.participants.get(participant_id)
        if known is None or known.publisher is None:
            if len(room.publishers) >= room.max_publishers:
                raise RoomFull(f"room {room_id} has {room.max_publishers} publishers")
            self._require_place(room, publishes=True)
        # Nothing was changed up to here; nothing below fails.
        publisher = self._publisher(room, room.participant(participant_id, time.monotonic()), offer)
        if publisher.remote_ufrag not in ("", ufrag):
            publisher.transport.ice.restart()
        publisher.remote_ufrag = ufrag
        gone, come = publisher.apply(accepted)
        if publisher is room.participants[participant_id].publisher:
            for track in gone:
                room.removed(track)
            for track in come:
                room.added(track)
        publisher.transport.start(fingerprints, active=active)
        publisher.version += 1
        return write_answer(
            publisher.session[0],
            publisher.version,
            self._describe(publisher.transport),
            accepted.sections,
            "active" if active else "passive",
        )

    def _publisher(self, room: Room, participant: Participant, offer: SessionDescription) -> Publisher:
        """The publisher this offer belongs to: a new connection has a new session id and certificate."""
        session = (offer.session_id if offer.session_id.isdigit() else "1", offer.fingerprints[0].value)
        old, coming = participant.publisher, participant.next_publisher
        if coming is not None and coming.session == session:
            return coming
        self._drop_next_publisher(participant)  # the client has given it up
        if old is not None and old.session == session:
            return old
        new = Publisher(
            participant.participant_id,
            session,
            self._counters,
            self._settings.max_publisher_bitrate,
            lambda publisher: self._transport(
                publisher,
                partial(self._publisher_connected, room, participant, publisher),
                partial(self._publisher_closed, room, participant, publisher),
            ),
        )
        if old is not None and old.transport.connected:
            participant.next_publisher = new
        else:
            self._drop_publisher(room, participant)
            participant.publisher = new
        return new

    def _publisher_connected(self, room: Room, participant: Participant, publisher: Publisher) -> None:
        """A new connection takes the old one's place, its tracks that of the old tracks."""
        old = participant.publisher
        if participant.next_publisher is not publisher:
            return
        participant.publisher, participant.next_publisher = publisher, None
        before = {(track.source, track.codec): track for track in old.tracks.values()} if old else {}
        for track in list(publisher.tracks.values()):
            known = before.get((track.source, track.codec))
            if not room.may_publish(track.participant_id, track.source):
                publisher.drop(track)  # the right was taken away meanwhile
            elif old is not None and known is not None and known.parameters == track.parameters:
                old.drop(known)
                room.replaced(known, track)
            else:
                room.added(track)
        if old is not None:
            self._end_publisher(room, old)

    async def unpublish(self, room_id: str, participant_id: str, source: str | None) -> None:
        room = self._room(room_id)
        participant = self._participant(room, participant_id)
        if source is None:
            self._drop_next_publisher(participant)
            self._drop_publisher(room, participant)
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
        known = room.participants.get(participant_id)
        if known is None or known.viewer is None:
            if len(room.viewers) >= room.max_viewers:
                raise RoomFull(f"room {room_id} has {room.max_viewers} viewers")
            self._require_place(room, publishes=False)
        participant = room.participant(participant_id, time.monotonic())
        self._set_aside_viewer(participant)
        return room, participant

    def _viewing_parts(
        self, room: Room, participant: Participant
    ) -> tuple[str, Counters, Callable[[Viewer], Transport], Describe, AskKeyFrame]:
        """What viewers and players are made of."""
        return (
            participant.participant_id,
            self._counters,
            lambda v: self._transport(
                v,
                partial(self._viewer_connected, participant, v),
                partial(self._viewer_closed, participant, v),
            ),
            self._describe,
            lambda track, now: self._key_frame(room, track.participant_id, track, now),
        )

    def _set_aside_viewer(self, participant: Participant) -> None:
        """What is connected goes on until the new one is; what never came to be ends at once."""
        viewer = participant.viewer
        if viewer is not None and viewer.transport.connected:
            self._drop_former_viewer(participant)
            participant.viewer, participant.former_viewer = None, viewer
        else:
            self._drop_viewer(participant)

    def _viewer_connected(self, participant: Participant, viewer: Viewer) -> None:
        viewer.open_agreed(time.monotonic())
        if participant.viewer is viewer:
            self._drop_former_viewer(participant)

    def _key_frame(self, room: Room, publisher_id: str, track: Any, now: float) -> None:
        participant = room.participants.get(publisher_id)
        if participant is not None and participant.publisher is not None:
            participant.publisher.want_key_frame(track, now)

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
        room.participant(participant_id, time.monotonic()).viewing = viewing

    # ---------------------------------------------------------------- look-ups

    def has_room(self, room_id: str) -> bool:
        return room_id in self._rooms

    def _require_place(self, room: Room, *, publishes: bool) -> None:
        """Raise RoomFull or ServerFull when one more would be too many for what is carried already."""
        settings, rooms = self._settings, self._rooms.values()
        if 0 < settings.max_room_bitrate <= room.bitrate:
            raise RoomFull(f"room {room.room_id} sends {room.bitrate} bit/s")
        if 0 < settings.max_bitrate <= self._pulse.bitrate:
            raise ServerFull(f"{self._pulse.bitrate} bit/s are sent")
        limit = settings.max_publishers if publishes else settings.max_viewers
        if limit and sum(len(r.publishers if publishes else r.viewers) for r in rooms) >= limit:
            raise ServerFull(f"{limit} {'publishers' if publishes else 'viewers'} are here")

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

    # -------------------------------------------------------------- transports

    def _transport(self, owner: Publisher | Viewer, on_connected: Any, on_closed: Any) -> Transport:
        if self._certificate is None:
            raise EngineClosed("engine is not started")
        return Transport(
            self._mux,
            self._counters,
            self._certificate,
            time.monotonic(),
            on_rtp=owner.on_rtp,
            on_rtcp=owner.on_rtcp,
            on_connected=on_connected,
            on_closed=on_closed,
        )

    def _describe(self, transport: Transport) -> TransportDescription:
        ice = transport.ice
        return TransportDescription(
            self._addresses, ice.ufrag, ice.password, self._fingerprint, tcp=self._settings.tcp
        )

    def _publisher_closed(self, room: Room, participant: Participant, publisher: Publisher) -> None:
        if participant.publisher is publisher:
            self._drop_publisher(room, participant)
        elif participant.next_publisher is publisher:
            self._drop_next_publisher(participant)

    def _viewer_closed(self, participant: Participant, viewer: Viewer) -> None:
        if participant.viewer is viewer:
            self._drop_viewer(participant)
        elif participant.former_viewer is viewer:
            self._drop_former_viewer(participant)

    def _drop_publisher(self, room: Room, participant: Participant) -> None:
        publisher, participant.publisher = participant.publisher, None
        if publisher is not None:
            self._end_publisher(room, publisher)

    def _end_publisher(self, room: Room, publisher: Publisher) -> None:
        for track in list(publisher.tracks.values()):
            publisher.drop(track)
            room.removed(track)
        self._in_background(publisher.transport.close())

    def _drop_next_publisher(self, participant: Participant) -> None:
        publisher, participant.next_publisher = participant.next_publisher, None
        if publisher is not None:
            for track in list(publisher.tracks.values()):
                publisher.drop(track)
            self._in_background(publisher.transport.close())

    def _drop_viewer(self, participant: Participant) -> None:
        viewer, participant.viewer = participant.viewer, None
        self._end_viewer(viewer)

    def _drop_former_viewer(self, participant: Participant) -> None:
        viewer, participant.former_viewer = participant.former_viewer, None
        self._end_viewer(viewer)

    def _end_viewer(self, viewer: Viewer | None) -> None:
        if viewer is not None:
            viewer.release_all()
            self._in_background(viewer.transport.close())

    def _remove(self, room: Room, participant: Participant) -> None:
        self._drop_next_publisher(participant)
        self._drop_publisher(room, participant)
        self._drop_former_viewer(participant)
        self._drop_viewer(participant)
        room.participants.pop(participant.participant_id, None)

    def _in_background(self, closing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(closing)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
