"""All rooms with people in them, and what the media engine is told of their rights."""

from __future__ import annotations

from collections.abc import Mapping

from conference.media.engine import NOTHING, SOURCES, Rights
from conference.stage.floor import Floor, may_publish
from conference.stage.presence import Presence, Present, Tab
from conference.stage.standing import MACHINE, Place

PICTURES = frozenset({"camera", "screen"})
_OWNER = "account:"


def rights_of(person: Present, tab: Tab) -> Rights:
    """What the media of *tab* may do. What a moderator stopped is muted in the engine, not forbidden."""
    receive = SOURCES if person.state is not Floor.REMOVED else frozenset()
    # What is not wanted at all is not even offered; everything finer is chosen packet by packet.
    if tab.viewing.pictures == "none":
        receive -= PICTURES
    if tab.viewing.sound == "none":
        receive &= PICTURES
    owner = person.public_id if person.public_id.startswith(MACHINE) else _OWNER + person.public_id
    return Rights(SOURCES if may_publish(person.state) else frozenset(), receive, owner)


def account_in(owner: str) -> str | None:
    """The public id of the account that an engine's label of an owner names; None for other owners."""
    return owner.removeprefix(_OWNER) if owner.startswith(_OWNER) else None


class LiveRoom:
    """One room in memory: its people, and who is heard now."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.people = Presence()
        self.speaking: list[str] = []
        self.told_speaking: list[str] = []
        self.calm = True  # nothing about it was told in the last round
        self._told_rights: dict[str, Rights] = {}

    def new_rights(self) -> dict[str, Rights]:
        """The rights that the engine has not been told yet; they count as told from now on."""
        now = {tab.participant: rights_of(person, tab) for person, tab in self.people.tabs()}
        new = {each: rights for each, rights in now.items() if self._told_rights.get(each) != rights}
        new |= {gone: NOTHING for gone in self._told_rights.keys() - now.keys()}
        self._told_rights = now
        return new

    def rights_unknown(self) -> None:
        """The engine has lost this room's rights, or they did not reach it: tell all of them again."""
        self._told_rights = {}


class Rooms:
    """Rooms by session code, which is also their name in the media engine."""

    def __init__(self) -> None:
        self._rooms: dict[str, LiveRoom] = {}
        # Who is in them at other server processes, by session code and account (stage/beside.py).
        self.beside: Mapping[str, Mapping[int, Present]] = {}

    def get(self, code: str) -> LiveRoom | None:
        return self._rooms.get(code)

    def room(self, place: Place) -> LiveRoom:
        """The room of *place*, made when nobody was in it."""
        found = self._rooms.get(place.code)
        if found is None:
            found = self._rooms[place.code] = LiveRoom(place)
            found.people.beside = self.beside.get(place.code, {})
        return found

    def drop(self, code: str) -> None:
        self._rooms.pop(code, None)

    def all(self) -> list[LiveRoom]:
        return list(self._rooms.values())

    def here(self, code: str) -> int:
        """How many people are in the room."""
        room = self._rooms.get(code)
        if room is not None:
            return room.people.here
        return sum(1 for person in self.beside.get(code, {}).values() if person.lost_at is None)
