"""Live messages about one's own notifications; they travel in the channel of the person."""

from __future__ import annotations

from typing import Annotated

import msgspec

from conference.live.messages import Announcement, Command

PublicId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class ListNotifications(Command):
    """The newest of one's own, in one's language; `before` one of them: the older ones."""

    before: PublicId | None = None


class ReadNotifications(Command):
    """That one and everything older has been seen."""

    upto: PublicId


class NotificationsChanged(Announcement):
    """How many are unread at an event, and the newest of them that has just come (or null: some were read
    or taken back). The words are asked for where they are shown: they are in the reader's language."""

    event: int
    unread: int
    newest: str | None = None
