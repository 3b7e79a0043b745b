"""One published m-line: its sources, and who gets what arrives of it."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from conference.media.cache import MediaPacket
from conference.media.demand import LayerDemand
from conference.media.fanout import FanOut
from conference.media.incoming import SILENT_SECONDS, IncomingStream

if TYPE_CHECKING:
    from conference.media.outgoing import OutgoingStream
    from conference.media.speaking import VoiceGate

Source = Literal["camera", "microphone", "screen", "screen-audio"]
# Sees each packet of a track after its viewers: called in the packet's wake-up, so it must be quick.
Tap = Callable[[IncomingStream, MediaPacket, float], None]
KIND_OF: dict[str, Literal["audio", "video"]] = {
    "camera": "video",
    "microphone": "audio",
    "screen": "video",
    "screen-audio": "audio",
}


class Track:
    """One published m-line, its sources lowest layer first. `rids` names the layers of simulcast (RFC 8853),
    empty without; `codec` is "vp8", "h264" or "opus", `parameters` what a viewer must be told of it.

    `outgoing` and `taps` are replaced, never changed: the packet loop may run over them freely. Each tap is
    called with every packet of every source, after the viewers.
    """

    __slots__ = (
        "_outgoing",
        "_taps",
        "codec",
        "demand",
        "fan",
        "gate",
        "held_back",
        "kind",
        "levels",
        "mid",
        "muted",
        "parameters",
        "participant_id",
        "rids",
        "source",
        "streams",
    )

    def __init__(
        self,
        participant_id: str,
        source: str,
        mid: str,
        *,
        rids: tuple[str, ...] = (),
        codec: str = "",
        parameters: str = "",
    ) -> None:
        self.participant_id = participant_id
        self.source = source
        self.kind: Literal["audio", "video"] = KIND_OF.get(source, "audio")
        self.mid = mid
        self.rids = rids
        self.codec = codec or ("opus" if self.kind == "audio" else "vp8")
        self.parameters = parameters
        self.muted = False
        self._outgoing: tuple[OutgoingStream, ...] = ()
        self.fan = FanOut()
        self._taps: tuple[Tap, ...] = ()
        self.streams: list[IncomingStream] = []
        self.demand = LayerDemand(rids)
        self.gate: VoiceGate | None = None  # of the room, for microphones: whether this one is heard now
        self.held_back: tuple[MediaPacket, ...] = ()  # the last packets before it is heard again
        self.levels = array("q", (127,))  # `loudest`, which C notes too

    @property
    def outgoing(self) -> tuple[OutgoingStream, ...]:
        return self._outgoing

    @outgoing.setter
    def outgoing(self, value: tuple[OutgoingStream, ...]) -> None:
        self._dismiss()
        self._outgoing = value

    @property
    def taps(self) -> tuple[Tap, ...]:
        return self._taps

    @taps.setter
    def taps(self, value: tuple[Tap, ...]) -> None:
        self._dismiss()
        self._taps = value

    @property
    def loudest(self) -> int:
        """Smallest −dBov since it was last set to 127 (RFC 6464): 0 is loud, 127 is silence."""
        return self.levels[0]

    @loudest.setter
    def loudest(self, value: int) -> None:
        self.levels[0] = value

    def _dismiss(self) -> None:
        """Packets go through Python again, which sees what has changed."""
        for stream in self.streams:
            stream.dismiss()

    @property
    def stream_id(self) -> str:
        """The msid stream: camera and microphone share one, which makes browsers keep them in step."""
        return f"{self.participant_id}~{'screen' if self.source.startswith('screen') else 'av'}"

    @property
    def track_id(self) -> str:
        return f"{self.participant_id}~{self.source}"

    def set_muted(self, muted: bool) -> None:
        self._dismiss()
        self.aim()  # whoever has a lane takes its numbers back while the cache still knows the packets
        self.muted = muted
        self.loudest = 127
        if muted and self.gate is not None:
            self.gate.forget(self)
            self.held_back = ()
        if not muted:
            for out in self.outgoing:
                out.waiting = True  # the picture after a pause begins with a key frame
        for stream in self.streams:
            stream.forget_packets()

    def aim(self) -> None:
        """A source came, went silent or woke: everyone looks again which one to take."""
        for out in self.outgoing:
            out.aim()

    def watch_sources(self, now: float) -> None:
        """Notice sources that have gone silent; called by every tick."""
        silent = SILENT_SECONDS if len(self.streams) > 1 else 3 * SILENT_SECONDS
        for stream in self.streams:
            if stream.active and now - stream.last_at > silent:
                stream.active = False
                stream.dismiss()
                self.aim()

    def due_layers(self, now: float) -> tuple[str, ...] | None:
        """The rids to tell the publisher now, None if it need not be told; ("",) is all of a single layer."""
        if self.kind != "video":
            return None
        active = 0
        for stream in self.streams:
            if stream.active:
                active |= 1 << stream.layer
        return self.demand.due(active, now, recorded=bool(self.taps))
