"""What one transport-wide feedback said, summed up: all the estimator looks at is in these few figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

GROUP = 0.02  # seconds of arrivals that are looked at as one

# One packet the viewer reported on: when it was sent (our clock), its bytes on the wire, and when it arrived
# (seconds on the viewer's clock), None if it did not. A plain tuple, because there is one for every packet.
Ack = tuple[float, int, float | None]
# First and last arrival, smallest delay, and bytes.
Group = tuple[float, float, float, float]


class Heard(NamedTuple):
    """`lost` in `runs` of `packets`; when the first and the last of them were sent; bytes that arrived
    (`received`); when the newest of those was sent and when it arrived, None when none did.

    `groups` are arrivals that belong together: each begins `GROUP` after the one before it began, at least.
    """

    packets: int
    lost: int
    runs: int
    first: float
    last: float
    received: int
    newest: tuple[float, float] | None
    groups: Sequence[Group]


def sum_up(acks: Sequence[Ack], open_until: float) -> Heard:
    """`acks` in sending order. Arrivals before `open_until` belong to a group that is there already: the
    first of `groups` holds what is to be added to it."""
    lost = runs = received = 0
    whole = True
    sent = end = -1.0
    groups: list[list[float]] = []
    for at, size, arrival in acks:
        if arrival is None:
            lost += 1
            runs += whole
            whole = False
            continue
        whole = True
        received += size
        sent, end = at, arrival
        delay = arrival - at
        if not groups or arrival >= open_until:
            if arrival >= open_until:
                open_until = arrival + GROUP
            groups.append([arrival, arrival, delay, float(size)])
            continue
        group = groups[-1]
        group[3] += size
        if delay < group[2]:
            group[2] = delay
        if arrival > group[1]:
            group[1] = arrival
    first, last = (acks[0][0], acks[-1][0]) if acks else (0.0, 0.0)
    newest = (sent, end) if groups else None
    return Heard(
        len(acks), lost, runs, first, last, received, newest, [(a, b, c, d) for a, b, c, d in groups]
    )
