"""What a whole room is shown alike is read once for each state of its log, and never for another one."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import Connection, select

from conference.clock import ManualClock
from conference.live.channels import session_channel
from conference.live.log import append
from conference.live.snapshot import KEPT_MOST, KEPT_SECONDS, Shared
from conference.live.tables import log_event
from conference.storage.database import Database
from tests.live.saying import Said
from tests.live.seminar import EVENING, MORNING

HALL, FOYER = session_channel(MORNING), session_channel(EVENING)


class Board:
    """Everything that was said in a channel, and how often that was read."""

    def __init__(self) -> None:
        self.read = 0
        self.now = 0.0
        self.shared = Shared(self._make, monotonic=lambda: self.now)

    def _make(self, rows: Connection, channel: str) -> list[str]:
        self.read += 1
        bodies = rows.scalars(select(log_event.c.body).where(log_event.c.channel == channel))
        return [msgspec.json.decode(body)["text"] for body in bodies]

    async def of(self, database: Database, channel: str) -> list[str]:
        raw = await database.read(lambda rows: self.shared.of(rows, channel, channel))
        shown: list[str] = msgspec.json.decode(raw)
        return shown


@pytest.fixture
def board() -> Board:
    return Board()


async def say(database: Database, clock: ManualClock, channel: str, text: str) -> None:
    said = Said(text=text, by="Ali")
    await database.write(lambda tx: append(tx, channel, said, actor=None, at=clock.now()))


async def test_joiners_of_a_quiet_room_share_what_was_read_once(
    furnished: Database, clock: ManualClock, board: Board
) -> None:
    await say(furnished, clock, HALL, "hello")
    assert [await board.of(furnished, HALL) for _ in range(100)] == [["hello"]] * 100
    assert board.read == 1


async def test_what_was_committed_since_is_seen_at_once(
    furnished: Database, clock: ManualClock, board: Board
) -> None:
    for number in range(5):
        await say(furnished, clock, HALL, str(number))
        assert await board.of(furnished, HALL) == [str(each) for each in range(number + 1)]


async def test_rooms_are_kept_apart(furnished: Database, clock: ManualClock, board: Board) -> None:
    await say(furnished, clock, HALL, "in the hall")
    await say(furnished, clock, FOYER, "in the foyer")
    for _ in range(2):
        assert await board.of(furnished, HALL) == ["in the hall"]
        assert await board.of(furnished, FOYER) == ["in the foyer"]
    assert board.read == 2


async def test_what_no_log_tells_of_is_seen_after_a_while(
    furnished: Database, clock: ManualClock, board: Board
) -> None:
    await board.of(furnished, HALL)
    board.now += KEPT_SECONDS
    await board.of(furnished, HALL)
    assert board.read == 2


async def test_memory_of_many_rooms_is_bounded(furnished: Database, board: Board) -> None:
    for number in range(3 * KEPT_MOST):
        await board.of(furnished, f"session:{number}")
    assert len(board.shared._made) <= KEPT_MOST
