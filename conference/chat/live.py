"""The live edge of the chat: each command is one act in one transaction, exactly once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from conference.chat import announcing
from conference.chat.changing import block, delete_own, edit, hide
from conference.chat.messages import (
    Announce,
    BlockPerson,
    ChangeChatRules,
    DeleteChat,
    EditChat,
    HideChat,
    ListChat,
    SendChat,
    WithdrawAnnouncement,
)
from conference.chat.reading import ChatPage, named, page_before
from conference.chat.sending import send
from conference.chat.settings import change_rules
from conference.clock import Clock
from conference.live.commands import Caller, LiveCommand
from conference.live.log import once
from conference.people.permissions import Capability
from conference.storage.database import Database, Transaction

Act = Callable[..., object]  # (tx, caller, command, *, now) -> reply


class ChatDesk:
    """Handlers of every chat command."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def commands(self) -> list[LiveCommand]:
        """The rows for the list in app.py."""
        return [
            LiveCommand(SendChat, self._act(send), Capability.ENTER_ROOM),
            LiveCommand(EditChat, self._act(edit), Capability.ENTER_ROOM),
            LiveCommand(DeleteChat, self._act(delete_own), Capability.ENTER_ROOM),
            LiveCommand(ListChat, self.list, Capability.ENTER_ROOM, durable=False),
            LiveCommand(BlockPerson, self._act(block), Capability.ENTER_ROOM),
            LiveCommand(HideChat, self._act(hide), Capability.MODERATE),
            LiveCommand(ChangeChatRules, self._act(change_rules), Capability.MODERATE),
            LiveCommand(Announce, self._act(_announce), Capability.ORGANIZE),
            LiveCommand(WithdrawAnnouncement, self._act(_withdraw), Capability.ORGANIZE),
        ]

    async def list(self, caller: Caller, command: ListChat, client_id: str) -> ChatPage:
        """A page of the history: nothing is changed, so it needs no exactly-once."""
        if command.messages:
            return await self._database.read(lambda rows: named(rows, caller, command.messages))
        return await self._database.read(lambda rows: page_before(rows, caller, command.before))

    def _act(self, act: Act) -> Callable[[Caller, Any, str], Awaitable[object]]:
        async def handle(caller: Caller, command: object, client_id: str) -> object:
            now = self._clock.now()
            done = await self._database.write(
                lambda tx: once(
                    tx, caller.account_id, client_id, lambda: act(tx, caller, command, now=now), at=now
                )
            )
            return done.reply

        return handle


def _announce(tx: Transaction, caller: Caller, wish: Announce, *, now: datetime) -> announcing.Announced:
    return announcing.announce(tx, caller.event_id, wish.text, by=caller.account_id, now=now)


def _withdraw(
    tx: Transaction, caller: Caller, wish: WithdrawAnnouncement, *, now: datetime
) -> announcing.Announced:
    return announcing.withdraw(tx, caller.event_id, wish.announcement, by=caller.account_id, now=now)
