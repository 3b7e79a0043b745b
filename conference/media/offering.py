"""What viewers of a room can be given: every track's layers with what they cost, and who has the floor.

Looked at once for all viewers, twice a second; a track that has not changed keeps its record, so that a
viewer can see by identity that there is nothing to decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conference.media.allocate import Layer, Offered
from conference.media.incoming import IncomingStream
from conference.media.track import Track

EVERY = 0.5  # seconds
_ABSENT_AFTER = 4.0  # seconds a sender has to bring a layer it was asked for
_ABSENT_FOR = 30.0
_TAKES_FLOOR = 1.0  # seconds of speaking
_PACKET = 44  # bytes below RTP of one packet: IPv4, UDP, SRTP tag
_PACKETS_OF_SOUND = 50  # a second
_VIDEO_FACTOR = 1.06  # the same on packets of a picture
# bit/s of layers that are not being sent now, by how many there are
_USUAL = {
    "camera": {1: (700_000,), 2: (150_000, 600_000), 3: (130_000, 450_000, 1_400_000)},
    "screen": {1: (900_000,), 2: (250_000, 1_200_000), 3: (150_000, 500_000, 1_500_000)},
}
_WIDTHS = {1: (1280,), 2: (640, 1280), 3: (320, 640, 1280)}


class Offering:
    """`tracks` maps each track to its record; `speakers` are ids, the one who has the floor first."""

    def __init__(self) -> None:
        self.tracks: dict[Track, Offered] = {}
        self.speakers: tuple[str, ...] = ()
        self.version = 0  # counts changes of `tracks`
        self._looked = -1e9
        self._asked: dict[tuple[Track, int], float] = {}
        self._absent: dict[tuple[Track, int], float] = {}
        self._usual: dict[tuple[Track, int], int] = {}
        self._rising: tuple[str, float] = ("", 0.0)

    def hear(self, speakers: Sequence[str], now: float) -> None:
        """Who speaks now, loudest first. The floor changes hands only after a second of speaking, so that
        a cough or a "yes" does not turn everybody's picture over; it stays with whoever spoke last."""
        if not speakers or (self.speakers and self.speakers[0] in speakers[:1]):
            self._rising = ("", now)
            return
        loudest = speakers[0]
        if self._rising[0] != loudest:
            self._rising = (loudest, now)
        if not self.speakers or now - self._rising[1] >= _TAKES_FLOOR:
            self.speakers = (loudest, *[s for s in self.speakers if s != loudest][:4])

    def review(self, tracks: Iterable[Track], now: float) -> None:
        """Look at all tracks again, when it is time to."""
        if now - self._looked < EVERY:
            return
        self._looked = now
        before, self.tracks = self.tracks, {}
        for track in tracks:
            if track.muted:
                continue
            offered = self._offered(track, now)
            known = before.get(track)
            self.tracks[track] = known if known is not None and _same(known, offered) else offered
        if self.tracks != before or any(before[track] is not o for track, o in self.tracks.items()):
            self.version += 1
        self._asked = {key: at for key, at in self._asked.items() if key[0] in self.tracks}
        self._absent = {key: at for key, at in self._absent.items() if key[0] in self.tracks}
        self._usual = {key: rate for key, rate in self._usual.items() if key[0] in self.tracks}

    def forget(self) -> None:
        """Something came or went: look at the next occasion."""
        self._looked = -1e9

    def _offered(self, track: Track, now: float) -> Offered:
        if track.kind == "audio":
            rate = max((stream.bitrate(now) for stream in track.streams), default=0.0)
            cost = rate + (_PACKETS_OF_SOUND * _PACKET * 8 if rate > 4000 else 0)
            return Offered(track.participant_id, track.source, (Layer(int(cost)),))
        count = min(3, max(1, len(track.rids)))
        layers: list[Layer] = []
        for index in range(count):
            stream = next((s for s in track.streams if s.layer == index), None)
            if self._is_absent(track, index, stream, now) and index:
                break
            layers.append(self._layer(track, index, count, stream, now))
        return Offered(track.participant_id, track.source, tuple(layers))

    def _layer(
        self, track: Track, index: int, count: int, stream: IncomingStream | None, now: float
    ) -> Layer:
        usual = _USUAL.get(track.source, _USUAL["camera"])[count][index]
        usual = self._usual.get((track, index), usual)
        width, height = _WIDTHS[count][index], _WIDTHS[count][index] * 9 // 16
        shares = (1.0, 1.0, 1.0)
        rate = float(usual)
        if stream is not None:
            shares = stream.temporal_share
            if stream.live(now) and stream.bitrate(now) > 0:
                # A still picture costs little now and much at the next movement.
                rate = max(_VIDEO_FACTOR * stream.bitrate(now), 0.3 * usual)
                self._usual[track, index] = int(max(rate, 0.98 * usual))
            if stream.width:
                width, height = stream.width, stream.height
        return Layer(int(rate), width, height, shares)

    def _is_absent(self, track: Track, index: int, stream: IncomingStream | None, now: float) -> bool:
        """A layer that was asked for and does not come: its sender has not the uplink or the processor."""
        key = (track, index)
        if stream is not None and stream.live(now):
            self._asked.pop(key, None)
            self._absent.pop(key, None)
            return False
        if key in self._absent:
            if now < self._absent[key]:
                return True
            del self._absent[key]
            self._asked.pop(key, None)
        if not track.demand.wanted >> index & 1:
            self._asked.pop(key, None)
            return False
        if now - self._asked.setdefault(key, now) > _ABSENT_AFTER:
            self._absent[key] = now + _ABSENT_FOR
            return True
        return False


def _same(one: Offered, other: Offered) -> bool:
    """Equal but for what does not matter: rates within a tenth of each other."""
    return len(one.layers) == len(other.layers) and all(
        abs(a.bitrate - b.bitrate) <= max(0.1 * a.bitrate, 4000)
        and (a.width, a.height) == (b.width, b.height)
        and all(abs(s - t) < 0.1 for s, t in zip(a.shares, b.shares, strict=True))
        for a, b in zip(one.layers, other.layers, strict=True)
    )
