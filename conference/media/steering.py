"""Doing what `SendControl` decides with the outgoing streams of one viewer."""

from __future__ import annotations

from typing import Protocol

from conference.media.allocate import Offered
from conference.media.engine import Viewing
from conference.media.incoming import Track
from conference.media.listening import Sound
from conference.media.offering import Offering
from conference.media.outgoing import OutgoingStream
from conference.media.outgoing_audio import OutgoingSound
from conference.media.probing import PROBE_SIZE
from conference.media.sending import SendControl

_SOME_LOSS, _MUCH_LOSS = 0.03, 0.1  # from which redundancy of one, of two earlier packets is worth its bytes
_REMEMBERED = 120.0  # seconds an estimate says something about the next connection
_REDUNDANCY = 40_000  # bit/s that must be to spare for it


class Steered(Protocol):
    """What is needed of a `Viewer`."""

    @property
    def outgoing(self) -> list[OutgoingStream]: ...

    @property
    def watched(self) -> list[Track]: ...

    def use_sound(self, sound: Sound, now: float) -> None: ...


class Steering:
    """Of one viewer. `rung` and `reason` say what it gets and why."""

    def __init__(self, viewer: Steered) -> None:
        self.control = SendControl()
        self.rung, self.reason = self._told = ("full", "ok")
        self._viewer = viewer
        self._offering: Offering | None = None
        self._viewing = Viewing()
        self._interactive = False
        self._offered: tuple[Offered, ...] = ()

    def remember(
        self, viewing: Viewing, estimate: tuple[int, float] | None, offering: Offering, now: float
    ) -> None:
        """What is known of a viewer before it is connected."""
        self._offering, self._viewing = offering, viewing
        if estimate is not None and now - estimate[1] < _REMEMBERED:
            self.control.start_at(int(0.8 * estimate[0]))

    def look(self, now: float, offering: Offering, viewing: Viewing, *, interactive: bool) -> bool:
        """Every 100 ms while connected; whether rung or reason are other than before. `interactive`: the
        viewer speaks too, and cannot wait for what is sent again."""
        self._offering, self._viewing, self._interactive = offering, viewing, interactive
        self.look_again(now)
        before, self._told = self._told, (self.rung, self.reason)
        return before != self._told

    def look_again(self, now: float) -> None:
        """The same between two looks: after a collapse, for a probe, when the viewer has just connected."""
        if self._offering is None:
            return
        tracks = self._offering.tracks
        offered = tuple(tracks[track] for track in self._viewer.watched if track in tracks)
        if len(offered) != len(self._offered) or any(
            a is not b for a, b in zip(offered, self._offered, strict=True)
        ):
            self._offered = offered
        probed = next((out for out in self._viewer.outgoing if out.probes), None)
        self.control.can_probe = probed is not None
        padding = self.control.tick(now, self._offered, self._viewing, self._offering.speakers)
        self._apply(now)
        if probed is not None:
            for _ in range(padding // PROBE_SIZE):
                probed.pad(now)
        allocation = self.control.allocation
        if self.control.estimator.known:
            self.rung, self.reason = allocation.rung, allocation.reason

    def _apply(self, now: float) -> None:
        control = self.control
        allocation, estimator = control.allocation, control.estimator
        for out in self._viewer.outgoing:
            if isinstance(out, OutgoingSound):
                spare = estimator.bitrate - allocation.cost > _REDUNDANCY
                lossy = estimator.loss if self._interactive and spare else 0.0
                out.redundancy = 2 if lossy > _MUCH_LOSS else 1 if lossy > _SOME_LOSS else 0
                continue
            choice = allocation.pictures.get((out.track.participant_id, out.track.source))
            if choice is None:
                out.choose(None)
                continue
            out.copies = control.copies
            if estimator.draining and out.layer is not None and choice.layer < out.layer:
                out.choose(None)  # the queue shrinks while the smaller one's key frame is on its way
            out.choose(choice.layer, choice.temporal)
        self._viewer.use_sound(allocation.sound, now)
