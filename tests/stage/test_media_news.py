"""What the room is told of who speaks, and when: at once after a calm, then round by round."""

from __future__ import annotations

import pytest

from conference.live.messages import Announcement
from conference.stage.media_news import MediaNews
from conference.stage.messages import RoomMoved, Speaking
from conference.stage.rooms import LiveRoom, Rooms
from tests.stage.auditorium import MORNING_ROOM

CODE = MORNING_ROOM.code


class Ears:
    """Notes what the room is told."""

    def __init__(self) -> None:
        self._told: list[Announcement] = []

    def told(self) -> list[Announcement]:
        """Since last asked."""
        told, self._told = self._told, []
        return told

    def tell(self, channel: str, announcement: Announcement) -> None:
        self._told.append(announcement)

    def tell_here(self, channel: str, announcement: Announcement) -> None:
        self._told.append(announcement)

    def send(self, connection_id: str, announcement: Announcement) -> None:
        self._told.append(announcement)

    async def remove(self, account_id: int, session_code: str, reason: str) -> None:
        raise AssertionError("nobody is removed here")


@pytest.fixture
def rooms() -> Rooms:
    return Rooms()


@pytest.fixture
def room(rooms: Rooms) -> LiveRoom:
    return rooms.room(MORNING_ROOM)


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def news(rooms: Rooms, ears: Ears) -> MediaNews:
    news = MediaNews(rooms)
    news.teller = ears
    return news


def test_after_a_calm_a_new_speaker_is_told_at_once(news: MediaNews, room: LiveRoom, ears: Ears) -> None:
    news.on_speaking(CODE, ["omar"])
    assert ears.told() == [Speaking(participants=["omar"])]
    news.tell_speaking(room)
    news.tell_speaking(room)
    news.on_speaking(CODE, ["huda"])
    assert ears.told() == [Speaking(participants=["huda"])]


def test_a_chatter_of_changes_is_told_round_by_round(news: MediaNews, room: LiveRoom, ears: Ears) -> None:
    news.on_speaking(CODE, ["omar"])
    ears.told()
    for speaking in (["omar", "huda"], ["huda"], []):
        news.on_speaking(CODE, speaking)
    assert ears.told() == []
    news.tell_speaking(room)
    assert ears.told() == [Speaking(participants=[])]
    news.on_speaking(CODE, ["omar"])
    assert ears.told() == [], "the last round was no calm one"
    news.tell_speaking(room)
    assert ears.told() == [Speaking(participants=["omar"])]


def test_nobody_speaks_in_a_room_whose_media_begin_anew(news: MediaNews, room: LiveRoom, ears: Ears) -> None:
    news.on_speaking(CODE, ["omar"])
    ears.told()
    news.on_reopened(CODE)
    assert ears.told() == [RoomMoved()]
    news.tell_speaking(room)
    assert ears.told() == [Speaking(participants=[])]
