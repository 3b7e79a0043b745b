"""What monitoring sees: sums for all, figures by worker, and nobody by name."""

from __future__ import annotations

from conference.media import EngineState
from conference.media.engine import WorkerState
from conference.media.figures import media_figures

FIRST = WorkerState(
    0,
    11,
    "ready",
    8189,
    rooms=2,
    viewers=3,
    totals={"packets_forwarded": 10},
    rungs={"full": 2, "lean": 1},
    estimates=(50_000, 800_000, 9_000_000),
    microseconds_per_packet=7.5,
)
SECOND = WorkerState(1, 0, "lost")
STATE = EngineState("ready", 8189, 2, 0, 3, {"packets_forwarded": 10}, (FIRST, SECOND))


def test_totals_are_plain_and_each_worker_has_its_label() -> None:
    figures = media_figures(STATE)
    assert figures["media_packets_forwarded"] == 10
    assert figures["media_worker_viewers"] == {(("worker", "0"),): 3, (("worker", "1"),): 0}
    assert figures["media_worker_up"] == {(("worker", "0"),): 1, (("worker", "1"),): 0}
    assert figures["media_worker_microseconds_per_packet"] == {
        (("worker", "0"),): 7.5,
        (("worker", "1"),): 0,
    }


def test_viewers_are_counted_by_rung_and_by_what_their_link_carries() -> None:
    figures = media_figures(STATE)
    rungs = figures["media_worker_viewers_on_rung"]
    assert isinstance(rungs, dict)
    assert rungs[("worker", "0"), ("rung", "full")] == 2
    assert rungs[("worker", "0"), ("rung", "text")] == 0
    buckets = figures["media_worker_estimate_bucket"]
    assert isinstance(buckets, dict)
    first = {labels[1][1]: value for labels, value in buckets.items() if labels[0] == ("worker", "0")}
    assert first == {"64000": 1, "250000": 1, "1000000": 2, "4000000": 2, "+Inf": 3}
