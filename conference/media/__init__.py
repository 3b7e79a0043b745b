"""The media plane: a selective forwarding unit that knows no database, no people and no HTTP.

`LocalEngine` is what the application builds; `Engine` and `Listener` are what it talks to.
docs/media.md follows a packet through the files.
"""

from conference.media.engine import (
    EVERYTHING,
    NOTHING,
    Engine,
    EngineSettings,
    EngineState,
    HeldParticipant,
    HeldRoom,
    LayerStats,
    Listener,
    ParticipantStats,
    Rights,
    RoomStats,
    SubscribeOffer,
    Tile,
    TrackStats,
    Viewing,
    ViewingStats,
)
from conference.media.errors import MediaError
from conference.media.local_engine import LocalEngine

__all__ = [
    "EVERYTHING",
    "NOTHING",
    "Engine",
    "EngineSettings",
    "EngineState",
    "HeldParticipant",
    "HeldRoom",
    "LayerStats",
    "Listener",
    "LocalEngine",
    "MediaError",
    "ParticipantStats",
    "Rights",
    "RoomStats",
    "SubscribeOffer",
    "Tile",
    "TrackStats",
    "Viewing",
    "ViewingStats",
]
