"""What the media engine reports (`media.engine.Listener`), passed on to the tabs concerned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast, get_args

from conference.live.messages import Announcement
from conference.stage.messages import (
    LayersWanted,
    MediaEnded,
    MediaOffered,
    RoomMoved,
    RungChanged,
    Speaking,
    TrackSource,
)
from conference.stage.rooms import LiveRoom, Rooms


class Teller(Protocol):
    """The part of the live hub that the room needs."""

    def tell(self, channel: str, announcement: Announcement) -> None: ...

    def tell_here(self, channel: str, announcement: Announcement) -> None: ...

    def send(self, connection_id: str, announcement: Announcement) -> None: ...

    async def remove(self, account_id: int, session_code: str, reason: str) -> None: ...


class MediaNews:
    """Called on the engine's loop. `teller` is set once the hub exists; before that nobody listens."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._unanswered: dict[tuple[str, str], int] = {}
        self.teller: Teller | None = None
        self.recording_listeners: list[Callable[[str, str], None]] = []
        self.track_listeners: list[Callable[[str, str, str, bool], None]] = []
        self.gone_listeners: list[Callable[[str, str], None]] = []
        self.reopened_listeners: list[Callable[[str], None]] = []

    def on_offer(self, room_id: str, participant_id: str, version: int, sdp: str) -> None:
        self._unanswered[room_id, participant_id] = version
        self._send(room_id, participant_id, MediaOffered(version=version, sdp=sdp))

    def offered_before(self, room_id: str, participant_id: str) -> None:
        """An earlier server's offer was never answered."""
        self._unanswered[room_id, participant_id] = 0

    def answered(self, room_id: str, participant_id: str, version: int) -> None:
        """The tab has answered the offer *version*."""
        if self._unanswered.get((room_id, participant_id)) == version:
            del self._unanswered[room_id, participant_id]

    def awaits_answer(self, room_id: str, participant_id: str) -> bool:
        """Whether an offer is on its way; one that was sent into a dead link will never be answered."""
        return (room_id, participant_id) in self._unanswered

    def forget(self, room_id: str, participant_id: str) -> None:
        """The tab has a new connection, or is gone: nothing is awaited from it."""
        self._unanswered.pop((room_id, participant_id), None)

    def on_track(self, room_id: str, participant_id: str, source: str, published: bool) -> None:
        """Tracks reach viewers by offers; what people send is told by presence."""
        for listener in self.track_listeners:
            listener(room_id, participant_id, source, published)

    def on_speaking(self, room_id: str, participant_ids: list[str]) -> None:
        room = self._rooms.get(room_id)
        if room is not None:
            room.speaking = participant_ids
            if room.calm:
                self.tell_speaking(room)

    def tell_speaking(self, room: LiveRoom) -> None:
        """Call it every half second. The first change after a calm is told at once, because pictures follow
        it; the others wait for the next call, because a chatter of changes would cost the listeners."""
        room.calm = room.speaking == room.told_speaking
        if not room.calm and self.teller is not None:
            room.told_speaking = room.speaking
            self.teller.tell_here(room.place.channel, Speaking(participants=room.speaking))

    def on_gone(self, room_id: str, participant_id: str) -> None:
        self._send(room_id, participant_id, MediaEnded(code="media.lost"))
        for listener in self.gone_listeners:
            listener(room_id, participant_id)

    def on_layers(self, room_id: str, participant_id: str, source: str, rids: tuple[str, ...]) -> None:
        if source in get_args(TrackSource):
            self._send(
                room_id, participant_id, LayersWanted(source=cast(TrackSource, source), rids=list(rids))
            )

    def on_rung(self, room_id: str, participant_id: str, rung: str, reason: str) -> None:
        self._send(room_id, participant_id, RungChanged(rung=rung, reason=reason))

    def on_recording_failed(self, room_id: str, code: str) -> None:
        for listener in self.recording_listeners:
            listener(room_id, code)

    def on_reopened(self, room_id: str) -> None:
        room = self._rooms.get(room_id)
        if room is not None:
            room.speaking = []  # the next engine hears silence first, and silence that stays is no news to it
            if self.teller is not None:
                self.teller.tell_here(room.place.channel, RoomMoved())
        for listener in self.reopened_listeners:
            listener(room_id)

    def _send(self, room_id: str, participant_id: str, announcement: Announcement) -> None:
        room = self._rooms.get(room_id)
        connection_id = room.people.connection_of(participant_id) if room else None
        if self.teller is not None and connection_id is not None:
            self.teller.send(connection_id, announcement)
