"""What a listener hears and a viewer sees of the packets that arrive, and the record of a run."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


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
