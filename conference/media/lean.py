"""Lean sound: one mix of a room, encoded once, for everybody whose link does not carry the single
microphones.

A `LeanSound` sleeps until somebody listens. Then it taps the room's microphones, and every 60 ms decodes the
loudest three (and a shared screen's sound), mixes them and encodes the mix once per step in use. Who speaks
must not hear themselves a quarter of a second later, and nobody may hear a microphone that is not for them:
such a listener gets a mix without those, an encode of its own for each different set left out.

Pure but for `spawn`, which carries a round's work to a thread; time comes from the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from conference.media.cache import MediaPacket
from conference.media.incoming import IncomingStream
from conference.media.jitter import JitterBuffer, Piece
from conference.media.mixing import Mixdown, Voice
from conference.media.opus import RATE, ROUND, SILENT_ROUND, OpusEncoder
from conference.media.rtcp import SenderReport
from conference.media.speaking import LOUDEST, VoiceGate
from conference.media.track import Track
from conference.media.wire import level_element, shared_elements

ROOM = "room"  # who the mix is from, in descriptions
SECONDS = ROUND / RATE
Step = Literal["programme", "lean", "saver"]
# Bit/s of Opus. With 64 bytes of headers and tag on each packet (IPv4, UDP, RTP, an extension, AES-GCM) it
# is 22 and 14.5 kbit/s on the wire. The programme is what players hear, on links that carry pictures too.
BITRATES: dict[Step, int] = {"programme": 32_000, "lean": 13_500, "saver": 6_000}
# Between a sound's position and its place in the encoded mix.
DELAY = Mixdown.delay + OpusEncoder.delay

_AUDIBLE = 70  # −dBov: what is fainter is a room, not a voice
_HOLD_ROUNDS = 25  # 1.5 s: pauses between words stay as they are
_TAIL_ROUNDS = 2  # until the limiter and the encoder have given out what they held back
_REPEAT_SILENCE = 7  # rounds: 420 ms
_BEHIND = 8  # rounds a thread may be late before some are left out
_NTP_EPOCH = 2_208_988_800
_NO_LEVEL = 127

Spawn = Callable[[Callable[[], None], Callable[[], None]], None]
# Asked before each round is sent, with its number and its level (−dBov); False once it has nothing to wait
# for.
Watcher = Callable[[int, int], bool]


class LeanTrack(Track):
    """The mix as something to watch: source "mix" of the participant "room"."""

    __slots__ = ("encoder", "excluded", "mixdown", "silent", "step", "stream")

    def __init__(self, step: Step, excluded: frozenset[str]) -> None:
        super().__init__(ROOM, "mix", "mix")
        self.step = step
        self.excluded = excluded  # track ids
        self.stream = IncomingStream(self, 0, 0, repairable=True)
        self.streams.append(self.stream)
        self.encoder = OpusEncoder(BITRATES[step])
        self.mixdown = Mixdown()
        self.silent = _HOLD_ROUNDS

    @property
    def resting(self) -> bool:
        """Nobody speaks: rounds are left out."""
        return self.silent > _TAIL_ROUNDS


@dataclass(slots=True)
class _Input:
    """One microphone. `voice` while it is in the mix."""

    track: Track
    buffer: JitterBuffer = field(default_factory=JitterBuffer)
    voice: Voice | None = None
    idle: int = _HOLD_ROUNDS  # rounds since it was last audible


@dataclass(slots=True)
class _Round:
    """What a thread needs for one round, and what it brings back."""

    number: int
    voices: list[tuple[str, Voice, list[Piece], bool]]
    tracks: list[LeanTrack]
    level: int
    encoded: list[tuple[LeanTrack, bytes]] = field(default_factory=list)

    def work(self) -> None:
        sounds = {name: voice.round(pieces, leaving=leaving) for name, voice, pieces, leaving in self.voices}
        for track in self.tracks:
            heard = [sound for name, sound in sounds.items() if name not in track.excluded]
            track.silent = 0 if heard else track.silent + 1
            if track.resting:
                payload = SILENT_ROUND if track.silent % _REPEAT_SILENCE == _TAIL_ROUNDS + 1 else b""
            else:
                payload = track.encoder.encode(track.mixdown.round(heard))
            self.encoded.append((track, payload))


class LeanSound:
    """The lean sound of one room. `spawn(work, done)` runs `work` in a thread, then `done` on the loop."""

    def __init__(self, spawn: Spawn, on_wake: Callable[[bool], None] = lambda awake: None) -> None:
        self.rounds = 0
        self._spawn = spawn
        self._on_wake = on_wake
        self._inputs: dict[Track, _Input] = {}
        self._tracks: dict[tuple[Step, frozenset[str]], LeanTrack] = {}
        self._gate = VoiceGate(LOUDEST)
        self._started: float | None = None
        self._number = 0
        self._working: _Round | None = None
        self._sources: tuple[Track, ...] = ()
        self._watchers: list[Watcher] = []

    # ---------------------------------------------------------------- who is in

    @property
    def awake(self) -> bool:
        return self._started is not None

    @property
    def encodes(self) -> int:
        """Encoders in use."""
        return len(self._tracks)

    def add(self, track: Track) -> None:
        """A microphone or a shared screen's sound came into the room."""
        self._sources = (*self._sources, track)
        if self.awake:
            self._tap(track)

    def remove(self, track: Track) -> None:
        self._sources = tuple(t for t in self._sources if t is not track)
        self._untap(track)

    def track(self, step: Step, excluded: frozenset[str], now: float) -> LeanTrack:
        """The mix without the tracks whose ids are `excluded`; made when it is the first of its kind."""
        excluded = frozenset(t.track_id for t in self._sources) & excluded
        found = self._tracks.get((step, excluded))
        if found is None:
            found = self._tracks[step, excluded] = LeanTrack(step, excluded)
        if self._started is None:
            self._started = now
            self._number = 0
            for source in self._sources:
                self._tap(source)
            self._on_wake(True)
        return found

    def tidy(self) -> None:
        """Let go of mixes nobody listens to; without any, sleep. Called about once a second."""
        if self._watchers:
            return  # somebody is about to listen
        self._tracks = {key: track for key, track in self._tracks.items() if track.outgoing}
        if not self._tracks:
            self.sleep()

    def sleep(self) -> None:
        """Stop mixing, whoever listens."""
        if self._started is None:
            return
        self._tracks = {}
        self._watchers = []
        self._started = None
        self._working = None
        for source in self._sources:
            self._untap(source)
        self._on_wake(False)

    def _tap(self, track: Track) -> None:
        self._inputs[track] = _Input(track)
        track.taps = (*track.taps, self.feed)

    def _untap(self, track: Track) -> None:
        if self._inputs.pop(track, None) is not None:
            track.taps = tuple(tap for tap in track.taps if tap != self.feed)
            self._gate.forget(track)

    # ------------------------------------------------------------------- rounds

    def position(self, now: float) -> int:
        """Where the mixer's clock is, in samples since it woke."""
        return int((now - self._started) * RATE) if self._started is not None else 0

    def feed(self, stream: IncomingStream, packet: MediaPacket, now: float) -> None:
        """A tap (`Track.taps`): one packet of a microphone."""
        entry = self._inputs.get(stream.track)
        if entry is not None:
            level = packet.level[1] & 0x7F if packet.level else 0
            entry.buffer.put(packet.timestamp, packet.payload, level, self.position(now))

    def buffer_of(self, track: Track) -> JitterBuffer | None:
        entry = self._inputs.get(track)
        return entry.buffer if entry is not None else None

    def watch(self, watcher: Watcher) -> None:
        """Call `watcher` before each round is sent, until it returns False."""
        self._watchers.append(watcher)

    def due(self) -> float:
        """When the next round is to be done; call `run` then."""
        return (self._started or 0.0) + (self._number + 1) * SECONDS

    def run(self, now: float) -> None:
        """Do the round that is due. While the thread is busy rounds wait; far behind, some are left out."""
        if self._started is None or self._working is not None or now < self.due():
            return
        behind = int((now - self.due()) / SECONDS)
        if behind > _BEHIND:
            self._number += behind
        round_ = self._working = self._collect(self._number)
        self._number += 1
        self.rounds += 1
        self._spawn(round_.work, lambda: self._done(round_))

    def _collect(self, number: int) -> _Round:
        start, end = number * ROUND, (number + 1) * ROUND
        chosen, level = self._choose(end)
        voices: list[tuple[str, Voice, list[Piece], bool]] = []
        for entry in self._inputs.values():
            pieces = entry.buffer.take(start, end)
            staying = entry in chosen
            if staying and entry.voice is None:
                entry.voice = Voice()
            if entry.voice is not None:
                voices.append((entry.track.track_id, entry.voice, pieces, not staying))
                if not staying:
                    entry.voice = None
        listened = [
            t for t in self._tracks.values() if any(out.open and out.wanted is not None for out in t.outgoing)
        ]
        return _Round(number, voices, listened, level)

    def _choose(self, end: int) -> tuple[list[_Input], int]:
        """Who is in this round, by what is about to be heard: the packets wait in the buffers already, so
        that nobody's first syllable is over before they are noticed."""
        loudest = _NO_LEVEL
        now = end / RATE
        for entry in self._inputs.values():
            level = entry.buffer.loudest(end)
            loudest = min(loudest, level)
            entry.idle = 0 if level <= _AUDIBLE else entry.idle + 1
            if entry.track.source == "microphone":
                if entry.idle < _HOLD_ROUNDS:
                    self._gate.hears(entry.track, level, now)
                else:
                    self._gate.forget(entry.track)
        heard = self._gate.heard_now
        screens = 0
        chosen: list[_Input] = []
        for entry in self._inputs.values():
            if entry.track.source != "microphone":
                screens += entry.idle < _HOLD_ROUNDS
                if entry.idle < _HOLD_ROUNDS and screens == 1:
                    chosen.append(entry)
            elif entry.track in heard:
                chosen.append(entry)
        return chosen, loudest

    def _done(self, round_: _Round) -> None:
        if self._working is not round_ or self._started is None:
            return
        self._working = None
        watchers, self._watchers = self._watchers, []
        self._watchers = [w for w in watchers if w(round_.number, round_.level)] + self._watchers
        now = self._started + (round_.number + 1) * SECONDS
        for track, payload in round_.encoded:
            if payload:
                self._send(track, round_, payload, now)

    def _send(self, track: LeanTrack, round_: _Round, payload: bytes, now: float) -> None:
        stream = track.stream
        index = stream.received
        stream.received += 1
        stream.bytes += len(payload)
        timestamp = (round_.number * ROUND - DELAY) & 0xFFFFFFFF
        packet = MediaPacket(index, 0, timestamp, payload, level_element(round_.level), True)
        elements = shared_elements(packet, "audio", now)
        track.fan.forward(track.outgoing, stream, packet, elements, now)

    def report(self, now: float, wall: float) -> None:
        """Sender reports for the mixes, by which viewers' round trips are measured; `wall` is Unix time."""
        ntp = int((wall + _NTP_EPOCH) * (1 << 32))
        timestamp = (self.position(now) - DELAY) & 0xFFFFFFFF
        for track in self._tracks.values():
            stream = track.stream
            report = SenderReport(0, ntp, timestamp, stream.received, stream.bytes)
            stream.sender_report, stream.sender_report_at = report, now
            for out in track.outgoing:
                out.send_report(report, now)


def tracks_left_out(
    tracks: Iterable[Track], viewer_id: str, may_hear: Callable[[Track], bool]
) -> frozenset[str]:
    """Ids of the audio tracks a listener's mix goes without: their own, and those not for them."""
    return frozenset(
        t.track_id for t in tracks if t.kind == "audio" and (t.participant_id == viewer_id or not may_hear(t))
    )
