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


class Waited(NamedTuple):
    """Calm feedback that has waited to be judged, as one: `heard.first` is that of the last. When each but
    the last `came`, and when the first packet it spoke of was sent; when the last came (`at`); bytes no
    report will come of (`skipped`)."""

    heard: Heard
    came: Sequence[tuple[float, float]]
    at: float
    skipped: int


def joined(parts: Sequence[tuple[Heard, float, int]]) -> Waited:
    """Feedback without a loss that followed one another: each with when it came, and the bytes it skips."""
    last, at, _ = parts[-1]
    heard = Heard(
        sum([part.packets for part, _, _ in parts]),
        0,
        0,
        last.first,
        last.last,
        sum([part.received for part, _, _ in parts]),
        last.newest,
        [group for part, _, _ in parts for group in part.groups],
    )
    came = [(when, part.first) for part, when, _ in parts[:-1]]
    return Waited(heard, came, at, sum([skipped for _, _, skipped in parts]))


def closes(heard: Heard, open_until: float) -> float:
    """What the feedback after this one is to be summed up with, when this one was with `open_until`."""
    for first, _, _, _ in heard.groups:
        if first >= open_until:
            open_until = first + GROUP
    return open_until


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
