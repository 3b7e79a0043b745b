"""A day on a grid: every session in its room and time, none on top of another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from conference.agenda.grid import Block, grid_of, grid_styles
from conference.agenda.presenting import Standing, next_standing, standing
from conference.agenda.rows import Part, PersonRow, RoomRow, SessionRow
from conference.agenda.tables import SessionKind, SessionRole, SessionState

MORNING = datetime(2025, 10, 25, 6, 0, tzinfo=UTC)
ROOMS = [
    RoomRow(id=n, slug=f"r{n}", guid="", name={"en": f"R{n}"}, description={}, capacity=None, position=n)
    for n in (1, 2, 3)
]


def person(number: int) -> PersonRow:
    return PersonRow(
        id=number, code=f"P{number}", guid="", external_id=None, name={"en": f"Speaker {number}"},
        biography={}, avatar="", url="", links=[], account_id=None,
    )  # fmt: skip


def session(
    number: int,
    start: int,
    minutes: int,
    room: RoomRow | None,
    *,
    people: Sequence[int] = (),
    kind: SessionKind = SessionKind.SESSION,
    state: SessionState = SessionState.CONFIRMED,
) -> SessionRow:
    """A session *start* minutes after 09:00 in Karbala."""
    return SessionRow(
        id=number, event_id=1, code=f"S{number:05}", kind=kind, state=state,
        title={"en": str(number)}, subtitle={}, language="ar",
        room=room, track=None, type=None, starts_at=MORNING + timedelta(minutes=start),
        minutes=minutes, do_not_record=False, revision=0, changed_at=MORNING,
        parts=[Part(person(one), SessionRole.SPEAKER) for one in people],
    )  # fmt: skip


def overlap(one: Block, other: Block) -> bool:
    rows = one.row < other.row_end and other.row < one.row_end
    return rows and one.column < other.column_end and other.column < one.column_end


days = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 12), st.sampled_from(ROOMS)), min_size=1, max_size=25
).map(lambda found: [session(n, start * 15, long * 15, room) for n, (start, long, room) in enumerate(found)])


@given(days)
def test_no_session_covers_another(day: list[SessionRow]) -> None:
    blocks = grid_of(ROOMS, day).blocks
    assert len(blocks) == len(day)
    assert not [(a, b) for i, a in enumerate(blocks) for b in blocks[i + 1 :] if overlap(a, b)]


@given(days)
def test_every_session_stands_in_its_rooms_columns_and_its_times_rows(day: list[SessionRow]) -> None:
    grid = grid_of(ROOMS, day)
    columns = {column.room.id: column for column in grid.columns}
    for block in grid.blocks:
        assert block.session.room is not None
        column = columns[block.session.room.id]
        assert column.column <= block.column < block.column_end <= column.column_end
        assert grid.lines[block.row - 2] == block.session.starts_at
        assert grid.lines[block.row_end - 2] == block.session.ends_at


def test_a_break_for_all_rooms_runs_across() -> None:
    pause = session(3, 60, 15, None, kind=SessionKind.BREAK)
    grid = grid_of(ROOMS, [session(1, 0, 60, ROOMS[0]), session(2, 0, 60, ROOMS[2]), pause])
    (block,) = (one for one in grid.blocks if one.session is pause)
    assert (block.column, block.column_end) == (2, 4)  # two rooms have sessions
    assert [column.room.slug for column in grid.columns] == ["r1", "r3"]


def test_a_day_of_breaks_alone_still_has_a_column() -> None:
    grid = grid_of(ROOMS, [session(1, 0, 30, None, kind=SessionKind.BREAK)])
    assert (grid.width, grid.blocks[0].column, grid.blocks[0].column_end) == (1, 2, 3)


def test_the_line_of_now_stands_at_the_share_of_the_row_that_has_passed() -> None:
    grid = grid_of(ROOMS, [session(1, 0, 60, ROOMS[0]), session(2, 60, 30, ROOMS[0])])
    assert "#d1now{display:block;grid-row:2;--passed:25%}" in grid_styles(
        grid, "d1", MORNING + timedelta(minutes=15)
    )
    assert "#d1now" not in grid_styles(grid, "d1", MORNING - timedelta(minutes=1))
    assert "#d1now" not in grid_styles(grid, "d1", MORNING + timedelta(minutes=90))


def test_a_session_goes_through_its_standings_at_the_named_moments() -> None:
    one, at = session(1, 60, 45, ROOMS[0]), MORNING
    seen = []
    while moment := next_standing(one, at):
        seen.append(((moment - MORNING) // timedelta(minutes=1), standing(one, moment)))
        at = moment
    assert standing(one, MORNING) is Standing.UPCOMING
    assert seen == [(45, Standing.SOON), (60, Standing.LIVE), (105, Standing.ENDED)]


def test_a_cancelled_session_stays_cancelled() -> None:
    one = session(1, 60, 45, ROOMS[0], state=SessionState.CANCELLED)
    assert standing(one, one.starts_at) is Standing.CANCELLED
    assert next_standing(one, MORNING) is None
