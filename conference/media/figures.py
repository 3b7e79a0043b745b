"""The engine's state as named numbers, for a monitoring system: totals, and each worker's own.

Nothing here is about one person: viewers are counted by rung and by what their link carries.
"""

from __future__ import annotations

from collections.abc import Mapping

from conference.media.engine import EngineState, WorkerState

Labels = tuple[tuple[str, str], ...]
Figures = dict[str, float | Mapping[Labels, float]]

# Upper ends in bit/s: what speech, a small picture, a good one and several need.
ESTIMATES = (64_000, 250_000, 1_000_000, 4_000_000)
RUNGS = ("full", "one", "sound", "lean", "saver", "text")


def media_figures(state: EngineState) -> Figures:
    """`media_<total>` for all, `media_worker_<figure>{worker}` for each."""
    found: Figures = {
        "media_rooms": state.rooms,
        "media_publishers": state.publishers,
        "media_viewers": state.viewers,
        **{f"media_{name}": value for name, value in state.totals.items()},
    }
    by_worker: dict[str, dict[Labels, float]] = {}
    for worker in state.workers:
        for name, more, value in _of(worker):
            labels = (("worker", str(worker.index)), *more)
            by_worker.setdefault(f"media_worker_{name}", {})[labels] = value
    return {**found, **by_worker}


def _of(worker: WorkerState) -> list[tuple[str, Labels, float]]:
    plain: dict[str, float] = {
        "up": worker.state in ("ready", "draining"),
        "draining": worker.state == "draining",
        "rooms": worker.rooms,
        "publishers": worker.publishers,
        "viewers": worker.viewers,
        "lost": worker.lost,
        "loss": worker.loss,
        "bitrate": worker.bitrate,
        "cpu_seconds": worker.cpu_seconds,
        "microseconds_per_packet": worker.microseconds_per_packet,
        "lag_seconds": worker.lag,
        **worker.totals,
    }
    found: list[tuple[str, Labels, float]] = [(name, (), float(value)) for name, value in plain.items()]
    found += [("viewers_on_rung", (("rung", rung),), float(worker.rungs.get(rung, 0))) for rung in RUNGS]
    for limit in (*map(str, ESTIMATES), "+Inf"):
        within = sum(estimate <= float(limit) for estimate in worker.estimates)
        found.append(("estimate_bucket", (("le", limit),), float(within)))
    return found
