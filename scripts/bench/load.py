"""Driving a candidate: packets at a steady pace, viewers that keep reading, and windows that are measured."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from statistics import median

from scripts.bench.candidates import Candidate
from scripts.bench.peer import Publisher, Viewer
from scripts.bench.receiving import Batch

_READ_EVERY = 0.048  # seconds between two looks at one viewer
_BEHIND = 0.05
_HANDSHAKES_AT_ONCE = 16  # a client's first DTLS flight is often too early, and is repeated after a second


@dataclass(frozen=True)
class Window:
    """What one measured window saw. `cpu` in seconds, of the server's process alone."""

    cpu: float
    forwarded: int
    delivered: float
    seconds: float

    @property
    def microseconds(self) -> float:
        return self.cpu * 1e6 / max(1, self.forwarded)


class Load:
    """One publisher and a growing audience on one candidate."""

    def __init__(self, candidate: Candidate, publisher: Publisher | None = None) -> None:
        self.candidate = candidate
        self.publisher = publisher or Publisher()
        self.viewers: list[Viewer] = []

    async def begin(self) -> None:
        await self.candidate.start()
        await self.candidate.publish(self.publisher)

    async def grow(self, count: int) -> None:
        """Bring the audience to `count`; every twenty-fifth viewer notes the age of what it gets."""
        come = [Viewer(listening=n % 25 == 5 or count < 10) for n in range(len(self.viewers), count)]
        self.viewers += come
        at_once = asyncio.Semaphore(_HANDSHAKES_AT_ONCE)

        async def join(viewer: Viewer) -> None:
            async with at_once:
                await self.candidate.view(viewer)

        await asyncio.gather(*map(join, come))

    async def close(self) -> None:
        for peer in (*self.viewers, self.publisher):
            await peer.close()
        await self.candidate.close()


def pump(loads: list[Load], seconds: float, batch: Batch) -> None:
    """Send on all publishers, which are of one kind, and read on all viewers, for so long."""
    rate = loads[0].publisher.RATE
    slices = max(1, round(_READ_EVERY * rate))
    begin = time.monotonic()
    due = begin
    step = 0
    while (now := time.monotonic()) < begin + seconds:
        if now - due > _BEHIND:
            due = now  # late packets are left out, not sent in a burst that nobody would send
        for load in loads:
            load.publisher.send(time.time_ns())
            if step * 25 % rate < 25:
                load.publisher.take_reports()
            for viewer in load.viewers[step % slices :: slices]:
                viewer.drain(batch, now)
        step += 1
        due += 1 / rate
        time.sleep(max(0.0, due - time.monotonic()))


def drain(loads: list[Load], batch: Batch) -> None:
    """Read until what is under way has come."""
    for _ in range(3):
        time.sleep(0.02)
        for load in loads:
            for viewer in load.viewers:
                viewer.drain(batch, time.monotonic())


def settle(loads: list[Load], batch: Batch, patience: float) -> None:
    """Run until every viewer gets nearly everything: it has its key frame, and its estimate has risen."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if all(window.delivered > 0.97 for window in measure(loads, 0.3, batch)):
            return


def measure(loads: list[Load], seconds: float, batch: Batch) -> list[Window]:
    """One window; a result per load."""
    drain(loads, batch)
    before = [
        (load.candidate.cpu(), sum(v.packets for v in load.viewers), load.publisher.sent) for load in loads
    ]
    begin = time.monotonic()
    pump(loads, seconds, batch)
    took = time.monotonic() - begin
    drain(loads, batch)
    out = []
    for load, (cpu, packets, sent) in zip(loads, before, strict=True):
        forwarded = sum(v.packets for v in load.viewers) - packets
        expected = (load.publisher.sent - sent) * len(load.viewers)
        out.append(Window(load.candidate.cpu() - cpu, forwarded, forwarded / max(1, expected), took))
    return out


@dataclass(frozen=True)
class Pace:
    """How long to measure: `runs` windows of `seconds`; after `deadline` (monotonic) one window must do."""

    seconds: float
    runs: int
    patience: float
    deadline: float


async def windows(loads: list[Load], pace: Pace, batch: Batch) -> list[list[Window]]:
    """Warm-up, then the windows. The loop gets a turn between them, for handshakes that end."""
    settle(loads, batch, min(pace.patience, max(0.5, pace.deadline - time.monotonic())))
    out: list[list[Window]] = []
    while not out or (len(out) < pace.runs and time.monotonic() < pace.deadline):
        await asyncio.sleep(0)
        out.append(measure(loads, pace.seconds, batch))
    return out


def typical(results: list[list[Window]]) -> float:
    """Microseconds per forwarded packet: the median over runs of the loads' mean."""
    return median(sum(w.microseconds for w in run) / len(run) for run in results)
