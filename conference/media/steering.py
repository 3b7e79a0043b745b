"""Doing what `SendControl` decides with the outgoing streams of one viewer."""

from __future__ import annotations

from typing import Protocol

from conference.media.allocate import Allocation, Offered
from conference.media.engine import Viewing
from conference.media.listening import Sound
from conference.media.offering import Offering
from conference.media.outgoing import OutgoingStream
from conference.media.outgoing_audio import OutgoingSound
from conference.media.probing import PROBE_SIZE
from conference.media.sending import SendControl
from conference.media.track import Track

_SOME_LOSS, _MUCH_LOSS = 0.015, 0.06  # from which one, from which two earlier packets are worth their bytes
_TELL_AFTER = 3.0  # seconds something better has to last before it is told
_GATHER_AGAIN = 1.0  # seconds
_LOOK_AGAIN = 2.5  # seconds after which even who has all there is is looked at, should its turn not come
_REMEMBERED = 120.0  # seconds an estimate says something about the next connection
_TRY_AGAIN = 10.0  # seconds after a queue before redundancy is tried again
_REDUNDANCY = 40_000  # bit/s of each earlier packet that goes along


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
        self._differs_since = 0.0
        self._offered: tuple[Offered, ...] = ()
        self._seen = -1
        self._gathered = self._looked = -1e9
        self._speakers: tuple[str, ...] = ()
        self._applied: Allocation | None = None
        self._probed: OutgoingStream | None = None
        self._try_again = 0.0

    def remember(
        self, viewing: Viewing, estimate: tuple[int, float] | None, offering: Offering, now: float
    ) -> None:
        """What is known of a viewer before it is connected."""
        self._offering, self._viewing = offering, viewing
        if estimate is not None and now - estimate[1] < _REMEMBERED:
            self.control.start_at(int(0.8 * estimate[0]))

    def rests(self, now: float, offering: Offering, viewing: Viewing, *, interactive: bool) -> bool:
        """Most viewers get all there is over a path that carries it: a look would change nothing."""
        return (
            now - self._looked < _LOOK_AGAIN
            and self._seen == offering.version
            and self._speakers is offering.speakers
            and self._viewing is viewing
            and self._interactive == interactive
            and self.reason == self._told[1]
            and self.rung == self._told[0]
            and self.control.may_rest(now)
        )

    def look(
        self, now: float, rested: float, offering: Offering, viewing: Viewing, *, interactive: bool
    ) -> bool:
        """Every 100 ms while connected and not at rest; whether rung or reason are other than before.
        `rested` is when it was asked last whether it is. `interactive`: the viewer speaks too, and cannot
        wait for what is sent again."""
        if rested > self._looked:
            self.control.rested(rested)
        self._offering, self._viewing, self._interactive = offering, viewing, interactive
        self.look_again(now)
        got = (self.rung, self.reason)
        if got == self._told:
            self._differs_since = now
            return False
        # A person reads it: pictures that are gone are told at once, what may be over in a moment is not.
        if self.rung in ("full", "one") and now - self._differs_since < _TELL_AFTER:
            return False
        self._told, self._differs_since = got, now
        return True

    def changed(self) -> None:
        """The viewer's streams are others, or in another state, than before."""
        self._seen = -1

    def look_again(self, now: float) -> None:
        """The same between two looks: after a collapse, for a probe, when the viewer has just connected."""
        offering, control, estimator = self._offering, self.control, self.control.estimator
        if offering is None:
            return
        if self._seen != offering.version or now - self._gathered > _GATHER_AGAIN:
            self._gather(offering, now)
        self._looked, self._speakers = now, offering.speakers
        control.protection = _REDUNDANCY * self._copies(estimator.usual_loss)
        padding = control.tick(now, self._offered, self._viewing, offering.speakers)
        allocation = control.allocation
        if allocation is not self._applied or estimator.draining:
            self._applied = allocation
            self._apply(now)
            if estimator.known:
                self.rung, self.reason = allocation.rung, allocation.reason
        if padding and self._probed is not None:
            for _ in range(padding // PROBE_SIZE):
                self._probed.pad(now)

    def _gather(self, offering: Offering, now: float) -> None:
        """What there is to decide about, seldom enough that a look costs little when nothing changes."""
        self._seen, self._gathered, self._applied = offering.version, now, None
        tracks = offering.tracks
        offered = tuple([tracks[track] for track in self._viewer.watched if track in tracks])
        if offered != self._offered:
            self._offered = offered
        self._probed = next((out for out in self._viewer.outgoing if out.probes), None)
        self.control.can_probe = self._probed is not None

    def _copies(self, loss: float) -> int:
        """Earlier packets that ought to go with each packet of sound."""
        return 0 if not self._interactive else 2 if loss > _MUCH_LOSS else 1 if loss > _SOME_LOSS else 0

    def _redundancy(self, now: float) -> int:
        """Of the usual loss as well as of the latest: in a moment without a loss the next one is due."""
        control, estimator = self.control, self.control.estimator
        spare = estimator.bitrate - control.allocation.cost + control.protection
        room = max(0, spare // _REDUNDANCY)
        if not room and self._may_try(now):
            room = 1
        return min(self._copies(max(estimator.loss, estimator.usual_loss)), room)

    def _may_try(self, now: float) -> bool:
        """Where there is no picture, nothing tells what the path carries beyond the sound: redundancy is its
        own probe then, and left alone for a while when a queue has built up."""
        if self.control.estimator.draining:
            self._try_again = now + _TRY_AGAIN
        return self._probed is None and now >= self._try_again

    def _apply(self, now: float) -> None:
        control = self.control
        allocation, estimator = control.allocation, control.estimator
        redundancy = self._redundancy(now)
        for out in self._viewer.outgoing:
            if isinstance(out, OutgoingSound):
                out.redundancy = redundancy
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
