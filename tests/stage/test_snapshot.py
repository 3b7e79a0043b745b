"""What a tab that comes into a running room is told of who speaks there."""

from __future__ import annotations

from tests.live.seminar import tab
from tests.media.peer import until
from tests.stage.auditorium import MORNING_ROOM, Auditorium, done, participant, publishing


async def test_who_comes_in_later_learns_who_is_speaking(room: Auditorium) -> None:
    async with tab(room.server, "omar") as omar:
        await done(omar, "TakeFloor")
        publisher = await publishing(omar, ("microphone",))
        live = room.rooms.room(MORNING_ROOM)
        await until(lambda: live.told_speaking == [participant(omar)], what="the room is told who speaks")
        async with tab(room.server, "ali") as ali:
            assert ali.state["snapshot"]["stage"]["speaking"] == [participant(omar)]
        await publisher.close()
