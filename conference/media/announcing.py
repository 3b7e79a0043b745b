"""News to the application, kept from breaking the media when the application's own code fails."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import ParamSpec

from conference.media.engine import Listener

log = logging.getLogger(__name__)

P = ParamSpec("P")


class GuardedListener:
    """A `Listener` that logs what the wrapped one raises: one room's trouble must not end others' packets."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def on_offer(self, room_id: str, participant_id: str, version: int, sdp: str) -> None:
        _call(self._listener.on_offer, room_id, participant_id, version, sdp)

    def on_track(self, room_id: str, participant_id: str, source: str, published: bool) -> None:
        _call(self._listener.on_track, room_id, participant_id, source, published)

    def on_speaking(self, room_id: str, participant_ids: list[str]) -> None:
        _call(self._listener.on_speaking, room_id, participant_ids)

    def on_gone(self, room_id: str, participant_id: str) -> None:
        _call(self._listener.on_gone, room_id, participant_id)

    def on_layers(self, room_id: str, participant_id: str, source: str, rids: tuple[str, ...]) -> None:
        _call(self._listener.on_layers, room_id, participant_id, source, rids)

    def on_rung(self, room_id: str, participant_id: str, rung: str, reason: str) -> None:
        _call(self._listener.on_rung, room_id, participant_id, rung, reason)

    def on_recording_failed(self, room_id: str, code: str) -> None:
        _call(self._listener.on_recording_failed, room_id, code)

    def on_reopened(self, room_id: str) -> None:
        _call(self._listener.on_reopened, room_id)


def _call(news: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
    try:
        news(*args, **kwargs)
    except Exception:  # the edge between the application and the packet path
        log.exception("the application failed on news from the media plane")
