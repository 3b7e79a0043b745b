"""Which worker a room goes to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

BUSY = 0.8  # of a core; beyond this packets begin to wait


@dataclass(frozen=True, slots=True)
class Load:
    """`people` are publishers and viewers, `rooms` those placed there, be they empty still."""

    busy: float
    people: int
    rooms: int
    draining: bool = False


def least_loaded(workers: Mapping[int, Load]) -> int | None:
    """The worker that takes the next room, None when all are draining or there is none.

    A core that is nearly used up comes last whatever the numbers say; among the others fewer people win, then
    fewer rooms: those that were opened together are empty together, and must not all land on one worker.
    """
    open_ones = {index: load for index, load in workers.items() if not load.draining}
    if not open_ones:
        return None
    return min(
        open_ones,
        key=lambda index: (
            open_ones[index].busy > BUSY,
            open_ones[index].people,
            open_ones[index].rooms,
            index,
        ),
    )
