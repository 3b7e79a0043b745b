"""The sound of a room: who is loud, the mix for those on weak links, and what each viewer hears."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from conference.media.lean import LeanSound, tracks_left_out
from conference.media.lean_clock import LeanClock
from conference.media.listening import Listening
from conference.media.speaking import VoiceGate
from conference.media.track import Track
from conference.media.viewer import Viewer

_REPORT_EVERY = 4  # seconds between; more often they would be a twentieth of a lean link

Sees = Callable[[Viewer, Track], bool]


class RoomSound:
    """`tracks` are those published now; `sees(viewer, track)` is the room's rule."""

    def __init__(self, tracks: Callable[[], list[Track]], sees: Sees, lean: LeanSound | None = None) -> None:
        self.voices = VoiceGate()
        self.lean = lean if lean is not None else LeanClock().lean
        self._tracks = tracks
        self._sees = sees
        self._now = 0.0
        self._reports = 0

    def added(self, track: Track) -> None:
        if track.kind == "audio":
            self.lean.add(track)
        if track.source == "microphone":
            track.gate = self.voices

    def removed(self, track: Track) -> None:
        if track.kind == "audio":
            self.lean.remove(track)
        self.voices.forget(track)

    def welcome(self, viewer: Viewer) -> None:
        """Give a new viewer its choice of sound, before it is shown anything."""
        viewer.listening = Listening(
            viewer,
            self.lean,
            lambda: tracks_left_out(self._tracks(), viewer.participant_id, lambda t: self._sees(viewer, t)),
            lambda track: self.voices.loudness(track, self._now),
        )

    def review(self, viewers: Iterable[Viewer]) -> None:
        """Somebody came, went, or was given or refused the floor: whom the mixes leave out may have
        changed."""
        for viewer in viewers:
            if viewer.listening is not None:
                viewer.listening.review(self._now)

    def second(self, viewers: Iterable[Viewer], now: float, wall: float) -> None:
        """Once a second; `wall` is Unix time."""
        self._now = now
        self.review(viewers)
        self.lean.tidy()
        self._reports -= 1
        if self._reports < 0:
            self._reports = _REPORT_EVERY
            self.lean.report(now, wall)

    def close(self) -> None:
        self.lean.sleep()
