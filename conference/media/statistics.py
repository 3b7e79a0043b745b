"""Collecting the engine's records from the running objects."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Collection
from typing import Literal

from conference.media.counters import Counters
from conference.media.engine import (
    HeldParticipant,
    HeldRoom,
    LayerStats,
    ParticipantStats,
    RoomStats,
    TrackStats,
    ViewingStats,
    WorkerState,
)
from conference.media.pulse import Pulse
from conference.media.room import Participant, Room
from conference.media.track import Track
from conference.media.viewer import Viewer


def room_stats(room: Room) -> RoomStats:
    return RoomStats(room.room_id, tuple(_participant(p) for p in room.participants.values()))


def worker_state(
    state: Literal["new", "ready", "closed"],
    port: int,
    rooms: Collection[Room],
    counters: Counters,
    pulse: Pulse,
) -> WorkerState:
    """This process as a worker; its index is known to whoever started it."""
    viewers = [viewer for room in rooms for viewer in room.viewers]
    viewings = [_viewing(viewer) for viewer in viewers]
    return WorkerState(
        0,
        os.getpid(),
        state,
        port,
        len(rooms),
        sum(len(room.publishers) for room in rooms),
        len(viewers),
        counters.as_dict(),
        sum(stream.lost for room in rooms for track in room.tracks for stream in track.streams),
        sum(viewing.loss for viewing in viewings) / len(viewings) if viewings else 0.0,
        dict(Counter(viewing.rung for viewing in viewings)),
        tuple(viewing.estimate for viewing in viewings if viewing.estimate),
        pulse.bitrate,
        pulse.cpu,
        pulse.microseconds,
        pulse.lag,
    )


def held_room(room: Room) -> HeldRoom:
    return HeldRoom(room.room_id, tuple(_held(room, p) for p in room.participants.values()))


def _held(room: Room, participant: Participant) -> HeldParticipant:
    publisher, viewer = participant.publisher, participant.viewer
    return HeldParticipant(
        participant.participant_id,
        room.rights.get(participant.participant_id, room.others).owner,
        tuple(sorted({track.source for track in publisher.tracks.values()})) if publisher is not None else (),
        tuple(sorted(participant.muted)),
        viewer is not None and viewer.awaits_answer,
        participant.viewing,
    )


def _participant(participant: Participant) -> ParticipantStats:
    tracks = participant.publisher.tracks.values() if participant.publisher is not None else ()
    viewing = _viewing(participant.viewer) if participant.viewer is not None else None
    now = time.monotonic()
    return ParticipantStats(participant.participant_id, tuple(_track(t, now) for t in tracks), viewing)


def _track(track: Track, now: float) -> TrackStats:
    streams = track.streams
    layers = [LayerStats(s.rid, s.width, s.height, s.fps(now), s.bitrate(now), s.live(now)) for s in streams]
    return TrackStats(
        track.source,
        track.muted,
        sum(s.received for s in streams),
        sum(s.bytes for s in streams),
        sum(s.lost for s in streams),
        sum(s.recovered for s in streams),
        sum(s.nacks for s in streams),
        sum(s.plis for s in streams),
        max((s.jitter / s.clock_rate * 1000 for s in streams), default=0.0),
        tuple(layers) if track.kind == "video" else (),
    )


def _viewing(viewer: Viewer) -> ViewingStats:
    outgoing = viewer.outgoing
    steering = viewer.steering
    estimator, path = steering.control.estimator, viewer.transport.ice.path
    trips = [out.rtt for out in outgoing if out.rtt is not None]
    return ViewingStats(
        len(outgoing),
        sum(out.packets for out in outgoing),
        sum(out.octets for out in outgoing),
        sum(out.nacks for out in outgoing),
        sum(out.resent for out in outgoing),
        sum(out.plis for out in outgoing),
        max((out.fraction_lost for out in outgoing), default=0.0),
        min(trips) * 1000 if trips else None,
        estimator.bitrate if estimator.known else viewer.bitrate_estimate,
        steering.rung,
        steering.reason,
        path.kind if path is not None else "udp",
    )
