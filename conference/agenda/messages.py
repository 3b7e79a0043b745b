"""Announcements of the agenda in the live channels."""

from __future__ import annotations

from datetime import datetime

import msgspec

from conference.agenda.drafting.shown_session import DraftSession
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


class Editor(msgspec.Struct, frozen=True):
    """Who edited the draft."""

    public_id: str
    name: str


class EditedSession(msgspec.Struct, frozen=True):
    """A session of the draft after an edit; `after` is None when it was deleted."""

    code: str
    after: DraftSession | None


class DraftEdited(Announcement):
    """To the organizers of an event: the draft was edited. `changes` is None when there are very many, or
    something else than sessions changed: the draft is to be read again."""

    edit: int | None
    act: str
    by: Editor | None
    changes: list[EditedSession] | None
