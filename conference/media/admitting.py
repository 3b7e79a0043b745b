"""Whether there is place for one more: room, publisher or viewer. Raises RoomFull or ServerFull if not."""

from __future__ import annotations

from collections.abc import Mapping

from conference.media.engine import EngineSettings
from conference.media.errors import RoomFull, ServerFull
from conference.media.pulse import Pulse
from conference.media.room import Room


class Admission:
    """Holds the limits against what is open now and what was carried lately. Whoever is in already, and
    connects anew, has a place."""

    def __init__(self, settings: EngineSettings, rooms: Mapping[str, Room], pulse: Pulse) -> None:
        self._settings = settings
        self._rooms = rooms
        self._pulse = pulse

    def require_place_for_room(self) -> None:
        if len(self._rooms) >= self._settings.max_rooms:
            raise RoomFull(f"{self._settings.max_rooms} rooms are open already")

    def require_place_to_publish(self, room: Room, participant_id: str) -> None:
        known = room.participants.get(participant_id)
        if known is None or known.publisher is None:
            if len(room.publishers) >= room.max_publishers:
                raise RoomFull(f"room {room.room_id} has {room.max_publishers} publishers")
            self._require_capacity(room, publishes=True)

    def require_place_to_view(self, room: Room, participant_id: str) -> None:
        known = room.participants.get(participant_id)
        if known is None or known.viewer is None:
            if len(room.viewers) >= room.max_viewers:
                raise RoomFull(f"room {room.room_id} has {room.max_viewers} viewers")
            self._require_capacity(room, publishes=False)

    def _require_capacity(self, room: Room, *, publishes: bool) -> None:
        settings, rooms = self._settings, self._rooms.values()
        if 0 < settings.max_room_bitrate <= room.bitrate:
            raise RoomFull(f"room {room.room_id} sends {room.bitrate} bit/s")
        if 0 < settings.max_bitrate <= self._pulse.bitrate:
            raise ServerFull(f"{self._pulse.bitrate} bit/s are sent")
        limit = settings.max_publishers if publishes else settings.max_viewers
        if limit and sum(len(r.publishers if publishes else r.viewers) for r in rooms) >= limit:
            raise ServerFull(f"{limit} {'publishers' if publishes else 'viewers'} are here")
