"""Who is speaking, from the audio levels in clients' packets (RFC 6464); pure, in the caller's time."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Mapping

LOUDEST = 3  # more voices at once nobody understands
_ONSET = 60  # −dBov: quieter than voice, because a word may begin with a breath
_PAUSE = 0.4  # seconds of quiet after which the next sound is a beginning
_BEGINNING = 1.0  # seconds for which a beginning is let through whatever the others do
_RELEASE = 30.0  # dB a second by which a voice that has paused is remembered more faintly
_AHEAD = 6.0  # dB by which a newcomer must be louder to take a place

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

    @property
    def speaking(self) -> tuple[str, ...]:
        """The speakers of the last window."""
        return self._speaking

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


# What is known of a voice, in an array because C notes packets in it too (`native/intake.c`): dB above
# silence (127 − level), falling slowly; when that was; when it was loud last, and when it began; 1 while it
# has a place.
_LOUDNESS, _AT, _LOUD_AT, _BEGUN, _PLACED = range(5)
_UNKNOWN = array("d", (0.0,) * 5)


def _faded(voice: array[float], now: float) -> float:
    return voice[_LOUDNESS] - _RELEASE * max(0.0, now - voice[_AT])


class VoiceGate:
    """Which microphones of a room are heard: the loudest three, and for a second whoever begins to speak.

    With few microphones everything passes. With many, every open one costs each listener 20 to 50 kbit/s of
    breath and keyboards. A first sound always passes at once: no first syllable waits for a comparison.
    """

    def __init__(self, places: int = LOUDEST) -> None:
        self._places = places
        self._voices: dict[Hashable, array[float]] = {}
        self._heard: list[Hashable] = []

    @property
    def heard_now(self) -> tuple[Hashable, ...]:
        """Who holds a place."""
        return tuple(self._heard)

    def hears(self, key: Hashable, level: int, now: float) -> bool:
        """Note one packet of `key` with its level in −dBov (RFC 6464); whether it is let through."""
        voice = self._voices.get(key)
        if voice is None:
            voice = self._voices[key] = array("d", (0.0, now, -_PAUSE, -_BEGINNING, 0.0))
        voice[_LOUDNESS] = max(127.0 - level, _faded(voice, now))
        voice[_AT] = now
        if level <= _ONSET:
            if now - voice[_LOUD_AT] >= _PAUSE:
                voice[_BEGUN] = now
            voice[_LOUD_AT] = now
        if voice[_PLACED] or self._place(key, voice, now):
            return True
        return now - voice[_BEGUN] < _BEGINNING

    def _place(self, key: Hashable, voice: array[float], now: float) -> bool:
        if len(self._heard) >= self._places:
            faintest = min(self._heard, key=lambda other: _faded(self._voices[other], now))
            if voice[_LOUDNESS] < _faded(self._voices[faintest], now) + _AHEAD:
                return False
            self._heard.remove(faintest)
            self._voices[faintest][_PLACED] = 0.0
        self._heard.append(key)
        voice[_PLACED] = 1.0
        return True

    def voice(self, key: Hashable) -> array[float]:
        """What C may note packets in while it has a place; of somebody who was not heard yet, one without."""
        return self._voices.get(key, _UNKNOWN)

    def forget(self, key: Hashable) -> None:
        """A microphone was closed or muted."""
        voice = self._voices.pop(key, None)
        if voice is not None and voice[_PLACED]:
            voice[_PLACED] = 0.0
            self._heard.remove(key)

    def loudness(self, key: Hashable, now: float) -> float:
        """dB above silence, falling slowly after a word; for telling who the present speaker is."""
        voice = self._voices.get(key)
        return _faded(voice, now) if voice is not None else 0.0
