"""What one viewer hears: the single microphones, the mix, the mix at its smallest, or nothing.

Going over from one to the other happens at one point of the speech, in the play-out queue of whoever speaks
(see `outgoing_audio.py`). Positions are those of the mixer's clock, which every microphone's timestamps are
related to by its jitter buffer; that relation is finer than sender reports could give it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from conference.media.lean import DELAY, LeanSound, LeanTrack, Step
from conference.media.opus import ROUND
from conference.media.outgoing import OutgoingStream
from conference.media.outgoing_audio import OutgoingSound
from conference.media.track import Track

Sound = Literal["full", "lean", "saver", "none"]

_PAUSE_LEVEL = 60  # −dBov: a pause in the speech, where a change is not heard at all
_PATIENCE = 50  # rounds (3 s) that going back to full sound waits for such a pause
_HURRY = 8  # rounds that going over to the mix waits to learn where in the speech it is


class Audience(Protocol):
    """What is needed of a `Viewer`."""

    @property
    def outgoing(self) -> list[OutgoingStream]: ...

    def watch(self, track: Track) -> bool: ...

    def unwatch(self, track: Track) -> None: ...

    def relabel(self) -> None:
        """M-lines carry other tracks than the last offer said."""


class Listening:
    """Of one viewer. `left_out` gives the ids of the tracks its mix goes without, `loudness` how loud a track
    is now; tracks in `held` are the viewer's to hear but in the mix, without an m-line of their own. `best`
    is the mix when it is not the smallest that is wanted."""

    def __init__(
        self,
        viewer: Audience,
        lean: LeanSound,
        left_out: Callable[[], frozenset[str]],
        loudness: Callable[[Track], float],
    ) -> None:
        self.sound: Sound = "full"
        self.best: Step = "lean"
        self.held: list[Track] = []
        self._viewer = viewer
        self._lean = lean
        self._left_out = left_out
        self._loudness = loudness
        self._waited = 0
        self._pending = False

    @property
    def _sounds(self) -> list[OutgoingSound]:
        return [out for out in self._viewer.outgoing if isinstance(out, OutgoingSound)]

    @property
    def _carrier(self) -> OutgoingSound | None:
        """The stream that carries the mix."""
        return next((out for out in self._sounds if isinstance(out.track, LeanTrack)), None)

    def holds(self, track: Track) -> bool:
        """A new track has come: whether it is heard in the mix and needs no m-line."""
        if track.kind != "audio" or isinstance(track, LeanTrack) or self._carrier is None:
            return False
        if track not in self.held:
            self.held.append(track)
        return True

    def forget(self, track: Track) -> None:
        self.held = [t for t in self.held if t is not track]

    def replace(self, old: Track, new: Track) -> None:
        self.held = [new if track is old else track for track in self.held]

    def use(self, sound: Sound, now: float) -> None:
        """Change what is heard. It takes effect at the next point where it can be done cleanly."""
        if sound == self.sound:
            return
        self.sound = sound
        for out in self._sounds:
            if sound == "none":
                out.choose(None)
            elif out.wanted is None:
                out.choose(0)
        self._waited = 0
        if sound == "none":
            return
        if sound != "full":
            self._mix(now)
            if self._carrier is None and not any(out.flowing for out in self._sounds):
                self._to_mix(0)  # nothing is heard yet that could be cut
        if not self._pending and self._lean.awake:
            self._pending = True
            self._lean.watch(self._step)

    def review(self, now: float) -> None:
        """Whom the mix leaves out may have changed: another mix then, from its next round on."""
        if self.sound in ("lean", "saver"):
            mix = self._mix(now)
            if self._carrier is not None and self._carrier.track is not mix and not self._pending:
                self._pending = True
                self._lean.watch(self._step)

    def _mix(self, now: float) -> LeanTrack:
        return self._lean.track("saver" if self.sound == "saver" else self.best, self._left_out(), now)

    # --------------------------------------------------------------- hand-over

    def _step(self, number: int, level: int) -> bool:
        """Before round `number` is sent; whether there is something left to do."""
        self._waited += 1
        carrier = self._carrier
        if self.sound == "none":
            done = True
        elif self.sound == "full":
            done = carrier is None or self._to_full(carrier, number, level)
        elif carrier is None:
            done = self._to_mix(number)
        else:
            position = (number + 1) * ROUND - DELAY  # this round was encoded before anybody listened
            carrier.hand_over(self._mix_now(), position & 0xFFFFFFFF, position & 0xFFFFFFFF)
            done = True
        self._pending = not done
        return not done

    def _mix_now(self) -> LeanTrack:
        return self._mix(0.0)  # awake, so the time is not asked for

    def _to_mix(self, number: int) -> bool:
        sounds = self._sounds
        flowing = [out for out in sounds if out.flowing]
        if not flowing:
            self._viewer.watch(self._mix_now())
            for out in sounds:
                out.choose(None)
            return True
        carrier = max(flowing, key=lambda out: self._loudness(out.track))
        boundary = self._boundary(carrier.track, carrier.heard_until, number)
        if boundary is None and self._waited < _HURRY:
            return False
        others = [out for out in sounds if out is not carrier]
        track = carrier.track
        if boundary is None:
            carrier.hand_over(self._mix_now())
        else:
            carrier.hand_over(self._mix_now(), self._timestamp(track, boundary), boundary & 0xFFFFFFFF)
        for out in others:
            until = None if boundary is None else self._timestamp(out.track, boundary)
            if until is None:
                out.choose(None)
            else:
                out.pause_at(until)
        self.held.append(track)
        return True

    def _to_full(self, carrier: OutgoingSound, number: int, level: int) -> bool:
        if level < _PAUSE_LEVEL and self._waited < _PATIENCE:
            return False
        mix = carrier.track
        paused = {out.track: out for out in self._sounds if out is not carrier}
        held, self.held = self.held, []
        speaker = max([*held, *paused], key=self._loudness, default=None)
        if speaker is None:
            self._viewer.unwatch(mix)
            return True
        boundary = self._boundary(speaker, self._arrived(speaker), number)
        if speaker in paused:
            self._viewer.unwatch(speaker)  # its own m-line: it goes on in the one whose queue is warm
        if boundary is None:
            carrier.hand_over(speaker)
        else:
            begin = self._timestamp(speaker, boundary)
            silent = isinstance(mix, LeanTrack) and mix.resting
            reserved = 0 if silent else (boundary + DELAY) // ROUND - number
            carrier.hand_over(speaker, boundary & 0xFFFFFFFF, begin, reserved)
        for track, out in paused.items():
            if track is not speaker:
                out.resume()
        for track in held:
            if track is not speaker:
                self._viewer.watch(track)
        self._viewer.relabel()
        return True

    def _boundary(self, track: Track, timestamp: int | None, number: int) -> int | None:
        """The position of the first round, after `number`, that begins at or after a track's timestamp;
        None while the mixer does not know the track's clock."""
        buffer = self._lean.buffer_of(track)
        position = buffer.position_of(timestamp) if buffer is not None and timestamp is not None else None
        if position is None:
            return None
        return max(number + 1, -(-(position + DELAY) // ROUND)) * ROUND - DELAY

    def _timestamp(self, track: Track, position: int) -> int | None:
        buffer = self._lean.buffer_of(track)
        return buffer.timestamp_at(position) if buffer is not None else None

    def _arrived(self, track: Track) -> int | None:
        buffer = self._lean.buffer_of(track)
        return buffer.latest if buffer is not None else None
