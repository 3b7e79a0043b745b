"""The live edge of one's own notifications."""

from __future__ import annotations

from conference.clock import Clock
from conference.live.commands import Caller, LiveCommand
from conference.people.messages import ListNotifications, ReadNotifications
from conference.people.notifications import AT_ONCE, newest
from conference.people.notifying import read_upto
from conference.people.permissions import Capability
from conference.storage.database import Database


class NotificationDesk:
    """Handlers of the commands about one's own notifications; nobody can name another person's."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def commands(self) -> list[LiveCommand]:
        """For the list in `app.py`. Reading is kept until acknowledged; said twice it changes nothing."""
        return [
            LiveCommand(ListNotifications, self.list, Capability.ENTER_ROOM, durable=False),
            LiveCommand(ReadNotifications, self.read, Capability.ENTER_ROOM),
        ]

    async def list(self, caller: Caller, command: ListNotifications, client_id: str) -> object:
        now = self._clock.now()
        shown = await self._database.read(
            lambda rows: newest(
                rows, caller.account_id, caller.event_id, caller.language, now=now, before=command.before
            )
        )
        return {"notifications": shown, "more": len(shown) == AT_ONCE}

    async def read(self, caller: Caller, command: ReadNotifications, client_id: str) -> object:
        now = self._clock.now()
        unread = await self._database.write(
            lambda tx: read_upto(tx, caller.account_id, caller.event_id, command.upto, at=now)
        )
        return {"unread": unread}
