"""The media plane as the settings wish it: engine, workers, TURN; and what is told of it."""

from __future__ import annotations

import os
from pathlib import Path

from conference.media.engine import Engine, EngineSettings
from conference.media.figures import Figures, media_figures
from conference.media.turn import TurnSettings
from conference.media.worker.supervisor import Supervisor, worker_command
from conference.media_worker import Started
from conference.settings import Settings


def turn_settings(settings: Settings) -> TurnSettings:
    media = settings.media
    return TurnSettings(tuple(media.turn_urls), media.turn_secret, media.turn_minutes * 60)


def media_folder(settings: Settings) -> Path:
    """Where the sockets of this server's media workers are."""
    own = settings.media.folder
    return Path(own).absolute() if own else settings.folder.absolute() / "media"


def media_supervisor(settings: Settings) -> Supervisor:
    """Who starts the media workers; they are found by their sockets in the data folder."""
    wanted = settings.media.workers
    count = _cores() if wanted == "auto" else wanted
    return Supervisor(
        media_folder(settings),
        engine_settings(settings),
        count,
        command=worker_command(),
        wrap=lambda worker: Started(worker, settings.log),
    )


def engine_settings(settings: Settings) -> EngineSettings:
    media = settings.media
    return EngineSettings(
        host=_several(media.host),
        port=media.port,
        tcp=media.tcp,
        public_addresses=_several(media.public_address),
        public_port=media.public_port,
        max_publishers=media.worker_publishers,
        max_viewers=media.worker_viewers,
        max_bitrate=media.worker_mbits * 1_000_000,
        max_room_bitrate=media.room_mbits * 1_000_000,
    )


async def media_state(engine: Engine) -> dict[str, object]:
    state = await engine.state()
    return {
        "state": state.state,
        "port": state.port,
        "rooms": state.rooms,
        "publishers": state.publishers,
        "viewers": state.viewers,
        "workers": [
            {
                "worker": worker.index,
                "state": worker.state,
                "port": worker.port,
                "rooms": worker.rooms,
                "publishers": worker.publishers,
                "viewers": worker.viewers,
            }
            for worker in state.workers
        ],
    }


async def figures_of_media(engine: Engine) -> Figures:
    return media_figures(await engine.state())


def _several(setting: str | list[str]) -> tuple[str, ...]:
    """A setting that is one value or a list of them; an empty text is none."""
    return tuple(setting) if isinstance(setting, list) else (setting,) if setting else ()


def _cores() -> int:
    """Those this process may use; where the system does not tell, all."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
