"""A viewer behind a modelled link, in virtual time: what `simulate_links` draws and the tests judge.

Everything between the two ends is modelled (publisher, bottleneck queue, losses, the client's feedback,
retransmissions and play-out); the sending side is the program's own `conference.media.sending`.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from conference.media.allocate import Allocation, Layer, Offered
from conference.media.engine import Viewing
from conference.media.probing import PROBE_SIZE
from conference.media.rtcp import TransportFeedback, parse_rtcp
from conference.media.sending import OVERHEAD, SendControl
from conference.media.twcc import ArrivalLog


@dataclass(frozen=True, slots=True)
class Phase:
    """The link from `start` seconds on. `down` and `up` are kbit/s (0: dark), `delay` one way in ms, `loss`
    percent, `burst` how long everything is lost at a time, mean in ms (0: each packet for itself), `jitter`
    ms, `queue` bytes at the bottleneck."""

    start: float
    down: float
    up: float = 1000.0
    delay: float = 20.0
    loss: float = 0.0
    burst: float = 0.0
    jitter: float = 0.0
    queue: int = 60_000


class World:
    """Events in order of time."""

    def __init__(self) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def at(self, when: float, act: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (max(when, self.now), self._count, act))

    def run(self, until: float) -> None:
        while self._events and self._events[0][0] <= until:
            self.now, _, act = heapq.heappop(self._events)
            act()
        self.now = until


class Link:
    """One direction: a tail-drop queue in front of a bottleneck, then delay, jitter and loss, in order."""

    def __init__(self, world: World, phases: Sequence[Phase], seed: int, *, up: bool = False) -> None:
        self._world = world
        self._phases = phases
        self._random = random.Random(seed)
        self._up = up
        self._queue: deque[tuple[int, Callable[[float], None]]] = deque()
        self._queued = 0
        self._busy = False
        self._bad = False
        self._spell_ends = 0.0
        self._last = 0.0
        self.dropped = 0
        self.carried = 0

    @property
    def phase(self) -> Phase:
        current = self._phases[0]
        for phase in self._phases:
            if phase.start <= self._world.now:
                current = phase
        return current

    @property
    def rate(self) -> float:
        return (self.phase.up if self._up else self.phase.down) * 1000.0

    @property
    def delay(self) -> float:
        """Seconds a packet sent now would wait in the queue."""
        return self._queued * 8 / self.rate if self.rate else math.inf

    def send(self, size: int, arrive: Callable[[float], None]) -> None:
        if self._queued + size > self.phase.queue:
            self.dropped += 1
            return
        self._queue.append((size, arrive))
        self._queued += size
        if not self._busy:
            self._serve()

    def _serve(self) -> None:
        if not self._queue:
            self._busy = False
            return
        self._busy = True
        if self.rate <= 0:
            self._world.at(self._world.now + 0.05, self._serve)
            return
        size, arrive = self._queue[0]
        self._world.at(self._world.now + size * 8 / self.rate, lambda: self._out(size, arrive))

    def _out(self, size: int, arrive: Callable[[float], None]) -> None:
        self._queue.popleft()
        self._queued -= size
        self.carried += size
        phase = self.phase
        if self._lost(phase):
            self.dropped += 1
        else:
            wait = phase.delay / 1000 + self._random.random() * phase.jitter / 1000
            self._last = when = max(self._last, self._world.now + wait)
            self._world.at(when, lambda: arrive(when))
        self._serve()

    def _lost(self, phase: Phase) -> bool:
        """Gilbert's model in time: good and bad spells, `loss` percent of the time bad."""
        if phase.loss <= 0:
            return False
        share = phase.loss / 100
        if phase.burst <= 0:
            return self._random.random() < share
        while self._spell_ends <= self._world.now:
            self._bad = not self._bad
            mean = phase.burst if self._bad else phase.burst * (1 - share) / share
            self._spell_ends += self._random.expovariate(1000 / mean)
        return self._bad


# ----------------------------------------------------------------- the listener


class Ear:
    """Play-out of a voice: what a jitter buffer makes of late and lost packets. `target` seconds of delay."""

    def __init__(self, target: float) -> None:
        self._target = target
        self._waiting: dict[int, int] = {}  # sequence → ms
        self._next = 0
        self._newest = -1
        self._stock = 0.0
        self._length = 0.02
        self._playing = False
        self.played = 0.0
        self.concealed: list[float] = []  # times of 10 ms each

    def arrived(self, sequence: int, milliseconds: int) -> None:
        if sequence >= self._next:
            self._waiting[sequence] = milliseconds
            self._newest = max(self._newest, sequence)

    @property
    def _level(self) -> float:
        return sum(self._waiting.values()) / 1000 + self._stock

    def play(self, now: float) -> None:
        """10 ms of play-out."""
        if not self._playing:
            self._playing = self._level >= self._target
            if not self._playing:
                return
        need = 0.0125 if self._level > self._target + 0.15 else 0.01  # catching up is not heard
        self.played += 0.01
        while self._stock < need - 1e-9 and self._newest >= self._next:
            part = self._waiting.pop(self._next, None)
            if part is None:
                waiting = min(self._waiting, default=self._next)
                if waiting - self._next > 50:
                    self._next = waiting  # a second and more is missing: go on with what there is
                    continue
                if self._level > 0.5 * self._target or len(self._waiting) > 3:
                    self._next += 1  # given up: conceal one packet
                    self.concealed += [now] * round(self._length * 100)
                    self._stock += self._length
                    continue
                break
            self._next += 1
            self._length = part / 1000
            self._stock += self._length
        if self._stock >= need - 1e-9:
            self._stock -= need
        else:
            self.concealed.append(now)

    def share(self, start: float, end: float) -> float:
        """Fraction of the time from `start` to `end` that was concealed."""
        return sum(0.01 for at in self.concealed if start <= at < end) / (end - start)


class Eye:
    """Decoding: frames in order, each when all its packets are there. Freezes as WebRTC statistics count."""

    def __init__(self) -> None:
        self.shown: list[tuple[float, int]] = []  # time, layer
        self._frames: dict[int, list[int]] = {}  # number → [missing packets, layer, key]
        self._captured: dict[int, float] = {}
        self._ways: deque[float] = deque(maxlen=240)
        self._delay = 0.0
        self._next: int | None = None
        self.stuck_since: float | None = None

    def expect(self, number: int, packets: int, layer: int, key: bool, captured: float) -> None:
        self._frames[number] = [packets, layer, key]
        self._captured[number] = captured

    def arrived(self, number: int, now: float) -> None:
        frame = self._frames.get(number)
        if frame is None or frame[0] <= 0:
            return
        frame[0] -= 1
        self._show(now)

    def _show(self, now: float) -> None:
        while True:
            ready = [n for n, f in self._frames.items() if f[0] == 0]
            if not ready:
                break
            keys = [n for n in ready if self._frames[n][2]]
            if self._next in ready:
                number = self._next
            elif keys:
                number = min(keys)
            else:
                break
            before = self.shown[-1][0] if self.shown else 0.0
            captured = self._captured.pop(number)
            # The client's buffer covers what all but a few frames needed lately.
            self._ways.append(now - captured)
            if number % 12 == 0:
                self._delay = min(sorted(self._ways)[int(0.97 * len(self._ways)) - 1], 1.5)
            self.shown.append((max(now, captured + self._delay, before), self._frames[number][1]))
            for old in [n for n in self._frames if n <= number]:
                del self._frames[old]
            self._next = number + 1
        blocked = any(f[0] == 0 for f in self._frames.values())
        self.stuck_since = (self.stuck_since or now) if blocked else None

    def freezes(self, start: float, end: float, frame: float = 1 / 24) -> list[float]:
        """Gaps of more than three frames and 150 ms between pictures shown."""
        times = [at for at, _ in self.shown if start <= at < end]
        return [a for a, b in itertools.pairwise(times) if b - a > max(3 * frame, frame + 0.15)]


# ------------------------------------------------------------------- the whole


@dataclass(slots=True)
class Sample:
    at: float
    capacity: float
    estimate: float
    sent: float
    acked: float
    queue: float
    loss: float
    rung: str
    layer: int
    sound: str
    probes: int


@dataclass(slots=True)
class Run:
    samples: list[Sample] = field(default_factory=list)
    ear: Ear = field(default_factory=lambda: Ear(0.1))
    eye: Eye = field(default_factory=Eye)
    key_frames: int = 0
    failures: int = 0

    def first(self, after: float, test: Callable[[Sample], bool]) -> float | None:
        """Seconds from `after` to the first sample that passes."""
        return next((s.at - after for s in self.samples if s.at >= after and test(s)), None)

    def between(self, start: float, end: float) -> list[Sample]:
        return [s for s in self.samples if start <= s.at < end]


LAYERS = (
    Layer(130_000, 320, 180, (0.5, 0.7, 1.0)),
    Layer(450_000, 640, 360, (0.5, 0.7, 1.0)),
    Layer(1_500_000, 1280, 720, (0.5, 0.7, 1.0)),
)
_FPS = 24
_KEY = 7.0  # a key frame is this many times an average one
_PACKET = 1100
_KINDS = {"full": (20, 80), "lean": (60, 125), "saver": (60, 50)}  # ms, bytes of payload


class Simulation:
    """One publisher of camera and microphone, one viewer. `buffer` seconds of the listener's play-out."""

    def __init__(
        self,
        phases: Sequence[Phase],
        seed: int = 1,
        *,
        buffer: float = 0.2,
        viewing: Viewing | None = None,
        layers: Sequence[Layer] = LAYERS,
        bitrate: int | None = None,
        feedback: bool = True,
        voice: bool = True,
        voice_nack: bool = False,
    ) -> None:
        self.world = World()
        self.down = Link(self.world, phases, seed)
        self.up = Link(self.world, phases, seed + 1, up=True)
        self.control = SendControl(bitrate=bitrate, feedback=feedback)
        self.viewing = viewing or Viewing()
        self.run_ = Run(ear=Ear(buffer))
        self._layers = tuple(layers)
        self._random = random.Random(seed + 2)
        self._arrivals = ArrivalLog()
        self._offered: tuple[Offered, ...] = ()
        self._speakers = ("speaker",)
        self._rates = [float(layer.bitrate) for layer in layers]
        self._current: int | None = None
        self._temporal = 2
        self._wanted: int | None = None
        self._switch_at = 0.0
        self._live_from = [0.0] * len(self._layers)
        self._asleep_from = [math.inf] * len(self._layers)
        self._wanted_at = [-10.0] * len(self._layers)
        self._frame = self._pictures = 0
        self._count = 0
        self._voice = 0
        self._resent: dict[tuple[int, int], float] = {}
        self._received_bytes = 0
        self._incoming = 0.0
        self._key_asked = False
        self._padding_spent = 0
        self._voice_nack = voice_nack
        self._has_voice = voice
        self._reported = (0, 0)
        self._seen = [0, 0]

    def run(self, seconds: float) -> Run:
        world = self.world
        for start, act in ((0.0, self._tick), (0.01, self._say), (0.02, self._film), (0.05, self._feedback)):
            world.at(start, act)
        world.at(0.1, self._listen)
        world.at(0.05, self._step)
        world.run(seconds)
        return self.run_

    # --------------------------------------------------------------- the sender

    def _send(self, size: int, arrive: Callable[[float], None]) -> None:
        """One packet, numbered as the program numbers it. `size` is bytes on the wire."""
        sent = self.world.now
        number = int.from_bytes(self.control.log.note(size - OVERHEAD, sent), "big")
        self._seen[0] += 1

        def arrived(when: float) -> None:
            self._seen[1] += 1
            self._arrivals.add(number, when + 1000.0)
            self._received_bytes += size
            arrive(when)

        self.down.send(size, arrived)

    def _offer(self) -> tuple[Offered, ...]:
        camera = tuple(
            Layer(int(rate), layer.width, layer.height, layer.shares)
            for rate, layer in zip(self._rates, self._layers, strict=True)
        )
        voice = Offered("speaker", "microphone", (Layer(_voice_rate("full")),))
        pictures = Offered("speaker", "camera", camera)
        return (voice, pictures) if self._has_voice else (pictures,)

    def _tick(self) -> None:
        now = self.world.now
        self.world.at(now + 0.1, self._tick)
        if int(now * 10) % 5 == 0:
            for index, layer in enumerate(self._layers):
                swing = 1 + 0.12 * math.sin(now / 3 + index)
                self._rates[index] = layer.bitrate * swing
            self._offered = self._offer()
        self._look()
        self._sample()

    def _look(self) -> None:
        self._pad(self.control.tick(self.world.now, self._offered, self.viewing, self._speakers))
        self._apply(self.control.allocation)

    def _step(self) -> None:
        """Between two ticks the program steps a fill once more."""
        self.world.at(self.world.now + 0.1, self._step)
        if self.control.filling:
            self._look()

    def _pad(self, padding: int) -> None:
        for _ in range(padding // PROBE_SIZE):
            self._padding_spent += PROBE_SIZE
            self._send(PROBE_SIZE, lambda when: None)

    def _apply(self, allocation: Allocation) -> None:
        choice = allocation.pictures.get(("speaker", "camera"))
        wanted = None if choice is None else choice.layer
        now = self.world.now
        if choice is not None:
            self._temporal = choice.temporal
            self._wake(choice.layer)
        if wanted != self._wanted:
            self._wanted = wanted
            if wanted is None:
                self._current = None
            else:
                if self._current is not None and wanted < self._current:
                    self._current = None
                # The key frame has to be asked for; a layer nobody wanted has to be encoded again first.
                self._switch_at = max(now + 0.15, self._live_from[wanted] + 0.1)
                if self._current is None and self._live_from[wanted] > now:
                    self._wake(0)
                    self._current = 0
                    self._key_asked = True

    def _wake(self, layer: int) -> None:
        now = self.world.now
        if now - self._wanted_at[layer] > 2.0:
            self._live_from[layer] = now + 1.0
        self._wanted_at[layer] = now

    def _film(self) -> None:
        now = self.world.now
        self.world.at(now + 1 / _FPS, self._film)
        key = self._key_asked
        if self._wanted is not None and self._wanted != self._current and now >= self._switch_at:
            self._current = self._wanted
            key = True
        if self._current is None:
            return
        stuck = self.run_.eye.stuck_since
        if stuck is not None and now - stuck > 3.0:
            key = True
            self.run_.eye.stuck_since = None
        self._key_asked = False
        self._pictures += 1
        if not key and self._pictures % (4, 2, 1)[self._temporal]:
            return
        self._frame += 1
        shares = self._layers[self._current].shares
        share = shares[self._temporal] * (1, 2, 4)[2 - self._temporal]
        mean = self._rates[self._current] / 8 / _FPS * share
        size = int(mean * (_KEY if key else self._random.uniform(0.6, 1.35)))
        self.run_.key_frames += key
        packets = max(1, -(-size // _PACKET))
        self.run_.eye.expect(self._frame, packets, self._current, key, now)
        pace = _PACKET * 8 / (2.5 * self._rates[self._current])
        number = self._frame
        for part in range(packets):
            body = min(_PACKET, size - part * _PACKET) if part == packets - 1 else _PACKET
            self.world.at(now + part * pace, partial(self._video, number, part, max(60, body) + 72))

    def _video(self, frame: int, part: int, size: int, tries: int = 0) -> None:
        def arrived(when: float) -> None:
            got[0] = True
            self.run_.eye.arrived(frame, when)

        got = [False]
        self._send(size, arrived)
        if self._current is None:
            return
        # The viewer asks again once later packets have come, which takes a queue and a round trip.
        wait = min(self.down.delay, 3.0) + 2 * self.down.phase.delay / 1000 + 0.02
        if tries < 8:

            def again() -> None:
                if not got[0] and self._current is not None:
                    if self._random.random() < self.up.phase.loss / 100:
                        self.world.at(self.world.now + 0.1, again)
                        return
                    for _ in range(self.control.copies - 1):
                        self._send(size, arrived)
                    self._video(frame, part, size, tries + 1)

            self.world.at(self.world.now + max(wait, 0.1), again)

    def _say(self) -> None:
        if not self._has_voice:
            return
        milliseconds, payload = _KINDS.get(self.control.allocation.sound, _KINDS["full"])
        self.world.at(self.world.now + milliseconds / 1000, self._say)
        number = self._voice
        self._voice += 1
        self._speak(number, milliseconds, payload, 0)

    def _speak(self, number: int, milliseconds: int, payload: int, tries: int) -> None:
        got = [False]

        def arrived(when: float) -> None:
            got[0] = True
            self.run_.ear.arrived(number, milliseconds)

        self._send(payload + 72, arrived)
        if self._voice_nack and tries < 3:
            wait = min(self.down.delay, 3.0) + 2 * self.down.phase.delay / 1000 + 0.06
            self.world.at(
                self.world.now + wait,
                lambda: None if got[0] else self._speak(number, milliseconds, payload, tries + 1),
            )

    # ------------------------------------------------------------- the receiver

    def _feedback(self) -> None:
        """Chromium reports every 50 to 250 ms: as often as a twentieth of what it receives allows."""
        now = self.world.now
        self._incoming += 0.3 * (self._received_bytes * 8 / 0.1 - self._incoming)
        self._received_bytes = 0
        interval = min(0.25, max(0.05, 68 * 8 / max(1.0, 0.05 * self._incoming)))
        self.world.at(now + interval, self._feedback)
        for packet in self._arrivals.take(1, 2):
            self.up.send(len(packet) + 60, partial(self._heard, packet))

    def _heard(self, packet: bytes, when: float) -> None:
        found, _ = parse_rtcp(packet)
        for part in found:
            if isinstance(part, TransportFeedback):
                self.control.on_feedback(part.body, self.world.now)
                if self.control.urgent:
                    self._look()

    def _listen(self) -> None:
        self.world.at(self.world.now + 0.01, self._listen)
        self.run_.ear.play(self.world.now)

    def _sample(self) -> None:
        control, estimator = self.control, self.control.estimator
        self.run_.failures = control.prober.failures if control.prober else 0
        self.run_.samples.append(
            Sample(
                self.world.now,
                self.down.rate,
                estimator.bitrate,
                control.sending,
                estimator.acked,
                self.down.delay,
                estimator.loss,
                control.allocation.rung,
                -1 if self._current is None else self._current,
                control.allocation.sound,
                self._padding_spent,
            )
        )


def _voice_rate(kind: str) -> int:
    milliseconds, payload = _KINDS[kind]
    return int((payload + 72) * 8 * 1000 / milliseconds)
