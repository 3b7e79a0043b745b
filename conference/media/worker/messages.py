"""What the server and a worker tell each other: typed messages, MessagePack, one per frame.

    server → worker   Hello, then Asked(id, what)
    worker → server   Welcome or Refused, then Answered(id) | Failed(id), Told(news), Beat

The tag of what is asked is the name of a method of `media.engine.Engine`, that of news a method of its
`Listener`; the fields are its parameters. `PROTOCOL` is computed from the messages, so a changed message can
never be taken for an old one.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal

import msgspec

from conference.media.engine import (
    EngineState,
    HeldRoom,
    IceCredentials,
    Rights,
    RoomStats,
    SubscribeOffer,
    Viewing,
)
from conference.media.errors import MediaError

Role = Literal["server", "supervisor", "operator"]


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """Anything in a frame."""


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """A method of the engine with its arguments."""


class News(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """A method of the listener with its arguments."""


# -- asked of a worker ----------------------------------------------------------------------------


class OpenRoom(Ask, tag="open_room", frozen=True):
    room_id: str
    max_publishers: int
    max_viewers: int
    others: Rights


class CloseRoom(Ask, tag="close_room", frozen=True):
    room_id: str
    reason: str


class Allow(Ask, tag="allow", frozen=True):
    room_id: str
    rights: dict[str, Rights]


class Held(Ask, tag="held", frozen=True):
    pass


class Publish(Ask, tag="publish", frozen=True):
    room_id: str
    participant_id: str
    offer_sdp: str
    tracks: dict[str, str]


class Unpublish(Ask, tag="unpublish", frozen=True):
    room_id: str
    participant_id: str
    source: str | None


class Subscribe(Ask, tag="subscribe", frozen=True):
    room_id: str
    participant_id: str


class SubscribeAnswer(Ask, tag="subscribe_answer", frozen=True):
    room_id: str
    participant_id: str
    version: int
    answer_sdp: str


class RestartSubscribe(Ask, tag="restart_subscribe", frozen=True):
    room_id: str
    participant_id: str


class Play(Ask, tag="play", frozen=True):
    room_id: str
    participant_id: str
    offer_sdp: str


class RestartIce(Ask, tag="restart_ice", frozen=True):
    room_id: str
    participant_id: str


class StartRecording(Ask, tag="start_recording", frozen=True):
    room_id: str
    folder: str


class StopRecording(Ask, tag="stop_recording", frozen=True):
    room_id: str


class View(Ask, tag="view", frozen=True):
    room_id: str
    participant_id: str
    viewing: Viewing


class Mute(Ask, tag="mute", frozen=True):
    room_id: str
    participant_id: str
    source: str
    muted: bool


class Leave(Ask, tag="leave", frozen=True):
    room_id: str
    participant_id: str


class Stats(Ask, tag="stats", frozen=True):
    room_id: str


class State(Ask, tag="state", frozen=True):
    pass


class Drain(Ask, tag="drain", frozen=True):
    """Take no new rooms; end when the last has gone, at the latest after `limit` seconds."""

    limit: float


# What the answer to each is; None: nothing but that it was done.
ANSWERS: dict[type[Ask], Any] = {
    OpenRoom: None,
    CloseRoom: None,
    Allow: None,
    Held: tuple[HeldRoom, ...],
    Publish: str,
    Unpublish: None,
    Subscribe: SubscribeOffer,
    SubscribeAnswer: None,
    RestartSubscribe: SubscribeOffer,
    Play: str,
    RestartIce: IceCredentials,
    StartRecording: None,
    StopRecording: tuple[str, ...],
    View: None,
    Mute: None,
    Leave: None,
    Stats: RoomStats,
    State: EngineState,
    Drain: None,
}
AnyAsk = (
    OpenRoom
    | CloseRoom
    | Allow
    | Held
    | Publish
    | Unpublish
    | Subscribe
    | SubscribeAnswer
    | RestartSubscribe
    | Play
    | RestartIce
    | StartRecording
    | StopRecording
    | View
    | Mute
    | Leave
    | Stats
    | State
    | Drain
)


# -- told by a worker -----------------------------------------------------------------------------


class Offered(News, tag="on_offer", frozen=True):
    room_id: str
    participant_id: str
    version: int
    sdp: str


class TrackChanged(News, tag="on_track", frozen=True):
    room_id: str
    participant_id: str
    source: str
    published: bool


class Speaking(News, tag="on_speaking", frozen=True):
    room_id: str
    participant_ids: list[str]


class Gone(News, tag="on_gone", frozen=True):
    room_id: str
    participant_id: str


class Layers(News, tag="on_layers", frozen=True):
    room_id: str
    participant_id: str
    source: str
    rids: tuple[str, ...]


class Rung(News, tag="on_rung", frozen=True):
    room_id: str
    participant_id: str
    rung: str
    reason: str


class RecordingFailed(News, tag="on_recording_failed", frozen=True):
    room_id: str
    code: str


AnyNews = Offered | TrackChanged | Speaking | Gone | Layers | Rung | RecordingFailed


# -- frames ---------------------------------------------------------------------------------------


class Hello(Message, frozen=True):
    """First from whoever connects. A worker has one server at a time; a newer one takes its place."""

    protocol: str
    role: Role


class Welcome(Message, frozen=True):
    protocol: str
    version: str
    index: int
    port: int


class Refused(Message, frozen=True):
    """The two sides are of different versions: `version` is the worker's."""

    protocol: str
    version: str


class Asked(Message, frozen=True):
    id: int
    what: AnyAsk


class Answered(Message, frozen=True):
    """`value` is of the type that `ANSWERS` names for what was asked."""

    id: int
    value: msgspec.Raw


class Failed(Message, frozen=True):
    """Refused with a `MediaError`: its code, and the detail for the log."""

    id: int
    code: str
    detail: str


class Told(Message, frozen=True):
    what: AnyNews


class Beat(Message, frozen=True):
    """Twice a second: the worker's loop runs. `busy` is the share of a core it used since the last one."""

    rooms: int
    publishers: int
    viewers: int
    busy: float
    draining: bool


FromServer = Hello | Asked
FromWorker = Welcome | Refused | Answered | Failed | Told | Beat

encoder = msgspec.msgpack.Encoder()
from_server = msgspec.msgpack.Decoder(FromServer)
from_worker = msgspec.msgpack.Decoder(FromWorker)


def _protocol() -> str:
    """A digest of every message's shape, answers included."""
    shapes = [FromServer, AnyNews, *(answer for answer in ANSWERS.values() if answer is not None)]
    _, components = msgspec.json.schema_components(
        [*shapes, Welcome, Refused, Failed, Beat], ref_template="{name}"
    )
    return hashlib.sha256(json.dumps(components, sort_keys=True).encode()).hexdigest()[:16]


PROTOCOL = _protocol()


def error_of(code: str, detail: str) -> MediaError:
    """The engine's error behind a `Failed`, in the class that callers know."""
    return _errors().get(code, MediaError)(detail)


def _errors() -> dict[str, type[MediaError]]:
    found: dict[str, type[MediaError]] = {}
    classes = [MediaError]
    while classes:
        each = classes.pop()
        found[each.default_code] = each
        classes += each.__subclasses__()
    return found
