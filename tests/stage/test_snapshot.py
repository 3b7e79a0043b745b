"""What a tab that comes into a running room is told of who speaks there."""

from __future__ import annotations

from conference.live.messages import Announcement
from conference.stage.media_news import MediaNews
from conference.stage.rooms import Rooms
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


def test_nobody_speaks_in_a_room_whose_media_begin_anew() -> None:
    rooms = Rooms()
    news = MediaNews(rooms)
    room = rooms.room(MORNING_ROOM)
    news.on_speaking(MORNING_ROOM.code, ["omar-tab"])
    told: list[Announcement] = []
    news.teller = _Teller(told)
    news.on_reopened(MORNING_ROOM.code)
    assert room.speaking == []
    assert [type(announcement).__name__ for announcement in told] == ["RoomMoved"]


class _Teller:
    """Notes what the room is told."""

    def __init__(self, told: list[Announcement]) -> None:
        self._told = told

    def tell(self, channel: str, announcement: Announcement) -> None:
        self._told.append(announcement)

    def tell_here(self, channel: str, announcement: Announcement) -> None:
        self._told.append(announcement)

    def send(self, connection_id: str, announcement: Announcement) -> None:
        self._told.append(announcement)

    async def remove(self, account_id: int, session_code: str, reason: str) -> None:
        raise AssertionError("nobody is removed here")
