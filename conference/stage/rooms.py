"""All rooms with people in them, and what the media engine asks about them (`media.engine.Rights`)."""

from __future__ import annotations

from conference.stage.presence import Presence
from conference.stage.standing import Place

PICTURES = frozenset({"camera", "screen"})


class LiveRoom:
    """One room in memory: its people, and who is heard now."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.people = Presence()
        self.speaking: list[str] = []
        self.told_speaking: list[str] = []


class Rooms:
    """Rooms by session code, which is also their name in the media engine."""

    def __init__(self) -> None:
        self._rooms: dict[str, LiveRoom] = {}

    def get(self, code: str) -> LiveRoom | None:
        return self._rooms.get(code)

    def room(self, place: Place) -> LiveRoom:
        """The room of *place*, made when nobody was in it."""
        found = self._rooms.get(place.code)
        if found is None:
            found = self._rooms[place.code] = LiveRoom(place)
        return found

    def drop(self, code: str) -> None:
        self._rooms.pop(code, None)

    def all(self) -> list[LiveRoom]:
        return list(self._rooms.values())

    def here(self, code: str) -> int:
        """How many people are in the room."""
        room = self._rooms.get(code)
        return room.people.here if room else 0

    # -- media.engine.Rights: answered from memory, on the engine's loop --------------------------

    def may_publish(self, room_id: str, participant_id: str, source: str) -> bool:
        room = self._rooms.get(room_id)
        return room is not None and room.people.may_send(participant_id)

    def may_forward(self, room_id: str, viewer_id: str, publisher_id: str, source: str) -> bool:
        room = self._rooms.get(room_id)
        if room is None or not room.people.may_send(publisher_id) or not room.people.may_receive(viewer_id):
            return False
        return source not in PICTURES or room.people.wants_pictures(viewer_id)
