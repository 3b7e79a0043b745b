"""A day as a grid of rooms and times: where each session stands, as numbers of CSS grid lines. Pure.

A row runs from one start or end to the next one; sessions that overlap in one room (a mistake in an
imported file, or parallel groups) share its width. Column 1 holds the times, row 1 the rooms.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

import msgspec

from conference.agenda.rows import RoomRow, SessionRow


class Block(msgspec.Struct, frozen=True):
    """One session's place: from line to line, the end line outside."""

    session: SessionRow
    row: int
    row_end: int
    column: int
    column_end: int


class Column(msgspec.Struct, frozen=True):
    """One room's place; more than one line wide where sessions overlap in it."""

    room: RoomRow
    column: int
    column_end: int


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """`lines` are the moments of the rows' upper edges and the last lower edge."""

    lines: list[datetime]
    columns: list[Column]
    blocks: list[Block]

    @property
    def width(self) -> int:
        """Columns without the one of the times."""
        return self.columns[-1].column_end - 2 if self.columns else 1

    def row_at(self, moment: datetime) -> int:
        """The row that starts at *moment*, one of `lines`."""
        return bisect_left(self.lines, moment) + 2


def grid_of(rooms: Sequence[RoomRow], sessions: Sequence[SessionRow]) -> Grid:
    """Place *sessions* of one day; only rooms that have any get a column."""
    lines = sorted({one.starts_at for one in sessions} | {one.ends_at for one in sessions})
    row = {moment: number for number, moment in enumerate(lines, 2)}
    columns: list[Column] = []
    blocks: list[Block] = []
    free = 2
    in_room: dict[int, list[SessionRow]] = {}
    for one in sessions:
        if one.room is not None:
            in_room.setdefault(one.room.id, []).append(one)
    for room in rooms:
        lanes = _lanes(in_room.get(room.id, ()))
        if not lanes:
            continue
        columns.append(Column(room, free, free + len(lanes)))
        for number, lane in enumerate(lanes, free):
            blocks += [Block(s, row[s.starts_at], row[s.ends_at], number, number + 1) for s in lane]
        free += len(lanes)
    everywhere = [one for one in sessions if one.room is None]
    blocks += [Block(s, row[s.starts_at], row[s.ends_at], 2, max(free, 3)) for s in everywhere]
    return Grid(lines=lines, columns=columns, blocks=blocks)


def _lanes(sessions: Sequence[SessionRow]) -> list[list[SessionRow]]:
    lanes: list[list[SessionRow]] = []
    for one in sorted(sessions, key=lambda session: session.starts_at):
        lane = next((lane for lane in lanes if lane[-1].ends_at <= one.starts_at), None)
        if lane is None:
            lanes.append([one])
        else:
            lane.append(one)
    return lanes


def grid_styles(grid: Grid, name: str, at: datetime) -> str:
    """The style sheet that places a grid called *name* (an element's id), its times and its now-line.

    Rows are as high as their minutes ask for within bounds, and grow with what stands in them.
    """
    heights = " ".join(f"minmax({height}rem,auto)" for height in _heights(grid))
    places = [f"#{name}{{grid-template:auto {heights}/4.5rem repeat({grid.width},minmax(10rem,1fr))}}"]
    places += [f"#{name}r{c.column}{{grid-area:1/{c.column}/2/{c.column_end}}}" for c in grid.columns]
    places += [f"#{name}t{row}{{grid-row:{row}}}" for row in sorted({block.row for block in grid.blocks})]
    places += [
        f"#s{b.session.code}{{grid-area:{b.row}/{b.column}/{b.row_end}/{b.column_end}}}" for b in grid.blocks
    ]
    return "".join(places) + _now_line(grid, name, at)


def _pairs(lines: Sequence[datetime]) -> list[tuple[datetime, datetime]]:
    return list(pairwise(lines))


def _heights(grid: Grid) -> Iterator[float]:
    """The least height of each row in rem: as its minutes ask for, within bounds; little for an empty one."""
    begun = Counter(block.row for block in grid.blocks)
    ended = Counter(block.row_end for block in grid.blocks)
    running = 0
    for row, (start, end) in enumerate(_pairs(grid.lines), 2):
        running += begun[row] - ended[row]
        minutes = (end - start).total_seconds() / 60
        yield round(min(max(minutes * 0.075, 1.5), 8), 1) if running else 1


def _now_line(grid: Grid, name: str, at: datetime) -> str:
    for number, (start, end) in enumerate(_pairs(grid.lines), 2):
        if start <= at < end:
            passed = round(100 * (at - start) / (end - start))
            return f"#{name}now{{display:block;grid-row:{number};--passed:{passed}%}}"
    return ""
