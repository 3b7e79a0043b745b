"""A room: who publishes what, who watches it, and the rule that both are allowed to, now."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from conference.media.engine import Rights, Viewing
from conference.media.offering import Offering
from conference.media.publisher import Publisher
from conference.media.recording import RoomRecorder
from conference.media.room_sound import RoomSound
from conference.media.speaking import SpeakerDetector
from conference.media.track import KIND_OF, Track
from conference.media.viewer import Viewer


@dataclass(slots=True)
class Participant:
    """One browser tab. `seen` is the monotonic time of its last sign on any of its connections.

    A tab that reconnects has two connections of a kind for a moment (make before break): `next_publisher`
    takes the place of `publisher`, and `viewer` that of `former_viewer`, when it is connected.
    """

    participant_id: str
    seen: float
    publisher: Publisher | None = None
    next_publisher: Publisher | None = None
    viewer: Viewer | None = None
    former_viewer: Viewer | None = None
    muted: set[str] = field(default_factory=set)
    viewing: Viewing = field(default_factory=Viewing)
    estimate: tuple[int, float] | None = None  # bit/s to it, and when that was so


_TOGETHER = 16  # viewers at rest are looked at in groups: one wake-up does for all of them
_TURNS = 20  # of steering, in which everybody at rest has been looked at once


class Room:
    """Joins tracks and viewers, as far as `rights` (by participant id; `others` for those without) allow."""

    def __init__(
        self,
        room_id: str,
        max_publishers: int,
        max_viewers: int,
        others: Rights,
        on_track: Callable[[str, str, bool], None],
    ) -> None:
        self.room_id = room_id
        self.max_publishers = max_publishers
        self.max_viewers = max_viewers
        self.participants: dict[str, Participant] = {}
        self.speakers = SpeakerDetector()
        self.offering = Offering()
        self.others = others
        self.rights: dict[str, Rights] = {}
        self.recorder: RoomRecorder | None = None
        self.bitrate = 0  # bit/s sent to its viewers over the last second
        self.fills = False  # a probe wants a step, or a suspicion a look, before everybody's next look
        self._sent = (0.0, 0)
        self._steered = 0.0
        self._on_track = on_track
        self.sound = RoomSound(lambda: self.tracks, self._sees)

    def participant(self, participant_id: str, now: float) -> Participant:
        found = self.participants.get(participant_id)
        if found is None:
            found = self.participants[participant_id] = Participant(participant_id, now)
        return found

    @property
    def publishers(self) -> list[Publisher]:
        return [p.publisher for p in self.participants.values() if p.publisher is not None]

    @property
    def viewers(self) -> list[Viewer]:
        return [p.viewer for p in self.participants.values() if p.viewer is not None]

    @property
    def watching(self) -> list[Viewer]:
        """Whoever packets go to: the viewers, and those whose place they have not taken yet."""
        former = [p.former_viewer for p in self.participants.values() if p.former_viewer is not None]
        return self.viewers + former

    @property
    def tracks(self) -> list[Track]:
        return [track for publisher in self.publishers for track in publisher.tracks.values()]

    def added(self, track: Track) -> None:
        """A track has come: mute it if it was muted before, and show it to everyone who may see it."""
        if track.source in self.participants[track.participant_id].muted:
            track.set_muted(True)
        self.sound.added(track)
        self.offering.forget()
        for viewer in self.viewers:
            if self._sees(viewer, track):
                viewer.watch(track)
        self.sound.review(self.viewers)
        if self.recorder is not None:
            self.recorder.watch(track)
        self._on_track(track.participant_id, track.source, True)

    def removed(self, track: Track) -> None:
        for viewer in self.watching:
            viewer.unwatch(track)
        self.sound.removed(track)
        self.offering.forget()
        self.sound.review(self.viewers)
        if self.recorder is not None:
            self.recorder.unwatch(track)
        self._on_track(track.participant_id, track.source, False)

    def replaced(self, old: Track, new: Track) -> None:
        """The same source now comes over another connection: viewers go on in the same m-lines, untold."""
        if new.source in self.participants[new.participant_id].muted:
            new.set_muted(True)
        self.offering.forget()
        self.sound.added(new)
        for viewer in self.watching:
            viewer.rewatch(old, new)
        self.sound.removed(old)
        self.sound.review(self.viewers)
        if self.recorder is not None:
            self.recorder.watch(new)
            self.recorder.unwatch(old)

    def ask_key_frame(self, track: Track, now: float) -> None:
        """Somebody waits for a picture of the track: do not wait for the tick to ask its publisher."""
        participant = self.participants.get(track.participant_id)
        if participant is not None and participant.publisher is not None:
            participant.publisher.want_key_frame(track, now)

    def recorded_picture_lost(self, track: Track) -> None:
        """The recording goes on with the next key frame of the best layer that arrives."""
        arriving = [stream for stream in track.streams if stream.active] or track.streams
        if arriving:
            max(arriving, key=lambda stream: stream.layer).key_wanted = True
            self.ask_key_frame(track, time.monotonic())

    def _sees(self, viewer: Viewer, track: Track) -> bool:
        return (
            viewer.participant_id != track.participant_id
            and track.source in self.rights.get(viewer.participant_id, self.others).receive
            and self.may_publish(track.participant_id, track.source)
        )

    def may_publish(self, participant_id: str, source: str) -> bool:
        return source in self.rights.get(participant_id, self.others).publish

    def allow(self, rights: Mapping[str, Rights]) -> None:
        """Take over the rights of these participants and act on what has changed."""
        for participant_id, right in rights.items():
            if right == self.others:
                self.rights.pop(participant_id, None)
            else:
                self.rights[participant_id] = right
        tracks = self.tracks
        for participant in [p for p in map(self.participants.get, rights) if p is not None]:
            publisher, viewer = participant.publisher, participant.viewer
            for track in list(publisher.tracks.values()) if publisher is not None else ():
                if publisher is not None and not self.may_publish(track.participant_id, track.source):
                    publisher.drop(track)
                    self.removed(track)
            if viewer is not None:
                self.show(viewer, tracks)
            if participant.former_viewer is not None:
                self.hide(participant.former_viewer)

    def show(self, viewer: Viewer, tracks: list[Track]) -> None:
        """Make what the viewer watches equal to what it may see."""
        watched = set(map(id, viewer.watched))
        for track in tracks:
            allowed = self._sees(viewer, track)
            if allowed and id(track) not in watched:
                viewer.watch(track)
            elif not allowed and id(track) in watched:
                viewer.unwatch(track)

    def hide(self, viewer: Viewer) -> None:
        """Take away what the viewer may no longer see; what is new it is not shown."""
        hears = "microphone" in self.rights.get(viewer.participant_id, self.others).receive
        for track in viewer.watched:
            if not (self._sees(viewer, track) if track.source in KIND_OF else hears):  # else: a mix
                viewer.unwatch(track)

    def mute(self, participant_id: str, source: str, muted: bool) -> None:
        """Enforced here: a muted source is not forwarded, whatever its client goes on sending."""
        participant = self.participants[participant_id]
        (participant.muted.add if muted else participant.muted.discard)(source)
        if participant.publisher is not None:
            for track in participant.publisher.tracks.values():
                if track.source == source and track.muted != muted:
                    track.set_muted(muted)

    def steer(self, turn: int, *, fills_only: bool = False) -> Iterator[tuple[str, str, str] | None]:
        """Decide anew what viewers are sent; call it every 100 ms, and once in between while one `fills`.

        Whoever is at rest is passed over, but in one `turn` of twenty; whoever is not is looked at each time.
        Each step looks at one, and says whose rung has changed, if it has: participant, rung, reason. Between
        two steps anything may happen to the room.
        """
        now = time.monotonic()
        offering, steered = self.offering, self._steered
        offering.review((track for p in self.publishers for track in p.tracks.values()), now)
        if not fills_only:
            self._steered = now
        self.fills = False
        for place, participant in enumerate(list(self.participants.values())):
            for viewer in (participant.viewer, participant.former_viewer):
                if viewer is None or not viewer.transport.connected:
                    continue
                steering = viewer.steering
                interactive = participant.publisher is not None
                if fills_only:
                    if not steering.control.filling:
                        continue
                elif steering.rests(now, offering, participant.viewing, interactive=interactive) and (
                    place // _TOGETHER % _TURNS != turn % _TURNS
                ):
                    continue
                yield self._look(participant, viewer, steered)

    def _look(self, participant: Participant, viewer: Viewer, steered: float) -> tuple[str, str, str] | None:
        now, steering = time.monotonic(), viewer.steering
        interactive = participant.publisher is not None
        viewer.catch_up()
        told = steering.look(now, steered, self.offering, participant.viewing, interactive=interactive)
        self.fills = self.fills or steering.control.filling
        if viewer is not participant.viewer:
            return None
        if steering.control.estimator.known:
            participant.estimate = (steering.control.estimator.bitrate, now)
        return (participant.participant_id, steering.rung, steering.reason) if told else None

    def follow(self, participant: Participant) -> tuple[str, str, str] | None:
        """`steer` for somebody who wants to see something else, and who waits for it."""
        viewer = participant.viewer
        if viewer is None or not viewer.transport.connected:
            return None
        told = self._look(participant, viewer, self._steered)
        now = time.monotonic()
        for publisher in self.publishers:
            publisher.ask_key_frames(now)
        return told

    def measure(self, now: float) -> None:
        """About once a second: what the room sends. Somebody who leaves takes their bytes with them, which
        makes one second look quieter than it was."""
        sent = sum(out.octets for viewer in self.watching for out in viewer.outgoing)
        before, sent_before = self._sent
        self.bitrate = int(max(0, sent - sent_before) * 8 / max(1e-3, now - before))
        self._sent = (now, sent)

    def loudest(self) -> dict[str, int]:
        """Loudest level of each open microphone since the last call, −dBov."""
        levels: dict[str, int] = {}
        for track in self.tracks:
            if track.source == "microphone" and not track.muted:
                levels[track.participant_id] = track.loudest
                track.loudest = 127
        return levels
