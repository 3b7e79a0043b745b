"""Announcements of the agenda in the live channels."""

from __future__ import annotations

from datetime import datetime

from conference.live.messages import Announcement


class ScheduleChanged(Announcement):
    """To everybody at an event: another release is out, or a room runs late (`GET …/schedule/state`)."""

    release: int
    delay: int


class TimesChanged(Announcement):
    """To a session's room: it starts or ends at another time. `late`: by how many minutes the room runs late
    now (0: on time, below zero: early)."""

    session: str
    starts_at: datetime
    ends_at: datetime
    late: int
