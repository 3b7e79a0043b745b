"""The media plane: a selective forwarding unit that knows no database, no people and no HTTP.

`LocalEngine` is what the application builds; `Engine`, `Rights` and `Listener` are what it talks to.
docs/media.md follows a packet through the files.
"""

from conference.media.engine import (
    Engine,
    EngineSettings,
    EngineState,
    Listener,
    ParticipantStats,
    Rights,
    RoomStats,
    SubscribeOffer,
    TrackStats,
    ViewingStats,
)
from conference.media.errors import MediaError
from conference.media.local_engine import LocalEngine

__all__ = [
    "Engine",
    "EngineSettings",
    "EngineState",
    "Listener",
    "LocalEngine",
    "MediaError",
    "ParticipantStats",
    "Rights",
    "RoomStats",
    "SubscribeOffer",
    "TrackStats",
    "ViewingStats",
]
