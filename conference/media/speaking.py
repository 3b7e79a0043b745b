"""Who is speaking, from the audio levels in clients' packets (RFC 6464); pure, in the caller's time."""

from __future__ import annotations

from collections.abc import Mapping

_LOUD = 50  # −dBov at or below which a window counts as voice
_WINDOWS_TO_START = 2
_HOLD_SECONDS = 0.8


class SpeakerDetector:
    """Feed it the loudest level of each open microphone once per window (about 200 ms).

    Two loud windows in a row start a speaker, so that a cough does not; 0.8 s of silence ends one, so that a
    breath does not.
    """

    def __init__(self) -> None:
        self._streak: dict[str, int] = {}
        self._last_loud: dict[str, float] = {}
        self._speaking: tuple[str, ...] = ()

    def window(self, levels: Mapping[str, int], now: float) -> list[str] | None:
        """The speakers, loudest first, when the set has changed; None when it has not."""
        for participant, level in levels.items():
            if level > _LOUD:
                self._streak[participant] = 0
                continue
            self._streak[participant] = self._streak.get(participant, 0) + 1
            if self._streak[participant] >= _WINDOWS_TO_START or participant in self._speaking:
                self._last_loud[participant] = now
        for participant in [p for p in self._streak if p not in levels]:
            del self._streak[participant]
            self._last_loud.pop(participant, None)
        speaking = [p for p in levels if p in self._last_loud and now - self._last_loud[p] < _HOLD_SECONDS]
        if set(speaking) == set(self._speaking):
            return None
        speaking.sort(key=lambda p: (levels[p], p))
        self._speaking = tuple(speaking)
        return speaking
