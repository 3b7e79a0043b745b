"""Which layer of a track a viewer is sent, and which one it waits for."""

from __future__ import annotations

from conference.media.counters import Counters
from conference.media.incoming import IncomingStream
from conference.media.laned import LanedStream
from conference.media.track import Track
from conference.media.transport import Transport
from conference.media.wire import Wire


class AimedStream(LanedStream):
    """Keeps a source as its target: the layer that is wanted, or what stands in for it. What it waits for is
    told to the sources (`IncomingStream.awaited`), what it needs to the publisher (`Track.demand`)."""

    __slots__ = ("_awaits", "_demanded", "_target")

    def __init__(
        self, track: Track, transport: Transport, mid: str, counters: Counters, wire: Wire | None = None
    ) -> None:
        super().__init__(track, transport, mid, counters, wire)
        self._target: IncomingStream | None = None  # the source that ought to be sent
        self._awaits: IncomingStream | None = None  # the one whose key frame is waited for
        self._demanded = 0

    def lost_picture(self) -> None:
        """The viewer cannot decode (PLI, FIR): the wish for a key frame is kept until one has come."""
        stream = self._current or self._target
        if stream is not None:
            stream.key_wanted = True

    def retarget(self, track: Track) -> None:
        """Go on with another track of the same kind in the same stream; it begins with a key frame."""
        if track is self.track:
            return
        self.track.outgoing = tuple(out for out in self.track.outgoing if out is not self)
        self.track.demand.change(self._demanded, 0)
        self._demanded = 0
        self.track = track
        track.outgoing = (*track.outgoing, self)
        self.waiting = True

    def aim(self) -> None:
        wanted = self.wanted
        awaits = None
        demanded = 0
        if not self._open or wanted is None:
            self._target = self._current = None
        else:
            target = self._target = self._best(wanted)
            self._current = None if self._waiting else self.source
            if self._waiting or target is not self.source:
                awaits = target
            if awaits is not None and self._waiting:
                awaits.urgent = True
            demanded = self._layers_needed(wanted)
        if awaits is not self._awaits:
            if self._awaits is not None:
                self._awaits.awaited -= 1
            if awaits is not None:
                awaits.awaited += 1
            self._awaits = awaits
        if demanded != self._demanded:
            self.track.demand.change(self._demanded, demanded)
            self._demanded = demanded

    def _best(self, wanted: int) -> IncomingStream | None:
        """The highest source that arrives and is not above `wanted`, else the lowest above it."""
        below = above = None
        for stream in self.track.streams:
            if not stream.active:
                continue
            if stream.layer > wanted:
                above = above or stream
            elif below is None or stream.layer > below.layer or below is not self.source:
                below = stream
        found = below or above
        if found is None and self.track.streams:
            known = self.source in self.track.streams
            found = self.source if known else self.track.streams[min(wanted, len(self.track.streams) - 1)]
        return found

    def _layers_needed(self, wanted: int) -> int:
        """The mask for `LayerDemand`: what is wanted, and what stands in for it meanwhile."""
        wanted = min(wanted, len(self.track.demand.rids) - 1)
        target, current = self._target, self._current
        if target is None or not target.active:
            return (1 << wanted + 1) - 1  # whatever can be had first
        mask = 1 << wanted | 1 << target.layer
        return mask | 1 << current.layer if current is not None and current.active else mask
