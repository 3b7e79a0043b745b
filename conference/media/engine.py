"""The engine interface: what the rest of the application knows of the media plane.

`LocalEngine` implements it in this process; an engine that spreads rooms over worker processes or machines
implements the same. That is why every call is asynchronous and carries only strings, numbers and records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """`public_addresses` are IP addresses clients reach us at (behind NAT: the outer ones); empty means the
    bound address, or that of the default route for a wildcard. `public_port` 0 means the bound port.
    """

    host: str | tuple[str, ...] = "0.0.0.0"  # noqa: S104  # the media port is meant to be reached from outside
    port: int = 0
    tcp: bool = True
    public_addresses: tuple[str, ...] = ()
    public_port: int = 0
    max_rooms: int = 200
    max_publisher_bitrate: int = 6_000_000
    consent_seconds: float = 30.0

    @property
    def hosts(self) -> tuple[str, ...]:
        return (self.host,) if isinstance(self.host, str) else tuple(self.host)


@dataclass(frozen=True, slots=True)
class EngineState:
    state: Literal["new", "ready", "closed"]
    port: int = 0
    rooms: int = 0
    publishers: int = 0
    viewers: int = 0
    totals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SubscribeOffer:
    """`version` must come back with the answer."""

    version: int
    sdp: str


@dataclass(frozen=True, slots=True)
class TrackStats:
    """Of one published source as the server receives it. `jitter_ms` by RFC 3550 §6.4.1."""

    source: str
    muted: bool
    packets: int
    bytes: int
    lost: int
    recovered: int
    nacks_sent: int
    plis_sent: int
    jitter_ms: float


@dataclass(frozen=True, slots=True)
class ViewingStats:
    """Of everything sent to one viewer. `loss` is the worst fraction any stream reported last (0..1);
    `round_trip_ms` is None before the first report; `estimate` is the client's own, bit/s, 0 if unknown."""

    streams: int
    packets: int
    bytes: int
    nacks_received: int
    retransmissions: int
    plis_received: int
    loss: float
    round_trip_ms: float | None
    estimate: int


@dataclass(frozen=True, slots=True)
class ParticipantStats:
    participant_id: str
    tracks: tuple[TrackStats, ...]
    viewing: ViewingStats | None


@dataclass(frozen=True, slots=True)
class RoomStats:
    room_id: str
    participants: tuple[ParticipantStats, ...]


class Rights(Protocol):
    """Asked on the engine's loop, for every viewer and track once a second and whenever rights change: answer
    from memory. Sources are 'camera', 'microphone', 'screen', 'screen-audio'."""

    def may_publish(self, room_id: str, participant_id: str, source: str) -> bool: ...

    def may_forward(self, room_id: str, viewer_id: str, publisher_id: str, source: str) -> bool: ...


class Listener(Protocol):
    """News from the engine, called on its loop: do not block; start a task for anything that waits."""

    def on_offer(self, room_id: str, participant_id: str, version: int, sdp: str) -> None:
        """The viewer needs this new offer; send it to the client, bring its answer to `subscribe_answer`."""

    def on_track(self, room_id: str, participant_id: str, source: str, published: bool) -> None: ...

    def on_speaking(self, room_id: str, participant_ids: list[str]) -> None:
        """The set of speakers changed; loudest first."""

    def on_gone(self, room_id: str, participant_id: str) -> None:
        """Nothing was heard of this participant for the consent time; it has been removed."""


class Engine(Protocol):
    """Rooms, publishers and viewers. All methods raise `errors.MediaError` with a stable code.

    `participant_id` is one browser tab: 1..64 characters of A-Z a-z 0-9 _ -.
    """

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def state(self) -> EngineState: ...

    async def open_room(self, room_id: str, *, max_publishers: int = 12, max_viewers: int = 500) -> None:
        """Open, or set the limits of a room that is open already."""

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
        """A new subscribe connection; one that existed is closed."""

    async def subscribe_answer(
        self, room_id: str, participant_id: str, version: int, answer_sdp: str
    ) -> None: ...

    async def restart_subscribe(self, room_id: str, participant_id: str) -> SubscribeOffer:
        """An offer with new ICE credentials for the existing connection."""

    async def mute(self, room_id: str, participant_id: str, source: str, muted: bool) -> None:
        """Stop or resume forwarding a source, whatever its client sends; remembered until it leaves."""

    async def rights_changed(self, room_id: str) -> None:
        """Ask the rights of this room again now."""

    async def leave(self, room_id: str, participant_id: str) -> None: ...

    async def stats(self, room_id: str) -> RoomStats: ...
