"""What is done by the clock: feedback and looks every 100 ms, speakers every 200 ms, the rest every second.

A room in which something is under way (a packet is missing, a key frame is awaited, a probe fills) has its
tick every 50 ms. Most of what a wake-up costs is the wake-up, so nobody is woken for calm rooms in between.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

from conference.media.engine import Listener
from conference.media.pulse import Pulse
from conference.media.reconnecting import Connections
from conference.media.room import Participant, Room
from conference.media.turns import TurnLoop

log = logging.getLogger(__name__)

_TICK = 0.05
_CALM = 2  # ticks that a calm room is left alone
_SECOND = 20
_TURN = 0.001  # seconds after which packets go first that may have come meanwhile


class Ticker:
    """One task for all rooms; a timer per stream would cost more than the work it does."""

    def __init__(
        self,
        rooms: Mapping[str, Room],
        listener: Listener,
        consent_seconds: float,
        kept_seconds: float,
        connections: Connections,
        pulse: Pulse,
        collect: Callable[[], float],
    ) -> None:
        """`collect` brings the counters up to date, and gives the processor time of threads beside ours."""
        self._rooms = rooms
        self._listener = listener
        self._consent = consent_seconds
        self._kept = kept_seconds
        self._connections = connections
        self._pulse = pulse
        self._collect = collect
        self._wanted: Callable[[], bool] = _unknown
        self._begun = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        if isinstance(loop, TurnLoop):
            self._wanted = loop.turns.wanted
        self._task = loop.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def follow(self, room: Room, participant: Participant) -> None:
        """Somebody wants to see something else: a tick to decide it, another to ask for the key frame and a
        third to tell the sender which layer to make would be a quarter of a second that can be seen."""
        told = room.follow(participant)
        if told is not None:
            self._listener.on_rung(room.room_id, *told)
        self._tell_layers(room, time.monotonic())

    def _tell_layers(self, room: Room, now: float) -> None:
        for publisher in room.publishers:
            for source, rids in publisher.layers_due(now):
                self._listener.on_layers(room.room_id, publisher.participant_id, source, rids)

    async def _run(self) -> None:
        count = 0
        hurried: list[Room] = []
        while True:
            ticks = 1 if hurried else _CALM - count % _CALM
            due = time.monotonic() + ticks * _TICK
            await asyncio.sleep(ticks * _TICK)
            count += ticks
            now = time.monotonic()
            self._pulse.late(now - due)
            if count % _SECOND == 0:
                self._pulse.second(now, time.thread_time() + self._collect())
            rooms = hurried if count % _CALM else list(self._rooms.values())
            hurried = []
            for room in rooms:
                try:
                    if await self._tick(room, count):
                        hurried.append(room)
                except Exception:  # an edge: one room's fault must not stop the others' feedback
                    log.exception("tick of media room %s failed", room.room_id)

    async def _give_way(self) -> None:
        """Between two pieces of work: packets that wait go first."""
        if self._wanted() or time.monotonic() - self._begun > _TURN:
            await asyncio.sleep(0)
            self._begun = time.monotonic()

    async def _tick(self, room: Room, count: int) -> bool:
        """Whether the room needs the next tick too."""
        now = self._begun = time.monotonic()
        hurries = False
        for publisher in room.publishers:
            hurries = publisher.tick(now) or hurries
        self._tell_layers(room, now)
        for told in room.steer(count // _CALM, fills_only=count % _CALM > 0):
            if told is not None:
                self._listener.on_rung(room.room_id, *told)
            await self._give_way()
        if self._rooms.get(room.room_id) is not room:
            return False
        now = time.monotonic()
        if count % 4 == 0:
            speakers = room.speakers.window(room.loudest(), now)
            room.offering.hear(room.speakers.speaking, now)
            if speakers is not None:
                self._listener.on_speaking(room.room_id, speakers)
        if count % _SECOND == 0:
            for publisher in room.publishers:
                publisher.report(now)
            room.measure(now)
            await self._give_way()
            room.sound.second(room.viewers, now, time.time())
            await self._consent_of(room)
        return hurries or room.fills

    async def _consent_of(self, room: Room) -> None:
        """RFC 7675: stop sending to whoever has not been heard of, then let them go.

        Viewers may be under way back, with their spare credentials: their keys are kept for longer. What they
        published has ended for the others.
        """
        for participant in list(room.participants.values()):
            await self._give_way()
            if room.participants.get(participant.participant_id) is not participant:
                continue
            now = time.monotonic()
            for publisher in (participant.publisher, participant.next_publisher):
                if publisher is not None:
                    participant.seen = max(participant.seen, publisher.transport.seen())
            for viewer in (participant.viewer, participant.former_viewer):
                if viewer is not None:
                    seen = viewer.transport.seen()
                    participant.seen = max(participant.seen, seen)
                    viewer.set_lapsed(now - seen > self._consent, now)
            silence = now - participant.seen
            if silence <= self._consent:
                continue
            may_return = participant.viewer is not None and participant.viewer.may_return
            if may_return and silence <= self._kept:
                self._connections.drop_next_publisher(participant)
                self._connections.drop_publisher(room, participant)
            else:
                self._connections.remove(room, participant)
                self._listener.on_gone(room.room_id, participant.participant_id)


def _unknown() -> bool:
    """On loops that take no turns it shows only afterwards whether packets have come."""
    return False
