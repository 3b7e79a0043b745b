"""One direction of a modelled link, in virtual time: bottleneck queue, delay, jitter and losses."""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass


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
