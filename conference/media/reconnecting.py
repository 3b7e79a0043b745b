"""A participant's connections, make before break: a new one takes its place beside the old one, and the old
one's place once it is connected.

Whose connection ends, and what of a room goes with it, is decided here as well.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from conference.media.counters import Counters
from conference.media.endpoint import Endpoint
from conference.media.publisher import Publisher
from conference.media.room import Participant, Room
from conference.media.sdp import SessionDescription
from conference.media.transport import Transport
from conference.media.viewer import Viewer


class Connections:
    """Of all rooms. `closing` are the ends of those that were let go, which take a moment."""

    def __init__(self, endpoint: Endpoint, counters: Counters, max_publisher_bitrate: int) -> None:
        self._endpoint = endpoint
        self._counters = counters
        self._max_publisher_bitrate = max_publisher_bitrate
        self.closing: set[asyncio.Task[None]] = set()

    # --------------------------------------------------------------- publishing

    def publisher_of(self, room: Room, participant: Participant, offer: SessionDescription) -> Publisher:
        """The publisher this offer belongs to: a new connection has a new session id and certificate."""
        session = (offer.session_id if offer.session_id.isdigit() else "1", offer.fingerprints[0].value)
        old, coming = participant.publisher, participant.next_publisher
        if coming is not None and coming.session == session:
            return coming
        self.drop_next_publisher(participant)  # the client has given it up
        if old is not None and old.session == session:
            return old
        new = Publisher(
            participant.participant_id,
            session,
            self._counters,
            self._max_publisher_bitrate,
            lambda publisher: self._endpoint.transport(
                publisher,
                partial(self._publisher_connected, room, participant, publisher),
                partial(self._publisher_closed, room, participant, publisher),
            ),
        )
        if old is not None and old.transport.connected:
            participant.next_publisher = new
        else:
            self.drop_publisher(room, participant)
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

    def _publisher_closed(self, room: Room, participant: Participant, publisher: Publisher) -> None:
        if participant.publisher is publisher:
            self.drop_publisher(room, participant)
        elif participant.next_publisher is publisher:
            self.drop_next_publisher(participant)

    def drop_publisher(self, room: Room, participant: Participant) -> None:
        publisher, participant.publisher = participant.publisher, None
        if publisher is not None:
            self._end_publisher(room, publisher)

    def _end_publisher(self, room: Room, publisher: Publisher) -> None:
        for track in list(publisher.tracks.values()):
            publisher.drop(track)
            room.removed(track)
        self.in_background(publisher.transport.close())

    def drop_next_publisher(self, participant: Participant) -> None:
        publisher, participant.next_publisher = participant.next_publisher, None
        if publisher is not None:
            for track in list(publisher.tracks.values()):
                publisher.drop(track)
            self.in_background(publisher.transport.close())

    # ------------------------------------------------------------------ viewing

    def viewer_transport(self, participant: Participant) -> Callable[[Viewer], Transport]:
        """What makes the transport of a new viewer, which then takes the place of a former one."""
        return lambda viewer: self._endpoint.transport(
            viewer,
            partial(self._viewer_connected, participant, viewer),
            partial(self._viewer_closed, participant, viewer),
        )

    def set_aside_viewer(self, participant: Participant) -> None:
        """What is connected goes on until the new one is; what never came to be ends at once."""
        viewer = participant.viewer
        if viewer is not None and viewer.transport.connected:
            self.drop_former_viewer(participant)
            participant.viewer, participant.former_viewer = None, viewer
        else:
            self.drop_viewer(participant)

    def _viewer_connected(self, participant: Participant, viewer: Viewer) -> None:
        viewer.open_agreed(time.monotonic())
        if participant.viewer is viewer:
            self.drop_former_viewer(participant)

    def _viewer_closed(self, participant: Participant, viewer: Viewer) -> None:
        if participant.viewer is viewer:
            self.drop_viewer(participant)
        elif participant.former_viewer is viewer:
            self.drop_former_viewer(participant)

    def drop_viewer(self, participant: Participant) -> None:
        viewer, participant.viewer = participant.viewer, None
        self._end_viewer(viewer)

    def drop_former_viewer(self, participant: Participant) -> None:
        viewer, participant.former_viewer = participant.former_viewer, None
        self._end_viewer(viewer)

    def _end_viewer(self, viewer: Viewer | None) -> None:
        if viewer is not None:
            viewer.release_all()
            self.in_background(viewer.transport.close())

    # -------------------------------------------------------------------- the end

    def remove(self, room: Room, participant: Participant) -> None:
        self.drop_next_publisher(participant)
        self.drop_publisher(room, participant)
        self.drop_former_viewer(participant)
        self.drop_viewer(participant)
        room.participants.pop(participant.participant_id, None)

    def in_background(self, closing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(closing)
        self.closing.add(task)
        task.add_done_callback(self.closing.discard)

    async def ended(self) -> None:
        """Returns when everything that was let go has ended."""
        while self.closing:
            await asyncio.gather(*self.closing, return_exceptions=True)
