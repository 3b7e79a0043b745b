"""What is done by the clock: feedback every 50 ms, speakers every 200 ms, the rest every second."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

from conference.media.engine import Listener
from conference.media.pulse import Pulse
from conference.media.room import Participant, Room

log = logging.getLogger(__name__)

_TICK = 0.05
_SECOND = 20  # ticks
_TURN = 0.001  # seconds after which packets that have come meanwhile go first


class Ticker:
    """One task for all rooms; a timer per stream would cost more than the work it does."""

    def __init__(
        self,
        rooms: Mapping[str, Room],
        listener: Listener,
        consent_seconds: float,
        remove: Callable[[Room, Participant], None],
        pulse: Pulse,
        collect: Callable[[], float],
    ) -> None:
        """`collect` brings the counters up to date, and gives the processor time of threads beside ours."""
        self._rooms = rooms
        self._listener = listener
        self._consent = consent_seconds
        self._remove = remove
        self._pulse = pulse
        self._collect = collect
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        count = 0
        while True:
            due = time.monotonic() + _TICK
            await asyncio.sleep(_TICK)
            count += 1
            now = time.monotonic()
            self._pulse.late(now - due)
            if count % _SECOND == 0:
                self._pulse.second(now, time.thread_time() + self._collect())
            for room in list(self._rooms.values()):
                try:
                    await self._tick(room, count)
                except Exception:  # an edge: one room's fault must not stop the others' feedback
                    log.exception("tick of media room %s failed", room.room_id)

    async def _tick(self, room: Room, count: int) -> None:
        now = time.monotonic()
        for publisher in room.publishers:
            publisher.tick(now)
            for source, rids in publisher.layers_due(now):
                self._listener.on_layers(room.room_id, publisher.participant_id, source, rids)
        begun = now
        for told in room.steer(count % 2, 2):
            if told is not None:
                self._listener.on_rung(room.room_id, *told)
            if time.monotonic() - begun > _TURN:
                await asyncio.sleep(0)
                begun = time.monotonic()
        if room.room_id not in self._rooms:
            return
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
            room.sound.second(room.viewers, now, time.time())
            self._consent_of(room, now)

    def _consent_of(self, room: Room, now: float) -> None:
        """RFC 7675: stop sending to whoever has not been heard of, then let them go."""
        for participant in list(room.participants.values()):
            viewers = (participant.viewer, participant.former_viewer)
            for connection in (*viewers, participant.publisher, participant.next_publisher):
                if connection is not None:
                    participant.seen = max(participant.seen, connection.transport.seen())
            for viewer in viewers:
                if viewer is not None:
                    viewer.set_lapsed(now - viewer.transport.seen() > self._consent, now)
            if now - participant.seen > self._consent:
                self._remove(room, participant)
                self._listener.on_gone(room.room_id, participant.participant_id)
