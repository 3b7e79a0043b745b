"""The engine interface: what the rest of the application knows of the media plane.

`LocalEngine` implements it in this process, `worker.engine.WorkerEngine` over worker processes; an engine on
other machines (an adapter to a distributed forwarding unit) would implement the same. That is why every call
is asynchronous and carries only strings, numbers and records, and why nothing is ever asked back: rights are
told by `allow` and lie with the room, which goes on under them when the application is away. docs/media.md
lists what callers rely on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """`public_addresses` are IP addresses clients reach us at (behind NAT: the outer ones); empty means the
    bound address, or that of the default route for a wildcard. `public_port` 0 means the bound port.
    `max_publishers`, `max_viewers`, `max_bitrate` (bit/s sent) limit the whole process, `max_room_bitrate`
    each room; 0: no limit. At a limit nobody new is let in; who is there goes on.
    """

    host: str | tuple[str, ...] = "0.0.0.0"  # noqa: S104  # the media port is meant to be reached from outside
    port: int = 0
    tcp: bool = True
    public_addresses: tuple[str, ...] = ()
    public_port: int = 0
    max_rooms: int = 200
    max_publishers: int = 0
    max_viewers: int = 0
    max_bitrate: int = 0
    max_room_bitrate: int = 0
    max_publisher_bitrate: int = 6_000_000
    consent_seconds: float = 30.0
    kept_seconds: float = 90.0  # of silence after which a viewer who may come back by itself is let go
    disk_reserve: int = 256 << 20  # bytes that recordings leave free

    @property
    def hosts(self) -> tuple[str, ...]:
        return (self.host,) if isinstance(self.host, str) else tuple(self.host)


@dataclass(frozen=True, slots=True)
class WorkerState:
    """One loop with its port. `totals` counts since its start (`counters.Counters`), `lost` the packets that
    never came of what is published now; `loss` is the mean of what viewers reported last (0..1), `rungs` the
    viewers on each rung now, `estimates` theirs (bit/s, those known). `bitrate` is what it sends, bit/s;
    `cpu_seconds` what its loop has used, `microseconds_per_packet` of that per forwarded packet over the last
    seconds; `lag` how late its loop was at worst in them, s.
    """

    index: int
    pid: int
    state: Literal["new", "ready", "draining", "lost", "closed"]
    port: int = 0
    rooms: int = 0
    publishers: int = 0
    viewers: int = 0
    totals: Mapping[str, int] = field(default_factory=dict)
    lost: int = 0
    loss: float = 0.0
    rungs: Mapping[str, int] = field(default_factory=dict)
    estimates: tuple[int, ...] = ()
    bitrate: int = 0
    cpu_seconds: float = 0.0
    microseconds_per_packet: float = 0.0
    lag: float = 0.0


@dataclass(frozen=True, slots=True)
class EngineState:
    """All workers together (`port` is the first one's), and each."""

    state: Literal["new", "ready", "failed", "closed"]
    port: int = 0
    rooms: int = 0
    publishers: int = 0
    viewers: int = 0
    totals: Mapping[str, int] = field(default_factory=dict)
    workers: tuple[WorkerState, ...] = ()


@dataclass(frozen=True, slots=True)
class SubscribeOffer:
    """`version` must come back with the answer."""

    version: int
    sdp: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture that is on a viewer's screen now, in device pixels."""

    participant_id: str
    source: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Viewing:
    """What a viewer wants of the room. `low`: the lowest layer of everything; `only`: the camera of this
    participant and nobody else's; `tiles` None: not known, everything counts as visible at full size;
    `max_bitrate` in bit/s, 0 for no cap.
    """

    pictures: Literal["auto", "low", "none"] = "auto"
    sound: Literal["auto", "full", "lean", "saver", "none"] = "auto"
    only: str | None = None
    tiles: tuple[Tile, ...] | None = None
    max_bitrate: int = 0


@dataclass(frozen=True, slots=True)
class LayerStats:
    """One simulcast layer as it arrives now; `width`, `height` of its last key frame, `bitrate` in bit/s."""

    rid: str
    width: int
    height: int
    fps: float
    bitrate: float
    active: bool


@dataclass(frozen=True, slots=True)
class TrackStats:
    """Of one published source as the server receives it. `jitter_ms` by RFC 3550 §6.4.1. `layers`, lowest
    first, are of video; a source without simulcast has one, whose rid is empty."""

    source: str
    muted: bool
    packets: int
    bytes: int
    lost: int
    recovered: int
    nacks_sent: int
    plis_sent: int
    jitter_ms: float
    layers: tuple[LayerStats, ...] = ()


@dataclass(frozen=True, slots=True)
class ViewingStats:
    """Of everything sent to one viewer. `loss` is the worst fraction any stream reported last (0..1);
    `round_trip_ms` is None before the first report; `estimate` is what the link carries, bit/s, 0 if unknown.

    `rung` is what the viewer gets, best first: full, one, sound, lean, saver, text; `reason` why: chosen,
    link, cap, ok.
    """

    streams: int
    packets: int
    bytes: int
    nacks_received: int
    retransmissions: int
    plis_received: int
    loss: float
    round_trip_ms: float | None
    estimate: int
    rung: str = "full"
    reason: str = "ok"
    transport: Literal["udp", "tcp"] = "udp"


@dataclass(frozen=True, slots=True)
class ParticipantStats:
    participant_id: str
    tracks: tuple[TrackStats, ...]
    viewing: ViewingStats | None


@dataclass(frozen=True, slots=True)
class RoomStats:
    room_id: str
    participants: tuple[ParticipantStats, ...]


SOURCES = frozenset({"camera", "microphone", "screen", "screen-audio"})


@dataclass(frozen=True, slots=True)
class Rights:
    """What one participant may do in one room: the sources whose packets may go out from it, and those that
    may be sent to it. A source reaches a viewer when both sides have it.

    `owner` is a label of whom the participant belongs to. It means nothing to the engine, which keeps it for
    `Engine.held`: a server that was started anew can tell whose media it finds going on.
    """

    publish: frozenset[str] = frozenset()
    receive: frozenset[str] = frozenset()
    owner: str = ""


NOTHING = Rights()
EVERYTHING = Rights(SOURCES, SOURCES)


@dataclass(frozen=True, slots=True)
class HeldParticipant:
    """`sources` are those it publishes. `awaits_answer`: an offer was made to it and not answered."""

    participant_id: str
    owner: str
    sources: tuple[str, ...]
    muted: tuple[str, ...]
    awaits_answer: bool
    viewing: Viewing


@dataclass(frozen=True, slots=True)
class HeldRoom:
    room_id: str
    participants: tuple[HeldParticipant, ...]


@dataclass(frozen=True, slots=True)
class IceCredentials:
    """Our side's user name fragment and password (RFC 8445 §5.3)."""

    ufrag: str
    password: str


class Listener(Protocol):
    """News from the engine, called on its loop: do not block; start a task for anything that waits."""

    def on_offer(self, room_id: str, participant_id: str, version: int, sdp: str) -> None:
        """The viewer needs this new offer; send it to the client, bring its answer to `subscribe_answer`."""

    def on_track(self, room_id: str, participant_id: str, source: str, published: bool) -> None: ...

    def on_speaking(self, room_id: str, participant_ids: list[str]) -> None:
        """The set of speakers changed; loudest first."""

    def on_gone(self, room_id: str, participant_id: str) -> None:
        """Nothing was heard of this participant for as long as it is kept; it has been removed."""

    def on_layers(self, room_id: str, participant_id: str, source: str, rids: tuple[str, ...]) -> None:
        """The layers of a published source that somebody wants now; none when it is empty."""

    def on_rung(self, room_id: str, participant_id: str, rung: str, reason: str) -> None:
        """What a viewer gets has changed; the words are those of `ViewingStats`."""

    def on_recording_failed(self, room_id: str, code: str) -> None:
        """The recording ended by itself: `media.disk-full` or `media.recording-failed`. The room goes on."""

    def on_reopened(self, room_id: str) -> None:
        """The room lost its worker and was opened again, empty: its tabs must join anew."""


class Engine(Protocol):
    """Rooms, publishers and viewers. All methods raise `errors.MediaError` with a stable code.

    `participant_id` is one browser tab: 1..64 characters of A-Z a-z 0-9 _ -.
    """

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def state(self) -> EngineState: ...

    async def open_room(
        self, room_id: str, *, max_publishers: int = 12, max_viewers: int = 500, others: Rights = NOTHING
    ) -> None:
        """Open, or set the limits of a room that is open already. `others`: the rights of participants for
        whom `allow` has said nothing.
        """

    async def close_room(self, room_id: str, reason: str) -> None: ...

    async def publish(
        self, room_id: str, participant_id: str, offer_sdp: str, tracks: Mapping[str, str]
    ) -> str:
        """Answer a publish offer. `tracks` maps each publishing m-line's mid to its source, completely: what
        it no longer names is removed. The same call adds and removes sources, restarts ICE, and replaces the
        connection when the offer comes from a new one.
        """

    async def unpublish(self, room_id: str, participant_id: str, source: str | None) -> None:
        """Remove one source, or the whole publish connection."""

    async def subscribe(self, room_id: str, participant_id: str) -> SubscribeOffer:
        """A new subscribe connection; one that existed goes on until the new one is connected."""

    async def subscribe_answer(
        self, room_id: str, participant_id: str, version: int, answer_sdp: str
    ) -> None: ...

    async def restart_subscribe(self, room_id: str, participant_id: str) -> SubscribeOffer:
        """An offer with new ICE credentials for the existing connection."""

    async def play(self, room_id: str, participant_id: str, offer_sdp: str) -> str:
        """Answer a player (WHEP), whose one offer is for a sound, a picture or both, to be received: the mix
        of the room, and its screen or the camera of whoever has the floor. A new connection each time.
        """

    async def view(self, room_id: str, participant_id: str, viewing: Viewing) -> None:
        """What the viewer wants, completely; kept for the participant over its reconnections."""

    async def mute(self, room_id: str, participant_id: str, source: str, muted: bool) -> None:
        """Stop or resume forwarding a source, whatever its client sends; remembered until it leaves."""

    async def allow(self, room_id: str, rights: Mapping[str, Rights]) -> None:
        """Set the rights of these participants; those of the others stay. In effect when it returns: what may
        no longer be sent is not sent any more. They are kept until `leave` or the end of the room.
        """

    async def held(self) -> tuple[HeldRoom, ...]:
        """Every open room with its people: what a server that was started anew takes over."""

    async def restart_ice(self, room_id: str, participant_id: str) -> IceCredentials:
        """New credentials for the participant's one connection (WHIP, WHEP: RFC 9725 §4.3.2)."""

    async def start_recording(self, room_id: str, folder: str) -> None:
        """Each participant's sources into files in *folder*, which is made, from now on and as they come;
        `files.json` there lists them. Raises AlreadyRecording, RecordingFailed.
        """

    async def stop_recording(self, room_id: str) -> tuple[str, ...]:
        """End the files; their names, none when no recording was on."""

    async def leave(self, room_id: str, participant_id: str) -> None: ...

    async def stats(self, room_id: str) -> RoomStats: ...
